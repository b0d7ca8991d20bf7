"""Submit → first line on real targets: in a container and over SSH, in turns with `docker run` and `ssh` by hand."""

import time
from collections.abc import Callable

import requests

from benchmarks.bare import first_line_of, warm_ssh
from benchmarks.figures import Figure, median
from benchmarks.installation import SCRIPTS
from benchmarks.real_hosts import real_hosts
from benchmarks.submitting import first_line_seconds
from tests.stack.base_image import BARE_IMAGE, PYTHON_IMAGE
from tests.targets.conftest import Hosts

ROUNDS = 15
SCRIPT = "hello.py"
LONGEST_BUILD_SECONDS = 170


class Ways:
    """Each way to the first line, and the seconds that it has taken so far."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self.session = requests.Session()
        self.times: dict[str, list[float]] = {}

    def attach(self, name: str, **facts: object) -> str:
        """Attach a target, run the script there once, and return the hash of its environment."""
        self.hosts.attach(name, **facts)
        number = self.hosts.system.submit(SCRIPT, target=name)
        run = self.hosts.system.wait_for_end(number, LONGEST_BUILD_SECONDS)
        assert run["state"] == "completed", run
        return str(run["environment"]["hash"])

    def submit(self, target: str) -> float:
        """Take our way, and wait until nothing of it is at work any more."""
        system = self.hosts.system
        seconds, number = first_line_seconds(system, self.session, SCRIPT, target)
        assert system.wait_for_end(number)["state"] == "completed"
        time.sleep(0.3)  # the clean-up on the target
        return seconds

    def compare(self, ways: dict[str, Callable[[], float]], rounds: int = ROUNDS) -> None:
        """Take all ways in turns. The first turn warms up and does not count."""
        for turn in range(rounds + 1):
            for name, way in ways.items():
                seconds = way()
                if turn:
                    self.times.setdefault(name, []).append(seconds)

    def median(self, name: str) -> float:
        """Return the middle of a way's seconds."""
        return median(self.times[name])

    def row(self, what: str, ours: str, bare: str, command: str, aim: float = 1.5) -> Figure:
        """Return a row whose aim is so many times the bare command."""
        mine, theirs = self.median(ours), self.median(bare)
        shown = f"median {mine * 1000:.0f} ms ({mine / theirs:.2f} ×)"
        return Figure(what, shown, f"{theirs * 1000:.0f} ms ({command})", f"≤ {aim:g} ×", mine <= aim * theirs)


def measure() -> list[Figure]:
    """Return the rows."""
    with real_hosts() as hosts, warm_ssh(hosts.host) as ssh:
        ways = Ways(hosts)
        prepared = ways.attach(
            "prepared", kind="localdocker", user_managed_environment=False, **hosts.containers(BARE_IMAGE)
        )
        ways.attach("own", kind="localdocker", user_managed_environment=True, **hosts.containers(PYTHON_IMAGE))
        ways.attach("remote", kind="remote", user_managed_environment=True, **hosts.ssh())
        ways.attach("remote-prepared", kind="remote", user_managed_environment=False, **hosts.ssh())
        python = f"/opt/env/{prepared}/bin/python"
        mounts = ["-v", f"amlweb-env-{prepared}:/opt/env/{prepared}:ro", "-v", f"{SCRIPTS}:/azureml-run:ro"]
        by_hand = ["docker", "-H", f"unix://{hosts.engine.socket}", "run", "--rm", "--network=host", *mounts]
        ways.compare(
            {
                "container": lambda: ways.submit("prepared"),
                "docker run": lambda: first_line_of([*by_hand, BARE_IMAGE, python, f"/azureml-run/{SCRIPT}"]),
                "own": lambda: ways.submit("own"),
                "remote": lambda: ways.submit("remote"),
                "ssh": lambda: first_line_of(ssh.argv("python3", str(SCRIPTS / SCRIPT))),
                "remote-prepared": lambda: ways.submit("remote-prepared"),
            }
        )
    cost = {
        "docker": ways.median("container") - ways.median("own"),
        "remote": ways.median("remote-prepared") - ways.median("remote"),
    }
    shown = ", ".join(f"{seconds:+.2f} s ({kind})" for kind, seconds in cost.items())
    return [
        ways.row("submit → first line, `docker`, environment ready", "container", "docker run", "docker run"),
        ways.row("submit → first line, `remote`, connection warm", "remote", "ssh", "ssh host python3, warm"),
        Figure("an environment that the target has, per run", shown, "–", "≤ 0.3 s", max(cost.values()) <= 0.3),
    ]
