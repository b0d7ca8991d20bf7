"""Viewers that come and go, and a database that does not answer, leave nothing behind in the web process."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import OperationalError

from computes.models import ComputeTarget
from projects.models import Project
from runs import consumers
from runs.consumers import CLOSE_NO_ACCESS, RunConsumer, Wish
from runs.live.tail import TAILS, Tail
from runs.live.watch import WATCHMAN, RunWatch, Watchman
from runs.models import MetricPoint, Run
from runs.status import State
from runs.submission import Submission, submit_run
from runs.visitors import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_fresh_loop(function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """Return the function as an ordinary one that runs in a thread of its own: a browser's event loop may be open in
    this one."""

    def call(*arguments: object) -> Any:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(async_to_sync(function), *arguments).result()

    return call


def test_a_viewer_who_leaves_while_he_joins_is_not_counted(db: None) -> None:
    async def leave_early() -> list[object]:
        watchman = Watchman()
        joining = asyncio.create_task(watchman.join(uuid4()))
        await asyncio.sleep(0)
        joining.cancel()
        await asyncio.gather(joining, return_exceptions=True)
        return list(watchman.watches)

    assert in_a_fresh_loop(leave_early)() == []


def viewer(run: Run, messages: list[tuple[str, object]]) -> RunConsumer:
    """A viewer whose socket is a list."""
    consumer = RunConsumer()
    consumer.visitor = Visitor(run, run.created_by, None)
    consumer.scope = {}

    def into(kind: str) -> Callable[[object], Awaitable[None]]:
        async def keep(value: object = None) -> None:
            messages.append((kind, value))

        return keep

    consumer.send, consumer.close = into("send"), into("close")
    return consumer


@pytest.fixture
def run(bob: User, project: Project, local_target: ComputeTarget) -> Run:
    return submit_run(bob, project, Submission(script="hello.py", target="local"))


def test_a_log_that_cannot_be_opened_leaves_no_viewer_behind(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[tuple[str, object]] = []

    def refuse(path: Path) -> Tail:
        raise ValueError(f"{path} cannot be shown")

    monkeypatch.setattr(consumers, "join_tail", refuse)
    in_a_fresh_loop(viewer(run, messages).show)(Wish(0, 0, wants_log=True))
    assert messages == [("close", consumers.CLOSE_OUR_FAULT)]
    assert run.pk not in WATCHMAN.watches
    assert not [log for log in TAILS if log.is_relative_to(run.folder)]


def test_rights_are_asked_again_after_a_database_that_did_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[tuple[str, object]] = []
    answers = iter([OperationalError("gone"), SimpleNamespace(sees_log=True), None])

    def answer(_: object) -> object:
        found = next(answers)
        if isinstance(found, OperationalError):
            raise found
        return found

    monkeypatch.setattr(consumers, "visitor_of", answer)
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0)
    in_a_fresh_loop(viewer(run, messages).check_again)()
    assert messages == [("close", CLOSE_NO_ACCESS)]
    assert next(answers, "asked three times") == "asked three times"


def test_what_cannot_be_opened_now_is_looked_for_again(tmp_path: Path) -> None:
    tail = Tail(tmp_path / ("x" * 300))
    assert not tail.look()
    assert tail.size == 0


def test_two_looks_at_once_bring_every_point_once(run: Run) -> None:
    for step in range(3):
        MetricPoint.objects.create(run=run, name="loss", step=step, time=0.0, value=1.0)

    async def look_twice() -> list[int]:
        watchman = Watchman()
        watch = RunWatch(run.pk)
        await asyncio.gather(*(watchman.look([watch], with_metrics=True) for _ in range(2)))
        return [point.step for point in watch.points]

    assert in_a_fresh_loop(look_twice)() == [0, 1, 2]


def test_an_end_that_is_seen_before_its_event_is_shown(run: Run) -> None:
    messages: list[tuple[str, object]] = []

    async def end_meanwhile() -> None:
        showing = asyncio.create_task(viewer(run, messages).show(Wish(0, 0, wants_log=False)))
        while not messages:  # noqa: ASYNC110 (what fills it is no coroutine of ours)
            await asyncio.sleep(0.01)
        await Run.objects.filter(pk=run.pk).aupdate(state=State.CANCELED)
        await asyncio.wait_for(showing, 30)

    in_a_fresh_loop(end_meanwhile)()
    shown = [json.loads(str(text)) for kind, text in messages if kind == "send"]
    assert [message.get("state") for message in shown] == ["queued", "canceled", None]
    assert shown[-1] == {"type": "end"}
