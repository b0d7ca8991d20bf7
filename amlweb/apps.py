"""Django's entry for the room that wires the house together."""

from importlib import import_module

from django.apps import AppConfig


class AmlwebConfig(AppConfig):
    """The amlweb app: settings, checks and commands."""

    name = "amlweb"

    def ready(self) -> None:
        """Register the system checks, which need the apps to be there."""
        import_module("amlweb.checks")
