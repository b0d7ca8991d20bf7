"""FakeExecutor: obeys orders instead of running anything. It ships beside the real ones and keeps their contract.

Its runs are folders in the target's work folder, so several processes see the same fake run.
"""

import fcntl
import json
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import computes.errors
from computes.contract import (
    CheckItem,
    Collected,
    Condition,
    EnvironmentRecord,
    ExecutionRequest,
    ExitRecord,
    RunAddress,
    RunFolderStatus,
    StopReceipt,
    StopState,
    Stream,
    SystemLog,
    TargetSettings,
)
from computes.errors import CollectionFailed, EnvironmentGone, StartRefused, TargetUnreachable
from computes.executors.answers import STOP_TEXTS
from computes.executors.fake_orders import Orders, orders_for
from computes.executors.specification import check_text


class FakeExecutor:
    """Every verb of the contract, obeying the orders of `computes.executors.fake_orders`."""

    def check(self, settings: TargetSettings) -> Iterator[CheckItem]:
        """One finding: nothing is real here."""
        yield CheckItem("Fake target", True, f"Runs nothing; obeys orders in {settings.work_folder}.", "", 0.0)

    def prepare(self, request: ExecutionRequest, log: SystemLog) -> EnvironmentRecord | None:
        """Nothing to make ready."""
        return None

    def start(self, request: ExecutionRequest) -> None:
        """Begin a fake run, or fail as ordered."""
        address = request.address
        orders = orders_of(address)
        with locked(address) as folder:
            if (folder / "run.json").exists():
                return
            if tombstone_of(address).exists():
                raise StartRefused("The run was ended on the target before it could start.", "Submit it again.")
            for argument in request.arguments:
                check_text(argument, f"The argument {argument[:80]!r}")
            if request.environment_hash and request.environment_hash in orders.gone:
                raise EnvironmentGone("The environment is gone as ordered.", "Run it again.")
            if orders.start_error:
                error = getattr(computes.errors, orders.start_error)
                raise error("The start failed as ordered.", "Order something else.")
            folder.mkdir(parents=True)
            log = "".join(f"{argument}\n" for argument in request.arguments) if orders.log is None else orders.log
            (folder / Stream.LOG).write_text(log)
            (folder / Stream.SYSTEM).write_text("started as ordered\n")
            (folder / Stream.METRICS).write_text(orders.metrics)
            write_facts(folder, {"polls": 0, "stopped": False})

    def poll(self, address: RunAddress) -> RunFolderStatus:
        """Say what was ordered; each poll of a living run brings it nearer to its end."""
        orders = orders_of(address)
        if orders.unreachable:
            return RunFolderStatus(Condition.UNREACHABLE, why=orders.unreachable)
        with locked(address) as folder:
            if not (folder / "run.json").exists():
                return RunFolderStatus(Condition.ABSENT, why="There is no trace of this run.")
            if orders.lost:
                return status_in(folder, Condition.LOST, why=orders.lost)
            facts = read_facts(folder)
            facts["polls"] += 1
            write_facts(folder, facts)
            is_over = facts["stopped"] or (orders.polls is not None and facts["polls"] > orders.polls)
            if is_over:
                status = status_in(folder, Condition.EXITED, record=exit_record(folder, orders, facts["stopped"]))
            else:
                status = status_in(folder, Condition.ALIVE)
            return replace(status, application=orders.application_facts)

    def read(self, address: RunAddress, stream: Stream, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes of a stream from a byte offset; empty at its end."""
        try:
            with open(run_folder(address) / stream, "rb") as file:
                file.seek(offset)
                return file.read(limit)
        except FileNotFoundError:
            return b""

    def link_log(self, address: RunAddress, into: Path) -> bool:
        """A fake log is always copied."""
        return False

    def stop(self, address: RunAddress, grace_seconds: float) -> StopReceipt:
        """End the fake run at its next poll, unless it was ordered to ignore that or not to be reached."""
        if why := orders_of(address).unreachable:
            raise TargetUnreachable(why, "Order something else.")
        with locked(address) as folder:
            tombstone_of(address).touch()
            if not (folder / "run.json").exists():
                return receipt(StopState.NEVER_STARTED)
            facts = read_facts(folder)
            orders = orders_of(address)
            if facts["stopped"] or (orders.polls is not None and facts["polls"] > orders.polls):
                return receipt(StopState.GONE)
            write_facts(folder, {**facts, "stopped": not orders.ignores_stop})
            return receipt(StopState.ENDING)

    def collect(self, address: RunAddress, into: Path) -> list[Collected]:
        """Write the ordered outputs."""
        found = []
        for path, text in sorted(orders_of(address).outputs.items()):
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            (into / path).write_text(text)
            found.append(Collected(path, len(text.encode()), sha256(text.encode()).hexdigest()))
        return found

    def describe(self, address: RunAddress) -> EnvironmentRecord:
        """Return an interpreter that does not exist."""
        if not (run_folder(address) / "run.json").exists():
            raise CollectionFailed("The run folder is gone.", "Nothing is to be done; run it again.")
        return EnvironmentRecord("/fake/python", "3.11.0", {"fake-package": "1.0"})

    def clean_up(self, address: RunAddress) -> None:
        """Remove the fake run and leave a tombstone."""
        with locked(address) as folder:
            tombstone_of(address).touch()
            shutil.rmtree(folder, ignore_errors=True)


def run_folder(address: RunAddress) -> Path:
    return Path(address.settings.work_folder) / "runs" / f"{address.installation_id}-{address.run_id}"


def tombstone_of(address: RunAddress) -> Path:
    return Path(address.settings.work_folder) / "ended" / f"{address.installation_id}-{address.run_id}"


def orders_of(address: RunAddress) -> Orders:
    return orders_for(Path(address.settings.work_folder), address.run_id)


@contextmanager
def locked(address: RunAddress) -> Iterator[Path]:
    """Let one process at a time touch the fake runs of a work folder; yield the run's folder."""
    work = Path(address.settings.work_folder)
    (work / "ended").mkdir(parents=True, exist_ok=True)
    with open(work / "lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield run_folder(address)


def read_facts(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "run.json").read_text()))


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    (folder / "run.json").write_text(json.dumps(facts))


def receipt(state: StopState) -> StopReceipt:
    return StopReceipt(state, STOP_TEXTS[state])


def exit_record(folder: Path, orders: Orders, was_stopped: bool) -> ExitRecord:
    log = (folder / Stream.LOG).read_bytes()
    return ExitRecord(
        code=143 if was_stopped else orders.code,
        signal=15 if was_stopped else orders.signal,
        ended_by="cancel" if was_stopped else orders.ended_by,
        out_of_memory=orders.out_of_memory and not was_stopped,
        duration_seconds=1.0,
        log_bytes=len(log),
        log_crc32=zlib.crc32(log),
        steps=(("cancel seen", 0.9), ("TERM", 0.9)) if was_stopped else (),
    )


def status_in(folder: Path, condition: Condition, record: ExitRecord | None = None, why: str = "") -> RunFolderStatus:
    log, system, metrics = ((folder / stream).stat().st_size for stream in (Stream.LOG, Stream.SYSTEM, Stream.METRICS))
    return RunFolderStatus(condition, record, why, True, log, system, metrics)
