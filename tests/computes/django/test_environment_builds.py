"""The way of an environment's row, with real builder processes that obey orders."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from computes import environment_builds
from computes.build_folder import Attempt, attempts_of, end_attempts, folder_of, log_of
from computes.build_requests import request_of
from computes.check_work import prepared_on
from computes.contract import TargetSettings
from computes.environment_asking import Asked, digest_of
from computes.environment_builds import carry_on, look_at
from computes.environments.folder_place import FolderPlace
from computes.environments.place_factory import place_to_json
from computes.machines.local import LocalMachine
from computes.models import ComputeTarget, EnvironmentLock, TargetEnvironment
from computes.preparing_environments import (
    Asker,
    Building,
    Failed,
    NotPrepared,
    Ready,
    cancel_build,
    ensure_environment,
    forget_environment,
)
from computes.removing_environments import request_orphan_removal, request_removal
from computes.supervisor.files import read_json
from projects.models import Project
from tests.computes.django.environment_parts import Workshop, asked, is_over, work_until

pytestmark = pytest.mark.django_db(transaction=True)
State = TargetEnvironment.State
REMOVER = """
import json, sys
request = json.load(open(sys.argv[1]))
assert request["hash"] and request["place"]["kind"] == "folder"
json.dump({"state": "removed"}, open(request["result"], "w"))
"""


def begun(workshop: Workshop, *words: str, **asker: object) -> TargetEnvironment:
    """Return the row of a build that was just asked for."""
    answer = workshop.ask(*words, **asker)
    assert isinstance(answer, Building)
    return answer.environment


def has_builder(row: TargetEnvironment) -> bool:
    """Return whether a builder of the row is at work."""
    return row.lease_token is not None and Attempt.of(row.pk, row.lease_token).heartbeat.exists()


def test_what_is_asked_for_is_built_once_and_then_ready(workshop: Workshop) -> None:
    row = work_until(is_over, begun(workshop, "numpy"))
    assert (row.state, row.error, row.size_bytes) == (State.READY, "", 12345)
    assert row.seconds == {"solve": 1.0, "pip": 2.5}
    assert row.packages == {"python": "3.11.9", "numpy": "1.0"}
    assert EnvironmentLock.objects.get().hash == row.lock_id
    answer = workshop.ask("numpy")
    assert isinstance(answer, Ready)
    assert (answer.environment.pk, answer.hash) == (row.pk, row.lock_id)
    assert len(workshop.starts()) == 1
    assert log_of(row.pk).read_text().endswith("The environment is ready.\n")


def test_another_ask_is_another_environment(workshop: Workshop) -> None:
    first = work_until(is_over, begun(workshop, "numpy"))
    second = work_until(is_over, begun(workshop, "pandas"))
    assert first.lock_id != second.lock_id
    assert TargetEnvironment.objects.count() == 2


def test_two_who_ask_at_once_get_one_build(workshop: Workshop) -> None:
    def ask(_: int) -> int:
        try:
            return begun(workshop, "wait").pk
        finally:
            connection.close()

    def carry(pk: int) -> None:
        try:
            carry_on(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(ask, range(4)))
        list(pool.map(carry, rows))
    assert len(set(rows)) == 1
    row = work_until(has_builder, TargetEnvironment.objects.get())
    workshop.go()
    work_until(is_over, row)
    assert len(workshop.starts()) == 1


def test_a_failure_is_told_in_the_solvers_words_and_the_next_ask_tries_again(workshop: Workshop) -> None:
    before = timezone.now()
    row = work_until(is_over, begun(workshop, "fail"))
    assert (row.state, row.lock_id) == (State.FAILED, None)
    told = workshop.ask("fail", since=before)
    assert isinstance(told, Failed)
    assert told.text == "aml_config/conda_dependencies.yml, line 3: nothing provides numpy 99"
    assert told.remedy == "Ask for a version that exists."
    work_until(is_over, begun(workshop, "fail"))
    assert len(workshop.starts()) == 2


def test_a_builder_that_is_killed_is_replaced(workshop: Workshop) -> None:
    row = work_until(has_builder, begun(workshop, "wait"))
    known = read_json(str(Attempt.of(row.pk, row.lease_token).process))  # type: ignore[arg-type]
    assert known is not None
    os.kill(known["pid"], signal.SIGKILL)
    row = work_until(lambda each: each.attempts == 2 and has_builder(each), row)
    workshop.go()
    assert work_until(is_over, row).state == State.READY
    assert "taken up again (2 of 3)" in log_of(row.pk).read_text()


def test_a_builder_that_dies_each_time_is_given_up(workshop: Workshop) -> None:
    row = work_until(is_over, begun(workshop, "die"))
    assert row.state == State.FAILED
    assert "broke off 3 times" in row.error
    assert len(workshop.starts()) == 3


def test_a_silent_target_ends_no_build_which_is_begun_again_after_a_pause(workshop: Workshop) -> None:
    row = work_until(lambda each: each.error != "", begun(workshop, "silent"))
    assert (row.state, row.lease_token, row.attempts) == (State.BUILDING, None, 0)
    assert (row.error, row.remedy) == ("bench.example is silent.", "Check the network.")
    workshop.target.refresh_from_db()
    assert workshop.target.contact_problem == "bench.example is silent. Check the network."
    for _ in range(10):
        carry_on(row.pk)
    assert len(workshop.starts()) == 1, "not before the pause is over"
    for count in range(2, environment_builds.MOST_ATTEMPTS + 3):
        pause_is_over(row)
        row = work_until(lambda each, count=count: len(workshop.starts()) == count and each.error != "", row)  # type: ignore[misc]
        assert row.state == State.BUILDING
    workshop.go()
    pause_is_over(row)
    row = work_until(is_over, row)
    assert (row.state, row.error, row.remedy) == (State.READY, "", "")
    workshop.target.refresh_from_db()
    assert workshop.target.contact_problem == ""


def test_what_waits_for_a_silent_target_leaves_others_their_turn_and_can_be_canceled(
    workshop: Workshop, alice: User
) -> None:
    row = work_until(lambda each: each.error != "", begun(workshop, "silent"))
    other = begun(workshop, "numpy")
    assert work_until(is_over, other).state == State.READY
    assert cancel_build(row, alice)
    row = work_until(is_over, row)
    assert (row.state, row.error) == (State.FAILED, "The build was canceled while its target did not answer.")
    assert len(workshop.starts()) == 2


def pause_is_over(row: TargetEnvironment) -> None:
    """Let the pause of a build whose target was silent be over."""
    assert row.lease_expires_at is not None
    assert row.lease_expires_at > timezone.now() + timedelta(seconds=20)
    TargetEnvironment.objects.filter(pk=row.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_a_builder_that_freezes_is_killed_before_another_starts(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = work_until(has_builder, begun(workshop, "wait"))
    frozen = Attempt.of(row.pk, row.lease_token)  # type: ignore[arg-type]
    known = read_json(str(frozen.process))
    assert known is not None
    with monkeypatch.context() as patched:  # not while a builder starts, which takes its time
        patched.setattr(environment_builds, "MOST_SILENT_SECONDS", 0.5)
        patched.setattr(environment_builds, "LEASE_SECONDS", 0.5)
        carry_on(row.pk)
        os.kill(known["pid"], signal.SIGSTOP)
        row = work_until(lambda each: each.attempts == 2, row)
    deadline = time.monotonic() + 20
    while frozen.has_process() and Path(f"/proc/{known['pid']}").exists():
        assert time.monotonic() < deadline, "the frozen builder lives"
        time.sleep(0.02)
    workshop.go()
    assert work_until(is_over, row).state == State.READY


def test_a_build_goes_on_when_everything_of_ours_restarts(workshop: Workshop) -> None:
    row = work_until(has_builder, begun(workshop, "wait"))
    TargetEnvironment.objects.update(lease_expires_at=timezone.now() - timedelta(hours=1))
    assert look_at(row.pk)
    row.refresh_from_db()
    assert row.lease_expires_at > timezone.now()
    workshop.go()
    work_until(is_over, row)
    assert len(workshop.starts()) == 1


@pytest.mark.parametrize("order", ["hang", "deaf"])
def test_a_cancel_ends_the_build(workshop: Workshop, alice: User, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment_builds, "MOST_SILENT_SECONDS", 1.0)
    before = timezone.now()
    row = work_until(has_builder, begun(workshop, order))
    attempt = Attempt.of(row.pk, row.lease_token)  # type: ignore[arg-type]
    assert cancel_build(row, alice)
    assert not cancel_build(row, alice)
    row = work_until(is_over, row)
    assert (row.state, row.canceled_by) == (State.FAILED, alice)
    assert "canceled" in row.error
    assert not attempt.has_process()
    assert isinstance(workshop.ask(order, since=before), Failed)
    assert isinstance(workshop.ask(order), Building)


def test_a_build_whose_end_is_noted_by_another_process_while_it_is_canceled_ends_once(
    workshop: Workshop, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = work_until(has_builder, begun(workshop, "hang"))
    assert cancel_build(row, alice)

    def cancel_of_none(attempt: Attempt) -> Path:
        end_attempts(row.pk)
        return attempt.folder / "cancel"

    monkeypatch.setattr(Attempt, "cancel", property(cancel_of_none))
    assert look_at(row.pk)
    row.refresh_from_db()
    assert (row.state, row.error) == (State.FAILED, "The build was canceled.")


def test_a_cancel_without_a_person_is_no_answer_to_those_who_joined(workshop: Workshop) -> None:
    before = timezone.now()
    row = work_until(has_builder, begun(workshop, "hang"))
    cancel_build(row, None)
    assert work_until(is_over, row).state == State.MISSING
    assert isinstance(workshop.ask("hang", since=before), Building)


def test_a_build_that_was_canceled_before_it_began_starts_nothing(workshop: Workshop, alice: User) -> None:
    row = begun(workshop, "hang")
    cancel_build(row, alice)
    assert work_until(is_over, row).state == State.FAILED
    assert workshop.starts() == []


def test_one_environment_at_a_time_is_built_on_a_target(workshop: Workshop) -> None:
    first = work_until(has_builder, begun(workshop, "wait"))
    second = begun(workshop, "numpy")
    carry_on(second.pk)
    assert len(workshop.starts()) == 1
    workshop.go()
    work_until(is_over, first)
    assert work_until(is_over, second).state == State.READY


def test_the_same_environment_is_built_on_one_target_at_a_time(workshop: Workshop) -> None:
    other = ComputeTarget.objects.get(pk=workshop.target.pk)
    other.pk, other.name = None, "other"  # in the same work folder
    other.save()
    asker = Asker(workshop.project, None, "a test", timezone.now())

    def begun_there(*words: str) -> TargetEnvironment:
        answer = ensure_environment(other, asked(*words), asker)
        assert isinstance(answer, Building)
        return answer.environment

    first = work_until(has_builder, begun(workshop, "wait"))
    second, third = begun_there("wait"), begun_there("numpy")
    carry_on(second.pk)
    assert len(workshop.starts()) == 1
    work_until(is_over, third)
    workshop.go()
    assert work_until(is_over, first).state == State.READY
    assert work_until(is_over, second).state == State.READY
    assert work_until(is_over, third).state == State.READY


def test_nothing_is_built_for_those_who_do_not_want_it(workshop: Workshop) -> None:
    assert workshop.ask("numpy", may_build=False) == NotPrepared(None)
    assert not TargetEnvironment.objects.exists()
    work_until(is_over, begun(workshop, "numpy"))
    assert isinstance(workshop.ask("numpy", may_build=False), Ready)


def test_an_exact_lock_is_there_whoever_asked_for_it_in_other_words(workshop: Workshop) -> None:
    row = work_until(is_over, begun(workshop, "numpy"))
    other = Project.objects.create(name="Other", slug="other", created_by=workshop.project.created_by)
    asker = Asker(other, None, "a test", timezone.now(), may_build=False)
    exact = Asked(source="the lock", from_lock=row.lock)
    assert ensure_environment(workshop.target, exact, asker) == Ready(row, row.lock_id or "")
    assert other in row.projects.all()
    assert len(workshop.starts()) == 1
    forget_environment(row.pk, row.lock_id or "")
    assert ensure_environment(workshop.target, exact, asker) == NotPrepared(None)


def test_an_exact_lock_that_is_there_for_another_image_is_not_taken(workshop: Workshop) -> None:
    target = workshop.target
    target.kind, target.base_docker_image = ComputeTarget.Kind.LOCAL_DOCKER, "first:1"
    lock = EnvironmentLock.objects.create(hash="ab" * 16, text="{}")
    digest = digest_of(asked("numpy"), target)
    row = TargetEnvironment.objects.create(
        target=target, digest=digest, asked=asked("numpy").to_json(), state=State.READY, lock=lock
    )
    asker = Asker(workshop.project, None, "a test", timezone.now(), may_build=False)
    exact = Asked(from_lock=lock)
    assert ensure_environment(target, replace(exact, image="own:1"), asker) == NotPrepared(None)
    assert ensure_environment(target, exact, asker) == Ready(row, lock.hash)
    target.base_docker_image = "second:1"
    assert ensure_environment(target, exact, asker) == NotPrepared(None)


def test_logins_are_sealed_on_the_row_and_given_to_the_builder_in_a_file_of_its_own(workshop: Workshop) -> None:
    wanted = replace(asked("wait"), credentials={"https://packages.example/simple": ("amy", "s3cret-word")})
    asker = Asker(workshop.project, None, "a test", timezone.now())
    answer = ensure_environment(workshop.target, wanted, asker)
    assert isinstance(answer, Building)
    row = work_until(has_builder, answer.environment)
    assert "s3cret-word" not in str(TargetEnvironment.objects.values().get())
    assert stat.S_IMODE(Attempt.of(row.pk, row.lease_token).folder.stat().st_mode) == 0o700  # type: ignore[arg-type]
    assert workshop.starts()[0]["credentials"] == {"https://packages.example/simple": ["amy", "s3cret-word"]}
    workshop.go()
    row = work_until(is_over, row)
    assert row.sealed_credentials == ""
    assert attempts_of(row.pk) == []
    assert [path.name for path in folder_of(row.pk).iterdir()] == ["build.log"]


def test_a_prefix_that_is_gone_is_built_again(workshop: Workshop) -> None:
    row = work_until(is_over, begun(workshop, "numpy"))
    assert row.lock_id is not None
    assert not forget_environment(row.pk, "other")
    assert forget_environment(row.pk, row.lock_id)
    work_until(is_over, begun(workshop, "numpy"))
    assert len(workshop.starts()) == 2


def test_a_check_looks_for_what_is_ready_on_its_target(workshop: Workshop) -> None:
    assert prepared_on(workshop.target) == ()
    row = work_until(is_over, begun(workshop, "numpy"))
    TargetEnvironment.objects.create(
        target=workshop.target, digest="f" * 64, asked={}, state=State.READY, lock_id=row.lock_id
    )
    TargetEnvironment.objects.create(target=workshop.target, digest="e" * 64, asked={}, state=State.READY)
    assert prepared_on(workshop.target) == (row.lock_id,)
    workshop.target.user_managed_environment = True
    assert prepared_on(workshop.target) == ()


def test_a_removal_takes_every_row_of_the_prefix(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    row = work_until(is_over, begun(workshop, "numpy"))
    assert row.lock_id is not None
    other = TargetEnvironment.objects.create(
        target=workshop.target, digest="f" * 64, asked={}, state=State.READY, lock_id=row.lock_id
    )
    assert request_removal(workshop.target, "unknown") is None
    assert request_removal(workshop.target, row.lock_id) == row.pk
    assert isinstance(workshop.ask("numpy"), Building), "nobody may use it any more"
    monkeypatch.setattr(environment_builds, "REMOVER", [sys.executable, "-c", REMOVER])
    row.refresh_from_db()
    row = work_until(is_over, row)
    other.refresh_from_db()
    assert (row.state, other.state, row.size_bytes) == (State.MISSING, State.MISSING, None)
    assert EnvironmentLock.objects.filter(hash=row.lock_id).exists(), "the lock is kept for ever"


def test_an_orphan_that_is_built_before_its_turn_is_not_removed(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment_builds, "REMOVER", [sys.executable, "-c", REMOVER])
    twin = ComputeTarget.objects.create(name="twin", kind="local", work_folder=workshop.target.work_folder)
    known, unknown = "ab" * 16, "cd" * 16
    removals = {hash: request_orphan_removal(twin, hash) for hash in (known, unknown)}
    row = work_until(has_builder, begun(workshop, "wait"))
    for removal in removals.values():
        assert removal is not None
        carry_on(removal)
    assert [each.lease_token for each in TargetEnvironment.objects.filter(target=twin)] == [None, None]
    workshop.go()
    work_until(is_over, row)
    EnvironmentLock.objects.create(hash=known, text="")
    TargetEnvironment.objects.filter(pk=row.pk).update(lock_id=known)
    carry_on(removals[known] or 0)
    assert not TargetEnvironment.objects.filter(pk=removals[known]).exists()
    carry_on(removals[unknown] or 0)
    assert TargetEnvironment.objects.get(pk=removals[unknown]).lease_token is not None


def test_the_remover_removes_a_prefix_of_this_machine(tmp_path: Path) -> None:
    work_folder, hash = tmp_path / "work", "a" * 32
    settings = TargetSettings(name="here", kind="remote", work_folder=str(work_folder))
    place = FolderPlace(LocalMachine(), str(work_folder), "0123456789ab")
    place.begin(hash)
    place.put(hash, {"bin/tool": b"x"})
    place.complete(hash)
    request = {
        "place": place_to_json("folder", settings, "0123456789ab"),
        "hash": hash,
        "result": str(tmp_path / "result.json"),
        "heartbeat": str(tmp_path / "heartbeat"),
    }
    (tmp_path / "request.json").write_text(json.dumps(request))
    command = [sys.executable, "-m", "computes.environment_remover", str(tmp_path / "request.json")]
    subprocess.run(command, check=True, timeout=60)
    assert json.loads((tmp_path / "result.json").read_text()) == {"state": "removed"}
    assert (tmp_path / "heartbeat").exists()
    assert not place.is_complete(hash)


def test_what_was_solved_for_another_target_is_offered_to_the_builder(workshop: Workshop) -> None:
    answer = workshop.ask("numpy")
    row = work_until(is_over, answer.environment)  # type: ignore[union-attr,arg-type]
    other = ComputeTarget.objects.get(pk=workshop.target.pk)
    other.pk, other.name = None, "other"
    other.save()

    def offered(*words: str) -> list[str]:
        begun = ensure_environment(other, asked(*words), Asker(workshop.project, None, "a test", timezone.now()))
        assert isinstance(begun, Building)
        request = request_of(begun.environment, Attempt.of(begun.environment.pk, uuid4()))
        return [lock.hash for lock in request.known_locks]

    assert offered("numpy") == [row.lock_id]
    assert offered("pandas") == []
    other.pip_index = "https://other.example/simple"
    assert offered("numpy") == [], "another index may have other packages"
    TargetEnvironment.objects.filter(pk=row.pk).update(state=TargetEnvironment.State.MISSING)
    TargetEnvironment.objects.filter(target=other).update(state=TargetEnvironment.State.MISSING)
    other.pip_index = ""
    assert offered("numpy") == [], "what is built nowhere any more is solved anew"
