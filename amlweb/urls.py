"""The addresses of the whole house: each room lists its own."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("runs.urls")),
    path("", include("computes.urls")),
    path("", include("projects.urls")),
    path("admin/", admin.site.urls),
]
