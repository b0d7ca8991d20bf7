"""The head of a run: state, reason, the three truths, phases."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from computes.models import ComputeTarget
from runs.beliefs import belief_about
from runs.models import Heartbeat, Run, ShareLink
from runs.phases import phases_of
from runs.presentation import render_status
from runs.status import REASONS, FailureReason, State
from tests.runs.pages.conftest import SeenBy


def test_the_phases_of_a_run_that_is_on(run: Run) -> None:
    standings = [(phase.state, phase.standing) for phase in phases_of(run)]
    assert standings == [
        ("queued", "done"), ("preparing", "done"), ("running", "now"), ("finalizing", "ahead"), ("completed", "ahead"),
    ]  # fmt: skip
    assert [phase.duration for phase in phases_of(run)][:2] == [timedelta(seconds=1)] * 2
    assert [phase.since is not None for phase in phases_of(run)] == [False, False, True, False, False]


def test_the_phases_of_a_run_that_failed_before_it_ran(run: Run) -> None:
    run.state, run.running_at, run.finished_at = State.FAILED, None, run.queued_at + timedelta(seconds=3)
    assert [phase.standing for phase in phases_of(run)] == ["done", "failed", "skipped", "skipped", "failed"]
    assert phases_of(run)[1].duration == timedelta(seconds=2)
    assert phases_of(run)[-1].duration == timedelta(seconds=3)


def test_a_silent_target_is_no_end_and_the_page_says_where_the_log_goes_on(run: Run) -> None:
    run.unreachable_since, run.log_bytes = timezone.now(), 12_345
    belief = belief_about(run)
    assert belief.is_worrying
    assert "presumed alive" in belief.text
    assert "byte 12,345" in belief.text


def test_a_controller_that_does_not_answer_is_said_so_while_the_run_is_on(run: Run) -> None:
    Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=2))
    assert "controller does not answer" in belief_about(run).text
    run.state = State.COMPLETED
    assert "controller" not in belief_about(run).text


def test_a_waiting_run_says_what_it_waits_for_but_not_to_the_holder_of_a_link(run: Run) -> None:
    run.state, run.wait_reason = State.QUEUED, "behind run 12 of Bob"
    assert "behind run 12 of Bob" in render_status(run)
    assert "Bob" not in render_status(run, share=ShareLink(run=run))


@pytest.mark.parametrize("reason", FailureReason)
def test_every_reason_says_what_happened_whose_doing_it_is_and_what_to_do(run: Run, reason: FailureReason) -> None:
    run.state, run.reason = State.FAILED, reason
    page = render_status(run)
    assert REASONS[reason].title in page
    assert REASONS[reason].remedy.replace("'", "&#x27;") in page
    assert "doing" in page or "mistake" in page


def test_the_traceback_is_text_and_leads_to_its_line(run: Run) -> None:
    (run.folder / "log").write_bytes(b"fine\n\x1b[31mTraceback (most recent call last):\x1b[0m\r\n  <b>\nValueError\n")
    run.state, run.reason = State.FAILED, FailureReason.SCRIPT_FAILED
    run.failure_excerpt = "Traceback (most recent call last):\n  <b>\nValueError"
    page = render_status(run)
    assert "?line=2#L2" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_a_link_that_does_not_share_the_log_hides_its_last_words(run: Run) -> None:
    run.state, run.reason, run.failure_excerpt = State.FAILED, FailureReason.SCRIPT_FAILED, "Traceback of mine"
    assert "Traceback of mine" in render_status(run, share=ShareLink(run=run, shows_log=True))
    assert "Traceback of mine" not in render_status(run, share=ShareLink(run=run, shows_log=False))


def test_a_link_shows_no_way_into_the_installation(run: Run, alice: User) -> None:
    run.state, run.reason = State.FAILED, FailureReason.SCRIPT_FAILED
    assert '<a href="/' not in render_status(run, share=ShareLink(run=run, shows_log=True))
    assert '<a href="/' in render_status(run, user=alice)


def test_the_receipt_of_a_cancel_is_shown(run: Run, bob: User) -> None:
    run.cancel_requested_at, run.cancel_requested_by = timezone.now(), bob
    run.cancel_receipt = [["TERM", 3.2], ["KILL", 33.2], ["swept 2 processes", 33.3]]
    page = " ".join(render_status(run).split())
    assert "Cancel requested by bob" in page
    assert "KILL" in page
    assert "swept 2 processes" in page


def test_a_state_is_a_word_beside_its_icon(run: Run) -> None:
    page = render_status(run)
    assert "#loader-2" in page
    assert "<span>Running</span>" in page


def test_the_target_is_a_link_only_for_those_who_find_its_page(
    run: Run, local_target: ComputeTarget, seen_by: SeenBy, alice: User
) -> None:
    link = f'href="{local_target.get_absolute_url()}"'
    assert link in seen_by(alice).get(run.get_absolute_url()).content.decode()
    local_target.grants.all().delete()
    assert link not in seen_by(alice).get(run.get_absolute_url()).content.decode()
