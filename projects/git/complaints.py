"""What git's own words mean for the person who gave the address, with every trace of the credential masked."""

import base64
from urllib.parse import quote

from projects.errors import SourceRefused
from projects.git.location import FIELD, without_credential

_WANTS_USER, _REFUSED_USER = "could not read Username", "Authentication failed"
_COMPLAINTS = (
    # (part of git's words, form field, what happened, remedy)
    ("couldn't find remote ref", "reference", "The repository has no such branch or tag.", "Check the spelling."),
    ("unknown revision", "reference", "The repository has no such branch, tag or commit.", "Check the spelling."),
    ("not our ref", "reference", "The repository has no such commit.", "Check that the commit was pushed."),
    (
        _WANTS_USER,
        FIELD,
        "The repository does not exist, or it wants a user and a password.",
        "Write the address as https://user:token@host/path; the token is kept sealed and never shown.",
    ),
    (
        _REFUSED_USER,
        FIELD,
        "The repository did not accept the user and password.",
        "Make a new token that may read the repository.",
    ),
    (
        "Host key verification failed",
        FIELD,
        "The key of the ssh host is not known.",
        "Use https, or ask an administrator.",
    ),
    ("Permission denied", FIELD, "The ssh host did not let the server in.", "Use https, or ask an administrator."),
    ("error: 30", FIELD, "The address leads on to another one.", "Use the address that it leads to."),
    ("redirect", FIELD, "The address leads on to another one.", "Use the address that it leads to."),
    ("not found", FIELD, "There is no repository at this address.", "Check the address."),
    ("Could not resolve host", FIELD, "The host has no address.", "Check the spelling."),
    ("Connection refused", FIELD, "Nothing answers at this address.", "Check the port, and that the host is up."),
    ("Failed to connect", FIELD, "Nothing answers at this address.", "Check the port, and that the host is up."),
    ("certificate", FIELD, "The host's certificate is not trusted.", "Ask an administrator to trust its issuer."),
    ("fsck error", FIELD, "The repository holds damaged or dangerous objects.", "Repair it, or upload an archive."),
    ("too slow", FIELD, "The host sends too slowly.", "Try again later, or upload an archive."),
)


def refusal_of(words: str, credential: str) -> SourceRefused:
    """Return what git's last words mean. Unknown words are passed on, masked."""
    if credential and _WANTS_USER in words:
        words = _REFUSED_USER
    for part, form_field, text, remedy in _COMPLAINTS:
        if part.lower() in words.lower():
            return SourceRefused(form_field, text, remedy)
    lines = [line for line in masked(words, credential).splitlines() if line.strip()]
    said = lines[-1][:300] if lines else "nothing"
    return SourceRefused(FIELD, f"git could not fetch the repository and said: {said}", "Check the address.")


def masked(text: str, credential: str) -> str:
    """Return a text without the credential in any form that it travels in."""
    user, _, password = credential.partition(":")
    secrets = {credential, user, password, base64.b64encode(credential.encode()).decode()} if credential else set()
    for secret in sorted(secrets | {quote(secret, safe="") for secret in secrets}, key=len, reverse=True):
        if secret:
            text = text.replace(secret, "***")
    return without_credential(text)
