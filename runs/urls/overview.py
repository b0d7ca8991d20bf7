"""The dashboard, the lists of runs, the submit form and the comparison."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
