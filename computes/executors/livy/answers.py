"""What Livy's refusals mean to the user of a target."""

from computes.errors import LoginRefused, StartFailed, TargetError, TargetUnreachable
from computes.executors.plain_text import plain
from computes.shared_storage.http_answer import Answer, HttpAccess
from computes.shared_storage.http_errors import refused

DUPLICATE = "Duplicate session name"


class NameTaken(TargetError):
    """Livy has a batch of this name: an earlier request of ours has arrived."""


def said_in(answer: Answer) -> str:
    """Return Livy's own words: {"msg": …}, or what there is."""
    try:
        found = answer.json()
    except ValueError:
        return answer.words()
    return plain(found.get("msg")) if isinstance(found, dict) and found.get("msg") else answer.words()


def no_livy(access: HttpAccess, answer: Answer) -> TargetUnreachable:
    """Return the error for an answer that Livy does not give."""
    return refused(access, answer) or TargetUnreachable(
        f"What answers at the address of {access.service} is not Livy ({answer.status}): {said_in(answer)[:200]}",
        "Correct the address: Livy's own port is 8998, and gateways add a path (HDInsight: /livy).",
    )


def refusal(access: HttpAccess, answer: Answer) -> TargetError:
    """Return the error for a batch that Livy did not take."""
    said = said_in(answer)
    low = said.lower()
    if "duplicate session name" in low:
        return NameTaken(said, "It is looked for.")
    if "cannot be added to user sessions" in low:
        return StartFailed(
            f"Livy may not hand out files of the shared folder: {said}",
            "Let the cluster's administrator add the folder to livy.file.local-dir-whitelist in livy.conf.",
        )
    if "blacklisted configuration" in low:
        return StartFailed(
            f"Livy forbids a Spark property: {said}",
            "Take it out of the project's Spark dependencies, or of the target's properties.",
        )
    if "too many sessions" in low:
        return TargetUnreachable(
            "Livy is starting as many batches as it may at once (livy.server.session.max-creation).",
            "It is tried again by itself.",
        )
    if "csrf" in low or "required header" in low:
        return StartFailed(
            f"Livy misses a header that we have sent (X-Requested-By): {said}",
            "Let the gateway before Livy pass the header on.",
        )
    if "impersonate" in low or "proxyuser" in low or "proxy user" in low:
        return StartFailed(
            f"Livy may not run batches as that user: {said}",
            "Correct the proxy user of the target, or allow it: livy.impersonation.enabled and livy.superusers in "
            "livy.conf, hadoop.proxyuser.livy.* in core-site.xml.",
        )
    if "unrecognized field" in low:
        return StartFailed(f"This Livy is too old: {said}", "Livy 0.7 or newer is needed.")
    if answer.status in (400, 403, 413, 422) and not answer.is_page():
        if answer.status == 403:
            return LoginRefused(
                f"Livy does not let this user in (403): {said}", "Let its administrator allow the user."
            )
        return StartFailed(
            f"Livy refused the batch ({answer.status}): {said}", "Compare the target's settings and Livy's log."
        )
    if answer.status == 500 and not answer.is_page():
        return TargetUnreachable(
            f"Livy failed at our request: {said}", "Look into Livy's log on the cluster; it is tried again by itself."
        )
    return no_livy(access, answer)
