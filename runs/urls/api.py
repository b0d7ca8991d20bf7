"""The API, and what watchdogs ask."""

from django.urls import URLPattern, URLResolver, path

from runs.api.application import api_urls
from runs.health import show_health, show_readiness

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", show_health, name="healthz"),
    path("readyz", show_readiness, name="readyz"),
    path("api/v1/", api_urls()),
]
