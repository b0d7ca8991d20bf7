"""`manage.py rotatekeys`: seal all stored secrets with a new key."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from amlweb.key_rotation import (
    RotationUnderWay,
    forget_older_keys,
    is_rotation_unfinished,
    put_new_key_in_front,
    seal_all_anew,
    sole_rotation,
)
from projects.key_file import KeysUnreadable, keys_in


class Command(BaseCommand):
    """Put a new key in front of the key file and seal everything with it; the server may run meanwhile."""

    help = (
        "Put a new key in front of the key file and seal every stored secret with it. Broken off, it may be started "
        "again and finishes before it makes another key. The older keys stay, for backups of the database, until "
        "--forget-older is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether the older keys are to go."""
        parser.add_argument(
            "--forget-older",
            action="store_true",
            help="Make no new key, but remove the older ones once nothing needs them",
        )

    def handle(self, **options: Any) -> None:
        """Rotate. Raises CommandError when the keys cannot be read, another rotation is on, or secrets do not open."""
        path = settings.KEY_FILE
        try:
            keys_in(path)
            with sole_rotation(path):
                self.rotate(options["forget_older"])
        except KeysUnreadable as error:
            raise CommandError(str(error)) from error
        except RotationUnderWay as error:
            raise CommandError("Another process is rotating the keys. Wait until it has ended.") from error

    def rotate(self, forgets_older: bool) -> None:
        """Do the work and say what was done."""
        path = settings.KEY_FILE
        if forgets_older:
            self.stdout.write("No new key was made.")
        elif is_rotation_unfinished(path):
            self.stdout.write("The last rotation was not finished; it is now. No new key was made.")
        else:
            put_new_key_in_front(path)
            self.stdout.write(f"A new key is in front of {path}. Back this file up.")
        rotation = seal_all_anew(path)
        self.stdout.write(f"{rotation.renewed} secrets were sealed anew, {rotation.untouched} were so already.")
        if rotation.broken:
            raise CommandError(
                f"No key opens these secrets: {', '.join(rotation.broken[:20])}. Put the keys that they were sealed "
                "with back into the key file and run this again, or let people type them in again."
            )
        if forgets_older:
            self.stdout.write(f"{forget_older_keys(path)} older keys were removed.")
