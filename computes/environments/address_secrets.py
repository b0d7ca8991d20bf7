"""Takes logins out of the addresses of package sources, and finds the login of an address again.

An address may carry a login in its user part (`https://user:password@host/`) or, for conda channels, a token in its
path (`https://host/t/TOKEN/channel`). What is kept, shown or logged has neither. In the address of a Python package
`/t/` is a folder like any other; for an index of pip a token in the path is refused, because pip writes the address of
its index on the command lines of the programs that it starts.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from computes.environments.masking import MASK

Credentials = Mapping[str, tuple[str, str]]

TOKEN_USER = "/t/"  # noqa: S105 - the user's name that says: the password is a conda token of the path
IN_PATH_OF_INDEX = (
    "An index of Python packages has a token in its path (/t/...), which pip would write on command lines. Write the "
    "token before the host (https://user:TOKEN@host/...)."
)
VARIABLE = re.compile(r"\$(\{\w+\}|\w+)")

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30})://(?P<rest>\S*)")  # a bound, for long texts' sake
_END_OF_KEY = re.compile(r"""[?#"'<>\],]""")
_TOKEN = re.compile(r"/t/(?P<token>[^/]+)(?=/|$)")
_PORT = re.compile(r"(?:\[[0-9A-Fa-f:.]*\]|[^:@\[\]]*)(?::[0-9]*)?")


class BadAddress(ValueError):
    """An address that cannot be told apart from its login, or holds it where it must not. The text names no part of
    it."""


def without_secrets(text: str, *, may_have_token: bool = True) -> tuple[str, dict[str, tuple[str, str]]]:
    """Return a text with the logins taken out of its addresses, and the logins by address. Raises BadAddress.

    Where there cannot be a token, `/t/` in a path stays as it is.
    """
    found: dict[str, tuple[str, str]] = {}

    def clean(match: re.Match[str]) -> str:
        scheme, rest = match["scheme"], match["rest"]
        if "\\" in rest:
            raise BadAddress("An address has a backslash in it.")
        authority, slash, path = rest.partition("/")
        authority, mark, tail = _before_any(authority, "?#")
        path = f"{mark}{tail}{slash}{path}"
        login, _, host = authority.rpartition("@")
        if not _PORT.fullmatch(host):
            raise BadAddress("The host of an address is not valid. Write special characters of a password as %XX.")
        if "@" in path or text.find("@", match.end()) >= 0:
            raise BadAddress("An address has an @ behind its host. Write it, and those of a password, as %40.")
        token = _TOKEN.search(path) if may_have_token else None
        path = path[: token.start()] + path[token.end() :] if token else path
        address = f"{scheme}://{host}{path}"
        key = prefix_of(address)
        user, _, password = login.partition(":")
        if token and not VARIABLE.fullmatch(token["token"]):
            found[key] = (TOKEN_USER, unquote(token["token"]))
        elif login and not (VARIABLE.fullmatch(user) or VARIABLE.fullmatch(password)):
            found[key] = (unquote(user), unquote(password))
        return address

    return _ADDRESS.sub(clean, text), found


def with_masked_secrets(text: str) -> str:
    """Return a whole file as it may be shown: `****` for each login and token in its addresses, also in those that are
    refused because their login cannot be told apart."""

    def mask(match: re.Match[str]) -> str:
        rest = match["rest"]
        authority = _before_any(rest, "/?#")[0]
        if _PORT.fullmatch(authority.rpartition("@")[2].rstrip("\"'>],;)")):
            before, host = authority.rpartition("@")[0], rest[authority.rfind("@") + 1 :]
        else:
            before, _, host = rest.rpartition("@")
        shown = f"{MASK}@{host}" if before else rest
        return f"{match['scheme']}://{_TOKEN.sub(f'/t/{MASK}', shown)}"

    return _ADDRESS.sub(mask, text)


def without_secrets_for_pip(text: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """Do the same for where pip looks. Raises BadAddress also for a token in a path."""
    cleaned, found = without_secrets(text)
    if any(_TOKEN.search(match["rest"]) for match in _ADDRESS.finditer(text)):
        raise BadAddress(IN_PATH_OF_INDEX)
    return cleaned, found


def _before_any(text: str, marks: str) -> tuple[str, str, str]:
    ends = [text.find(mark) for mark in marks if mark in text]
    if not ends:
        return text, "", ""
    end = min(ends)
    return text[:end], text[end], text[end + 1 :]


def prefix_of(address: str) -> str:
    """Return an address as a key of credentials: no query, no fragment, no slash at its end."""
    scheme, separator, rest = address.partition("://")
    host = re.match(r"\[[^\]]*\]", rest)
    start = host.end() if host else 0
    return f"{scheme}{separator}{rest[:start]}{_END_OF_KEY.split(rest[start:], maxsplit=1)[0]}".rstrip("/")


def login_for(address: str, credentials: Credentials) -> tuple[str, str] | None:
    """Return the login whose address is the longest beginning of this one, at a `/`."""
    address = prefix_of(address)
    matching = [key for key in credentials if _begins(address, prefix_of(key))]
    return credentials[max(matching, key=len)] if matching else None


def _begins(address: str, key: str) -> bool:
    return same_host(address, key) and (address == key or address.startswith(f"{key}/") or _host_only(key))


def _host_only(key: str) -> bool:
    return not urlsplit(key).path


def same_host(one: str, other: str) -> bool:
    """Return whether two addresses have the same scheme, host and port."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc.lower()) == (second.scheme, second.netloc.lower())
