"""Django's entry for the computes room."""

from django.apps import AppConfig


class ComputesConfig(AppConfig):
    """The computes app."""

    name = "computes"
