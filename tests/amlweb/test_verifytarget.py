"""An administrator verifies a target by one command and sends its report back."""

import io
import json
import signal
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from computes.executors.fake_orders import Orders, give_orders
from computes.models import ComputeTarget, EnvironmentLock

pytestmark = pytest.mark.django_db


@pytest.fixture
def shed(tmp_path: Path) -> ComputeTarget:
    work, python = str(tmp_path / "work"), sys.executable
    target: ComputeTarget = ComputeTarget.objects.create(name="shed", work_folder=work, python_location=python)
    return target


@pytest.fixture
def broken(tmp_path: Path) -> ComputeTarget:
    """A target that starts nothing."""
    give_orders(tmp_path / "fake", Orders(start_error="StartFailed"))
    target: ComputeTarget = ComputeTarget.objects.create(name="toy", kind="fake", work_folder=str(tmp_path / "fake"))
    return target


def test_a_good_target_ends_well_and_its_report_is_in_a_file_of_its_own(shed: ComputeTarget, tmp_path: Path) -> None:
    out, told, file = io.StringIO(), io.StringIO(), tmp_path / "report.json"
    call_command("verifytarget", "shed", "--json", "--output", str(file), stdout=out, stderr=told)
    report = json.loads(file.read_text())
    assert (report["holds"], report["target"], report["framework"]) == (True, "shed", "Python")
    assert report["versions"]["amlweb"].count(".") == 2
    assert all(step["milliseconds"] >= 0 for step in report["steps"])
    assert told.getvalue().count("\n") == len(report["steps"])
    assert file.stat().st_mode & 0o777 == 0o600
    assert out.getvalue() == ""
    assert list((tmp_path / "work" / "runs").iterdir()) == []


def test_a_failing_target_ends_with_an_error_and_a_report_on_the_screen(broken: ComputeTarget) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="Not every step held") as raised:
        call_command("verifytarget", "toy", "--anonymous", stdout=out, stderr=io.StringIO())
    assert raised.value.returncode == 1
    assert "Verification of <name> (Python)" in out.getvalue()
    assert "seen:     The start failed as ordered." in out.getvalue()


class Interrupting(io.StringIO):
    """A screen in front of which somebody presses Ctrl-C at the first line."""

    def write(self, text: str) -> int:
        if not self.getvalue():
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def test_ctrl_c_still_prints_what_was_found(broken: ComputeTarget) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="broken off") as raised:
        call_command("verifytarget", "toy", "--json", stdout=out, stderr=Interrupting())
    assert raised.value.returncode == 130
    report = json.loads(out.getvalue())
    assert (report["is_interrupted"], report["holds"]) == (True, False)
    assert [step["name"] for step in report["steps"]] == ["Check: Fake target"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["nowhere"], "no target 'nowhere'. There are: shed"),
        (["shed", "--patience", "0"], "above 0"),
        (["shed", "--output", "/nowhere/report"], "cannot be written"),
    ],
)
def test_nonsense_is_refused_in_words(shed: ComputeTarget, words: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        call_command("verifytarget", *words, stdout=io.StringIO(), stderr=io.StringIO())


@pytest.mark.parametrize(
    ("beginning", "problem"),
    [("ab", "names 2 environments of toy. Ready are: abab"), ("ac", "names 0"), ("cd", "names 0")],
)
def test_an_environment_must_be_ready_and_named_clearly(broken: ComputeTarget, beginning: str, problem: str) -> None:
    for number, (start, state) in enumerate([("abab", "ready"), ("abba", "ready"), ("cdcd", "building")]):
        lock = EnvironmentLock.objects.create(hash=start * 16, text="{}")
        broken.environments.create(digest=f"{number}" * 64, asked={}, state=state, lock=lock)
    with pytest.raises(CommandError, match=problem):
        call_command("verifytarget", "toy", "--environment", beginning, stdout=io.StringIO(), stderr=io.StringIO())
    out = io.StringIO()
    with pytest.raises(CommandError, match="Not every step"):
        call_command("verifytarget", "toy", "--environment", "aba", "--json", stdout=out, stderr=io.StringIO())
    assert json.loads(out.getvalue())["environment"] == "abab" * 16


def test_a_framework_that_a_target_does_not_run_is_refused(shed: ComputeTarget) -> None:
    ComputeTarget.objects.update(kind="livy")
    with pytest.raises(CommandError, match="Change Framework to PySpark"):
        call_command("verifytarget", "shed", "--framework", "Python", stdout=io.StringIO(), stderr=io.StringIO())
