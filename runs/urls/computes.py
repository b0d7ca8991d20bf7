"""The targets: their list and their pages, which show runs."""

from django.urls import URLPattern, URLResolver, path

import computes.address_parts  # noqa: F401 (registers <target:name>)
from runs.views.compute_list import show_computes
from runs.views.compute_page import show_compute

urlpatterns: list[URLPattern | URLResolver] = [
    path("computes/", show_computes, name="computes"),
    path("computes/<target:name>/", show_compute, name="compute"),
]
