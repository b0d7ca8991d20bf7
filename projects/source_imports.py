"""Imports from git: asking for one, seeing whether it still goes, and trying again.

The import itself runs in a helper process (`projects.git_import`); it writes `heartbeat_at` while it lives.
"""

from datetime import timedelta
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from projects.errors import SourceRefused
from projects.git.location import GitLocation, checked_reference, read_location
from projects.models import Project, SourceImport
from projects.own_session import start_command
from projects.project_names import checked_name, create_project
from projects.secret_box import SealBroken, seal, unseal

STALE_SECONDS = 30
OWNER_TYPE, CREDENTIAL_FIELD = "source_import", "credential"
GOING_ON = (SourceImport.State.WAITING, SourceImport.State.RUNNING)


def create_from_git(user: User, name: str, location: str, reference: str = "", description: str = "") -> Project:
    """Make a project and start the import of its code; `project.imports.first()` says how it goes.

    A user and password in the address are cut off and kept sealed until the import ends. Raises SourceRefused.
    """
    name, place, reference = checked_name(name), read_location(location), checked_reference(reference)
    with transaction.atomic():
        project = create_project(
            user,
            name,
            description=description[:500],
            source=Project.Source.GIT,
            source_location=place.url,
            source_reference=reference,
        )
        _ask(project, user, place, reference)
    return project


def replace_from_git(project: Project, user: User, location: str, reference: str = "") -> SourceImport:
    """Start an import whose code becomes the project's current one when it is done. Raises SourceRefused."""
    place, reference = read_location(location), checked_reference(reference)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        if any(not is_stale(each) for each in project.imports.filter(state__in=GOING_ON)):
            raise SourceRefused("location", "An import of this project is going on.", "Wait until it ends.")
        for stopped in project.imports.filter(state__in=GOING_ON):
            _give_up(stopped)
        return _ask(project, user, place, reference)


def retry_import(source_import: SourceImport, user: User) -> SourceImport:
    """Ask again for an import that failed or stopped; the credential is used again where it is still kept.

    Raises SourceRefused when it is going on or done, and when its address wants the credential typed in again.
    """
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=source_import.project_id)
        source_import.refresh_from_db()
        if source_import.state == SourceImport.State.DONE or (
            source_import.state in GOING_ON and not is_stale(source_import)
        ):
            raise SourceRefused("location", "The import is going on, or it is done.", "Open the page again.")
        place = read_location(source_import.location)
        credential = credential_of(source_import)
        if source_import.state in GOING_ON:
            _give_up(source_import)
        place = GitLocation(place.url, place.scheme, place.host, place.port, credential)
        return _ask(source_import.project, user, place, source_import.reference)


def is_stale(source_import: SourceImport) -> bool:
    """True when an import should be going on and its helper has been silent for 30 seconds."""
    heard_at = source_import.heartbeat_at or source_import.created_at
    silent = timezone.now() - heard_at > timedelta(seconds=STALE_SECONDS)
    return source_import.state in GOING_ON and silent


def credential_of(source_import: SourceImport) -> str:
    """Return the kept credential, "" when there is none. Raises SourceRefused when it does not open."""
    if not source_import.sealed_credential:
        return ""
    try:
        return unseal(OWNER_TYPE, source_import.pk, CREDENTIAL_FIELD, source_import.sealed_credential)
    except SealBroken as error:
        remedy = "Give the address again, with user and token."
        raise SourceRefused("location", "The kept user and password cannot be opened.", remedy) from error


def _ask(project: Project, user: User, place: GitLocation, reference: str) -> SourceImport:
    row: SourceImport = SourceImport.objects.create(
        project=project, location=place.url, reference=reference, requested_by=user
    )
    if place.credential:
        row.sealed_credential = seal(OWNER_TYPE, row.pk, CREDENTIAL_FIELD, place.credential)
        row.save(update_fields=["sealed_credential"])
    # Starting it twice is harmless: the second finds nothing to do.
    transaction.on_commit(partial(start_command, "imports.log", "importsource", str(row.pk)))
    return row


def _give_up(source_import: SourceImport) -> None:
    """End an import whose helper is gone; should it thaw, it finds its row ended and writes nothing."""
    SourceImport.objects.filter(pk=source_import.pk, state__in=GOING_ON).update(
        state=SourceImport.State.FAILED,
        text="The import stopped: its process ended before it was done.",
        remedy="It was tried again.",
        sealed_credential="",
        finished_at=timezone.now(),
    )
