"""Host keys: shown, compared, approved, changed; nothing goes to a host before an administrator has said so."""

import pytest
from django.contrib.auth.models import User

from computes.attaching import edit_target
from computes.credentials import NewCredential
from computes.errands import latest_errand, request_errand
from computes.host_access import new_key_pair
from computes.host_approval import approve_host_key
from computes.host_keys import (
    Hop,
    HostKey,
    KeyState,
    compare_command_for,
    first_unknown,
    hops_of,
    obstacle_on_the_way,
    store_shown,
)
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.target_history import changes_of
from computes.target_state import state_of
from runs.controller.waiting import obstacle_of
from tests.computes.django.conftest import AttachGpu

GATE = {"host": "gate.example", "port": 22, "username": "", "host_keys": [], "seen_host_keys": []}


def new_line() -> str:
    return " ".join(new_key_pair("")[1].split()[:2])


def show(target: ComputeTarget, place: int, *lines: str) -> Hop:
    """Let a host on the way have shown some keys in the last scan."""
    store_shown(target, hops_of(target)[place], lines)
    target.save()
    return hops_of(target)[place]


def errands_of(target: ComputeTarget) -> list[str]:
    return list(target.errands.order_by("pk").values_list("kind", flat=True))


def test_an_attached_host_is_scanned_and_not_checked(attach_gpu: AttachGpu) -> None:
    target = attach_gpu()
    assert (errands_of(target), target.checks.count()) == (["scan"], 0)
    assert state_of(target, None).word == "Host key to approve"
    assert "gpu1.lab.example" in obstacle_of(target)


def test_an_approved_key_is_compared_noted_and_leads_to_a_check(attach_gpu: AttachGpu, ada: User) -> None:
    target = attach_gpu()
    ours, other = new_line(), new_line()
    shown = show(target, 0, ours, other)
    assert shown.state == KeyState.SHOWN
    approve_host_key(target, ada, shown.shown[0].fingerprint)
    assert target.host_keys == [ours], "only what was compared is approved"
    assert first_unknown(target) is None
    assert obstacle_of(target) == ""
    assert target.checks.count() == 1
    assert shown.shown[0].fingerprint in changes_of(target)[0].change_message


@pytest.mark.parametrize("fingerprint", ["", "SHA256:nonsense", "*"])
def test_a_key_that_was_not_shown_is_not_approved(fingerprint: str, attach_gpu: AttachGpu, ada: User) -> None:
    target = attach_gpu()
    show(target, 0, new_line())
    with pytest.raises(TargetRefused, match="Scan again") as refused:
        approve_host_key(target, ada, fingerprint)
    assert refused.value.field == "fingerprint"
    assert target.host_keys == []


def test_a_changed_key_blocks_until_somebody_says_that_it_is_right(attach_gpu: AttachGpu, ada: User) -> None:
    target = attach_gpu()
    old, new = new_line(), new_line()
    approve_host_key(target, ada, show(target, 0, old).shown[0].fingerprint)
    hop = show(target, 0, new)
    assert hop.state == KeyState.CHANGED
    for key in (*hop.approved, *hop.shown):
        assert key.fingerprint in obstacle_on_the_way(target)
    assert state_of(target, None).key == "blocked"
    with pytest.raises(TargetRefused, match="between it and this server") as refused:
        approve_host_key(target, ada, hop.shown[0].fingerprint)
    assert refused.value.field == "understood"
    assert target.host_keys == [old]
    approve_host_key(target, ada, hop.shown[0].fingerprint, understood=True)
    assert target.host_keys == [new]
    assert obstacle_on_the_way(target) == ""


def test_one_approved_key_among_those_shown_is_enough(attach_gpu: AttachGpu, ada: User) -> None:
    target = attach_gpu()
    old = new_line()
    approve_host_key(target, ada, show(target, 0, old).shown[0].fingerprint)
    assert show(target, 0, new_line(), old).state == KeyState.APPROVED


def test_hosts_on_the_way_are_approved_one_after_the_other(attach_gpu: AttachGpu, ada: User) -> None:
    target = attach_gpu(jump_hosts=[dict(GATE)], credential=NewCredential("key_pair", password="hush"))
    gate, gpu = new_line(), new_line()
    assert [str(hop.address) for hop in hops_of(target)] == ["trainer@gate.example", "trainer@gpu1.lab.example:2222"]
    approve_host_key(target, ada, show(target, 0, gate).shown[0].fingerprint)
    unknown = first_unknown(target)
    assert unknown is not None
    assert unknown.number is None
    assert errands_of(target) == ["scan"], "the first scan has not begun, so it will see the next host, too"
    approve_host_key(target, ada, show(target, 1, gpu).shown[0].fingerprint)
    assert errands_of(target) == ["scan", "install"]
    assert target.jump_hosts[0]["host_keys"] == [gate]


def test_another_address_is_another_host(attach_gpu: AttachGpu, ada: User) -> None:
    target = attach_gpu(jump_hosts=[dict(GATE)])
    gate = new_line()
    approve_host_key(target, ada, show(target, 0, gate).shown[0].fingerprint)
    approve_host_key(target, ada, show(target, 1, new_line()).shown[0].fingerprint)
    more = {**GATE, "host": "gate2.example"}
    edit_target(target, ada, {"address": "gpu9.lab.example", "jump_hosts": [dict(more), dict(GATE)]})
    assert (target.host_keys, target.seen_host_keys) == ([], [])
    assert [jump["host_keys"] for jump in target.jump_hosts] == [[], [gate]], "a host that stays is still known"
    edit_target(target, ada, {"slots": 7})
    assert target.jump_hosts[1]["host_keys"] == [gate]


def test_a_scan_is_asked_for_once_until_it_begins(attach_gpu: AttachGpu, ada: User) -> None:
    target = attach_gpu()
    first = latest_errand(target, "scan")
    assert request_errand(target, ada, "scan") == first
    target.errands.update(started_at=target.created_at)
    assert request_errand(target, ada, "scan") != first


def test_the_command_to_compare_with_names_the_file_of_the_key() -> None:
    def command(*types: str) -> str:
        return compare_command_for([HostKey(type, "SHA256:x", f"{type} AAAA") for type in types])

    assert command("ssh-rsa", "ssh-ed25519") == "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
    assert command("ecdsa-sha2-nistp256", "ssh-rsa").endswith("ssh_host_ecdsa_key.pub")
    assert command("ssh-rsa").endswith("ssh_host_rsa_key.pub")


def test_a_local_target_has_no_way_to_be_known(shed: ComputeTarget) -> None:
    assert hops_of(shed) == []
    assert obstacle_on_the_way(shed) == ""
