"""`manage.py importsource ID`: does one waiting import. The server starts it by itself."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from projects.git_import import run_import


class Command(BaseCommand):
    """The helper process of an import."""

    help = "Imports the code of a project from its git repository. The server starts this by itself."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the id of the import."""
        parser.add_argument("import_id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the import."""
        run_import(options["import_id"])
