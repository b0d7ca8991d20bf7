"""The environments: their list and pages, preparing and removing them."""

from django.urls import URLPattern, URLResolver, path

from runs.views import environment_deeds, environment_pages

ENVIRONMENT = "environments/<slug:key>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("environments/", environment_pages.show_environments, name="environments"),
    path(ENVIRONMENT, environment_pages.show_environment, name="environment"),
    path(f"{ENVIRONMENT}as/<str:form>/", environment_pages.send_lock, name="environment_lock"),
    path(f"{ENVIRONMENT}on/<int:environment_id>/log/", environment_pages.send_build_log, name="environment_log"),
    path(
        f"{ENVIRONMENT}on/<int:environment_id>/cancel/", environment_deeds.cancel_environment, name="environment_cancel"
    ),
    path("projects/<slug:slug>/prepare/", environment_deeds.prepare, name="prepare_environment"),
    path("projects/<slug:slug>/runs/<int:number>/prepare/", environment_deeds.prepare_run, name="run_prepare"),
]
