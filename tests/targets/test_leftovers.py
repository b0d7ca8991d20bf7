"""What nobody needs any more on a target is found and removed by a click; what anybody needs is left alone."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from computes.executors.docker.engine import Engine
from computes.executors.docker.names import INSTALLATION, KIND, RUN
from tests.stack.base_image import PYTHON_IMAGE, import_image
from tests.stack.system import ROOT, wait_until
from tests.targets.conftest import Hosts

pytestmark = pytest.mark.stack
KINDS = ["local", "localdocker", "localdocker-copied", "remote", "remotedocker"]
OTHERS = "0123456789ab"
THEIR_RUN = "f" * 32


def shell(hosts: Hosts, program: str) -> Any:
    """Run a program of Django in the installation, and return what it prints as JSON."""
    argv = [sys.executable, "manage.py", "shell", "--no-imports", "-c", program]
    done = subprocess.run(argv, env=hosts.system.environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def forget_run(hosts: Hosts, number: int) -> str:
    """Let the server forget a run, as one does whose database is restored, and return its id, after which its things
    are named."""
    program = f"import json\nfrom runs.models import Run\nrun = Run.objects.get(number={number})\n"
    return str(shell(hosts, program + "print(json.dumps(run.pk.hex))\nrun.delete()"))


def survey(hosts: Hosts, target: str) -> dict[str, Any]:
    """Have a target looked at, and return what was found."""
    path = f"/targets/{target}/survey"

    def is_over() -> bool:
        return not hosts.system.call("GET", path, by="ada").json()["is_looking"]

    wait_until(is_over, 60)  # the server looks by itself, too, and that may have begun before
    assert hosts.system.call("POST", path, by="ada").status_code == 202
    wait_until(is_over, 60)
    found = dict(hosts.system.call("GET", path, by="ada").json())
    assert found["problem"] == ""
    return found


def reclaim(hosts: Hosts, target: str, **wanted: Any) -> dict[str, Any]:
    """Have things removed, and return the survey after that."""
    answer = hosts.system.call("POST", f"/targets/{target}/reclaim", by="ada", json=wanted)
    assert answer.status_code == 202, answer.text
    path = f"/targets/{target}/survey"

    def is_over() -> bool:
        found = hosts.system.call("GET", path, by="ada").json()
        return bool(found["cleaning"]["is_finished"] and not found["is_looking"])

    wait_until(is_over, 90)
    return dict(hosts.system.call("GET", path, by="ada").json())


def attach(hosts: Hosts, kind: str) -> tuple[str, Path]:
    """Attach a target of a kind, and return its name and its work folder, which is on this machine for all of them."""
    if kind == "local":
        return "local", Path(hosts.system.call("GET", "/targets/local", by="ada").json()["work_folder"])
    plain = kind.removesuffix("-copied")
    folder = hosts.system.folder / f"work-{kind}"
    facts: dict[str, Any] = {"kind": plain, "user_managed_environment": True, "work_folder": str(folder)}
    if plain != "localdocker":
        facts |= hosts.ssh()
    if plain != "remote":
        facts |= hosts.containers(PYTHON_IMAGE)
    if kind.endswith("copied"):
        facts["shared_volumes"] = False
    hosts.attach(f"left-{kind}", **facts)
    return f"left-{kind}", folder


def make_unfetched(hosts: Hosts, number: int) -> str:
    """Let the log of an ended run be still on its target, once its clean-up is over and noted; return the run's id."""
    changes = "is_cleaned_up=False, log_is_complete=False, finished_at=timezone.now() - timedelta(hours=1)"
    program = (
        "import json, time\nfrom datetime import timedelta\nfrom django.utils import timezone\n"
        "from runs.models import Run\n"
        f"run, deadline = Run.objects.filter(number={number}), time.monotonic() + 60\n"
        "while not run.filter(is_cleaned_up=True).exists() and time.monotonic() < deadline:\n    time.sleep(0.1)\n"
        f"assert run.filter(is_cleaned_up=True).update({changes})\nprint(json.dumps(run.get().pk.hex))"
    )
    return str(shell(hosts, program))


def things_in_engine(engine: Engine, run_id: str) -> int:
    """Count the containers and volumes of a run."""
    return len(engine.containers({RUN: run_id})) + len(engine.volumes({RUN: run_id}))


@pytest.fixture(scope="module")
def hosts(plain_hosts: Hosts) -> Hosts:
    """Hosts whose engine has an image with Python."""
    import_image(plain_hosts.engine.socket, PYTHON_IMAGE, with_python=True)
    return plain_hosts


@pytest.mark.parametrize("kind", KINDS)
def test_orphans_are_found_and_removed_and_nothing_else_is(hosts: Hosts, kind: str) -> None:
    name, folder = attach(hosts, kind)
    kept = hosts.system.submit("where.py", "1", "0", target=name)
    hosts.system.wait_for_end(kept, 60)
    alive, forgotten = (hosts.system.submit("where.py", "6000", "0.1", target=name) for _ in range(2))
    for number in (alive, forgotten):
        hosts.system.wait_for(number, "running", seconds=60)
    installation = (hosts.system.folder / "data" / "installation_id").read_text().strip()
    lost, left = forget_run(hosts, forgotten), make_unfetched(hosts, kept)
    unfetched = folder / "runs" / f"{installation}-{left}"
    theirs = folder / "runs" / f"{OTHERS}-{THEIR_RUN}"
    for path in (unfetched, theirs):
        path.mkdir()
        (path / "log").write_text("precious\n")
    engine = Engine(hosts.engine.socket)
    try:
        engine.create_volume(f"amlweb-run-{OTHERS}-{THEIR_RUN}", {INSTALLATION: OTHERS, RUN: THEIR_RUN, KIND: "run"})
        found = survey(hosts, name)
        assert [orphan["key"] for orphan in found["orphans"]] == [f"run:{lost}"]
        assert found["orphans"][0]["is_alive"]
        assert "knows no such run" in found["orphans"][0]["why"]
        assert found["run_folders"] == 3
        after = reclaim(hosts, name, orphans=["all"])
        assert after["orphans"] == []
        assert after["cleaning"]["result"] == "Removed 1 orphan."
        assert after["cleaning"]["problem"] == ""
        assert not (folder / "runs" / f"{installation}-{lost}").exists()
        assert (folder / "ended" / f"{installation}-{lost}").exists(), "a launch that thaws must not start it"
        assert things_in_engine(engine, lost) == 0
        assert (unfetched / "log").read_text() == (theirs / "log").read_text() == "precious\n"
        assert engine.volume(f"amlweb-run-{OTHERS}-{THEIR_RUN}") is not None
        assert hosts.system.run(alive)["state"] == "running"
        assert hosts.system.call("POST", f"/projects/hello/runs/{alive}/cancel").status_code == 202
        assert hosts.system.wait_for_end(alive, 60)["state"] == "canceled"
    finally:
        engine.remove_volume(f"amlweb-run-{OTHERS}-{THEIR_RUN}")
        engine.close()


@pytest.mark.parametrize("kind", ["localdocker", "localdocker-copied"])
def test_a_container_that_somebody_has_renamed_is_removed_too(hosts: Hosts, kind: str) -> None:
    name = f"renamed-{kind}"
    facts = {**hosts.containers(PYTHON_IMAGE), "shared_volumes": not kind.endswith("copied")}
    hosts.attach(name, kind="localdocker", user_managed_environment=True, **facts)
    number = hosts.system.submit("where.py", "6000", "0.1", target=name)
    hosts.system.wait_for(number, "running", seconds=60)
    lost = forget_run(hosts, number)
    engine = Engine(hosts.engine.socket)
    try:
        (container,) = engine.containers({RUN: lost})
        engine.api.rename(container["Id"], f"somebodys-{kind}")
        assert [orphan["key"] for orphan in survey(hosts, name)["orphans"]] == [f"run:{lost}"]
        after = reclaim(hosts, name, orphans=["all"])
        assert (after["orphans"], after["cleaning"]["problem"]) == ([], "")
        assert things_in_engine(engine, lost) == 0
    finally:
        engine.close()
