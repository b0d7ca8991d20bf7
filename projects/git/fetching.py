"""Fetches one commit of a repository into a folder, and lays out its files.

Plain Python. Shallow where the host allows it. Links in the repository are not made; submodules are not fetched.
"""

import base64
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from projects.errors import SourceRefused
from projects.git.command import SSH_OPTIONS, git_command, git_environment
from projects.git.complaints import refusal_of
from projects.git.location import FIELD, GitLocation
from projects.git.watched_process import OutgrewItsLimit, WatchLimits, run_watched
from projects.path_rules import shown
from projects.size_limits import SizeLimits, in_words

_HASH = re.compile(r"[0-9a-f]{7,64}")
_WHOLE_HASH_LENGTHS = (40, 64)
_RETRY_WHOLE = ("not our ref", "unadvertised object", "does not allow request", "shallow", "find remote ref")


@dataclass(frozen=True, slots=True)
class SshFiles:
    """Where an administrator keeps the keys of ssh hosts, and the server's own key (it need not exist)."""

    known_hosts: Path
    identity: Path


@dataclass(frozen=True, slots=True)
class GitSource:
    """What to fetch, from which addresses of its host, and with which credential ("" or "user:password")."""

    location: GitLocation
    reference: str
    addresses: Sequence[str]
    ssh: SshFiles


def fetch_files(source: GitSource, folder: Path, sizes: SizeLimits, limits: WatchLimits) -> dict[str, str]:
    """Lay out the files of the wanted commit in an empty folder.

    Returns what is in the repository but no file of the project (links, submodules): path → note.
    Raises SourceRefused.
    """
    fetch = _Fetch(source, folder, limits)
    fetch.run("init", "--quiet", "--template=", ".")
    commit = fetch.commit()
    left_out = _checked_listing(fetch, commit, sizes)
    fetch.run("checkout", "--quiet", "--force", "--detach", commit)
    return left_out


class _Fetch:
    def __init__(self, source: GitSource, folder: Path, limits: WatchLimits) -> None:
        self.source, self.folder, self.limits = source, folder, limits
        self.environment = git_environment(_secret_settings(source), {"GIT_SSH_COMMAND": _ssh_command(source)})

    def commit(self) -> str:
        """Fetch, and return the commit that the reference means."""
        reference = self.source.reference
        wanted = [f"refs/heads/{reference}", f"refs/tags/{reference}"] if reference else ["HEAD"]
        if _HASH.fullmatch(reference):
            wanted = [reference] if len(reference) in _WHOLE_HASH_LENGTHS else wanted
        words = ""
        for name in wanted:
            code, words = self.call("fetch", "--quiet", "--depth=1", "--no-tags", "--", self.source.location.url, name)
            if code == 0:
                return self.read("rev-parse", "--verify", "FETCH_HEAD^{commit}")
        if any(part in words for part in _RETRY_WHOLE) and ("shallow" in words or _HASH.fullmatch(reference)):
            return self._commit_of_whole()
        raise refusal_of(words, self.source.location.credential)

    def _commit_of_whole(self) -> str:
        """Fetch all branches and tags: the host gives no single commit, or a short hash was given."""
        branches = ["+HEAD:refs/remotes/from/HEAD", "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
        self.run("fetch", "--quiet", "--no-tags", "--update-head-ok", "--", self.source.location.url, *branches)
        reference = self.source.reference
        names = [f"refs/heads/{reference}", f"refs/tags/{reference}"] if reference else ["refs/remotes/from/HEAD"]
        names += [reference] if _HASH.fullmatch(reference) else []
        for name in names:
            if commit := self.read("rev-parse", "--quiet", "--verify", f"{name}^{{commit}}", may_fail=True):
                return commit
        raise refusal_of("unknown revision", "")

    def run(self, *arguments: str) -> None:
        code, words = self.call(*arguments)
        if code:
            raise refusal_of(words, self.source.location.credential)

    def call(self, *arguments: str) -> tuple[int, str]:
        command = git_command(*arguments, settings=_pins(self.source))
        try:
            return run_watched(command, self.folder, self.environment, self.limits)
        except OutgrewItsLimit as error:
            if str(error) == "seconds":
                text, remedy = "The repository took too long to fetch.", "Try again later, or upload an archive."
            else:
                text = f"The repository needs more than {in_words(self.limits.most_bytes)}."
                remedy = "Name a branch with less in it, or upload an archive of what a run needs."
            raise SourceRefused(FIELD, text, remedy) from error

    def read(self, *arguments: str, may_fail: bool = False) -> str:
        """Return the one line that a quick local call prints."""
        command = git_command(*arguments)
        result = subprocess.run(
            command, cwd=self.folder, env=git_environment(), capture_output=True, text=True, timeout=60, check=False
        )
        if result.returncode and not may_fail:
            raise refusal_of(result.stderr, self.source.location.credential)
        return result.stdout.strip()


def _checked_listing(fetch: _Fetch, commit: str, sizes: SizeLimits) -> dict[str, str]:
    """Count what a checkout would write before it writes it: a tiny repository can hold a billion files."""
    command = git_command("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
    left_out: dict[str, str] = {}
    files = total = 0
    with subprocess.Popen(command, cwd=fetch.folder, env=git_environment(), stdout=subprocess.PIPE) as listing:
        assert listing.stdout is not None
        for line in _lines(listing.stdout):
            facts, _, name = line.partition("\t")
            mode, _, _, size = facts.split()
            if mode in ("120000", "160000"):
                what = "a link" if mode == "120000" else "a submodule"
                left_out[name] = f"{shown(name)} is {what} and was left out."
            files, total = files + 1, total + (int(size) if size.isdigit() else 0)
            if files > 10 * sizes.files or total > 4 * sizes.total_bytes:
                listing.kill()
                text = f"The repository has more than {files - 1:,} files or {in_words(total)}."
                raise SourceRefused(FIELD, text, "Upload an archive of what a run needs.")
    return left_out


def _lines(stream: IO[bytes]) -> Iterator[str]:
    rest = b""
    while chunk := stream.read(64 * 1024):
        *lines, rest = (rest + chunk).split(b"\0")
        yield from (line.decode("utf-8", "surrogateescape") for line in lines)


def _secret_settings(source: GitSource) -> dict[str, str]:
    if not source.location.credential:
        return {}
    encoded = base64.b64encode(source.location.credential.encode()).decode()
    return {f"http.{source.location.url}.extraHeader": f"Authorization: Basic {encoded}"}


def _pins(source: GitSource) -> list[str]:
    """Tie the host's name to the addresses that were allowed, so that a second look-up cannot lead elsewhere."""
    if source.location.scheme == "ssh":
        return []
    addresses = ",".join(f"[{address}]" if ":" in address else address for address in source.addresses)
    return [f"http.curloptResolve={source.location.host}:{source.location.port}:{addresses}"]


def _ssh_command(source: GitSource) -> str:
    pins = ["-o", f"HostName={source.addresses[0]}", "-o", f"HostKeyAlias={source.location.host}"]
    known = ["-o", f"UserKnownHostsFile={source.ssh.known_hosts}", "-o", "GlobalKnownHostsFile=/dev/null"]
    key = ["-o", "IdentitiesOnly=yes", "-i", str(source.ssh.identity)] if source.ssh.identity.exists() else []
    return shlex.join(["ssh", *SSH_OPTIONS, *pins, *known, *key])
