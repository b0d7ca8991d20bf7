"""`manage.py createtoken USER`: a personal token for a program, printed alone."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from projects.models.access_token import create_token


class Command(BaseCommand):
    """Print a new token of a person; the text cannot be had again."""

    help = "Print a new personal access token. Whoever has it acts as that person."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the person, what the token is for, and how long it lasts."""
        parser.add_argument("user", help="Name of the person")
        parser.add_argument("--name", default="command line", help="What the token is for")
        parser.add_argument("--days", type=int, help="Days until it expires; without it, it lasts until revoked")

    def handle(self, **options: Any) -> None:
        """Make the token and print it. Raises CommandError when there is no such person."""
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['user']!r}. Make one in /admin/ first.")
        days = options["days"]
        if days is not None and days < 1:
            raise CommandError("--days must be 1 or more.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        self.stdout.write(create_token(user, options["name"], expires_at)[1])
