"""The targets: their list and their pages, which show runs."""

from django.urls import URLPattern, URLResolver, path

import computes.address_parts  # noqa: F401 (registers <target:name>)
from runs.views.compute_list import show_computes
from runs.views.compute_page import show_compute
from runs.views.target_space import ask_for_survey, reclaim, show_space

urlpatterns: list[URLPattern | URLResolver] = [
    path("computes/", show_computes, name="computes"),
    path("computes/<target:name>/", show_compute, name="compute"),
    path("computes/<target:name>/space/", show_space, name="compute_space"),
    path("computes/<target:name>/survey/", ask_for_survey, name="compute_survey"),
    path("computes/<target:name>/reclaim/", reclaim, name="compute_reclaim"),
]
