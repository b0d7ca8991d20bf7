"""What goes wrong in the operating system, in words for the user of a target."""

import errno

from computes.errors import TargetDiskFull, TargetError, TargetUnreachable, TransferFailed

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


def unreadable(error: OSError) -> TargetUnreachable:
    """Return the error of ours for a run folder whose disk does not answer."""
    return TargetUnreachable(
        f"The run folder cannot be read: {error.strerror} ({error.filename}).",
        "Let an administrator check the disk of the work folder.",
    )


def overdue(program: str, seconds: float) -> TargetUnreachable:
    """Return the error of ours for a command that did not end in time."""
    return TargetUnreachable(
        f"{program} did not answer within {seconds:g} s.",
        "The machine may be overloaded or a disk may hang; the command is tried again.",
    )


def unusable_tar(error: ValueError) -> TransferFailed:
    """Return the error of ours for files that did not arrive as they were sent."""
    return TransferFailed(
        f"The files could not be unpacked: {error}.", "Try again; if that does not help, look at the target's disk."
    )
