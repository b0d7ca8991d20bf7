"""`manage.py up`: the whole server on one machine, under one parent."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from amlweb.preparing.address import refuse_taken_address
from amlweb.preparing.administrator import create_administrator
from amlweb.preparing.data_lock import take_sole_use_of
from amlweb.preparing.database import update_database
from amlweb.preparing.local_target import create_local_target
from amlweb.preparing.refusal import CannotStart
from amlweb.preparing.sample_project import create_sample_project
from amlweb.preparing.static_files import collect_static_files
from amlweb.supervising.family import announce
from amlweb.supervising.plan import become_parent

OWN_CHECKS = "amlweb"


class Command(BaseCommand):
    """Prepare what is missing, then run web, task workers and run controller until Ctrl-C. Runs go on without it."""

    help = "Run the whole server: web, task workers and run controller. Ctrl-C ends them; runs go on."
    requires_system_checks: list[str] = []  # our own are run below, after the tables are there

    def handle(self, **options: Any) -> None:
        """Prepare, then turn into the parent of the processes. Raises CommandError when that is impossible."""
        try:
            take_sole_use_of(settings.DATA_DIR)
            refuse_taken_address(settings.HOST, settings.PORT)
            self.prepare()
        except CannotStart as refusal:
            raise CommandError(str(refusal)) from refusal
        become_parent()

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
        if told := create_sample_project(administrator):
            announce(told)
        if created and settings.ADMIN_PASSWORD:
            announce(f"sign in as '{administrator.username}' with the password of AMLWEB_ADMIN_PASSWORD")
        elif created:
            announce(f"sign in as '{administrator.username}' with the password {created[1]} (shown only now)")
        connections.close_all()

    def check_configuration(self) -> None:
        """Refuse to start with a configuration that would do harm. Django's other checks are for `make check`."""
        found = checks.run_checks(databases=["default"], tags=[OWN_CHECKS])
        serious = [message for message in found if message.is_serious()]
        if serious:
            raise CannotStart("\n".join(f"{message.msg}\n  {message.hint}" for message in serious))
