"""`manage.py verifytarget NAME`: verify a target once, step by step, and print a report to send back."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from amlweb.version import amlweb_version
from computes.contract import Framework
from computes.models import ComputeTarget, TargetEnvironment
from computes.registry import executor_for, refusal_for
from computes.target_settings import settings_of
from computes.verification.masking import Masks
from computes.verification.report import line_of, report_of, text_of
from computes.verification.verification import Asked, verify


class Command(BaseCommand):
    """Run tiny jobs on a target; say of each step how long it took, what was expected and what was seen."""

    help = (
        "Verify a compute target with tiny jobs: the check, start, live log, metrics, outputs, exit code, cancel, time "
        "limit, clean-up, and what a cluster says of them. The report holds no secrets. Ends with 0 only when every "
        "step holds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the target, and what the report is to be like."""
        parser.add_argument("name", help="Name of the target")
        parser.add_argument(
            "--framework", choices=[str(each) for each in Framework], help="Default: the target's first"
        )
        parser.add_argument("--environment", default="", metavar="HASH", help="Beginning of the hash of a ready one")
        parser.add_argument("--patience", type=float, default=600.0, metavar="SECONDS", help="Longest wait of a step")
        parser.add_argument("--json", action="store_true", help="Print JSON")
        parser.add_argument("--output", metavar="FILE", help="Write the report there")
        parser.add_argument("--anonymous", action="store_true", help="No addresses and no names of accounts")

    def handle(self, **options: Any) -> None:
        """Verify and report. Raises CommandError when a step does not hold, or when there is no such target."""
        asked = asked_of(options)
        masks = Masks(asked.settings, is_anonymous=options["anonymous"])
        with opened(options["output"]) as file:
            executor = executor_for(asked.settings, asked.framework)
            moment = timezone.now().isoformat(timespec="seconds")
            found = verify(
                executor, asked, lambda step: self.stderr.write(masks.text(line_of(step)), lambda text: text)
            )
            report = report_of(found, asked, masks, amlweb_version(), moment)
            as_json = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
            (file or self.stdout).write(as_json if options["json"] else text_of(report))
        if found.is_interrupted:
            raise CommandError("The verification was broken off.", returncode=130)
        if not found.holds:
            raise CommandError("Not every step held. The report says which, and what to do.")


def asked_of(options: dict[str, Any]) -> Asked:
    """Return what is to be verified. Raises CommandError for what cannot be."""
    target = ComputeTarget.objects.filter(name=options["name"]).first()
    if target is None:
        names = ", ".join(ComputeTarget.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no target {options['name']!r}. There are: {names}.")
    wanted = [Framework(options["framework"])] if options["framework"] else list(Framework)
    framework = next((each for each in wanted if refusal_for(target.kind, each) is None), None)
    if framework is None:
        raise CommandError(refusal_for(target.kind, wanted[0]))
    if options["patience"] <= 0:
        raise CommandError("--patience must be above 0.")
    environment = environment_of(target, options["environment"]) if options["environment"] else ""
    return Asked(settings_of(target), framework, settings.INSTALLATION_ID, options["patience"], environment)


def environment_of(target: ComputeTarget, beginning: str) -> str:
    """Return the hash of a ready environment of a target. Raises CommandError unless the beginning names just one."""
    ready = target.environments.filter(state=TargetEnvironment.State.READY, is_image=False).exclude(lock=None)
    hashes = sorted(set(ready.values_list("lock_id", flat=True)))
    found = [each for each in hashes if each.startswith(beginning)]
    if len(found) != 1:
        there = ", ".join(each[:12] for each in hashes) or "none"
        raise CommandError(f"{beginning!r} names {len(found)} environments of {target.name}. Ready are: {there}.")
    return found[0]


@contextmanager
def opened(path: str | None) -> Iterator[TextIO | None]:
    """Open the report's file, readable for its owner alone, before anything is done. Raises CommandError."""
    if path is None:
        yield None
        return
    try:
        file = os.fdopen(os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}. Name another file.") from error
    with file:
        yield file
