"""Scripts on the nodes of a cluster: real sshds, real supervisors, and hosts that nobody approved."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from computes import action_work
from computes.action_host import Visit
from computes.action_logs import log_of
from computes.action_requests import ActionWishes, request_stop, review_of
from computes.action_scripts import script_of
from computes.action_work import carry_on_action
from computes.cluster_nodes import nodes_of
from computes.host_keys import KeyState
from computes.models import ActionNode, ComputeTarget, ScriptAction
from computes.node_approval import approve_node_keys
from computes.refusals import TargetRefused
from runs.script_action_page import page_of
from tests.computes.django.action_bench import (
    ActionBench,
    Crowd,
    bench_of,
    crowd,
    do_round,
    finish,
    let_time_pass,
)
from tests.computes.django.conftest import AttachGpu
from tests.computes.ssh.impostor import impostor
from tests.stack.processes import free_port, marked_processes
from tests.stack.system import wait_until

WRONG = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
State = ActionNode.State


@pytest.fixture(scope="module")
def hosts() -> Iterator[Crowd]:
    """A head node and two nodes for all tests of this file."""
    with crowd() as running:
        yield running


@pytest.fixture
def bench(hosts: Crowd, attach_gpu: AttachGpu, ada: User) -> ActionBench:
    """A cluster whose nodes are approved."""
    bench = bench_of(hosts, attach_gpu, ada)
    bench.scan()
    bench.approve_all()
    return bench


def log_text(node: ActionNode) -> str:
    return log_of(node).read_text()


def test_nodes_are_reached_through_the_head_node_once_their_keys_are_approved(
    hosts: Crowd, attach_gpu: AttachGpu, ada: User
) -> None:
    bench = bench_of(hosts, attach_gpu, ada)
    with pytest.raises(TargetRefused, match="No node has an approved host key"):
        bench.ask("true")
    assert bench.scan().result == "2 of 2 nodes showed host keys."
    assert [(node.hop.state, node.is_direct) for node in nodes_of(bench.target)] == [(KeyState.SHOWN, False)] * 2
    bench.approve_all()
    assert all(node.is_approved for node in nodes_of(bench.target))
    before = hosts.head.log().count("Accepted")
    nodes = bench.run('echo "$SSH_CONNECTION"; whoami')
    assert [node.words for node in nodes] == ["Ended with code 0"] * 2
    assert hosts.head.log().count("Accepted") >= before + 2, "each way leads through the head node"


def test_a_node_that_the_head_node_does_not_forward_to_is_reached_directly(
    hosts: Crowd, attach_gpu: AttachGpu, ada: User
) -> None:
    bench = bench_of(hosts, attach_gpu, ada)
    keys = hosts.head.folder / "authorized_keys"
    kept = keys.read_text()
    keys.write_text(f"no-port-forwarding {kept}")
    try:
        assert bench.scan().result == "2 of 2 nodes showed host keys."
        assert all(node.is_direct for node in nodes_of(bench.target))
        bench.approve_all()
        assert [node.words for node in bench.run("true")] == ["Ended with code 0"] * 2
    finally:
        keys.write_text(kept)


def test_each_node_has_its_own_log_and_exit_code_and_keeps_nothing(bench: ActionBench, hosts: Crowd) -> None:
    script = """#!/bin/bash
set -u
[[ -t 0 ]] && echo terminal
echo "here is $HOME, in $PWD"
echo oops >&2
tr '\\0' ' ' < /proc/$PPID/cmdline > /dev/null
stat -c '%a' "$0"
case "$HOME" in *NODE*) exit 7;; esac
""".replace("NODE", hosts.nodes[1].folder.name)
    head, good, bad = bench.run(script, on_head=True)
    assert [head.words, good.words, bad.words] == ["Ended with code 0", "Ended with code 0", "Ended with code 7"]
    assert head.is_head
    for node, host in ((head, hosts.head), (good, hosts.nodes[0]), (bad, hosts.nodes[1])):
        lines = log_text(node).splitlines()
        assert lines[0].startswith(f"here is {host.home}, in {host.home}/.amlweb/actions/runs/")
        assert sorted(lines[1:]) == ["700", "oops"]
        assert list((host.home / ".amlweb" / "actions" / "runs").iterdir()) == []
        assert not node.remains
    action = bench.target.script_actions.get()
    assert (action.requested_by, action.script) == (bench.ada, script)
    assert action.settled_at is not None
    assert page_of(action, None).chosen.number == bad.number, "the log that one looks for first"


def test_a_text_without_a_first_line_for_the_kernel_is_run_by_the_shell(bench: ActionBench) -> None:
    nodes = bench.run('echo one\r\necho "two"\rexit 3')
    assert [node.exit_code for node in nodes] == [3, 3]
    assert log_text(nodes[0]) == "one\ntwo\n"


def test_the_script_is_in_no_command_line(bench: ActionBench) -> None:
    action = bench.ask("read -r line < /dev/null; sleep 30 # hush-in-the-script")
    wait_until(lambda: do_round(action).nodes.filter(state=State.RUNNING).count() == 2, 30, every=0.2)
    assert marked_processes("hush-in-the-script") == []
    assert request_stop(action, bench.ada)
    assert not request_stop(action, bench.ada)
    finish(action)
    assert {node.state for node in action.nodes.all()} == {State.STOPPED}


def test_a_host_with_an_unknown_or_another_key_is_told_nothing(hosts: Crowd, attach_gpu: AttachGpu, ada: User) -> None:
    with impostor() as unknown, impostor() as changed, impostor() as secretly:
        places = [f"127.0.0.1:{each.access().port}" for each in (unknown, changed, secretly)]
        bench = bench_of(hosts, attach_gpu, ada, *places)
        assert bench.scan().result == "5 of 5 nodes showed host keys."
        real = [node for node in nodes_of(bench.target) if node.key not in places]
        approve_node_keys(bench.target, ada, [(node.key, node.hop.shown[0].fingerprint) for node in real])
        facts = bench.target.node_keys
        facts[places[1]]["host_keys"] = [WRONG]  # the last scan has seen that it changed
        facts[places[2]] |= {"host_keys": [WRONG], "seen_host_keys": [WRONG]}  # it has changed since
        ComputeTarget.objects.filter(pk=bench.target.pk).update(node_keys=facts)
        nodes = bench.run("echo hush")
        assert [node.state for node in nodes] == [State.ENDED] * 2 + [State.UNREACHABLE] * 3
        assert "No host key of it was approved" in nodes[2].problem
        assert "another host key than the approved one" in nodes[3].problem
        assert "has changed" in nodes[4].problem
        assert (unknown.told, changed.told, secretly.told) == ([], [], [])
        with pytest.raises(TargetRefused, match="another approved key before"):
            approve_node_keys(bench.target, ada, [(places[1], nodes_of(bench.target)[3].hop.shown[0].fingerprint)])
        with pytest.raises(TargetRefused, match="showed no key"):
            approve_node_keys(bench.target, ada, [(places[0], "SHA256:made-up")])


def test_a_node_that_does_not_answer_is_given_up_and_the_others_are_not_held_back(
    hosts: Crowd, attach_gpu: AttachGpu, ada: User
) -> None:
    dead = f"127.0.0.1:{free_port()}"
    bench = bench_of(hosts, attach_gpu, ada, dead)
    bench.scan()
    bench.approve_all()
    silent = nodes_of(bench.target)[2]
    assert (silent.hop.state, bool(silent.trouble)) == (KeyState.UNSEEN, True)
    facts = {**bench.target.node_keys, dead: {"host_keys": [WRONG], "seen_host_keys": [WRONG]}}
    ComputeTarget.objects.filter(pk=bench.target.pk).update(node_keys=facts)
    action = bench.ask("true")
    wait_until(lambda: do_round(action).nodes.filter(state=State.ENDED).count() == 2, 30, every=0.2)
    last = action.nodes.get(number=3)
    assert (last.state, last.tried_at, bool(last.problem)) == (State.WAITING, None, True)
    let_time_pass(action, 61)
    finish(action)
    assert action.nodes.get(number=3).state == State.UNREACHABLE


def test_a_deadline_ends_the_script_with_all_that_it_started(bench: ActionBench) -> None:
    long = str(987_000_000 + os.getpid())  # the same test may run beside this one
    nodes = bench.run(f"echo began; sleep {long} & setsid sleep {long} & sleep {long}", node_seconds=4)
    assert [node.state for node in nodes] == [State.TIMED_OUT] * 2
    assert log_text(nodes[0]) == "began\n"
    assert marked_processes(long) == []


def test_what_has_not_begun_when_the_whole_time_is_over_never_begins(bench: ActionBench) -> None:
    action = bench.ask("sleep 60", at_once=1)
    do_round(action)
    assert [node.state for node in action.nodes.all()] == [State.RUNNING, State.WAITING], "one after the other"
    let_time_pass(action, action.total_seconds + 300)
    finish(action)
    first, second = action.nodes.all()
    assert [(node.state, node.tried_at is None) for node in (first, second)] == [
        (State.TIMED_OUT, False),
        (State.TIMED_OUT, True),
    ]


def test_a_server_that_dies_in_the_midst_of_a_start_neither_loses_the_script_nor_starts_it_twice(
    bench: ActionBench, hosts: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die_after_the_visits(visits: list[Visit]) -> Any:
        real(visits)
        raise Killed

    real = action_work.visit_all
    action = bench.ask('echo once; echo x >> "$HOME/count"; sleep 3')
    with monkeypatch.context() as patched:
        patched.setattr(action_work, "visit_all", die_after_the_visits)
        patched.setattr(action_work, "settle", lambda action, token: None)
        with pytest.raises(Killed):
            carry_on_action(action.pk)
    assert {node.state for node in action.nodes.all()} == {State.WAITING}
    assert not carry_on_action(action.pk), "the lease of the dead one holds for a while"
    ScriptAction.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    finish(action)
    assert {node.words for node in action.nodes.all()} == {"Ended with code 0"}
    for node, host in zip(action.nodes.all(), hosts.nodes, strict=True):
        assert log_text(node) == "once\n"
        assert (host.home / "count").read_text() == "x\n"


def test_a_round_that_froze_and_thaws_writes_over_nothing(bench: ActionBench, monkeypatch: pytest.MonkeyPatch) -> None:
    def freeze_after_the_visits(visits: list[Visit]) -> Any:
        heard = real(visits)
        ScriptAction.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        with monkeypatch.context() as patched:
            patched.setattr(action_work, "visit_all", real)
            finish(action)
        return heard

    real = action_work.visit_all
    action = bench.ask("sleep 1")
    with monkeypatch.context() as patched:
        patched.setattr(action_work, "visit_all", freeze_after_the_visits)
        assert not carry_on_action(action.pk)
    assert [node.words for node in action.nodes.all()] == ["Ended with code 0"] * 2
    assert ScriptAction.objects.get().settled_at is not None


def test_a_node_that_falls_silent_is_lost_when_its_time_is_long_over(
    bench: ActionBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = bench.ask("sleep 60")
    wait_until(lambda: do_round(action).nodes.filter(state=State.RUNNING).count() == 2, 30, every=0.2)
    facts = {"address": "127.0.0.1", "port": free_port()}
    kept = {name: getattr(bench.target, name) for name in facts}
    ComputeTarget.objects.filter(pk=bench.target.pk).update(**facts)
    do_round(action)
    assert {(node.state, node.silent_since is None) for node in action.nodes.all()} == {(State.RUNNING, False)}
    let_time_pass(action, action.total_seconds + 300)
    do_round(action)
    assert {node.state for node in action.nodes.all()} == {State.LOST}
    assert "Look at the node yourself" in action.nodes.all()[0].problem
    assert action.finished_at is not None
    ComputeTarget.objects.filter(pk=bench.target.pk).update(**kept)
    ScriptAction.objects.filter(pk=action.pk).update(
        finished_at=None, settled_at=None, stop_requested_at=timezone.now()
    )
    action.nodes.update(state=State.RUNNING, finished_at=None, silent_since=None)
    finish(ScriptAction.objects.get(pk=action.pk))


def test_what_a_script_prints_does_no_harm(bench: ActionBench) -> None:
    script = r"""printf '\033]0;title\007\033[31mred\033[0m <script>alert(1)</script>\377\n'
head -c 9000000 /dev/zero | tr '\0' 'a'
sleep 60"""
    first, _ = bench.run(script)
    assert (first.state, first.log_bytes) == (State.ENDED, 4 * 1024**2)
    assert "more than 4 MiB" in first.problem
    text = page_of(first.action, first.number).log_text
    assert len(text) < 100_000
    short, _ = bench.run(script.splitlines()[0])
    assert page_of(short.action, short.number).log_text == "red <script>alert(1)</script>\ufffd\n"


def test_the_same_wish_is_carried_out_once_and_what_has_changed_is_reviewed_anew(bench: ActionBench) -> None:
    first = bench.ask("true", key="one")
    assert bench.ask("true", key="one") == first
    with pytest.raises(TargetRefused, match="Another script action is going on"):
        bench.ask("true", key="two")
    finish(first)
    reviewed = review_of(bench.target, script_of("true"), on_head=False)
    ComputeTarget.objects.filter(pk=bench.target.pk).update(worker_nodes=bench.target.worker_nodes[:1])
    with pytest.raises(TargetRefused, match="has changed"):
        bench.ask("true", reviewed=reviewed)


@pytest.mark.parametrize("text", [b"", b" \n", b"\xff\xfe", b"true\0", b"#" * (256 * 1024 + 1)])
def test_a_text_that_is_no_script_is_refused(text: bytes) -> None:
    with pytest.raises(TargetRefused) as refused:
        script_of(text)
    assert refused.value.field == "script"
    assert ActionWishes("x", script_of("a\r\nb")).script == "a\nb\n"
