"""The one way in which git is called: no configuration but ours, no hooks, no prompts, no helpers, no submodules.

Plain Python. What a repository brings along (hooks, filters, a file-system monitor, helper programs, links) is never
run or followed; only https, http and ssh are spoken, and no redirect is followed.
"""

import os
from collections.abc import Mapping, Sequence

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.symlinks=false",
    "core.fsmonitor=",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.protectNTFS=true",
    "core.protectHFS=true",
    "credential.helper=",
    "safe.directory=*",
    "submodule.recurse=false",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.http.allow=always",
    "protocol.ssh.allow=always",
    "transfer.fsckObjects=true",
    # Old but harmless slips that are in many honest repositories.
    "fetch.fsck.zeroPaddedFilemode=ignore",
    "fetch.fsck.badTimezone=ignore",
    "fetch.fsck.missingSpaceBeforeDate=ignore",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    # Large packs and files are read in pieces; a call may have 2 GiB of memory.
    "core.packedGitWindowSize=32m",
    "core.packedGitLimit=256m",
    "core.bigFileThreshold=32m",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
)
SSH_OPTIONS = ("-F", "/dev/null", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=20")


def git_command(*arguments: str, settings: Sequence[str] = ()) -> list[str]:
    """Return the argument list of one git call. `settings` are further `name=value` pairs, in sight of `ps`."""
    options = [part for setting in (*_SETTINGS, *settings) for part in ("-c", setting)]
    return ["git", *options, *arguments]


def git_environment(
    secret_settings: Mapping[str, str] | None = None, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the whole environment of a git call; `secret_settings` travel in it, unseen by other users."""
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "SSH_ASKPASS": "false",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }
    for name in ("GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR"):  # which certificates the administrator trusts
        if name in os.environ:
            environment[name] = os.environ[name]
    secret = dict(secret_settings or {})
    environment["GIT_CONFIG_COUNT"] = str(len(secret))
    for number, (name, value) in enumerate(secret.items()):
        environment[f"GIT_CONFIG_KEY_{number}"] = name
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment | dict(more or {})
