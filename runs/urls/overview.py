"""The dashboard, the lists of runs, the submit form and the comparison."""

from django.urls import path, re_path

from runs.views.compare import show_comparison
from runs.views.dashboard import show_dashboard
from runs.views.project_page import show_project
from runs.views.run_list import show_project_runs, show_team_runs
from runs.views.submit import show_submit_form

urlpatterns = [
    path("", show_dashboard, name="dashboard"),
    path("runs/", show_team_runs, name="team_runs"),
    # "new" is the address of the form that makes a project, never a project.
    re_path(r"^projects/(?!new/)(?P<slug>[-\w]+)/$", show_project, name="project"),
    path("projects/<slug:slug>/submit/", show_submit_form, name="submit"),
    path("projects/<slug:slug>/runs/", show_project_runs, name="runs"),
    path("projects/<slug:slug>/compare/", show_comparison, name="compare"),
]
