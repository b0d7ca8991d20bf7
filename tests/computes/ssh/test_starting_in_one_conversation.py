"""A start over SSH is a look and one conversation; one that breaks off loses no run and starts none twice."""

import random
import threading
from pathlib import Path

import pytest

from computes.contract import Condition
from computes.errors import TargetUnreachable, TransferFailed
from computes.executors.process import ProcessExecutor
from computes.machines.ssh.agent import Agent, ContactLost, Header
from tests.computes.on_targets import Bench, wait_for_end
from tests.stack.sshd import Sshd

COUNTS = "import os\nos.close(os.open('started-%d' % os.getpid(), os.O_CREAT))\nprint('done')\n"


@pytest.fixture(autouse=True)
def warm(executor: ProcessExecutor, bench: Bench) -> None:
    """Have a connection, a marked work folder with our own code, and the contents of the script."""
    executor.start(request := bench.request(COUNTS))
    wait_for_end(executor, request.address)


def programs_started(folder: Path) -> int:
    return len(list((folder / "code").glob("started-*")))


def test_a_start_is_two_questions_and_two_answers(
    executor: ProcessExecutor, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    send, receive = Agent.send, Agent.receive

    def heard_send(self: Agent, header: Header, data: bytes = b"") -> None:
        said.append(header["deed"])
        send(self, header, data)

    def heard_receive(self: Agent) -> tuple[Header, bytes]:
        said.append("answer")
        return receive(self)

    with monkeypatch.context() as patched:
        patched.setattr(Agent, "send", heard_send)
        patched.setattr(Agent, "receive", heard_receive)
        executor.start(request := bench.request(COUNTS, secrets={"TOKEN": "hush"}))
    assert said == ["before_start", "answer", "start_run", "answer"]
    wait_for_end(executor, request.address)


def test_a_start_whose_answer_is_lost_is_found_by_the_next(
    executor: ProcessExecutor, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = bench.request(COUNTS)
    send = Agent.send

    def send_and_break(self: Agent, header: Header, data: bytes = b"") -> None:
        send(self, header, data)
        if header.get("deed") == "start_run":
            self.wire.close()
            raise EOFError

    with monkeypatch.context() as patched:
        patched.setattr(Agent, "send", send_and_break)
        with pytest.raises(ContactLost):
            executor.start(request)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.condition is Condition.EXITED
    assert programs_started(bench.run_folder(request.address)) == 1


def test_a_start_that_breaks_off_while_contents_are_sent_starts_nothing(
    executor: ProcessExecutor, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = bench.request(COUNTS, files={"data": "never sent before"})
    folder = bench.run_folder(request.address)
    write = Agent.write

    def write_half(self: Agent, data: bytes) -> None:
        if b"never sent before" in data:
            write(self, data[: len(data) // 2])
            self.wire.close()
            raise EOFError
        write(self, data)

    with monkeypatch.context() as patched:
        patched.setattr(Agent, "write", write_half)
        with pytest.raises(ContactLost):
            executor.start(request)
    assert executor.poll(request.address).condition is Condition.ABSENT
    assert not (folder / "spec.json").exists()
    executor.start(request)
    wait_for_end(executor, request.address)
    assert programs_started(folder) == 1


@pytest.mark.parametrize("seed", range(8))
def test_a_connection_that_is_cut_at_any_moment_of_a_start_starts_nothing_twice(
    host: Sshd, executor: ProcessExecutor, bench: Bench, seed: int
) -> None:
    request = bench.request(COUNTS)

    timer = threading.Timer(random.Random(seed).uniform(0.0, 0.06), host.cut)
    timer.start()
    try:
        while True:
            try:
                executor.start(request)
                break
            except TargetUnreachable:
                continue
    finally:
        timer.join()
    status = wait_for_end(executor, request.address)
    assert status.condition is Condition.EXITED
    assert programs_started(bench.run_folder(request.address)) == 1


def test_a_content_that_is_damaged_on_its_way_starts_nothing(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(COUNTS, files={"data": "some content"})
    entry = next(entry for entry in request.manifest if entry.path == "data")
    (request.blobs / entry.sha256[:2] / entry.sha256[2:]).write_text("evil content")
    with pytest.raises(TransferFailed, match="not what the snapshot says"):
        executor.start(request)
    assert executor.poll(request.address).condition is Condition.ABSENT
