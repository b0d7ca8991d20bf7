"""What we log in with: sealed on its row, bound to it, replaced whole, and never shown."""

import pytest
from django.contrib.auth.models import User

from amlweb.key_rotation import sealed_fields
from computes.attaching import TargetWishes, attach_target, edit_target
from computes.credentials import NewCredential, forget_install_password, give_credential, give_registry_password
from computes.host_access import new_key_pair, public_line
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.target_history import changes_of
from computes.target_settings import access_to, containers_of, secret_of, settings_of
from tests.computes.django.conftest import AttachGpu


def columns_of(target: ComputeTarget) -> str:
    """Return all that is stored about a target, and what was noted about it, as text."""
    row = ComputeTarget.objects.filter(pk=target.pk).values().get()
    return f"{row} {list(changes_of(target).values())} {list(target.errands.values())} {list(target.checks.values())}"


def test_a_key_pair_is_made_sealed_and_fits_together(attach_gpu: AttachGpu) -> None:
    target = attach_gpu()
    assert target.credential == "key_pair"
    private = secret_of(target, "private_key")
    assert public_line(private, "amlweb gpu1") == target.public_key
    assert private.splitlines()[1] not in columns_of(target)
    assert private.splitlines()[1] not in repr(access_to(target))


def test_a_sealed_key_does_not_open_on_another_row(attach_gpu: AttachGpu) -> None:
    target, other = attach_gpu(), attach_gpu("gpu2")
    other.sealed_private_key = target.sealed_private_key
    assert secret_of(other, "private_key") == ""


def test_every_secret_is_found_when_keys_are_rotated() -> None:
    names = {name for model, name in sealed_fields() if model is ComputeTarget}
    assert names == {
        "sealed_private_key",
        "sealed_password",
        "sealed_install_password",
        "sealed_registry_password",
        "sealed_livy_password",
        "sealed_storage_password",
        "sealed_package_logins",
    }


def test_a_password_that_is_given_while_an_earlier_one_is_used_is_not_forgotten_with_it(
    attach_gpu: AttachGpu, ada: User
) -> None:
    target = attach_gpu(credential=NewCredential("key_pair", password="hush-once"))
    give_credential(ComputeTarget.objects.get(pk=target.pk), ada, NewCredential("key_pair", password="hush-again"))
    forget_install_password(target)
    assert target.sealed_install_password == ""
    assert secret_of(ComputeTarget.objects.get(pk=target.pk), "install_password") == "hush-again"


def test_a_new_credential_replaces_all_of_the_old_one(attach_gpu: AttachGpu, ada: User) -> None:
    target = attach_gpu(credential=NewCredential("key_pair", password="hush-once"))
    assert secret_of(target, "install_password") == "hush-once"
    assert access_to(target).password == "", "it is for the installation alone"
    private, public = new_key_pair("mine")
    give_credential(target, ada, NewCredential("private_key", private_key=private))
    target.refresh_from_db()
    assert target.public_key.split()[:2] == public.split()[:2]
    assert secret_of(target, "install_password") == ""
    assert public_line(secret_of(target, "private_key")) == public_line(private)
    give_credential(target, ada, NewCredential("password", password="hush-kept"))
    target.refresh_from_db()
    assert (target.public_key, target.sealed_private_key) == ("", "")
    assert access_to(target).password == "hush-kept"
    for secret in ("hush-once", "hush-kept", private.splitlines()[1]):
        assert secret not in columns_of(target)


def test_a_password_is_not_kept_for_containers(attach_gpu: AttachGpu, docker_kinds: None, ada: User) -> None:
    target = attach_gpu(kind="remotedocker")
    with pytest.raises(TargetRefused, match="needs a key") as refused:
        give_credential(target, ada, NewCredential("password", password="hush"))
    assert refused.value.field == "keep_password"
    target.refresh_from_db()
    assert target.credential == "key_pair"


def test_a_refused_key_attaches_nothing(ada: User, attach_gpu: AttachGpu) -> None:
    with pytest.raises(TargetRefused) as refused:
        attach_gpu(credential=NewCredential("private_key", private_key="-----BEGIN hush"))
    assert refused.value.field == "private_key"
    assert "hush" not in str(refused.value)
    assert not ComputeTarget.objects.exists()


def test_editing_leaves_the_credential_unless_another_is_given(attach_gpu: AttachGpu, ada: User) -> None:
    target = attach_gpu()
    before = target.sealed_private_key
    assert edit_target(target, ada, {"slots": 3}) == ["slots"]
    assert target.sealed_private_key == before
    assert edit_target(target, ada, TargetWishes({}, NewCredential("key_pair"))) == ["credential"]
    assert target.sealed_private_key != before


JUMP = {"host": "gate.lab.example", "port": 22, "username": "", "host_keys": [], "seen_host_keys": []}


@pytest.mark.parametrize("kind", ["password", "key_pair"])
@pytest.mark.parametrize("elsewhere", [{"address": "gpu9.lab.example"}, {"port": 22}, {"jump_hosts": [JUMP]}])
def test_a_stored_password_is_sent_to_no_other_host(
    attach_gpu: AttachGpu, ada: User, kind: str, elsewhere: dict[str, object]
) -> None:
    target = attach_gpu(credential=NewCredential(kind, password="hush"))
    with pytest.raises(TargetRefused, match="for another host") as refused:
        edit_target(target, ada, elsewhere)
    assert refused.value.field == "credential"
    assert edit_target(target, ada, {"username": "alan"}) == ["username"]
    edit_target(target, ada, TargetWishes(elsewhere, NewCredential(kind, password="hush again")))
    edit_target(target, ada, {"jump_hosts": []})  # fewer hosts are told nothing new


def test_the_registry_password_is_kept_replaced_and_removed(docker_kinds: None, ada: User, data_dir: object) -> None:
    facts = {"base_docker_image": "private/image", "registry_username": "robot"}
    target = attach_target(ada, "box", "localdocker", TargetWishes(facts, registry_password="hush-registry"))
    login = containers_of(target).login
    assert login is not None
    assert (login.username, login.password) == ("robot", "hush-registry")
    assert "hush-registry" not in columns_of(target) + repr(containers_of(target))
    edit_target(target, ada, TargetWishes({"slots": 3}))
    assert secret_of(target, "registry_password") == "hush-registry"
    edit_target(target, ada, {"base_docker_image": "private/another:2"})
    with pytest.raises(TargetRefused, match="for another registry") as refused:
        edit_target(target, ada, {"base_docker_image": "registry.elsewhere.example/image"})
    assert refused.value.field == "registry_password"
    elsewhere = {"base_docker_image": "registry.elsewhere.example/image"}
    edit_target(target, ada, TargetWishes(elsewhere, registry_password="hush-elsewhere"))
    give_registry_password(target, ada, "")
    assert not ComputeTarget.objects.get().sealed_registry_password


@pytest.mark.parametrize(
    ("own", "image", "gets_it"),
    [
        ("registry.lab.example:5000/team/base:1", "registry.lab.example:5000/other@sha256:ab", True),
        ("registry.lab.example:5000/team/base:1", "Registry.Lab.example:5000/other", True),
        ("registry.lab.example:5000/team/base:1", "registry.lab.example/other", False),
        ("registry.lab.example:5000/team/base:1", "registry.evil.example/team/base:1", False),
        ("registry.lab.example:5000/team/base:1", "python:3.11", False),
        ("python:3.11", "docker.io/team/base", True),
        ("team/base", "localhost/team/base", False),
        ("", "python:3.11", False),
    ],
)
def test_a_registry_that_a_project_names_does_not_get_the_login_of_the_target(
    docker_kinds: None, ada: User, data_dir: object, own: str, image: str, gets_it: bool
) -> None:
    target = ComputeTarget(name="box", kind="localdocker", base_docker_image=own, registry_username="rita")
    assert containers_of(target).login is not None
    there = settings_of(target, {"image": image}).container
    assert there is not None
    assert there.image == image
    assert (there.login is not None) == gets_it
