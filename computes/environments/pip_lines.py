"""Which lines for pip are taken, and in which form: names, addresses, wheels of the project and where to look.

Everything else is refused in words. pip would read files of the target, run programs or fetch what no lock can hold.
"""

import re
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement

from computes.environments.address_secrets import BadAddress, without_secrets, without_secrets_for_pip
from computes.environments.refusal import refuse, shown
from projects.aml_config.project_paths import project_path_of

ADDRESS_OPTIONS = {"-i": "--index-url", "-f": "--find-links", "--pypi-url": "--index-url"}
WITH_ADDRESS = ("--index-url", "--extra-index-url", "--find-links")
WITH_NAMES = ("--no-binary", "--only-binary")
ALONE = ("--pre", "--prefer-binary")
WHY_NOT = {
    "-r": "Write the lines of that file here.",
    "--requirement": "Write the lines of that file here.",
    "-c": "Write the versions into the lines themselves.",
    "--constraint": "Write the versions into the lines themselves.",
    "-e": "Build a wheel, put it into the project, and write its path (wheels/name-1.0-py3-none-any.whl).",
    "--editable": "Build a wheel, put it into the project, and write its path (wheels/name-1.0-py3-none-any.whl).",
    "--trusted-host": "Let an administrator set the CA bundle of the package sources.",
}
ANYTHING_ELSE = "Write names, https addresses, wheels of the project, --index-url, --extra-index-url or --find-links."

_VCS = re.compile(r"(git|hg|svn|bzr)\+", re.IGNORECASE)
_HASH = re.compile(r"\s--hash[= ]sha(?:256|384|512):[0-9a-f]{64,128}", re.IGNORECASE)
_NAMES = re.compile(r":(?:all|none):|[A-Za-z0-9._,-]+")


@dataclass(slots=True)
class PipLine:
    """A checked line: as it is given to pip, without logins; `wheel` is the path of a wheel in the project."""

    text: str
    wheel: str = ""
    credentials: dict[str, tuple[str, str]] = field(default_factory=dict)


def checked_pip_line(line: str, source: str, number: int | None) -> PipLine:
    """Return a line for pip. Raises PreparationFailed with file, line and remedy."""
    stripped = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip().replace("\t", " ")
    if not stripped.isprintable():
        odd = next(character for character in stripped if not character.isprintable())
        what = f"A line for pip has a character that is not printable (U+{ord(odd):04X})."
        raise refuse(source, number, what, "Remove it.")
    if stripped.endswith("\\"):
        raise refuse(source, number, "A line for pip ends with a backslash.", "Write each requirement on one line.")
    if not stripped.startswith("-") and _VCS.search(stripped):
        what = "Addresses of version control cannot be locked by a checksum."
        remedy = "Write the address of an archive of the commit (https://host/name/archive/COMMIT.zip), or add a wheel."
        raise refuse(source, number, what, remedy)
    try:
        if stripped.startswith("-"):
            text, credentials = without_secrets_for_pip(stripped)
        else:
            text, credentials = without_secrets(stripped, may_have_token=False)
    except BadAddress as error:
        raise refuse(source, number, str(error), "Correct the address.") from error
    if text.startswith("-"):
        return PipLine(_option(text, source, number), credentials=credentials)
    return _requirement(text, credentials, source, number)


def _option(text: str, source: str, number: int | None) -> str:
    name, separator, value = text.partition("=") if re.match(r"--[\w-]+=", text) else text.partition(" ")
    if not separator and re.match(r"-[if]\S", text):
        name, value = text[:2], text[2:]
    name, value = ADDRESS_OPTIONS.get(name, name), value.strip()
    if name in ALONE and not value:
        return name
    if name in WITH_NAMES and _NAMES.fullmatch(value):
        return f"{name}={value}"
    if name in WITH_ADDRESS:
        _check_address(value, source, number)
        return f"{name}={value}"
    short = name[:2] if not name.startswith("--") else name
    what = f"The option {shown(short)} is not taken from a project's file."
    raise refuse(source, number, what, WHY_NOT.get(short, ANYTHING_ELSE))


def _requirement(text: str, credentials: dict[str, tuple[str, str]], source: str, number: int | None) -> PipLine:
    bare = _HASH.sub("", text).strip()
    if re.search(r"\s--?[A-Za-z]", bare):
        what = f"Options after a requirement are not taken: {shown(bare)}."
        raise refuse(source, number, what, "Only --hash=sha256:... may follow a requirement.")
    address = bare.partition("@")[2].strip() if re.match(r"[\w.,\[\] -]+@", bare) else bare
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address):
        _check_address(re.split(r"\s;", address, maxsplit=1)[0].strip(), source, number)
        return PipLine(text, credentials=credentials)
    if bare.endswith(".whl") and project_path_of(bare):
        path = project_path_of(bare) or ""
        return PipLine(path, wheel=path, credentials=credentials)
    try:
        Requirement(bare)
    except InvalidRequirement as error:
        raise _not_a_requirement(bare, error, source, number) from error
    except RecursionError as error:
        raise refuse(source, number, "A marker is nested too deep.", "Write it with fewer brackets.") from error
    return PipLine(text, credentials=credentials)


def _check_address(address: str, source: str, number: int | None) -> None:
    if not re.match(r"https?://[^/\s]", address) or " " in address:
        what = f"{shown(address)} is not an address of the web."
        raise refuse(source, number, what, "Write an address that begins with https://, or add a wheel to the project.")
    if "?" in address:
        what = "An address has a query (?...), which often holds a secret and cannot be kept in a lock."
        raise refuse(source, number, what, "Write an address without a query.")


def _not_a_requirement(bare: str, error: InvalidRequirement, source: str, number: int | None) -> Exception:
    if re.match(r"[^\s;\[]+\.whl\s*[;\[]", bare):
        what = f"A wheel of the project is taken without extras and markers: {shown(bare)}."
        return refuse(
            source, number, what, "Write its path alone, and the packages of its extras on lines of their own."
        )
    if "/" in bare or "\\" in bare or bare.startswith((".", "~")):
        what = f"{shown(bare)} is a path. Only wheels inside the project are taken."
        return refuse(source, number, what, "Put a wheel into the project and write its path from the project's root.")
    what = f"{shown(bare)} is not a requirement: {str(error).splitlines()[0]}"
    return refuse(source, number, what, "Write name==version.")
