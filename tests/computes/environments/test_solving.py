"""Solving: the solver's and pip's own words with lines of the file, mirrors, platforms, and a helper that dies."""

import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from computes.environments import solver_process
from computes.environments.contract import PackageSources
from computes.environments.python_choice import PythonChoice
from computes.environments.requirements_reading import spec_from_requirements
from computes.environments.spec_reading import ReadSpec, spec_from_conda
from computes.environments.stopping import PreparationStopped
from computes.errors import PreparationFailed
from computes.supervisor.processes import all_pids
from projects.aml_config.dependency_files import CondaDependencies
from tests.computes.environments.conftest import Workshop
from tests.stack.conda_channel import CondaChannel, index, make_conda_channel
from tests.stack.package_server import PackageServer
from tests.stack.processes import wait_until


def reads(*specs: str, pip: tuple[str, ...] = (), channels: tuple[str, ...] = ("conda",)) -> ReadSpec:
    """Return a spec whose file has a line for each entry."""
    text = "".join(f"- {entry}\n" for entry in (*channels, *specs, *pip))
    return spec_from_conda(CondaDependencies(channels=channels, dependencies=specs, pip=pip), text=text)


def test_specs_that_conflict_are_told_with_the_solvers_words_and_their_lines(workshop: Workshop) -> None:
    with pytest.raises(PreparationFailed) as failed:
        workshop.solve(reads("idna", "towel =2", "old-only"))
    assert "old-only" in failed.value.text
    assert "Cannot solve the request" in failed.value.text
    assert "line 3: towel =2" in failed.value.text
    assert "line 4: old-only" in failed.value.text
    assert "idna" not in failed.value.text


def test_what_only_the_pip_section_needs_is_told_as_its_need(workshop: Workshop, tmp_path: Path) -> None:
    channel = make_conda_channel(tmp_path / "made")
    for pip in (channel.channel / "noarch").glob("pip-*"):
        pip.unlink()
    index(channel.channel)
    workshop.sources = PackageSources(channel_map={"conda": (channel.channel.as_uri(),)})
    with pytest.raises(PreparationFailed, match=r"pip >=22\.2 is asked for because of the pip section"):
        workshop.solve(reads("towel", pip=("fish",)))


def test_a_spec_that_is_none_is_told_with_its_line(workshop: Workshop) -> None:
    with pytest.raises(PreparationFailed, match=r"line 3: `idna >>1` is not a conda spec"):
        workshop.solve(reads("towel", "idna >>1"))


def test_a_channel_that_is_not_there_is_told_with_its_line(workshop: Workshop) -> None:
    with pytest.raises(PreparationFailed, match="nowhere/") as failed:
        workshop.solve(reads("towel", channels=("conda", "nowhere")))
    assert failed.value.text.endswith("\nAsked for in aml_config/conda_dependencies.yml, line 2: nowhere")
    assert "line 1" not in failed.value.text


def test_a_channel_that_only_our_settings_name_is_told_as_theirs(workshop: Workshop) -> None:
    workshop.sources = replace(workshop.sources, channel_map={"defaults": ("nowhere",)})
    with pytest.raises(
        PreparationFailed, match=r"The channel defaults stands for http.*/nowhere here: an administrator"
    ):
        workshop.solve(reads("towel", channels=()))


def test_a_python_that_no_line_asks_for_is_told_as_the_installations(workshop: Workshop) -> None:
    read = spec_from_requirements("six\n", python=PythonChoice("3.7"))
    with pytest.raises(PreparationFailed) as failed:
        workshop.solve(replace(read, spec=replace(read.spec, channels=("conda",))))
    assert "The Python of the environment is python 3.7.*: .python-version chooses another one." in failed.value.text
    assert "Asked for" not in failed.value.text


def test_a_pip_line_that_cannot_be_had_is_told_with_pips_words_and_its_line(workshop: Workshop) -> None:
    with pytest.raises(PreparationFailed) as failed:
        workshop.solve(reads("towel", pip=("guide", "fish==9")))
    assert "No matching distribution found for fish==9" in failed.value.text
    assert "line 4: fish==9" in failed.value.text
    assert "guide" not in failed.value.text
    assert workshop.place.sizes() == {}


def test_an_older_glibc_than_the_packages_need_is_no_solution(workshop: Workshop) -> None:
    platform = replace(workshop.place.platform(), glibc="2.5")
    workshop.place.platform = lambda: platform  # type: ignore[method-assign]
    with pytest.raises(PreparationFailed, match="__glibc"):
        workshop.solve(reads("python"))


def test_a_mirror_gives_the_same_environment(workshop: Workshop, channel: CondaChannel) -> None:
    first = workshop.solve(reads("towel"))
    workshop.sources = PackageSources(channel_map={"conda": (channel.channel.as_uri(),)})
    second = workshop.solve(reads("towel"))
    assert first.hash == second.hash
    assert {package.url for package in first.packages}.isdisjoint(package.url for package in second.packages)
    assert workshop.solve(reads("towel =1")).hash != first.hash


def test_what_defaults_stands_for_is_said(workshop: Workshop) -> None:
    workshop.sources = replace(workshop.sources, channel_map={"defaults": ("conda",)})
    lock = workshop.solve(reads("towel", channels=()))
    assert lock.channels == (f"{workshop.sources.channel_alias}/conda",)
    assert "No channel is named, so `defaults` is used." in workshop.lines
    assert any(line.startswith("Channel defaults stands for http") for line in workshop.lines)


def test_a_server_that_says_not_modified_is_asked_again(workshop: Workshop) -> None:
    assert workshop.solve(reads("towel")) == workshop.solve(reads("towel"))


@pytest.mark.parametrize(
    "spec", ["conda::idna", "conda/noarch::idna", "idna[channel=conda]", "idna[version='>=3', channel=\"conda\"]"]
)
def test_a_spec_may_name_its_own_channel(workshop: Workshop, spec: str) -> None:
    lock = workshop.solve(reads(spec, "towel", channels=("conda-forge",)))
    found = {package.name: package.url for package in lock.packages}
    assert "/conda/noarch/" in found["idna"]
    assert "/conda-forge/noarch/" in found["towel"]


@pytest.mark.parametrize("specs", [(), ("fork",)], ids=["nothing", "no Python"])
def test_there_is_a_python_also_where_nobody_asks_for_one(workshop: Workshop, specs: tuple[str, ...]) -> None:
    lock = workshop.solve(reads(*specs))
    assert {*specs, "python"} == {package.name for package in lock.packages} - {"pip"}


def helpers() -> list[int]:
    """Return the helpers that this test's process has started."""
    found = []
    for pid in all_pids():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"computes.environments.solver" in words and parent == os.getpid():
            found.append(pid)
    return found


def test_a_helper_that_is_killed_is_started_once_more(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    feed, started = solver_process._feed, []

    def kill_the_first(process: "subprocess.Popen[bytes]", data: bytes) -> None:
        wait_until(lambda: process.pid in helpers(), "the helper's words in the table of processes")
        if not started:
            process.kill()
        started.append(process.pid)
        feed(process, data)

    monkeypatch.setattr(solver_process, "_feed", kill_the_first)
    lock = workshop.solve(reads("towel"))
    assert len(started) == 2
    assert "towel" in {package.name for package in lock.packages}


def test_a_helper_that_always_dies_is_told(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_process.sys, "executable", "/bin/false")
    with pytest.raises(PreparationFailed, match="without a result"):
        workshop.solve(reads("towel"))


def test_a_stop_ends_the_helper_at_once(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = solver_process._feed

    def freeze(process: "subprocess.Popen[bytes]", data: bytes) -> None:
        process.send_signal(signal.SIGSTOP)  # so that it is there when the stop is asked for
        feed(process, data)

    monkeypatch.setattr(solver_process, "_feed", freeze)
    with pytest.raises(PreparationStopped):
        workshop.solve(reads("towel"), should_stop=lambda: bool(helpers()))
    assert helpers() == []
    assert [path.name for path in workshop.cache.iterdir() if path.name.startswith("solver-")] == []


def test_channels_are_reached_through_the_proxy(workshop: Workshop, server: PackageServer) -> None:
    workshop.sources = PackageSources("http://packages.invalid", proxy=server.address("").rstrip("/"))
    before = len(server.paths)
    lock = workshop.solve(reads("towel"))
    assert all(package.url.startswith("http://packages.invalid/conda/") for package in lock.packages)
    assert any(path.startswith("http://packages.invalid/conda/") for path in server.paths[before:])
