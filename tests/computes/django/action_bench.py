"""A cluster whose head node and nodes are real sshds on this machine, and what tests of script actions do with it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from computes.action_requests import ActionWishes, request_action
from computes.action_scripts import script_of
from computes.action_work import carry_on_action
from computes.cluster_nodes import nodes_of
from computes.credentials import NewCredential
from computes.errands import request_errand
from computes.machines.ssh.pool import POOL
from computes.models import ActionNode, ComputeTarget, ScriptAction, TargetErrand
from computes.node_approval import approve_node_keys
from computes.tasks import do_errand
from tests.computes.django.conftest import AttachGpu
from tests.stack.sshd import Sshd, sshd
from tests.stack.system import wait_until


@dataclass(frozen=True)
class Crowd:
    """A head node and two worker nodes that let the same key in."""

    head: Sshd
    nodes: tuple[Sshd, Sshd]

    def addresses(self) -> list[str]:
        """Return the worker nodes as an administrator types them."""
        return [f"{node.access.username}@{node.access.host}:{node.port}" for node in self.nodes]


@contextmanager
def crowd() -> Iterator[Crowd]:
    """Run three sshds."""
    with ExitStack() as stack:
        head, *nodes = [stack.enter_context(sshd(kinds=("ed25519",))) for _ in range(3)]
        for node in nodes:
            (node.folder / "authorized_keys").write_text((head.folder / "authorized_keys").read_text())
        yield Crowd(head, (nodes[0], nodes[1]))
        POOL.close_all()


@dataclass(frozen=True)
class ActionBench:
    """The cluster as a target, and its administrator."""

    target: ComputeTarget
    ada: User

    def scan(self) -> TargetErrand:
        """Have the nodes' keys looked at by a task worker."""
        errand = request_errand(self.target, self.ada, TargetErrand.Kind.SCAN_NODES)
        do_errand(errand.pk)
        errand.refresh_from_db()
        self.target.refresh_from_db()
        return errand

    def approve_all(self) -> None:
        """Approve what every node has shown."""
        shown = [(node.key, node.hop.shown[0].fingerprint) for node in nodes_of(self.target) if node.hop.shown]
        approve_node_keys(self.target, self.ada, shown)

    def ask(self, script: str, **wishes: Any) -> ScriptAction:
        """Ask for a script action."""
        return request_action(self.target, self.ada, ActionWishes("try it", script_of(script), **wishes))

    def run(self, script: str, **wishes: Any) -> list[ActionNode]:
        """Have a script run to its end everywhere, and return the nodes."""
        action = self.ask(script, **wishes)
        finish(action)
        return list(action.nodes.all())


def bench_of(crowd: Crowd, attach_gpu: AttachGpu, ada: User, *more: str) -> ActionBench:
    """Attach the crowd as a cluster, and further worker nodes by their addresses."""
    target = attach_gpu(
        "spark",
        "cluster",
        NewCredential("private_key", private_key=crowd.head.access.private_key),
        address=crowd.head.access.host,
        port=crowd.head.port,
        username=crowd.head.access.username,
        worker_nodes=[*crowd.addresses(), *more],
    )
    ComputeTarget.objects.filter(pk=target.pk).update(
        host_keys=list(crowd.head.access.host_keys), seen_host_keys=list(crowd.head.access.host_keys)
    )
    target.refresh_from_db()
    return ActionBench(target, ada)


def finish(action: ScriptAction) -> None:
    """Do rounds until nothing is left to do."""
    wait_until(lambda: do_round(action).settled_at, 60, every=0.2)


def do_round(action: ScriptAction) -> ScriptAction:
    """Do one round, and return the action as it is then."""
    carry_on_action(action.pk)
    action.refresh_from_db()
    return action


def let_time_pass(action: ScriptAction, seconds: float) -> None:
    """Make everything about an action so much older."""
    past = timedelta(seconds=seconds)
    ScriptAction.objects.filter(pk=action.pk).update(requested_at=action.requested_at - past)
    for node in action.nodes.all():
        for name in ("tried_at", "started_at", "silent_since"):
            if (moment := getattr(node, name)) is not None:
                setattr(node, name, moment - past)
        node.save()
    action.refresh_from_db()
    assert action.requested_at < timezone.now()
