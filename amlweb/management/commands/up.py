"""`manage.py up`: the whole server on one machine, under one parent."""

import sys
import webbrowser
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from amlweb.preparing.address import refuse_taken_address
from amlweb.preparing.administrator import create_administrator
from amlweb.preparing.data_lock import sole_use_of
from amlweb.preparing.database import update_database
from amlweb.preparing.local_target import create_local_target
from amlweb.preparing.refusal import CannotStart
from amlweb.preparing.sample_project import create_sample_project
from amlweb.preparing.static_files import collect_static_files
from amlweb.supervising.commands import server_processes
from amlweb.supervising.family import Family, announce
from amlweb.supervising.first_answer import call_at_first_answer
from amlweb.supervising.heartbeats import silence_of

OWN_CHECKS = "amlweb"


class Command(BaseCommand):
    """Prepare what is missing, then run web, task workers and run controller until Ctrl-C. Runs go on without it."""

    help = "Run the whole server: web, task workers and run controller. Ctrl-C ends them; runs go on."
    requires_system_checks: list[str] = []  # our own are run below, after the tables are there

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--open`."""
        parser.add_argument("--open", action="store_true", help="Open the first page in the browser")

    def handle(self, **options: Any) -> None:
        """Run until SIGINT or SIGTERM. Raises CommandError with a sentence when that is impossible."""
        try:
            refuse_taken_address(settings.HOST, settings.PORT)
            with sole_use_of(settings.DATA_DIR):
                self.prepare()
                wants_browser = options["open"] and sys.stdout.isatty()
                call_at_first_answer(settings.HOST, settings.PORT, lambda: self.say_ready(wants_browser))
                Family(server_processes(), silence_of, settings.LONGEST_SILENCE_SECONDS).run()
        except CannotStart as refusal:
            raise CommandError(str(refusal)) from refusal

    def prepare(self) -> None:
        """Make sure of tables, static files, an administrator, a project and a target."""
        if update_database():
            announce("the database is up to date")
        self.check_configuration()
        if collect_static_files():
            announce("static files collected")
        created = create_administrator()
        administrator = created[0] if created else User.objects.filter(is_superuser=True).order_by("pk")[0]
        if create_local_target(administrator):
            announce("added this machine as the compute target 'local'")
        if create_sample_project(administrator):
            announce("added a sample project")
        if created and not settings.ADMIN_PASSWORD:
            announce(f"sign in as '{administrator.username}' with the password {created[1]} (shown only now)")
        connections.close_all()

    def check_configuration(self) -> None:
        """Refuse to start with a configuration that would do harm. Django's other checks are for `make check`."""
        found = checks.run_checks(databases=["default"], tags=[OWN_CHECKS])
        serious = [message for message in found if message.is_serious()]
        if serious:
            raise CannotStart("\n".join(f"{message.msg}\n  {message.hint}" for message in serious))

    def say_ready(self, wants_browser: bool) -> None:
        """Name the address, and open it if that was asked for."""
        announce(f"ready at {settings.URL}/ (Ctrl-C ends the server; runs go on)")
        if wants_browser:
            webbrowser.open(settings.URL)
