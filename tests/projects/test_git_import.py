"""Importing from git: the wanted commit, hostile addresses and repositories, credentials that never show."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from projects.errors import SourceRefused
from projects.git.complaints import masked
from projects.git.hosts import PRIVATE_NETWORKS, is_allowed
from projects.git.location import checked_reference, read_location
from projects.git_import import Heartbeat, run_import
from projects.models import Project, SourceImport
from projects.snapshots import manifest_of_snapshot, read_file
from projects.source_imports import create_from_git, is_stale, replace_from_git, retry_import
from tests.projects.git_server import USER_AND_TOKEN, GitHost, git, git_host
from tests.stack.tables import copy_file_with_tables

SECRET_ADDRESS = quote(USER_AND_TOKEN.split(":")[1], safe="")


@pytest.fixture
def host(tmp_path: Path, settings: Settings) -> Iterator[GitHost]:
    settings.MODE = "single"
    with git_host(tmp_path / "host") as served:
        yield served


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A work tree with two commits, a branch and a tag."""
    folder = tmp_path / "work-tree"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "train.py").write_text("first\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    git(folder, "tag", "v1")
    git(folder, "branch", "feature/x")
    (folder / "train.py").write_text("second\n")
    git(folder, "commit", "-qam", "second")
    return folder


def imported(user: User, address: str, reference: str = "") -> SourceImport:
    project = create_from_git(user, "From git", address, reference)
    row = project.imports.get()
    run_import(row.pk)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    "reference", ["", "main", "v1", "feature/x", "whole first", "short first", "missing", "0" * 40]
)
def test_branches_tags_and_commits_are_found(host: GitHost, work: Path, alice: User, reference: str) -> None:
    first, second = git(work, "rev-parse", "v1"), git(work, "rev-parse", "main")
    reference = {"whole first": first, "short first": first[:9]}.get(reference, reference)
    row = imported(alice, host.publish(work, "a.git"), reference)
    if reference in ("missing", "0" * 40):
        assert (row.state, row.remedy[:5]) == ("failed", "Check")
        assert "no such" in row.text
        return
    assert (row.state, row.text[:7]) == ("done", "1 files"), row.text
    assert row.snapshot is not None
    commit = second if reference in ("", "main") else first
    assert (row.snapshot.git_commit, row.snapshot.git_dirty) == (commit, False)
    assert read_file(row.snapshot, "train.py", 99) == (b"second\n" if commit == second else b"first\n")
    row.project.refresh_from_db()
    assert row.project.current_snapshot == row.snapshot
    assert (row.project.source, row.project.source_reference) == ("git", reference)


def test_a_host_that_gives_no_single_commit_is_fetched_whole(host: GitHost, work: Path, alice: User) -> None:
    address = host.publish(work, "a.git")
    git(host.root / "a.git", "update-server-info")
    address = address.replace("/a.git", "/dumb/a.git")
    for reference in ("", git(work, "rev-parse", "v1")):
        row = imported(alice, address, reference)
        assert row.state == "done", row.text


REFUSED_ADDRESSES = [
    "ext::sh -c touch% /tmp/x",
    "fd::17",
    "file:///etc",
    "/etc",
    "../here",
    "--upload-pack=touch /tmp/x",
    "-u",
    "ssh://-oProxyCommand=touch/x",
    "-oProxyCommand=x:y",
    "git@-oProxyCommand=x:y",
    "ssh://user:word@host/x",
    "git://host/x",
    "ftp://host/x",
    "https://",
    "https://host",
    "https://host/",
    "https://ho st/x",
    "https://host/x?y",
    "https://host/x#y",
    "https://host:0/x",
    "https://host:99999/x",
    "https://[::1/x",
    "https://host/x\ny",
    "https://host\\@other/x",
    "https://a%0ab:c@host/x",
    "http://x/" + "y" * 2000,
    "",
]


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_an_address_that_is_none_is_refused_before_anything_is_made(alice: User, address: str) -> None:
    with pytest.raises(SourceRefused) as refused:
        create_from_git(alice, "From git", address)
    assert refused.value.field == "location"
    assert not Project.objects.exists()


def test_the_refusal_of_an_address_does_not_repeat_its_password() -> None:
    for address in ("https://u:hunter2@host/x?y", "svn://u:hunter2@host/x", "ssh://u:hunter2@host/x"):
        with pytest.raises(SourceRefused) as refused:
            read_location(address)
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "url", "credential"),
    [
        ("https://u:p%40ss@Host.example:443/a/b.git", "https://host.example/a/b.git", "u:p@ss"),
        ("https://token@host/a", "https://host/a", "token:"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a", ""),
        ("git@host.example:team/code.git", "ssh://git@host.example/team/code.git", ""),
        ("ssh://git@host:2222/a", "ssh://git@host:2222/a", ""),
    ],
)
def test_an_address_is_kept_without_its_credential(address: str, url: str, credential: str) -> None:
    location = read_location(address)
    assert (location.url, location.credential) == (url, credential)
    assert not credential or credential not in repr(location)


@pytest.mark.parametrize(
    "reference", ["-x", "a..b", "a b", "a:b", "a^", "a~1", "a@{1}", "a.lock", "a/", "*", "x" * 201]
)
def test_a_reference_that_git_does_not_allow_is_refused(reference: str) -> None:
    with pytest.raises(SourceRefused) as refused:
        checked_reference(reference)
    assert refused.value.field == "reference"


NEVER = (
    "169.254.169.254 fe80::1 0.0.0.0 :: 224.0.0.1 255.255.255.255 64:ff9b::7f00:1 2002:7f00:1:: ::ffff:169.254.1.1 x"
)
LISTED_ONLY = "127.0.0.1 ::1 10.1.2.3 172.16.0.1 192.168.1.1 100.64.0.1 fd00::1 ::ffff:127.0.0.1"


def test_networks_are_allowed_as_the_administrator_says() -> None:
    for address in NEVER.split():
        assert not is_allowed(address, PRIVATE_NETWORKS), address
    for address in LISTED_ONLY.split():
        assert is_allowed(address, PRIVATE_NETWORKS), address
        assert not is_allowed(address, ()), address
    assert is_allowed("93.184.216.34", ())
    assert not is_allowed("192.0.0.8", ())
    assert not is_allowed("198.18.0.1", PRIVATE_NETWORKS)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]"])
def test_a_team_server_does_not_fetch_from_its_own_network(alice: User, settings: Settings, name: str) -> None:
    settings.MODE = "team"
    row = imported(alice, f"http://{name}:1/x.git")
    assert row.state == "failed"
    assert "network" in row.text or "no address" in row.text


def test_nothing_of_a_repository_is_run_or_followed(host: GitHost, work: Path, alice: User, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    (work / "passwords").symlink_to("/etc/passwd")
    (work / "folder").symlink_to("/etc")
    (work / ".gitattributes").write_text("*.py filter=evil\n*.bin filter=lfs\n")
    (work / ".gitmodules").write_text(f'[submodule "m"]\n\tpath = m\n\turl = ext::sh -c touch% {proof}\n')
    git(work, "add", ".")
    git(work, "update-index", "--add", "--cacheinfo", f"160000,{git(work, 'rev-parse', 'HEAD')},m")
    git(work, "commit", "-qm", "evil")
    address = host.publish(work, "evil.git")
    for hook in ("post-checkout", "post-merge", "reference-transaction"):
        path = host.root / "evil.git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {proof}\n")
        path.chmod(0o755)
    row = imported(alice, address)
    assert row.state == "done", row.text
    assert row.snapshot is not None
    assert [entry.path for entry in manifest_of_snapshot(row.snapshot)] == [".gitattributes", ".gitmodules", "train.py"]
    assert [note.split(" is ")[0] for note in row.snapshot.notes] == ["m", "folder", "passwords"]
    assert not proof.exists()


def test_a_redirect_is_not_followed(host: GitHost, work: Path, alice: User) -> None:
    host.publish(work, "a.git")
    row = imported(alice, f"{host.url}/moved/a.git")
    assert row.state == "failed"
    assert "leads on" in row.text
    assert all(path.startswith("/moved/") for path in host.requests)


def test_a_repository_over_the_limit_ends_early(
    host: GitHost, work: Path, alice: User, settings: Settings, own_data_folder: Path
) -> None:
    (work / "big.bin").write_bytes(os.urandom(5_000_000))
    git(work, "add", ".")
    git(work, "commit", "-qm", "big")
    settings.SNAPSHOT_MAX_BYTES = 1_000_000
    row = imported(alice, host.publish(work, "big.git"))
    assert row.state == "failed"
    assert "more than" in row.text or "File too large" in row.text, row.text
    assert not list((own_data_folder / "incoming").iterdir())


def test_a_small_repository_with_endless_files_is_not_laid_out(
    host: GitHost, work: Path, alice: User, settings: Settings
) -> None:
    blob = git(work, "hash-object", "-w", "--stdin", data=b"x")
    tree = git(work, "mktree", data="".join(f"100644 blob {blob}\tf{n}\n" for n in range(20)).encode())
    for _ in range(6):
        tree = git(work, "mktree", data="".join(f"040000 tree {tree}\td{n}\n" for n in range(20)).encode())
    git(work, "update-ref", "refs/heads/main", git(work, "commit-tree", tree, "-m", "bomb"))
    settings.SNAPSHOT_MAX_FILES = 100
    row = imported(alice, host.publish(work, "bomb.git"))
    assert row.state == "failed"
    assert "1,000 files" in row.text


def test_an_endless_answer_is_ended(host: GitHost, alice: User, settings: Settings) -> None:
    settings.SNAPSHOT_MAX_BYTES = 1_000_000
    assert imported(alice, f"{host.url}/endless/a.git").state == "failed"


def test_a_private_repository_opens_with_its_credential_and_shows_it_nowhere(
    host: GitHost, work: Path, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    (host.root / "private").mkdir()
    host.publish(work, "private/a.git")
    plain = f"{host.url}/private/a.git"
    project = create_from_git(alice, "Private", plain.replace("//", f"//robot:{SECRET_ADDRESS}@"))
    row = project.imports.get()
    assert row.location == project.source_location == plain
    assert row.sealed_credential
    run_import(row.pk)
    row.refresh_from_db()
    assert (row.state, row.sealed_credential) == ("done", ""), row.text
    wrong = imported(alice, plain.replace("//", "//robot:wrong-word@"))
    assert "did not accept" in wrong.text
    none = imported(alice, plain)
    assert "user" in none.text
    told = " ".join(str(value) for each in SourceImport.objects.values() for value in each.values()) + caplog.text
    assert "wrong-word" not in told
    assert "s3cret" not in told


def test_words_of_git_are_masked_in_every_form() -> None:
    words = "x s3cret/+tokén s3cret%2F%2Btok%C3%A9n https://robot:abc@host/ cm9ib3Q6czNjcmV0Lyt0b2vDqW4="
    hidden = masked(words, USER_AND_TOKEN)
    assert "s3cret" not in hidden
    assert "cm9i" not in hidden
    assert "abc" not in hidden


def test_a_second_helper_finds_nothing_to_do(host: GitHost, work: Path, alice: User) -> None:
    row = imported(alice, host.publish(work, "a.git"))
    requests = len(host.requests)
    run_import(row.pk)
    run_import(987654)
    assert len(host.requests) == requests


def test_a_silent_import_is_stale_and_can_be_tried_again(host: GitHost, work: Path, alice: User) -> None:
    (host.root / "private").mkdir()
    host.publish(work, "private/a.git")
    address = f"{host.url}/private/a.git".replace("//", f"//robot:{SECRET_ADDRESS}@")
    row = create_from_git(alice, "Private", address).imports.get()
    assert not is_stale(row)
    with pytest.raises(SourceRefused, match="going on"):
        retry_import(row, alice)
    with pytest.raises(SourceRefused, match="going on"):
        replace_from_git(row.project, alice, address)
    SourceImport.objects.update(state="running", heartbeat_at=timezone.now() - timedelta(seconds=31))
    row.refresh_from_db()
    assert is_stale(row)
    again = retry_import(row, alice)
    run_import(again.pk)
    again.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, row.sealed_credential, again.state) == ("failed", "", "done")
    with pytest.raises(SourceRefused, match="done"):
        retry_import(again, alice)
    replaced = replace_from_git(row.project, alice, address, "v1")
    run_import(replaced.pk)
    row.project.refresh_from_db()
    assert read_file(row.project.current_snapshot, "train.py", 99) == b"first\n"


@pytest.mark.parametrize("notices", ["at a heartbeat", "at the end"])
def test_a_helper_whose_row_was_ended_writes_nothing(
    host: GitHost, work: Path, alice: User, monkeypatch: pytest.MonkeyPatch, notices: str
) -> None:
    row = create_from_git(alice, "Thawed", host.publish(work, "a.git")).imports.get()
    monkeypatch.setattr("projects.git_import.HEARTBEAT_SECONDS", 0.0 if notices == "at a heartbeat" else 1e9)
    beat = Heartbeat.__call__

    def ended_meanwhile(self: Heartbeat) -> None:
        SourceImport.objects.update(state="failed", text="given up")
        beat(self)

    monkeypatch.setattr(Heartbeat, "__call__", ended_meanwhile)
    run_import(row.pk)
    row.refresh_from_db()
    row.project.refresh_from_db()
    assert (row.state, row.text, row.project.current_snapshot) == ("failed", "given up", None)


DRIVER = """
import os, django; django.setup()
from django.contrib.auth.models import User
from projects.sources import create_from_git
import sys
print(create_from_git(User.objects.create_user(sys.argv[2]), "Far", sys.argv[1]).imports.get().pk)
"""
STATE = """
import django; django.setup()
from projects.models import SourceImport
import sys
print(SourceImport.objects.get(pk=sys.argv[1]).state)
"""


@pytest.mark.one_database
def test_the_helper_process_outlives_the_one_that_started_it(host: GitHost, work: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "server"
    data_dir.mkdir(mode=0o700)
    copy_file_with_tables(data_dir)
    environment = os.environ | {
        "AMLWEB_DATA_DIR": str(data_dir),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "amlweb.settings",
    }

    def call(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    number = call("-c", DRIVER, host.publish(work, "a.git"), "alice")
    deadline = time.monotonic() + 60
    while (state := call("-c", STATE, number)) in ("waiting", "running") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert state == "done", (data_dir / "imports.log").read_text()
    assert hashlib.sha256(b"second\n").hexdigest()[2:] in {path.name for path in (data_dir / "blobs").rglob("*")}
