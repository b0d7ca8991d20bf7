"""Django's entry for the runs room."""

from importlib import import_module

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """The runs app."""

    name = "runs"

    def ready(self) -> None:
        """Load the tasks before the cluster forks its workers, so that they share that memory."""
        import_module("runs.tasks")
