"""The fake executor keeps the contract, and does what it is told."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from computes.contract import Condition, ExecutionRequest
from computes.errors import InterpreterNotFound
from computes.executors.fake import FakeExecutor
from computes.executors.fake_orders import Orders, give_orders
from tests.computes.contract_suite import ExecutorContract
from tests.computes.on_targets import Bench, wait_for_end


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, kind="fake")


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


class TestFakeExecutor(ExecutorContract):
    def ordered(self, bench: Bench, orders: Orders) -> ExecutionRequest:
        request = bench.request("")
        give_orders(bench.work, orders, request.address.run_id)
        return request

    def printing(self, bench: Bench, *lines: str) -> ExecutionRequest:
        return bench.request("", *lines)

    def failing(self, bench: Bench, code: int) -> ExecutionRequest:
        return self.ordered(bench, Orders(code=code, polls=3))

    def waiting(self, bench: Bench) -> ExecutionRequest:
        return self.ordered(bench, Orders(polls=None, log="ready\n"))

    def writing(self, bench: Bench, outputs: Mapping[str, str]) -> ExecutionRequest:
        return self.ordered(bench, Orders(outputs=outputs))


def test_a_start_fails_as_ordered(executor: FakeExecutor, bench: Bench) -> None:
    give_orders(bench.work, Orders(start_error="InterpreterNotFound"))
    with pytest.raises(InterpreterNotFound):
        executor.start(bench.request(""))


def test_orders_may_change_while_the_run_goes_on(executor: FakeExecutor, bench: Bench) -> None:
    give_orders(bench.work, Orders(unreachable="The cable is cut.", polls=None))
    request = bench.request("")
    executor.start(request)
    assert executor.poll(request.address).why == "The cable is cut."
    give_orders(bench.work, Orders(lost="The machine was restarted."))
    assert executor.poll(request.address).condition is Condition.LOST


def test_a_run_ends_after_the_ordered_number_of_polls(executor: FakeExecutor, bench: Bench) -> None:
    give_orders(bench.work, Orders(polls=2, code=137, signal=9, out_of_memory=True))
    request = bench.request("")
    executor.start(request)
    assert [executor.poll(request.address).condition for _ in range(2)] == [Condition.ALIVE] * 2
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.out_of_memory
