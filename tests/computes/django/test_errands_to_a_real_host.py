"""What task workers do at a host, with a real sshd: scan, approve, install the key with a password, check."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django_q.brokers import get_broker

from computes.credentials import NewCredential
from computes.errand_work import carry_out_errand
from computes.errands import request_errand
from computes.errors import LoginRefused
from computes.host_approval import approve_host_key
from computes.host_keys import KeyState, first_unknown, hops_of
from computes.machines.ssh.connection import connect
from computes.models import ComputeTarget, TargetErrand
from computes.target_settings import access_to, secret_of
from computes.tasks import check_target, do_errand
from tests.computes.django.conftest import AttachGpu
from tests.computes.django.test_credentials import columns_of
from tests.computes.ssh.impostor import impostor
from tests.stack.sshd import Sshd
from tests.stack.system import wait_until

WRONG = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def facts_of(host: Sshd) -> dict[str, object]:
    work_folder = str(host.folder / "work")
    return {"address": "127.0.0.1", "port": host.port, "username": host.access.username, "work_folder": work_folder}


def do_latest(target: ComputeTarget, kind: str) -> TargetErrand:
    errand: TargetErrand = target.errands.filter(kind=kind).latest("pk")
    do_errand(errand.pk)
    errand.refresh_from_db()
    target.refresh_from_db()
    return errand


def approve_shown(target: ComputeTarget, ada: User) -> None:
    approve_host_key(
        target, ada, next(key for key in hops_of(target)[-1].shown if key.type == "ssh-ed25519").fingerprint
    )
    target.refresh_from_db()


def test_a_host_is_scanned_approved_given_the_key_by_password_and_found_right(
    attach_gpu: AttachGpu, host: Sshd, password_of_host: str, ada: User
) -> None:
    target = attach_gpu(**facts_of(host), credential=NewCredential("key_pair", password=password_of_host))
    scan = do_latest(target, "scan")
    assert (scan.result, scan.problem) == ("127.0.0.1 shows 3 host keys.", "")
    assert sorted(target.seen_host_keys) == sorted(host.access.host_keys)
    approve_shown(target, ada)
    installation = do_latest(target, "install")
    assert installation.result == "The public key was added on 127.0.0.1. The password is forgotten."
    assert secret_of(target, "install_password") == ""
    assert target.public_key in (host.folder / "authorized_keys").read_text()
    check = target.checks.get()
    assert check.is_good, check.items
    assert {"Host key", "Login", "Work folder", "Interpreter"} <= {item["name"] for item in check.items}
    assert target.last_contact_at is not None
    assert target.contacts.get().is_reachable
    assert password_of_host not in columns_of(target)


def test_a_wrong_password_is_forgotten_and_said(
    attach_gpu: AttachGpu, host: Sshd, password_of_host: str, ada: User
) -> None:
    target = attach_gpu(**facts_of(host), credential=NewCredential("key_pair", password="hush-wrong"))
    do_latest(target, "scan")
    approve_shown(target, ada)
    installation = do_latest(target, "install")
    assert "refused the login" in installation.problem
    assert "hush-wrong" not in columns_of(target)
    assert secret_of(target, "install_password") == ""
    assert not target.checks.exists()
    assert not carry_out_errand(installation.pk), "a second nudge does nothing"


def test_a_changed_key_is_noticed_by_a_check_and_nothing_is_sent(attach_gpu: AttachGpu, host: Sshd, ada: User) -> None:
    target = attach_gpu(**facts_of(host))
    ComputeTarget.objects.update(host_keys=[WRONG], seen_host_keys=[WRONG])
    sessions = host.log().count("Accepted")
    check = target.checks.create()
    check_target(check.pk)
    target.refresh_from_db()
    check.refresh_from_db()
    assert [item["name"] for item in check.items if not item["ok"]] == ["Host key"]
    changed = first_unknown(target)
    assert changed is not None
    assert changed.state == KeyState.CHANGED
    assert sorted(key.line for key in changed.shown) == sorted(host.access.host_keys)
    assert not target.contacts.get().is_reachable
    assert "has changed" in target.contact_problem
    assert host.log().count("Accepted") == sessions


def test_a_host_that_nobody_approved_is_told_nothing(attach_gpu: AttachGpu, ada: User) -> None:
    with impostor() as stranger:
        access = stranger.access()
        login = NewCredential("key_pair", password="hush-hush")
        target = attach_gpu(address=access.host, port=access.port, username="alice", credential=login)
        check_target(target.checks.create().pk)
        wait_until(lambda: stranger.connections, 30)  # it is counted behind our back, which has hung up by then
        installation = request_errand(target, ada, TargetErrand.Kind.INSTALL)
        do_errand(installation.pk)
        installation.refresh_from_db()
        assert "No host key of 127.0.0.1 is approved yet" in installation.problem
        assert (stranger.told, stranger.connections) == ([], 1), "only the check looked whether somebody listens"


def test_a_host_that_does_not_answer_is_said_in_words(attach_gpu: AttachGpu) -> None:
    target = attach_gpu(address="127.0.0.1", port=1)
    scan = do_latest(target, "scan")
    assert "refused" in scan.problem
    assert scan.result == ""
    assert not scan.is_going_on


def test_jump_hosts_are_passed_one_after_the_other(attach_gpu: AttachGpu, host: Sshd, ada: User) -> None:
    jump = {"host": "localhost", "port": host.port, "username": host.access.username}
    target = attach_gpu(
        **facts_of(host),
        jump_hosts=[{**jump, "host_keys": [], "seen_host_keys": []}],
        credential=NewCredential("private_key", private_key=host.access.private_key),
    )
    do_latest(target, "scan")
    assert target.seen_host_keys == [], "the gate is not approved yet, so nothing goes beyond it"
    approve_host_key(target, ada, hops_of(target)[0].shown[0].fingerprint)
    do_latest(target, "scan")
    approve_shown(target, ada)
    connect(access_to(target)).close()
    check_target(target.checks.latest("pk").pk)
    assert target.checks.latest("pk").is_good


def test_a_password_is_kept_where_somebody_insists(
    attach_gpu: AttachGpu, host: Sshd, password_of_host: str, ada: User
) -> None:
    target = attach_gpu(**facts_of(host), credential=NewCredential("password", password=password_of_host))
    do_latest(target, "scan")
    approve_shown(target, ada)
    check_target(target.checks.get().pk)
    assert target.checks.get().is_good
    with pytest.raises(LoginRefused, match="refused the login"):
        connect(replace(access_to(target), password="hush-wrong"))


def test_an_errand_is_nudged_by_its_id_alone(
    attach_gpu: AttachGpu, django_capture_on_commit_callbacks: object, ada: User
) -> None:
    queue = get_broker()
    queue.purge_queue()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        target = attach_gpu(credential=NewCredential("key_pair", password="hush-queue"))
        request_errand(target, ada, "scan")
    assert queue.queue_size() == 1
    queue.purge_queue()
