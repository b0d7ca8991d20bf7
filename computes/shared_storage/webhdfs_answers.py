"""What WebHDFS's refusals mean to the user of a target."""

from typing import Any

from computes.errors import LoginRefused, TargetDiskFull, TargetError, TargetUnreachable, TransferFailed
from computes.executors.plain_text import plain
from computes.shared_storage.contract import Listed
from computes.shared_storage.http_answer import Answer, HttpAccess
from computes.shared_storage.http_errors import refused

MISSING = "FileNotFoundException"
NOT_NOW = {"StandbyException", "RetriableException", "SafeModeException"}
FULL = {"DSQuotaExceededException", "NSQuotaExceededException", "QuotaByStorageTypeExceededException"}


class AlreadyThere(TargetError):
    """A file of this name is there."""


def remote_error(answer: Answer) -> tuple[str, str] | None:
    """Return (exception, message) of a RemoteException, None where the answer holds none."""
    try:
        found = answer.json()["RemoteException"]
        return str(found["exception"]), plain(str(found["message"]).splitlines()[0] if found["message"] else "")
    except (ValueError, LookupError, TypeError):
        return None


def error_of(access: HttpAccess, answer: Answer, error: tuple[str, str] | None, deed: str) -> TargetError:
    """Return the error of ours for a deed ("make spec.json") that WebHDFS did not do."""
    if error is None:
        return refused(access, answer) or TargetUnreachable(
            f"WebHDFS gave an unknown answer ({answer.status}) when it was asked to {deed}.",
            "Compare the target's work folder: its address ends with /webhdfs/v1/ and a folder.",
        )
    name, message = error
    if name == "FileAlreadyExistsException":
        return AlreadyThere(f"WebHDFS refused to {deed}: {message}", "It is there already.")
    if name == "StandbyException":
        return TargetUnreachable(
            "This name node is a standby; another one is active.",
            "Set the work folder to the active one's address, or to a gateway that knows which it is (HttpFS, Knox).",
        )
    if name == "SafeModeException":
        return TargetUnreachable(
            "HDFS is in safe mode and takes nothing.", "It leaves it by itself, or by: hdfs dfsadmin -safemode leave"
        )
    if name in NOT_NOW:
        return TargetUnreachable(f"HDFS cannot do this now: {message}", "It is tried again by itself.")
    if name in FULL or "could only be" in message or "No space left" in message:
        return TargetDiskFull(
            f"HDFS has no room to {deed}: {message}",
            "Free space, or raise the quota of the work folder, then run again.",
        )
    if name in ("SecurityException", "AuthorizationException") or answer.status == 401:
        return LoginRefused(
            f"WebHDFS does not let us in: {message}",
            "Set a user that may use WebHDFS. Kerberos is not spoken here: go through a gateway that takes a password.",
        )
    if name == "AccessControlException":
        return TransferFailed(
            f"HDFS refused to {deed}: {message}",
            "Give the work folder to the user of the target: hdfs dfs -chown USER FOLDER",
        )
    if name == MISSING:
        return TransferFailed(f"HDFS has not what is needed to {deed}: {message}", "Submit the run again.")
    return TargetUnreachable(f"HDFS refused to {deed}: {name}: {message}", "It is tried again by itself.")


def object_in(access: HttpAccess, answer: Answer, key: str = "") -> dict[str, Any]:
    """Return the object of an answer, or the one under a key. Raises TargetUnreachable for anything else."""
    try:
        found = answer.json()
        found = found[key] if key else found
    except (ValueError, LookupError, TypeError):
        found = None
    if not isinstance(found, dict):
        raise refused(access, answer) or TargetUnreachable(
            "WebHDFS gave an answer that is not one of WebHDFS.", "Compare the address in the target's work folder."
        )
    return found


def listed(access: HttpAccess, answer: Answer) -> dict[str, Listed]:
    """Return the entries of a listing by their names. Raises TargetUnreachable for anything else; an entry that says no
    size or no time has 0."""
    entries = object_in(access, answer, "FileStatuses").get("FileStatus")
    if not isinstance(entries, list):
        raise TargetUnreachable("WebHDFS lists a folder in an unknown form.", "Compare the target's work folder.")
    found = {}
    for entry in entries:
        if isinstance(entry, dict) and (name := str(entry.get("pathSuffix", ""))):
            size, moment = whole(entry.get("length")), whole(entry.get("modificationTime"))
            found[name] = Listed(moment / 1000, size, entry.get("type") == "DIRECTORY")
    return found


def length_in(access: HttpAccess, answer: Answer) -> int:
    """Return the bytes that a summary of contents says. Raises TargetUnreachable for anything else."""
    return whole(object_in(access, answer, "ContentSummary").get("length"))


def whole(value: object) -> int:
    """Return a number that is not below zero; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
