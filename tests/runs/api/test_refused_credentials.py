"""A credential that cannot be used is refused on its field, by a call and by the form alike, and is not kept."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from computes.models import ComputeTarget
from tests.computes.django.test_connection_pages import FORM
from tests.runs.api.conftest import Api
from tests.runs.api.test_target_deeds import attach

ADDRESS = "/computes/new/?kind=remote"
CONTAINERS = {"name": "box1", "kind": "remotedocker", "base_docker_image": "lab/python:3"}


@pytest.fixture
def locked() -> str:
    """Return a private key that opens with "hush"."""
    made = ed25519.Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(b"hush")).decode()


@pytest.mark.parametrize(("passphrase", "words"), [("hash", "passphrase is wrong"), ("", "passphrase")])
def test_a_wrong_passphrase_is_said_on_its_field(
    api: Api, ada: User, data_dir: object, locked: str, passphrase: str, words: str
) -> None:
    client = api(ada)
    answer = attach(client, private_key=locked, **({"passphrase": passphrase} if passphrase else {}))
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["passphrase"]
    assert words in str(answer.json()["fields"]["passphrase"])
    browser = Client()
    browser.force_login(ada)
    typed: dict[str, Any] = {**FORM, "credential": "private_key", "passphrase": passphrase}
    for sent in ({"private_key": locked}, {"private_key_file": SimpleUploadedFile("id_ed25519", locked.encode())}):
        shown = browser.post(ADDRESS, {**typed, **sent})
        assert shown.status_code == 422
        assert list(shown.context["form"].errors) == ["passphrase"]
        assert words in str(shown.context["form"].errors["passphrase"])
        assert locked.splitlines()[1] not in shown.content.decode()
    assert not ComputeTarget.objects.exists()


def test_the_right_passphrase_opens_the_key_and_is_not_kept(api: Api, ada: User, data_dir: object, locked: str) -> None:
    assert attach(api(ada), private_key=locked, passphrase="hush").status_code == 201
    assert "hush" not in str(ComputeTarget.objects.values().get())


def test_a_password_is_not_kept_for_containers(api: Api, ada: User, data_dir: object) -> None:
    client = api(ada)
    answer = attach(client, **CONTAINERS, password="hush-kept", keep_password=True)
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["keep_password"]
    assert attach(client, **CONTAINERS, password="hush-once").status_code == 201
    target = ComputeTarget.objects.get()
    assert (target.credential, target.sealed_password) == ("key_pair", "")
    assert target.sealed_install_password
