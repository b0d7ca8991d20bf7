"""What the operating system's errors mean to the user of a target."""

import errno

from computes.errors import TargetDiskFull, TargetError, TransferFailed

FULL = (errno.ENOSPC, errno.EDQUOT)


def explain(error: OSError, deed: str) -> TargetError:
    """Return the error of ours for an error of the target's system while doing a deed ("place the code")."""
    if error.errno in FULL:
        return TargetDiskFull(
            f"No space was left on the target while trying to {deed}.",
            "Free disk space in the target's work folder, then run again.",
        )
    return TransferFailed(
        f"The target refused to {deed}: {error.strerror or error} ({error.filename or 'no path'}).",
        "Let an administrator check the target's work folder: it must exist and belong to the account that runs there.",
    )
