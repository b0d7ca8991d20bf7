"""What only a real server shows: streamed answers, forms of PUT, bodies without end. Spoken to by requests and curl."""

import io
import json
import socket
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.contrib.auth.models import User
from pytest_django import Settings

from projects.models import Project
from projects.models.access_token import create_token
from runs.models import MetricPoint, Output, Run
from runs.status import State
from tests.runs.api.web_server import web_server

pytestmark = pytest.mark.django_db(transaction=True)
Session = Callable[[User], requests.Session]


@pytest.fixture
def server(transactional_db: None) -> Iterator[str]:
    """The address of the API on a real server."""
    with web_server() as address:
        yield f"{address}/api/v1"


@pytest.fixture
def session() -> Iterator[Session]:
    """Give a session of requests that shows a person's token."""
    opened: list[requests.Session] = []

    def with_token(person: User) -> requests.Session:
        made = requests.Session()
        made.trust_env = False
        made.headers["Authorization"] = f"Bearer {create_token(person, 'test')[1]}"
        opened.append(made)
        return made

    yield with_token
    for made in opened:
        made.close()


def zip_of(**files: str) -> bytes:
    """Return a zip archive; `__` in a name stands for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return buffer.getvalue()


def lay_log(run: Run, content: bytes, name: str = "log") -> None:
    """Put a log where the server keeps it."""
    run.folder.mkdir(parents=True, exist_ok=True)
    (run.folder / name).write_bytes(content)


def test_a_project_is_made_of_an_archive_and_its_code_replaced_by_put(
    server: str, session: Session, data_dir: Path, alice: User
) -> None:
    client = session(alice)
    made = client.post(
        f"{server}/projects", data={"name": "Iris"}, files={"archive": ("a.zip", zip_of(train__py="print(1)\n"))}
    )
    assert made.status_code == 201, made.text
    assert made.json()["slug"] == "iris"
    assert made.json()["snapshot"]["files"] == 1
    replaced = client.put(
        f"{server}/projects/iris/source",
        files={"archive": ("b.zip", zip_of(train__py="print(2)\n", more__py="print(3)\n"))},
    )
    assert replaced.status_code == 200, replaced.text
    assert replaced.json()["snapshot"]["files"] == 2
    assert replaced.json()["snapshot"]["digest"] != made.json()["snapshot"]["digest"]


def test_curl_puts_a_tar_archive(server: str, data_dir: Path, project: Project, bob: User, tmp_path: Path) -> None:
    archive = tmp_path / "code.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(Path(__file__), "train.py")
    _, token = create_token(bob, "curl")
    words = ["-X", "PUT", "-H", f"Authorization: Bearer {token}", "-F", f"archive=@{archive}"]
    done = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", *words, f"{server}/projects/hello/source"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    answer = json.loads(done.stdout)
    assert answer["slug"] == "hello"
    assert answer["snapshot"]["files"] == 1


def test_a_viewer_may_not_replace_the_code_and_bad_forms_are_told(
    server: str, session: Session, project: Project, vera: User, bob: User
) -> None:
    address = f"{server}/projects/hello/source"
    assert session(vera).put(address, files={"archive": zip_of(a__py="")}).status_code == 403
    client = session(bob)
    assert client.put(address, json={"archive": "x"}).status_code == 415
    assert client.put(address, files={"other": b"x"}).json()["fields"].keys() == {"archive"}
    broken = client.put(address, data=b"--", headers={"Content-Type": "multipart/form-data"})
    assert (broken.status_code, broken.json()["error"]) == (400, "bad_form")
    garbage = client.put(address, files={"archive": ("a.zip", b"not an archive")})
    assert (garbage.status_code, garbage.json()["error"]) == (422, "source_refused")


def test_a_log_is_read_on_from_any_byte(server: str, session: Session, run: Run, vera: User) -> None:
    content = "héllo\n".encode() * 100_000 + b"\xff\x00 raw"
    lay_log(run, content)
    client, address = session(vera), f"{server}/projects/hello/runs/1/log"
    whole = client.get(address)
    assert whole.content == content
    assert whole.headers["X-Log-Offset"] == "0"
    assert whole.headers["X-Log-Next"] == str(len(content))
    assert whole.headers["X-Log-Complete"] == "false"
    part = client.get(address, params={"from": 2, "limit": 5})
    assert part.content == content[2:7]
    assert (part.headers["X-Log-Offset"], part.headers["X-Log-Next"]) == ("2", "7")
    beyond = client.get(address, params={"from": len(content) + 9})
    assert beyond.content == b""
    assert beyond.headers["X-Log-Offset"] == beyond.headers["X-Log-Next"] == str(len(content))


def test_a_log_is_complete_only_at_its_end_and_after_the_run(
    server: str, session: Session, run: Run, vera: User
) -> None:
    lay_log(run, b"0123456789")
    lay_log(run, b"started\n", "system.log")
    Run.objects.filter(pk=run.pk).update(state=State.COMPLETED, log_is_complete=True)
    client, address = session(vera), f"{server}/projects/hello/runs/1/log"
    assert client.get(address, params={"limit": 4}).headers["X-Log-Complete"] == "false"
    assert client.get(address, params={"from": 4}).headers["X-Log-Complete"] == "true"
    assert client.get(address, params={"stream": "system"}).content == b"started\n"
    for nonsense in ({"from": "-1"}, {"from": "x"}, {"limit": "1e9"}, {"stream": "../log"}, {"from": str(2**63)}):
        assert client.get(address, params=nonsense).status_code == 422


def test_a_log_that_has_not_begun_is_empty(server: str, session: Session, run: Run, vera: User) -> None:
    answer = session(vera).get(f"{server}/projects/hello/runs/1/log")
    assert (answer.status_code, answer.content, answer.headers["X-Log-Next"]) == (200, b"", "0")


def test_metrics_come_as_series_in_the_order_of_logging(server: str, session: Session, run: Run, vera: User) -> None:
    address = f"{server}/projects/hello/runs/1/metrics"
    client = session(vera)
    assert client.get(address).json() == {}
    MetricPoint.objects.bulk_create(
        [MetricPoint(run=run, name="loss", step=step, time=float(step), value=1 / (step + 1)) for step in range(5_000)]
        + [MetricPoint(run=run, name='a/"b"', step=9, time=1.5, value=None, text="NaN")]
    )
    series = client.get(address).json()
    assert list(series) == ['a/"b"', "loss"]
    assert series['a/"b"'] == [{"step": 9, "time": 1.5, "value": None, "text": "NaN"}]
    assert [point["step"] for point in series["loss"]] == list(range(5_000))
    assert series["loss"][1] == {"step": 1, "time": 1.0, "value": 0.5}


def test_outputs_are_listed_and_sent_harmless(server: str, session: Session, run: Run, vera: User) -> None:
    outputs = run.folder / "outputs"
    (outputs / "deep").mkdir(parents=True)
    (outputs / "deep" / "page.html").write_text("<script>alert(1)</script>")
    Output.objects.create(run=run, path="deep/page.html", size_bytes=25, sha256="ab" * 32)
    Output.objects.create(run=run, path="link", skipped="a link")
    client, address = session(vera), f"{server}/projects/hello/runs/1/outputs"
    assert client.get(address).json() == [
        {"path": "deep/page.html", "bytes": 25, "sha256": "ab" * 32, "skipped": ""},
        {"path": "link", "bytes": 0, "sha256": "", "skipped": "a link"},
    ]
    file = client.get(f"{address}/deep/page.html")
    assert file.text == "<script>alert(1)</script>"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    part = client.get(f"{address}/deep/page.html", headers={"Range": "bytes=1-6"})
    assert (part.status_code, part.text) == (206, "script")
    head = client.head(f"{address}/deep/page.html")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (
        200,
        b"",
        file.headers["Content-Length"],
    )
    assert client.head(f"{address}/none").status_code == 404
    for path in ("link", "deep", "none", "%2e%2e/log", "..%2flog", "a%00b"):
        assert client.get(f"{address}/{path}").json()["error"] == "not_found"


def test_the_code_of_a_run_comes_as_an_archive(server: str, session: Session, run: Run, vera: User) -> None:
    answer = session(vera).get(f"{server}/projects/hello/runs/1/snapshot.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(answer.content), mode="r:gz") as archive:
        assert sorted(Path(member.name).name for member in archive if member.isfile()) == ["README.md", "hello.py"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hello-run-1.tar.gz"'


def test_a_post_without_any_body_repeats_a_run(server: str, session: Session, run: Run, bob: User) -> None:
    assert session(bob).post(f"{server}/projects/hello/runs/1/rerun").status_code == 201


def test_a_body_that_is_too_large_is_refused_before_it_is_kept(
    server: str, session: Session, project: Project, bob: User, settings: Settings
) -> None:
    settings.SNAPSHOT_MAX_BYTES = 0  # what is left is the megabyte for the form itself
    refused = session(bob).put(f"{server}/projects/hello/source", files={"archive": b"x" * 1024**2})
    assert (refused.status_code, refused.json()["error"]) == (413, "too_large")
    assert "larger than 1.0 MB" in refused.json()["detail"]
    assert "archive" in refused.json()["remedy"]
    json_body = session(bob).post(
        f"{server}/projects/hello/runs", data=b" " * 3_000_000, headers={"Content-Type": "application/json"}
    )
    assert json_body.status_code == 413
    assert "archive" not in json_body.json()["remedy"]


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(server: str, project: Project, bob: User) -> None:
    place = urlsplit(server)
    head = (
        f"POST {place.path}/projects/hello/runs HTTP/1.1\r\nHost: {place.netloc}\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: Bearer {create_token(bob, 'raw')[1]}\r\nContent-Type: application/json\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        connection.sendall(head.encode())
        answer = b""
        for _ in range(200):  # 20 MB at most; the server has had enough long before
            try:
                connection.sendall(b"186a0\r\n" + b" " * 100_000 + b"\r\n")
            except (BrokenPipeError, ConnectionResetError):
                break
        else:
            raise AssertionError("the server took everything")
        connection.settimeout(5)
        try:
            answer = connection.recv(4096)
        except ConnectionResetError:
            return
    assert b" 413 " in answer.split(b"\r\n")[0] or answer == b""
