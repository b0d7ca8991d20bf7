"""`manage.py runcontroller`: the loop that owns runs."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from runs.controller.loop import Controller


class Command(BaseCommand):
    """Run the controller until it is told to stop."""

    help = "Hand queued runs to free targets, follow running ones, and notice their ends."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        controller = Controller()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: controller.stop())
        controller.run()
