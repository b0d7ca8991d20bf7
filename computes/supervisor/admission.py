"""admit: what a machine does before a container may run a run, and who owns the run folder then."""

import contextlib
import errno
import os
import stat

from .launch import LAUNCH_PATIENCE_SECONDS, verdict
from .locks import reserve_started, take_launch_lock
from .removal import remove_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence


def admit(
    folder: str, placed: str, user: str, unprivileged: str, kept: "Sequence[str]", readable: "Sequence[str]"
) -> "dict[str, Any]":
    """Decide whether a container may be started for a run; make the folder that a launch placed the run folder.

    `user` is "UID:GID", the owner of the run folder from now on, or empty for the present one; where that is root,
    `unprivileged` is taken. `kept` are folders that are given to it as well, `readable` folders of ours that every user
    may then read. Answers: admitted with user, found, refused, busy, failed. From an admission on, a stop leaves its
    cancel in the run folder, where the supervisor in the container sees it.
    """
    launch_lock = take_launch_lock(folder, LAUNCH_PATIENCE_SECONDS)
    if launch_lock is None:
        return {"answer": "busy"}
    try:
        answer = verdict(folder)
        if answer["answer"] == "admitted":
            uid, gid = owner(user, unprivileged)
            answer["user"] = "%d:%d" % (uid, gid)
            if not os.path.isdir(folder):
                give_folder(placed, uid, gid)
                os.rename(placed, folder)
            for path in kept if os.geteuid() == 0 else ():
                os.chown(path, uid, gid)
            for path in readable:
                open_to_all(path)
            reserve_started(launch_lock)
            remove_others(folder, placed)
    except OSError as error:
        answer = {"answer": "failed", "stage": "owner", "errno": error.errno or errno.EPERM}
    finally:
        os.close(launch_lock)
    if os.path.lexists(placed):
        remove_tree(placed)
    return answer


def remove_others(folder: str, placed: str) -> None:
    """Remove what other launches of a run have placed and did not live to have admitted: its secrets are in it. One
    that is still placing goes on without: the folder that was admitted is its own, too."""
    parent, name = os.path.split(folder)
    for entry in os.listdir(parent):
        if entry.startswith(".%s-" % name) and entry != os.path.basename(placed):
            with contextlib.suppress(OSError):
                remove_tree(os.path.join(parent, entry))


def owner(user: str, unprivileged: str) -> "tuple[int, int]":
    """Return the numbers of the user and group that a container runs as: never root."""
    if not user and os.geteuid():
        return os.geteuid(), os.getegid()
    uid, gid = (user or unprivileged).split(":")
    return int(uid), int(gid)


def give_folder(folder: str, uid: int, gid: int) -> None:
    """Make a user the owner of a folder and all that is in it; links are not followed."""
    if (uid, gid) == (os.geteuid(), os.getegid()):
        return
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in folders + files:
            os.lchown(os.path.join(parent, name), uid, gid)
    os.lchown(folder, uid, gid)


def open_to_all(folder: str) -> None:
    """Let every user read a folder of our own code."""
    if stat.S_IMODE(os.stat(folder).st_mode) == 0o755:
        return
    for parent, _, files in os.walk(folder, topdown=False):
        for name in files:
            os.chmod(os.path.join(parent, name), 0o644)
        os.chmod(parent, 0o755)  # noqa: S103 - code of ours, nothing secret
