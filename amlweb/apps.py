"""Django's entry for the room that wires the house together."""

from django.apps import AppConfig


class AmlwebConfig(AppConfig):
    """The amlweb app: settings, checks and commands."""

    name = "amlweb"
