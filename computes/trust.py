"""What it means to let people use a target, in plain words."""

import os
import pwd
from dataclasses import dataclass

from django.conf import settings

from computes.models import ComputeTarget

OF_OUR_ACCOUNT = (
    "Such code can read and change everything that amlweb keeps: the database, the keys that secrets are sealed with, "
    "and the code, logs and outputs of every project.",
    "The people who share this target are not protected from each other. Grant it only to people to whom you would "
    "give a shell on this server.",
)


@dataclass(frozen=True, slots=True)
class TrustStatement:
    """What whoever may use a target can do. `is_grave` says that they could take over the server itself."""

    title: str
    sentences: tuple[str, ...]
    is_grave: bool


def server_account() -> str:
    """Return the name of the user account that the server runs as, or its number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"number {os.getuid()}"


def trust_statement_on(target: ComputeTarget) -> TrustStatement:
    """Return what using a target means, for its machine and for this server."""
    return trust_in_builds() if target.builds_here else trust_statement_of(target.kind)


def trust_in_builds() -> TrustStatement:
    """Return what it means that environments for a cluster are built on this server."""
    account, cluster = server_account(), trust_statement_of(ComputeTarget.Kind.LIVY)
    return TrustStatement(
        f"Environments are built on this server by its own user account, {account}",
        (
            f"Whoever may use this target may ask for packages whose set-up programs run any code here as {account}.",
            *OF_OUR_ACCOUNT,
            *cluster.sentences,
        ),
        is_grave=settings.MODE == "team",
    )


def trust_statement_of(kind: str) -> TrustStatement:
    """Return what using a target of a kind means for the machine it is on."""
    if kind == ComputeTarget.Kind.LOCAL_DOCKER:
        return TrustStatement(
            "Whoever may use this target may run any code in containers on this server",
            (
                "A container has no privileges and sees nothing of the server but its own run folder and the shared "
                "folder. Docker keeps it there; amlweb could not.",
                "With the host's network it also reaches services that listen on this server only.",
            ),
            is_grave=False,
        )
    if kind in (ComputeTarget.Kind.CLUSTER, ComputeTarget.Kind.LIVY):
        account = (
            "the account that logs in" if kind == ComputeTarget.Kind.CLUSTER else "Livy's account or the one to run as"
        )
        return TrustStatement(
            "Whoever may use this target may run any code on the cluster",
            (
                f"Scripts run on the nodes as the cluster sees {account}, and may read and write all that it may: "
                "tables and files of others in the cluster's storage among them.",
                "The people who share this target are not protected from each other there.",
            ),
            is_grave=False,
        )
    if kind != ComputeTarget.Kind.LOCAL:
        return TrustStatement(
            "Whoever may use this target may run any code there",
            ("Scripts run as the account that the target is attached with, and may do everything that account may.",),
            is_grave=False,
        )
    account = server_account()
    return TrustStatement(
        f"Scripts run on this server as its own user account, {account}",
        (
            f"Whoever may use this target may run any code here as {account}.",
            *OF_OUR_ACCOUNT,
        ),
        is_grave=settings.MODE == "team",
    )
