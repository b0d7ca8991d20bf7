"""What silence and strange answers of a web service mean to the user of a target."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from computes.errors import LoginRefused, TargetUnreachable
from computes.executors.plain_text import plain
from computes.shared_storage.http_answer import Answer, HttpAccess


@contextmanager
def said_in_words(access: HttpAccess) -> Iterator[None]:
    """Turn what `requests` and the library below it raise into TargetUnreachable with the cause and a remedy."""
    try:
        yield
    except (OSError, import_module("urllib3").exceptions.HTTPError) as error:
        raise silence(access, error) from error


def silence(access: HttpAccess, error: Exception) -> TargetUnreachable:
    """Return the error for a service that gave no answer."""
    exceptions = import_module("requests").exceptions
    service, said = access.service, str(error)
    if isinstance(error, exceptions.SSLError):
        return TargetUnreachable(
            f"{service} shows a certificate that is not trusted: {cause_in(said)}",
            "Set the CA bundle of the target to the file with the certificates of the cluster's authority.",
        )
    if isinstance(error, exceptions.ConnectTimeout):
        return TargetUnreachable(
            f"{service} does not accept a connection.",
            "Compare the address and the firewall between this server and the cluster.",
        )
    if isinstance(error, exceptions.Timeout) or "timed out" in said:
        return overdue(access)
    if "TLS CA certificate bundle" in said:
        return TargetUnreachable(
            f"The CA bundle {access.ca_bundle!r} of the target is not there.", "Correct its path on this server."
        )
    if "NameResolutionError" in said or "Name or service not known" in said:
        return TargetUnreachable(f"The name in the address of {service} is not known.", "Correct the address.")
    if "Connection refused" in said:
        return TargetUnreachable(
            f"{service} does not answer: the connection was refused.", "Is it running? Compare the port."
        )
    return TargetUnreachable(
        f"{service} does not answer: {cause_in(said)}", "Nothing is decided until it does; it is asked again by itself."
    )


def overdue(access: HttpAccess) -> TargetUnreachable:
    """Return the error for an answer that does not come or does not end."""
    return TargetUnreachable(
        f"{access.service} did not finish its answer in time.", "It may be overloaded; it is asked again by itself."
    )


def too_large(access: HttpAccess, most_bytes: int) -> TargetUnreachable:
    """Return the error for an answer that is no answer of such a service."""
    return TargetUnreachable(
        f"{access.service} sent more than {most_bytes:,} bytes for an answer.",
        "Compare the address: something else may answer there.",
    )


def refused(access: HttpAccess, answer: Answer) -> TargetUnreachable | None:
    """Return the error for an answer that any gateway may give in the place of the service; None for none of these."""
    service = access.service
    if answer.status == 401:
        return LoginRefused(
            f"{service} refuses the login (401).", "Correct user name and password of the target's credential."
        )
    if answer.status == 403 and answer.is_page():
        return LoginRefused(
            f"The gateway before {service} does not let this user in (403).",
            "Let the cluster's administrator allow the user, or use another one.",
        )
    if 300 <= answer.status < 400:
        return TargetUnreachable(
            f"{service} sends us elsewhere ({answer.status}), as a login page for people does.",
            "Use the address of the interface for programs, which takes a user name and password (HDInsight: "
            "https://NAME.azurehdinsight.net/livy).",
        )
    if answer.status == 429:
        return TargetUnreachable(f"{service} is asked too often (429).", "It is asked again by itself, later.")
    if answer.status in (502, 503, 504):
        return TargetUnreachable(
            f"The gateway before {service} gets no answer from it ({answer.status}).",
            "Look at the service on the cluster; it is asked again by itself.",
        )
    if answer.is_page():
        return TargetUnreachable(
            f"A page for people answers at the address of {service} ({answer.status}).",
            "Correct the address: it is that of the interface for programs.",
        )
    return None


def cause_in(said: str) -> str:
    """Return the last words of a long complaint, where its cause stands."""
    return plain(said.rsplit("(Caused by", 1)[-1].rstrip(")")[:300])
