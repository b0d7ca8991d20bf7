"""Commands of a machine whose lines are read while they run, and tars that come in pieces."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from computes.environments.on_target import watch
from computes.errors import TargetUnreachable, TransferFailed
from computes.machines.contract import Machine
from computes.machines.local import LocalMachine
from computes.machines.ssh import SshMachine
from tests.computes.on_targets import wait_for
from tests.computes.ssh.conftest import host
from tests.stack.processes import marked_processes
from tests.stack.sshd import Sshd

__all__ = ["host"]

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


@pytest.fixture(params=["local", "ssh"])
def machine(request: pytest.FixtureRequest) -> Machine:
    """This machine, and the same one over SSH."""
    if request.param == "local":
        return LocalMachine()
    host: Sshd = request.getfixturevalue("host")
    return SshMachine(host.access)


def run(machine: Machine, *argv: str, seconds: float = 30) -> tuple[int, list[str]]:
    """Run a command and return its code and lines."""
    lines: list[str] = []
    code = machine.run_lines(argv, environment=ENVIRONMENT, on_line=lines.append, deadline_seconds=seconds)
    return code, lines


def test_lines_of_both_streams_come_in_order(machine: Machine) -> None:
    assert run(machine, "sh", "-c", "echo a; echo b >&2; printf c; exit 3") == (3, ["a", "b", "c"])
    assert run(machine, "sh", "-c", "printf '\\377\\n\\n'") == (0, ["\ufffd", ""])
    assert run(machine, "true") == (0, [])


def test_a_program_that_is_not_there_is_told(machine: Machine) -> None:
    with pytest.raises(TransferFailed, match="nothing-like-it"):
        run(machine, "/bin/nothing-like-it")


def test_what_a_reader_raises_ends_the_program_and_its_children(machine: Machine, tmp_path: Path) -> None:
    mark = str(tmp_path)

    def refuse(line: str) -> None:
        raise KeyError(line)

    with pytest.raises(KeyError, match="begun"):
        machine.run_lines(
            ["sh", "-c", f"sleep 300 & echo begun; wait; : {mark}"],
            environment=ENVIRONMENT,
            on_line=refuse,
            deadline_seconds=60,
        )
    wait_for(lambda: not marked_processes(mark), "end of the program")


def test_a_program_that_takes_too_long_is_ended(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(TargetUnreachable):
        run(machine, "sh", "-c", f"sleep 300; : {tmp_path}", seconds=0.3)
    wait_for(lambda: not marked_processes(str(tmp_path)), "end of the program")


def test_a_watched_program_ends_when_nobody_reads(tmp_path: Path) -> None:
    """As over a connection that is gone, where no signal arrives."""
    import subprocess
    import sys

    program = f"import time\nwhile True: time.sleep(1)  # {tmp_path}"
    watched = [sys.executable, watch.__file__, sys.executable, "-c", program]
    with subprocess.Popen(watched, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == watch.TICK
        assert marked_processes(str(tmp_path))
        process.stdout.close()
        wait_for(lambda: not marked_processes(str(tmp_path)), "end of the watched program")


def test_a_watched_programs_lines_and_code_are_its_own(machine: Machine) -> None:
    import sys

    code, lines = run(machine, sys.executable, watch.__file__, "sh", "-c", "echo a; echo b >&2; exit 7")
    assert (code, [line for line in lines if line != "\0"]) == (7, ["a", "b"])


def tar_with(*entries: tuple[str, bytes | str]) -> Iterator[bytes]:
    """Yield a tar of files (bytes) and links (their targets) in small pieces."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.mode = 0o755
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                tar.addfile(entry)
            else:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    data = whole.getvalue()
    return (data[start : start + 700] for start in range(0, len(data), 700))


def test_a_tar_in_pieces_is_unpacked_with_modes_and_links(machine: Machine, tmp_path: Path) -> None:
    machine.unpack(str(tmp_path), tar_with(("a/b", b"x" * 5000), ("a/link", "b")))
    assert (tmp_path / "a/b").read_bytes() == b"x" * 5000
    assert (tmp_path / "a/b").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "a/link").readlink() == Path("b")


def test_nothing_of_a_tar_lands_outside(machine: Machine, tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    for entries in ((("../out", b"x"),), (("to", ".."), ("to/out", b"x"))):
        with pytest.raises(TransferFailed):
            machine.unpack(str(inside), tar_with(*entries))
    assert not (tmp_path / "out").exists()


def test_a_tar_that_is_cut_off_is_told(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(TransferFailed):
        machine.unpack(str(tmp_path), iter([next(tar_with(("a", b"x" * 5000)))]))


def test_what_the_pieces_raise_is_passed_on(machine: Machine, tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield next(tar_with(("a", b"x" * 5000)))
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        machine.unpack(str(tmp_path), pieces())
