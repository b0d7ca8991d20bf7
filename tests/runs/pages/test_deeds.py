"""Cancelling a run and running it again from its page."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from pytest_django import Settings

from runs.models import Run
from runs.run_configuration import RunConfiguration
from runs.secrets import keep_secrets
from runs.status import State
from tests.runs.pages.conftest import SeenBy


@pytest.fixture
def without_secrets(run: Run) -> Run:
    """The run, made from a configuration without secrets."""
    run.configuration = RunConfiguration(script="hello.py", target="local", arguments=("7",)).to_json()
    run.save()
    return run


def test_cancel_notes_who_asked_and_the_page_says_so(run: Run, seen_by: SeenBy, bob: User) -> None:
    answer = seen_by(bob).post(reverse("run_cancel", args=["hello", 1]), follow=True)
    run.refresh_from_db()
    assert run.cancel_requested_by == bob
    page = answer.content.decode()
    assert "Cancel requested" in page
    assert "/cancel/" not in page


def test_a_cancel_that_comes_too_late_says_so(run: Run, seen_by: SeenBy, bob: User) -> None:
    Run.objects.update(state=State.COMPLETED)
    answer = seen_by(bob).post(reverse("run_cancel", args=["hello", 1]), follow=True)
    assert "had ended already" in answer.content.decode()


def test_running_again_repeats_code_and_configuration_once_for_two_clicks(
    without_secrets: Run, seen_by: SeenBy, bob: User
) -> None:
    address = reverse("run_rerun", args=["hello", 1])
    answers = [seen_by(bob).post(address, {"idempotency_key": "one"}) for _ in range(2)]
    again = Run.objects.get(number=2)
    assert [answer["Location"] for answer in answers] == [again.get_absolute_url()] * 2
    assert (again.parent, again.arguments, again.created_by) == (without_secrets, ["7"], bob)


def test_a_repeat_that_needs_secrets_leads_to_the_form_with_the_reason(run: Run, seen_by: SeenBy, bob: User) -> None:
    answer = seen_by(bob).post(reverse("run_rerun", args=["hello", 1]), follow=True)
    assert answer.redirect_chain[0][0].endswith("/submit/?parent=1")
    assert "API_KEY: secret values of another person" in answer.content.decode()


def test_a_repeat_whose_secrets_do_not_open_any_more_leads_to_the_form_with_the_reason(
    run: Run, seen_by: SeenBy, alice: User, settings: Settings
) -> None:
    keep_secrets(run, {"API_KEY": "hush-hush"})
    settings.KEY_FILE.unlink()
    answer = seen_by(alice).post(reverse("run_rerun", args=["hello", 1]), follow=True)
    assert answer.redirect_chain[0][0].endswith("/submit/?parent=1")
    assert "API_KEY: The secret was sealed with a key that this server does not have" in answer.content.decode()


def test_an_archived_run_leaves_the_lists_until_it_is_brought_back(run: Run, seen_by: SeenBy, bob: User) -> None:
    Run.objects.update(state=State.COMPLETED)
    client = seen_by(bob)
    page = client.post(reverse("run_archive", args=["hello", 1]), follow=True).content.decode()
    assert reverse("run_unarchive", args=["hello", 1]) in page
    assert run.get_absolute_url() not in client.get(reverse("runs", args=["hello"])).content.decode()
    assert run.get_absolute_url() in client.get(reverse("runs", args=["hello"]), {"archived": "1"}).content.decode()
    client.post(reverse("run_unarchive", args=["hello", 1]))
    assert run.get_absolute_url() in client.get(reverse("runs", args=["hello"])).content.decode()
    assert list(run.events.filter(kind="note").values_list("actor__username", "text")) == [
        ("bob", "archived"),
        ("bob", "brought back into the lists"),
    ]


def test_a_run_that_has_not_ended_is_not_archived(run: Run, seen_by: SeenBy, bob: User) -> None:
    answer = seen_by(bob).post(reverse("run_archive", args=["hello", 1]), follow=True)
    run.refresh_from_db()
    assert not run.is_archived
    assert "has not ended cannot be archived" in answer.content.decode()
