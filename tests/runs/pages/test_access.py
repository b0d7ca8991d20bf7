"""Every page of a run: who sees it, who finds nothing, and which methods it takes."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from runs.models import Run
from tests.runs.pages.conftest import AddOutput, SeenBy

PAGES = [
    ("run", []),
    ("run_status", []),
    ("run_raw_log", []),
    ("run_metrics", []),
    ("run_outputs", []),
    ("run_outputs_archive", ["zip"]),
    ("run_outputs_archive", ["tar.gz"]),
    ("run_output", ["report.txt"]),
    ("run_code", []),
    ("run_code_archive", []),
    ("run_configuration", []),
    ("run_environment", []),
    ("run_events", []),
]
TOKEN = re.compile(r'(?<=csrfmiddlewaretoken" value=")\w+|(?<=x-csrftoken": ")\w+')
DEEDS = ["run_cancel", "run_rerun"]


@pytest.mark.parametrize(("name", "more"), PAGES)
def test_members_see_a_page_and_strangers_find_none(
    run: Run,
    seen_by: SeenBy,
    add_output: AddOutput,
    alice: User,
    vera: User,
    charlie: User,
    ada: User,
    name: str,
    more: list[str],
) -> None:
    add_output("report.txt", b"fine")
    address = reverse(name, args=[run.project.slug, run.number, *more])
    assert [seen_by(person).get(address).status_code for person in (alice, vera, ada, charlie)] == [200, 200, 200, 404]
    assert seen_by(alice).post(address).status_code == 405
    assert seen_by(alice).head(address).status_code == 200
    assert seen_by(None).get(address).status_code == 302


@pytest.mark.parametrize(("name", "more"), PAGES)
def test_a_run_that_does_not_exist_looks_like_one_of_strangers(
    run: Run, seen_by: SeenBy, alice: User, charlie: User, name: str, more: list[str]
) -> None:
    there = reverse(name, args=[run.project.slug, run.number, *more])
    nowhere = reverse(name, args=[run.project.slug, 10**30, *more])
    assert seen_by(alice).get(nowhere).status_code == 404
    pages = [seen_by(charlie).get(address).content.decode() for address in (there, nowhere)]
    assert len({TOKEN.sub("", page.replace(there, "").replace(nowhere, "")) for page in pages}) == 1


@pytest.mark.parametrize("name", DEEDS)
def test_deeds_are_for_those_who_may_run(
    run: Run, seen_by: SeenBy, bob: User, vera: User, charlie: User, name: str
) -> None:
    address = reverse(name, args=[run.project.slug, run.number])
    assert seen_by(bob).get(address).status_code == 405
    assert [seen_by(person).post(address).status_code for person in (vera, charlie)] == [404, 404]
    assert seen_by(None).post(address).status_code == 302
    run.refresh_from_db()
    assert run.cancel_requested_at is None
    assert Run.objects.count() == 1


def test_a_viewer_is_offered_no_deed(run: Run, seen_by: SeenBy, vera: User, bob: User, alice: User) -> None:
    pages = {person: seen_by(person).get(run.get_absolute_url()).content.decode() for person in (vera, bob, alice)}
    deeds = ["/cancel/", "/rerun/", "Edit and run again", "Share"]
    assert [[deed in pages[person] for deed in deeds] for person in (vera, bob, alice)] == [
        [False, False, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]
