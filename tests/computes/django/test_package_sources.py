"""Package sources of a target: they go before the installation's, and their logins are sealed and never shown."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from computes.attaching import edit_target
from computes.build_folder import Attempt
from computes.build_requests import request_of
from computes.environment_asking import digest_of, request_of_ask, what_it_must_fit
from computes.models import ComputeTarget, TargetEnvironment
from computes.package_settings import package_sources
from tests.computes.django.conftest import AttachGpu
from tests.computes.django.environment_parts import asked

pytestmark = pytest.mark.django_db
MIRROR = "https://mirror.lab.example/conda"
INDEX = "https://packages.lab.example/simple"
WITH_LOGIN = "https://me:hush-hush@packages.lab.example/simple"
API = "/api/v1/targets/gpu1"


def own_certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lab")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def changed(client: Client, **wanted: Any) -> dict[str, Any]:
    answer = client.patch(API, wanted, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert "hush-hush" not in answer.content.decode()
    return dict(answer.json())


@pytest.fixture
def gpu(attach_gpu: AttachGpu) -> ComputeTarget:
    return attach_gpu("gpu1", user_managed_environment=False)


def test_the_cuda_that_a_target_is_said_to_have_makes_another_environment(gpu: ComputeTarget) -> None:
    before = digest_of(asked(), gpu)
    assert what_it_must_fit(asked(), gpu) == "", "what was asked for before there was such a thing is not built anew"
    gpu.environment_variables = {"CONDA_OVERRIDE_CUDA": "12.4"}
    with_cuda = digest_of(asked(), gpu)
    gpu.environment_variables = {"CONDA_OVERRIDE_CUDA": ""}
    assert len({before, with_cuda, digest_of(asked(), gpu)}) == 3
    assert request_of_ask(asked(), gpu), "what it has come to elsewhere is still offered, and held against the platform"


def test_what_a_target_says_goes_before_the_installation(ada: User, gpu: ComputeTarget, settings: Settings) -> None:
    settings.PIP_INDEX, settings.PIP_EXTRA_INDEXES = "https://ours.example/simple", ("https://more.example/simple",)
    settings.CHANNEL_MAP = {"defaults": ("main",), "lab": ("https://lab.example/lab",)}
    assert package_sources(gpu).pip_index == "https://ours.example/simple"
    before = digest_of(asked(), gpu)
    edit_target(gpu, ada, {"pip_index": INDEX, "channel_alias": MIRROR, "channel_map": {"defaults": ["conda-forge"]}})
    sources = package_sources(gpu)
    assert (sources.pip_index, sources.channel_alias) == (INDEX, MIRROR)
    assert sources.pip_extra_indexes == ("https://more.example/simple",)
    assert sources.channel_map == {"defaults": ("conda-forge",), "lab": ("https://lab.example/lab",)}
    assert digest_of(asked(), gpu) != before, "other sources may give other packages"


def test_the_way_to_the_packages_is_no_other_environment(ada: User, gpu: ComputeTarget) -> None:
    before = digest_of(asked(), gpu)
    edit_target(gpu, ada, {"proxy": "http://proxy.example:3128", "ca_bundle": own_certificate()})
    assert digest_of(asked(), gpu) == before


def test_logins_are_sealed_kept_and_forgotten_with_their_address(ada: User, gpu: ComputeTarget) -> None:
    client = signed_in(ada)
    shown = changed(client, pip_index=WITH_LOGIN, proxy="http://us:hush-hush@proxy.example:3128")
    assert shown["pip_index"] == INDEX
    assert shown["package_logins"] == ["http://proxy.example:3128", INDEX]
    gpu.refresh_from_db()
    assert "hush-hush" not in str(ComputeTarget.objects.filter(pk=gpu.pk).values())
    sources = package_sources(gpu)
    assert sources.credentials == {INDEX: ("me", "hush-hush")}
    assert sources.proxy == "http://us:hush-hush@proxy.example:3128"
    assert changed(client, pip_index=INDEX, slots=3)["package_logins"] == shown["package_logins"]
    assert changed(client, pip_index="https://other.example/simple")["package_logins"] == ["http://proxy.example:3128"]
    assert changed(client, forget_package_logins=True)["package_logins"] == []
    gpu.refresh_from_db()
    assert (gpu.sealed_package_logins, package_sources(gpu).proxy) == ("", "http://proxy.example:3128")


def test_the_page_shows_addresses_and_that_there_is_a_login(ada: User, gpu: ComputeTarget) -> None:
    client = signed_in(ada)
    changed(client, pip_index=WITH_LOGIN, ca_bundle=own_certificate())
    for page in ("/computes/gpu1/", "/computes/gpu1/edit/"):
        text = client.get(page).content.decode()
        assert INDEX in text
        assert "hush-hush" not in text
    page = client.get("/computes/gpu1/").content.decode()
    assert "with a login" in page
    assert "1 of its own" in page
    assert "hush-hush" not in page


def test_a_form_that_comes_back_does_not_hold_the_login(ada: User, gpu: ComputeTarget) -> None:
    client = signed_in(ada)
    answer = client.post("/computes/gpu1/edit/", {"pip_index": WITH_LOGIN, "slots": "no number", "credential": "keep"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "hush-hush" not in text
    assert f'value="{INDEX}"' in text
    assert "with its login again" in text


def test_a_new_target_whose_name_is_taken_comes_back_without_what_was_secret_and_says_so(
    ada: User, gpu: ComputeTarget
) -> None:
    sent = {
        "name": gpu.name, "slots": "2", "lost_after_seconds": "1 d", "python_location": "python3",
        "address": "gpu1.lab.example", "username": "me", "keep_alive_seconds": "15", "pip_index": WITH_LOGIN,
        "credential": "password", "password": "hush-hush-too",
    }  # fmt: skip
    answer = signed_in(ada).post("/computes/new/?kind=remote", sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a target named gpu1 already." in text
    assert "hush-hush" not in text
    assert f'value="{INDEX}"' in text
    assert "with its login again" in text
    assert answer.context["form"]["password"].help_text.startswith("Give it again: secrets are not kept in a form.")
    assert text.count("Give it again") == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("pip_index", "packages.lab.example", "one whole address"),
        ("pip_extra_indexes", [INDEX, "-r /etc/passwd"], "Line 2"),
        ("channel_map", {"defaults": ["--x"]}, "write name = channel"),
        ("channel_map", {"": ["x"]}, "write name = channel"),
        ("ca_bundle", "BEGIN", "no certificates"),
        ("ca_bundle", "-----BEGIN PRIVATE KEY-----", "private key"),
        ("proxy", "file:///etc/passwd", "one whole address"),
        ("pip_index", "https://host/me@simple", "behind its host"),
        ("pip_index", "https://host/t/hush-hush/simple", "token in its path"),
        ("pip_extra_indexes", [INDEX, "https://host/t/hush-hush/simple"], "token in its path"),
    ],
)
def test_what_is_no_source_is_refused(ada: User, gpu: ComputeTarget, field: str, value: Any, words: str) -> None:
    answer = signed_in(ada).patch(API, {field: value}, content_type="application/json")
    assert answer.status_code == 422
    assert words in str(answer.json()["fields"][field])
    assert "hush-hush" not in answer.content.decode()


def test_a_token_in_the_path_of_a_channel_is_taken_and_one_of_an_index_comes_back_without_it(
    ada: User, gpu: ComputeTarget
) -> None:
    client = signed_in(ada)
    shown = changed(client, channel_alias="https://conda.lab.example/t/hush-hush/team")
    assert shown["channel_alias"] == "https://conda.lab.example/team"
    assert shown["package_logins"] == ["https://conda.lab.example/team"]
    answer = client.post("/computes/gpu1/edit/", {"pip_index": "https://packages.lab.example/t/hush-hush/simple"})
    assert answer.status_code == 422
    assert "token in its path" in answer.content.decode()
    assert "hush-hush" not in answer.content.decode()


def test_a_build_is_told_everything(ada: User, gpu: ComputeTarget) -> None:
    bundle = own_certificate()
    edit_target(gpu, ada, {"ca_bundle": bundle, "pip_index": INDEX})
    row = TargetEnvironment.objects.create(target=gpu, digest="0" * 64, asked=asked("numpy").to_json())
    attempt = Attempt.of(row.pk, uuid4())
    attempt.folder.mkdir(parents=True)
    sources = request_of(row, attempt).sources
    assert sources.pip_index == INDEX
    assert sources.ca_bundle == str(attempt.certificates)
    assert attempt.certificates.read_text() == bundle


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pip_index", "ftp://me:hush-hush@packages.lab.example/simple"),
        ("proxy", "me:hush-hush@proxy.example:3128"),
        ("channel_alias", "packages.lab.example/t/hush-hush/conda"),
        ("pip_extra_indexes", f"{WITH_LOGIN}\nno address"),
        ("channel_map", WITH_LOGIN),
        ("channel_map", f"defaults = {WITH_LOGIN}, no address"),
    ],
)
def test_what_is_no_address_comes_back_without_what_may_be_a_login(
    ada: User, gpu: ComputeTarget, field: str, value: str
) -> None:
    client = signed_in(ada)
    page = client.post("/computes/gpu1/edit/", {field: value, "slots": "2", "credential": "keep"})
    answer = client.patch(API, {field: value.split("\n")} if "\n" in value else {field: value}, "application/json")
    assert (page.status_code, answer.status_code) == (422, 422)
    assert "hush-hush" not in page.content.decode()
    assert "hush-hush" not in answer.content.decode()
    assert "with its login again" in page.content.decode()
