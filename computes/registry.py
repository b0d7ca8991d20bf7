"""Which kind of target runs which framework, on which machine and with which executor.

A new kind is an entry here, its executor, its form, and its words in KNOWN_KINDS. Pairs without an entry are refused
in words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from threading import Lock

from computes.contract import Executor, Framework, SshAccess, TargetSettings
from computes.executors.fake import FakeExecutor
from computes.executors.process import ProcessExecutor
from computes.machines import ssh
from computes.machines.contract import Machine
from computes.machines.local import LocalMachine


@dataclass(frozen=True, slots=True)
class Entry:
    """One pair that works: how its executor is made, and the name of the form that edits such a target."""

    make_executor: Callable[[TargetSettings], Executor]
    form: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of target in the words of the pages. One that does not exist yet is shown and refused."""

    title: str
    sentence: str
    exists: bool


def over_ssh(settings: TargetSettings) -> Machine:
    """Return the machine at the other end of SSH. Every target of such a kind says how it is reached."""
    if settings.ssh is None:
        raise ValueError(f"{settings.name} is a {settings.kind} target without an address")
    return ssh.SshMachine(settings.ssh)


def in_containers(machine: Machine) -> Executor:
    """Return the executor of containers, whose library is loaded where it is needed."""
    executor = import_module("computes.executors.docker.executor").DockerExecutor
    engine_socket = import_module("computes.executors.docker.engine_socket").engine_socket
    made: Executor = executor(machine, engine_socket)
    return made


def through_livy() -> Executor:
    """Return the executor of clusters behind Livy, whose library is loaded where it is needed."""
    made: Executor = import_module("computes.executors.livy.executor").LivyExecutor()
    return made


def on_a_cluster(settings: TargetSettings) -> Executor:
    """Return the executor of a cluster's head node."""
    made: Executor = import_module("computes.executors.cluster.executor").ClusterExecutor(over_ssh(settings))
    return made


REGISTRY: Mapping[tuple[str, str], Entry] = {
    ("local", Framework.PYTHON): Entry(lambda settings: ProcessExecutor(LocalMachine()), form="local"),
    ("docker", Framework.PYTHON): Entry(lambda settings: in_containers(LocalMachine()), form="docker"),
    ("remote", Framework.PYTHON): Entry(lambda settings: ProcessExecutor(over_ssh(settings)), form="remote"),
    ("remotedocker", Framework.PYTHON): Entry(lambda settings: in_containers(over_ssh(settings)), form="remotedocker"),
    ("local", Framework.PYSPARK): Entry(lambda settings: ProcessExecutor(LocalMachine()), form="local"),
    ("docker", Framework.PYSPARK): Entry(lambda settings: in_containers(LocalMachine()), form="docker"),
    ("remote", Framework.PYSPARK): Entry(lambda settings: ProcessExecutor(over_ssh(settings)), form="remote"),
    ("remotedocker", Framework.PYSPARK): Entry(lambda settings: in_containers(over_ssh(settings)), form="remotedocker"),
    ("cluster", Framework.PYSPARK): Entry(on_a_cluster, form="cluster"),
    ("livy", Framework.PYSPARK): Entry(lambda settings: through_livy(), form="livy"),
    ("fake", Framework.PYTHON): Entry(lambda settings: FakeExecutor(), form="local"),
}

KNOWN_KINDS: Mapping[str, Kind] = {
    "local": Kind("This machine", "Runs scripts as processes of the server's own account, with your Python.", True),
    "docker": Kind("Docker on this machine", "Runs each script in a container of its own.", True),
    "remotedocker": Kind("Docker on another machine", "Runs each script in a container on a host over SSH.", True),
    "remote": Kind("Another machine", "Runs scripts over SSH with the Python of that machine.", True),
    "cluster": Kind("Spark cluster", "Submits PySpark scripts on the head node of a cluster over SSH.", True),
    "livy": Kind("Spark through Livy", "Submits PySpark scripts through the REST interface of a cluster.", True),
}

ALIASES: Mapping[str, str] = {"localdocker": "docker"}

MOST_EXECUTORS = 200
EXECUTORS: dict[tuple[str, str, SshAccess | None], Executor] = {}
EXECUTORS_LOCK = Lock()


class UnknownTargetKind(LookupError):
    """No executor exists for this kind and framework. The text says so in a sentence and what to change."""


def executor_for(settings: TargetSettings, framework: str) -> Executor:
    """Return the executor of a target. Raises UnknownTargetKind for a pair that is refused.

    One is made for each way to reach a machine, kind and framework in a process: it keeps what interpreters said of
    themselves and holds the connection.
    """
    if refusal := refusal_for(settings.kind, framework):
        raise UnknownTargetKind(refusal)
    pair = (ALIASES.get(settings.kind, settings.kind), str(framework))
    with EXECUTORS_LOCK:
        key = (*pair, settings.ssh)
        if key not in EXECUTORS:
            while len(EXECUTORS) >= MOST_EXECUTORS:
                EXECUTORS.pop(next(iter(EXECUTORS)))
            EXECUTORS[key] = REGISTRY[pair].make_executor(settings)
        return EXECUTORS[key]


def framework_on(kind: str, wanted: str) -> str:
    """Return a framework that a kind of target runs: the wanted one, or its first where it does not run that."""
    kind = ALIASES.get(kind, kind)
    works = [str(framework) for of_kind, framework in REGISTRY if of_kind == kind]
    return works[0] if works and wanted not in works else wanted


def refusal_for(kind: str, framework: str) -> str | None:
    """Return None when a pair works, else a sentence that says what does not and what to change."""
    kind = ALIASES.get(kind, kind)
    if (kind, framework) in REGISTRY:
        return None
    known = KNOWN_KINDS.get(kind)
    working = dict.fromkeys(name for (name, _) in REGISTRY if name in KNOWN_KINDS)
    if known is None:
        return f"{kind!r} is not a kind of compute target. Change the type to one of: {', '.join(KNOWN_KINDS)}."
    if not known.exists:
        return f"{known.title} ({kind}) is not supported yet. Choose a target of another kind: {', '.join(working)}."
    frameworks = [str(name) for (of_kind, name) in REGISTRY if of_kind == kind]
    return f"A {kind} target does not run {framework} scripts. Change Framework to {' or '.join(frameworks)}."
