"""The way to Livy: its address and gateway, logins, certificates, and what the target's check says of them."""

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from computes.contract import CheckItem, TargetSettings
from computes.errors import TargetUnreachable
from computes.executors.livy.client import LivyClient
from computes.executors.livy.executor import LivyExecutor
from computes.executors.livy.run_behind_livy import livy_settings
from tests.computes.livy.livy_bench import LivyBench
from tests.computes.on_targets import wait_for_end
from tests.computes.python_scripts import PRINT
from tests.stack.livy_contract import LivyContract, livy_contract
from tests.stack.processes import free_port


def checked(executor: LivyExecutor, settings: TargetSettings) -> dict[str, CheckItem]:
    """Return the findings by their names."""
    found = {item.name: item for item in executor.check(settings)}
    assert all(item.ok or item.remedy for item in found.values())
    return found


def with_livy(bench: LivyBench, **changes: object) -> TargetSettings:
    """Return the bench's settings with other words about Livy."""
    settings = bench.settings()
    assert settings.livy is not None
    return replace(settings, livy=replace(settings.livy, **changes))  # type: ignore[arg-type]


@contextmanager
def certificate(folder: Path) -> Iterator[tuple[ssl.SSLContext, Path]]:
    """Make a certificate for localhost; yield what a server needs, and the file that a client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(pem)
    (folder / "server.pem").write_bytes(secret + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    yield context, folder / "ca.pem"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[tuple[LivyContract, Path]]:
    """Return a Livy behind a gateway as HDInsight has it: https, a path, a login; and the file to be trusted."""
    (tmp_path / "nodes").mkdir()
    with (
        certificate(tmp_path) as (context, trusted),
        livy_contract(tmp_path / "nodes", prefix="/livy", login="admin:open sesame", tls=context) as played,
    ):
        yield played, trusted


def test_a_gateway_with_https_a_path_and_a_login_is_passed(
    gateway: tuple[LivyContract, Path], bench: LivyBench, executor: LivyExecutor
) -> None:
    livy, trusted = gateway
    settings = with_livy(bench, url=livy.url, username="admin", password="open sesame", ca_bundle=str(trusted))
    found = checked(executor, settings)
    assert all(item.ok for item in found.values()), found
    assert "0.8.0" in found["Livy"].detail
    request = bench.request(PRINT, "one")
    request = replace(request, address=replace(request.address, settings=settings))
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 0
    assert "open sesame" not in repr(request)


def test_a_wrong_password_is_said_so(
    gateway: tuple[LivyContract, Path], bench: LivyBench, executor: LivyExecutor
) -> None:
    livy, trusted = gateway
    settings = with_livy(bench, url=livy.url, username="admin", password="wrong", ca_bundle=str(trusted))
    found = checked(executor, settings)["Livy"]
    assert not found.ok
    assert "refuses the login" in found.detail


def test_a_forgotten_path_of_the_gateway_is_said_so(
    gateway: tuple[LivyContract, Path], bench: LivyBench, executor: LivyExecutor
) -> None:
    livy, trusted = gateway
    url = livy.url.removesuffix("/livy")
    settings = with_livy(bench, url=url, username="admin", password="open sesame", ca_bundle=str(trusted))
    found = checked(executor, settings)["Livy"]
    assert not found.ok
    assert "address" in found.remedy


@pytest.mark.parametrize("bundle", ["", "/nowhere/ca.pem"])
def test_a_certificate_of_an_unknown_authority_is_not_accepted(
    bundle: str, gateway: tuple[LivyContract, Path], bench: LivyBench
) -> None:
    livy, _ = gateway
    settings = with_livy(bench, url=livy.url, username="admin", password="open sesame", ca_bundle=bundle)
    with pytest.raises(TargetUnreachable) as caught:
        LivyClient(livy_settings(settings)).count()
    assert "CA bundle" in caught.value.text + caught.value.remedy
    assert not livy.service.asked


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:{port}", "refused"),
        ("http://no-such-host.invalid:8998", "not known"),
        ("not an address", "does not answer"),
    ],
)
def test_an_address_where_nothing_answers_is_said_so(
    url: str, words: str, bench: LivyBench, executor: LivyExecutor
) -> None:
    found = checked(executor, with_livy(bench, url=url.format(port=free_port())))["Livy"]
    assert not found.ok
    assert words in found.detail


def test_a_password_without_encryption_is_advised_against(bench: LivyBench, executor: LivyExecutor) -> None:
    found = checked(executor, with_livy(bench, username="admin", password="open sesame"))["Encryption"]
    assert (found.ok, "https" in found.remedy) == (False, True)


@pytest.mark.parametrize("uri", ["/mnt/shared", "hdfs://", "ftp://host/x", ""])
def test_a_storage_that_no_driver_can_reach_is_said_so(uri: str, bench: LivyBench, executor: LivyExecutor) -> None:
    found = checked(executor, with_livy(bench, storage_uri=uri))
    assert not found["Storage for drivers" if uri else "Settings"].ok


def test_a_work_folder_that_cannot_be_written_is_said_so(bench: LivyBench, executor: LivyExecutor) -> None:
    bench.work.parent.mkdir(exist_ok=True)
    bench.work.write_text("a file")
    assert not checked(executor, bench.settings())["Work folder"].ok


def test_the_check_leaves_nothing_behind(bench: LivyBench, executor: LivyExecutor) -> None:
    assert all(item.ok for item in checked(executor, bench.settings()).values())
    assert list(bench.work.iterdir()) == []
