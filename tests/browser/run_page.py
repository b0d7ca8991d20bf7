"""What the browser tests of the run page share: a run that prints, and a page of Alice's that reports trouble."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django import Settings

from computes.models import ComputeTarget
from projects.models import Project
from runs.models import Heartbeat, Run, RunEvent
from runs.run_configuration import RunConfiguration
from runs.status import State
from tests.browser.live_pages import live_pages
from tests.browser.signing_in import context_of


@dataclass
class Watched:
    """A page, and what went wrong on it: errors, dialogs, violations of the policy, calls to elsewhere."""

    page: Page
    address: str
    trouble: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a path and return the page."""
        self.page.goto(self.address + path)
        return self.page


@pytest.fixture(scope="session")
def pages_address(django_db_setup: None) -> Iterator[str]:
    """The address of the pages."""
    with live_pages() as address:
        yield address


@pytest.fixture
def printing_run(transactional_db: None, project: Project, local_target: ComputeTarget, alice: User) -> Run:
    """A run of Alice's that is running; tests print by appending to its log."""
    now = timezone.now()
    Heartbeat.objects.create(name="controller", beat_at=now + timedelta(hours=1))
    run: Run = Run.objects.create(
        project=project,
        number=1,
        created_by=alice,
        snapshot=project.current_snapshot,
        target=local_target,
        script="hello.py",
        configuration=RunConfiguration(script="hello.py", target="local").to_json(),
        state=State.RUNNING,
        preparing_at=now,
        running_at=now,
        last_contact_at=now,
    )
    run.folder.mkdir(parents=True)
    (run.folder / "log").write_bytes(b"")
    RunEvent.objects.create(run=run, kind="state", to_state=State.RUNNING)
    return run


def print_to(run: Run, data: bytes) -> None:
    """Append to a run's log as its script would."""
    with (run.folder / "log").open("ab") as log:
        log.write(data)


def end_run(run: Run, state: State = State.COMPLETED) -> None:
    """End a run as the controller would: first the row, then the event that tells of it."""
    changes = {"state": state, "finished_at": timezone.now(), "finalizing_at": timezone.now(), "log_is_complete": True}
    Run.objects.filter(pk=run.pk).update(**changes)
    RunEvent.objects.create(run=run, kind="state", to_state=state)


@pytest.fixture
def watched(
    browser: Browser, pages_address: str, printing_run: Run, alice: User, settings: Settings
) -> Iterator[Watched]:
    """A page of Alice's; at the end nothing may have gone wrong on it."""
    settings.OWN_ORIGINS = [pages_address]
    context = context_of(browser, alice, pages_address, viewport={"width": 1280, "height": 800})
    seen = Watched(context.new_page(), pages_address)
    page, trouble = seen.page, seen.trouble
    page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda said: trouble.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("request", lambda call: None if call.url.startswith(pages_address) else trouble.append(call.url))
    yield seen
    context.close()
    assert trouble == []
