"""What is asked of the database while there is nothing to do: many times a minute, for weeks."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django_q.brokers import get_broker

from computes.models import ComputeTarget
from runs.controller.loop import Controller
from runs.waking_broker import WakingOrmBroker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def controller(data_dir: Path, local_target: ComputeTarget) -> Iterator[Controller]:
    """A controller that has looked once, so that everything that comes rarely is done."""
    controller = Controller()
    controller.look()
    yield controller
    controller.leave()


@pytest.fixture
def broker(data_dir: Path) -> Iterator[WakingOrmBroker]:
    """The broker of the database, with an empty queue."""
    broker = WakingOrmBroker(list_key=get_broker().list_key)
    broker.purge_queue()
    yield broker
    if broker.receiver is not None:
        broker.receiver.close()


def test_an_idle_look_asks_two_questions_and_a_third_once_a_second(controller: Controller) -> None:
    controller.post.renewed = time.monotonic() + 100
    controller.builds.due = 0.0
    controller.chores.due = dict.fromkeys(controller.chores.due, time.monotonic() + 100)
    with CaptureQueriesContext(connection) as asked:
        controller.look()
    assert len(asked) == 2, [query["sql"] for query in asked]
    controller.builds.due = 0.0
    controller.chores.due[controller.chores.repeat_nudges] = 0.0
    with CaptureQueriesContext(connection) as asked:
        controller.look()
    assert len(asked) == 3, [query["sql"] for query in asked]


def test_the_queue_is_looked_at_without_a_new_connection(broker: WakingOrmBroker) -> None:
    broker.claim()
    before = connection.connection
    broker.claim()
    assert connection.connection is before


def test_a_connection_that_broke_is_opened_again(broker: WakingOrmBroker) -> None:
    failures = [OperationalError("the server closed the connection unexpectedly")]

    def break_once(execute: Any, *arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return execute(*arguments)

    broker.enqueue("a task")
    with connection.execute_wrapper(break_once):
        claimed = broker.dequeue()
    assert not failures
    assert claimed is not None
    assert [payload for _, payload in claimed] == ["a task"]
