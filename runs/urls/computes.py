"""The targets: their list and their pages, which show runs."""

from django.urls import URLPattern, URLResolver, path

import computes.address_parts  # noqa: F401 (registers <target:name>)
from runs.views.compute_detach import compute_detach
from runs.views.compute_list import show_computes
from runs.views.compute_page import show_compute
from runs.views.script_actions import run_action, send_action_log, show_action, stop_action, write_action
from runs.views.target_space import ask_for_survey, reclaim, show_space

urlpatterns: list[URLPattern | URLResolver] = [
    path("computes/", show_computes, name="computes"),
    path("computes/<target:name>/", show_compute, name="compute"),
    path("computes/<target:name>/detach/", compute_detach, name="compute_detach"),
    path("computes/<target:name>/space/", show_space, name="compute_space"),
    path("computes/<target:name>/survey/", ask_for_survey, name="compute_survey"),
    path("computes/<target:name>/reclaim/", reclaim, name="compute_reclaim"),
    path("computes/<target:name>/script-actions/new/", write_action, name="script_action_new"),
    path("computes/<target:name>/script-actions/run/", run_action, name="script_action_run"),
    path("computes/<target:name>/script-actions/<int:action_id>/", show_action, name="script_action"),
    path("computes/<target:name>/script-actions/<int:action_id>/stop/", stop_action, name="script_action_stop"),
    path(
        "computes/<target:name>/script-actions/<int:action_id>/nodes/<int:number>/log/",
        send_action_log,
        name="script_action_log",
    ),
]
