"""What a machine does for executors, on this one."""

from pathlib import Path

import pytest

from computes.contract import TargetSettings
from computes.errors import TargetDiskFull, TargetUnreachable, TransferFailed
from computes.machines.local import LocalMachine
from computes.work_folder import WorkFolder


@pytest.fixture
def machine() -> LocalMachine:
    return LocalMachine()


def test_programs_are_found_by_name_by_path_and_below_home(
    machine: LocalMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "python9"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    for location in ("python9", str(program), "~/bin/python9"):
        assert machine.find_program(location) == str(program)
    for location in ("bin/python9", "./python9", "python10", "~/python9", ""):
        assert machine.find_program(location) is None


def test_a_command_that_does_not_answer_is_no_contact(machine: LocalMachine) -> None:
    with pytest.raises(TargetUnreachable, match=r"within 0\.1 s"):
        machine.run(["/bin/sleep", "20"], environment={}, deadline_seconds=0.1)


def test_a_command_sees_only_the_given_environment(machine: LocalMachine) -> None:
    result = machine.run(["/usr/bin/env"], environment={"A": "1"}, deadline_seconds=10)
    assert result.output == b"A=1\n"


def test_the_servers_own_variables_stay_with_the_server(machine: LocalMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMLWEB_SECRET_KEY", "hush")
    for name in ("PATH", "LANG", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    environment = machine.environment()
    assert "AMLWEB_SECRET_KEY" not in environment
    assert environment["LANG"] == "C.UTF-8"
    assert "/usr/bin" in environment["PATH"]


def test_errors_of_the_system_are_told_apart(machine: LocalMachine, tmp_path: Path) -> None:
    with pytest.raises(TargetDiskFull):
        machine.append_line("/dev/full", "x")
    (tmp_path / "file").touch()
    with pytest.raises(TransferFailed, match="Not a directory"):
        machine.make_folder(str(tmp_path / "file" / "folder"))


def test_a_work_folder_is_an_absolute_path(machine: LocalMachine) -> None:
    with pytest.raises(TransferFailed, match="absolute"):
        WorkFolder(machine, TargetSettings("t", "local", "relative/path"))


def test_several_installations_share_a_work_folder(machine: LocalMachine, tmp_path: Path) -> None:
    folder = WorkFolder(machine, TargetSettings("t", "local", str(tmp_path / "work")))
    assert not folder.is_marked("aa")
    for _ in range(2):
        folder.open("aa")
        folder.open("bb")
    assert folder.is_marked("aa")
    assert folder.is_marked("bb")
    assert not folder.is_marked("a")
    assert (tmp_path / "work/.amlweb").read_text() == "aa\nbb\n"
