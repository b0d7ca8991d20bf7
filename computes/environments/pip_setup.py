"""What pip is given at a place: lines in a file, logins in a file of the netrc form, settings as variables.

Nothing of it is on a command line, and all of it is removed before the prefix is complete.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from computes.environments.address_secrets import IN_PATH_OF_INDEX, TOKEN_USER, login_for, prefix_of, same_host
from computes.environments.contract import Lock, PackageSources, Place
from computes.environments.target_steps import BUILD_FOLDER, build_path
from computes.errors import PreparationFailed

REQUIREMENTS = "requirements.txt"
OPTIONS_WITH_ADDRESS = ("--index-url=", "--extra-index-url=", "--find-links=")


def where_to_look(lines: Iterable[str], sources: PackageSources) -> list[str]:
    """Return the options that say where pip looks: the project's own index before the installation's."""
    own = [line for line in lines if line.startswith("-")]
    options = [f"--extra-index-url={address}" for address in sources.pip_extra_indexes]
    if sources.pip_index and not any(line.startswith("--index-url=") for line in own):
        options.insert(0, f"--index-url={sources.pip_index}")
    return [*options, *own]


def index_options(lines: Iterable[str]) -> list[str]:
    """Return the options among lines for pip that name an index or a page of links."""
    return [line for line in lines if line.startswith(OPTIONS_WITH_ADDRESS)]


def with_indexes(lock: Lock, lines: Iterable[str]) -> Lock:
    """Return a lock that also names where lines for pip let it look."""
    return replace(lock, indexes=tuple(dict.fromkeys([*lock.indexes, *index_options(lines)])))


def put_pip_files(place: Place, hash: str, lines: Iterable[str], sources: PackageSources) -> dict[str, str]:
    """Put what pip needs, and return the variables that it runs with. Raises PreparationFailed."""
    lines = list(lines)
    files = {f"{BUILD_FOLDER}/{REQUIREMENTS}": "".join(f"{line}\n" for line in lines).encode()}
    variables = {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_NO_COLOR": "1",
        "PIP_PROGRESS_BAR": "off",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    if sources.ca_bundle:
        files[f"{BUILD_FOLDER}/ca.pem"] = _read_bundle(sources.ca_bundle)
        variables["PIP_CERT"] = build_path(place, hash, "ca.pem")
    if sources.proxy:
        variables["PIP_PROXY"] = sources.proxy
    if netrc := netrc_text(addresses_in(lines), sources.credentials):
        files[f"{BUILD_FOLDER}/netrc"] = netrc.encode()
        variables["NETRC"] = build_path(place, hash, "netrc")
    place.put(hash, files)
    return variables


def addresses_in(lines: Iterable[str]) -> list[str]:
    """Return the addresses that pip goes to first."""
    found = []
    for line in lines:
        for word in line.replace("=http", " http").split():
            if word.startswith(("http://", "https://")):
                found.append(word)
    return found


def netrc_text(addresses: Iterable[str], credentials: Mapping[str, tuple[str, str]]) -> str:
    """Return the logins for these addresses, one a host, which is all that pip can tell apart."""
    logins: dict[str, tuple[str, str]] = {}
    for address in addresses:
        if credentials.get(prefix_of(address), ("", ""))[0] == TOKEN_USER:
            raise PreparationFailed(IN_PATH_OF_INDEX, "Correct the package sources.")
        login = login_for(address, credentials) or _only_login_of_host(address, credentials)
        host = urlsplit(address).hostname or ""
        if login is None or login[0] == TOKEN_USER:
            continue
        if logins.setdefault(host, login) != login:
            raise PreparationFailed(
                f"There are two different logins for pip on {host}.", "Use one login for all indexes on a host."
            )
    return "".join(f"machine {host}\nlogin {_word(u)}\npassword {_word(p)}\n" for host, (u, p) in logins.items())


def _only_login_of_host(address: str, credentials: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Return the login of an index for the files that its host has elsewhere, as pip does."""
    logins = {login for key, login in credentials.items() if same_host(key, address)}
    return logins.pop() if len(logins) == 1 else None


def _word(text: str) -> str:
    """Return a word of the file. Before Python 3.11 its reader knows no quotes, so they stand only where they must."""
    if not text.isprintable():
        raise PreparationFailed(
            "A login for pip has characters that cannot be printed.", "Correct the package sources."
        )
    if text and not re.search(r"""[\s\\"]|^#""", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _read_bundle(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise PreparationFailed(
            f"The CA bundle {path} cannot be read: {error.strerror}.",
            "Let an administrator correct the settings of the package sources.",
        ) from error
