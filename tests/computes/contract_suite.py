"""The contract that every executor keeps. A subclass says which executor, and how to make it behave."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from computes.contract import Condition, ExecutionRequest, Executor, StopState, Stream
from computes.errors import StartFailed, StartRefused
from tests.computes.on_targets import Bench, wait_for_end, wait_for_line
from tests.computes.python_scripts import PythonScripts


class ExecutorContract:
    """Subclasses give the fixtures `executor` and `bench`, and requests for the behaviours that are asked for."""

    def printing(self, bench: Bench, *lines: str) -> ExecutionRequest:
        """A run that prints its arguments and ends well."""
        raise NotImplementedError

    def failing(self, bench: Bench, code: int) -> ExecutionRequest:
        """A run that ends with an exit code."""
        raise NotImplementedError

    def waiting(self, bench: Bench) -> ExecutionRequest:
        """A run that prints "ready" and goes on until it is stopped."""
        raise NotImplementedError

    def writing(self, bench: Bench, outputs: Mapping[str, str]) -> ExecutionRequest:
        """A run that writes outputs."""
        raise NotImplementedError

    def printed(self, log: bytes) -> bytes:
        """Return what the script itself has printed of a log."""
        return log

    def test_a_run_that_ends_well_has_code_0_and_its_whole_log(self, executor: Executor, bench: Bench) -> None:
        request = self.printing(bench, "one", "two")
        assert executor.prepare(request, lambda line: None) is None
        executor.start(request)
        status = wait_for_end(executor, request.address)
        assert status.condition is Condition.EXITED
        assert status.exit is not None
        assert (status.exit.code, status.exit.signal, status.exit.ended_by) == (0, None, "")
        log = executor.read(request.address, Stream.LOG, 0, 1 << 20)
        assert self.printed(log) == b"one\ntwo\n"
        assert status.log_bytes == status.exit.log_bytes == len(log)

    def test_a_stream_is_read_from_any_byte(self, executor: Executor, bench: Bench) -> None:
        request = self.printing(bench, "one", "two")
        executor.start(request)
        wait_for_end(executor, request.address)
        log = executor.read(request.address, Stream.LOG, 0, 1 << 20)
        assert executor.read(request.address, Stream.LOG, log.index(b"one\ntwo\n") + 4, 2) == b"tw"
        assert executor.read(request.address, Stream.LOG, len(log), 100) == b""
        assert executor.read(request.address, Stream.LOG, len(log) + 91, 100) == b""
        assert executor.read(request.address, Stream.SYSTEM, 0, 1 << 16)

    def test_the_exit_code_of_the_script_is_kept(self, executor: Executor, bench: Bench) -> None:
        request = self.failing(bench, 7)
        executor.start(request)
        status = wait_for_end(executor, request.address)
        assert status.exit is not None
        assert status.exit.code == 7

    def test_a_script_without_output_has_an_empty_log(self, executor: Executor, bench: Bench) -> None:
        request = self.printing(bench)
        executor.start(request)
        status = wait_for_end(executor, request.address)
        log = executor.read(request.address, Stream.LOG, 0, 1 << 20)
        assert self.printed(log) == b""
        assert status.log_bytes == len(log)

    def test_a_run_that_was_never_started_is_absent(self, executor: Executor, bench: Bench) -> None:
        executor.start(self.printing(bench))
        assert executor.poll(bench.address()).condition is Condition.ABSENT

    def test_a_second_start_finds_the_first(self, executor: Executor, bench: Bench) -> None:
        request = self.waiting(bench)
        executor.start(request)
        log = wait_for_line(executor, request.address, b"ready\n")
        executor.start(request)
        assert executor.poll(request.address).condition is Condition.ALIVE
        executor.stop(request.address, 5)
        wait_for_end(executor, request.address)
        executor.start(request)
        assert executor.poll(request.address).condition is Condition.EXITED
        assert executor.read(request.address, Stream.LOG, 0, 1 << 20).startswith(log)

    def test_a_stop_ends_a_running_program_and_says_so(self, executor: Executor, bench: Bench) -> None:
        request = self.waiting(bench)
        executor.start(request)
        wait_for_line(executor, request.address, b"ready\n")
        assert executor.stop(request.address, 5).state is StopState.ENDING
        status = wait_for_end(executor, request.address)
        assert status.exit is not None
        assert status.exit.ended_by == "cancel"
        assert "TERM" in [text for text, _ in status.exit.steps]
        assert executor.stop(request.address, 5).state is StopState.GONE

    def test_a_stop_before_the_start_keeps_it_from_starting(self, executor: Executor, bench: Bench) -> None:
        request = self.printing(bench, "never")
        assert executor.stop(request.address, 5).state is StopState.NEVER_STARTED
        assert executor.stop(request.address, 5).state is StopState.NEVER_STARTED
        with pytest.raises(StartRefused):
            executor.start(request)
        assert executor.poll(request.address).condition is Condition.ABSENT

    def test_a_stop_after_the_end_changes_nothing(self, executor: Executor, bench: Bench) -> None:
        request = self.printing(bench, "done")
        executor.start(request)
        before = wait_for_end(executor, request.address)
        assert executor.stop(request.address, 5).state is StopState.GONE
        assert executor.poll(request.address) == before

    def test_clean_up_may_be_called_twice_and_forbids_a_late_start(self, executor: Executor, bench: Bench) -> None:
        request = self.printing(bench, "once")
        executor.start(request)
        wait_for_end(executor, request.address)
        executor.clean_up(request.address)
        executor.clean_up(request.address)
        assert not bench.run_folder(request.address).exists()
        assert executor.poll(request.address).condition is Condition.ABSENT
        with pytest.raises(StartRefused):
            executor.start(request)

    def test_outputs_come_back_with_size_and_hash(self, executor: Executor, bench: Bench, tmp_path: Path) -> None:
        request = self.writing(bench, {"model.txt": "weights", "deep/er/table.csv": "a,b\n"})
        executor.start(request)
        wait_for_end(executor, request.address)
        found = {entry.path: entry for entry in executor.collect(request.address, tmp_path / "kept")}
        assert set(found) == {"model.txt", "deep/er/table.csv"}
        assert found["model.txt"].size == 7
        assert found["model.txt"].sha256 == sha256(b"weights").hexdigest()
        assert (tmp_path / "kept/deep/er/table.csv").read_text() == "a,b\n"
        assert executor.collect(request.address, tmp_path / "kept") == list(found.values())

    def test_the_interpreter_describes_itself(self, executor: Executor, bench: Bench) -> None:
        request = self.printing(bench)
        executor.start(request)
        wait_for_end(executor, request.address)
        record = executor.describe(request.address)
        assert record.interpreter.startswith("/")
        assert record.version.startswith("3.")
        assert record.packages

    def test_every_finding_of_a_check_is_timed_and_explained(self, executor: Executor, bench: Bench) -> None:
        items = list(executor.check(bench.settings()))
        assert items
        for item in items:
            assert item.ok, item
            assert item.detail
            assert item.milliseconds >= 0

    def test_a_nul_character_is_refused_in_words(self, executor: Executor, bench: Bench) -> None:
        request = replace(self.printing(bench), arguments=("a\0b",))
        with pytest.raises(StartFailed, match="NUL") as caught:
            executor.start(request)
        assert caught.value.remedy

    def test_secrets_are_not_in_a_requests_representation(self, executor: Executor, bench: Bench) -> None:
        request: Any = replace(self.printing(bench), secrets={"TOKEN": "hush"})
        assert "hush" not in repr(request)


class TargetContract(PythonScripts, ExecutorContract):
    """What every executor of a real target keeps besides: its work folder is on a disk of that target."""

    launch_steps: tuple[str, str] = ("make_folder", "admit")
    """Methods of the machine that a start takes early and late."""

    def test_an_unmounted_work_folder_loses_no_run(self, executor: Executor, bench: Bench) -> None:
        request = self.waiting(bench)
        executor.start(request)
        wait_for_line(executor, request.address, b"ready\n")
        never_started = bench.address()
        assert executor.poll(never_started).condition is Condition.ABSENT
        away = bench.work.rename(bench.root / "work-away")
        for empty_mount_point in (False, True):
            if empty_mount_point:
                bench.work.mkdir()
            status = executor.poll(never_started)
            assert status.condition is Condition.UNREACHABLE
            assert "is its disk mounted?" in status.why
            assert "Mount the disk" in status.remedy
            assert executor.poll(request.address).condition in (Condition.UNREACHABLE, Condition.ALIVE)
        bench.work.rmdir()
        away.rename(bench.work)
        assert executor.poll(request.address).condition is Condition.ALIVE
        executor.stop(request.address, 1)
        assert wait_for_end(executor, request.address).condition is Condition.EXITED

    def test_the_mark_of_another_installation_is_no_word_about_ours(self, executor: Executor, bench: Bench) -> None:
        request = self.printing(bench)
        executor.start(request)
        wait_for_end(executor, request.address)
        marker = bench.work / ".amlweb"
        ours = marker.read_text()
        marker.write_text("fedcba9876543210\n")
        assert executor.poll(bench.address()).condition is Condition.UNREACHABLE
        marker.write_text(f"fedcba9876543210\n{ours}")
        assert executor.poll(bench.address()).condition is Condition.ABSENT
        assert executor.poll(request.address).condition is Condition.EXITED

    @pytest.mark.parametrize("moment", [0, 1])
    def test_a_launch_that_freezes_and_thaws_after_a_stop_starts_nothing(
        self, executor: Any, bench: Bench, monkeypatch: pytest.MonkeyPatch, moment: int
    ) -> None:
        step = self.launch_steps[moment]
        request = self.printing(bench, "never")
        executor.start(before := self.printing(bench))  # so that our own code is in its place
        wait_for_end(executor, before.address)
        real = getattr(executor.machine, step)

        def freeze(*arguments: Any, **named: Any) -> Any:
            monkeypatch.setattr(executor.machine, step, real)
            assert executor.stop(request.address, 5).state is StopState.NEVER_STARTED
            return real(*arguments, **named)

        monkeypatch.setattr(executor.machine, step, freeze)
        with pytest.raises(StartRefused):
            executor.start(request)
        assert getattr(executor.machine, step) == real
        assert executor.poll(request.address).condition is Condition.ABSENT
        assert list(bench.work.glob(f"ended/*{request.address.run_id}"))
        assert not bench.run_folder(request.address).exists()
