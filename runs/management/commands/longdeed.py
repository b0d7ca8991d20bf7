"""`manage.py longdeed DEED RUN`: goes on with a deed for which a task has no time. The server starts it by itself."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from runs.long_deeds import DEEDS, carry_out


class Command(BaseCommand):
    """The process of one long deed."""

    help = "Launches or finishes a run for which a task has no time. The server starts this by itself."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the deed and the id of the run."""
        parser.add_argument("deed", choices=sorted(DEEDS))
        parser.add_argument("run_id", type=UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the deed."""
        carry_out(options["deed"], options["run_id"])
