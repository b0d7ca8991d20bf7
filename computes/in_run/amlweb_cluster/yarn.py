"""The commands of YARN and what they print.

Never run against a real ResourceManager: written from Hadoop's public documentation ("YARN Commands") and the sources
of ApplicationCLI and NodeCLI of Hadoop 2.7 to 3.4.
"""

import re

APPLICATION = re.compile(r"application_\d+_\d+")
FIELD = re.compile(r"^\s*([A-Z][A-Za-z() -]*?)\s*: (.*)$", re.MULTILINE)
STATES = "NEW,NEW_SAVING,SUBMITTED,ACCEPTED,RUNNING,FINISHED,FAILED,KILLED"


def listing(yarn: str, tag: str) -> "list[str]":
    """Return the command that lists the applications with a tag, in every state."""
    return [yarn, "application", "-list", "-appTags", tag, "-appStates", STATES]


def asking(yarn: str, application: str) -> "list[str]":
    """Return the command that tells of one application."""
    return [yarn, "application", "-status", application]


def killing(yarn: str, application: str) -> "list[str]":
    """Return the command that ends an application."""
    return [yarn, "application", "-kill", application]


def logs_of(yarn: str, application: str) -> "list[str]":
    """Return the command that prints what the containers of an ended application have left."""
    return [yarn, "logs", "-applicationId", application]


def listing_nodes(yarn: str) -> "list[str]":
    """Return the command that lists the nodes that are running."""
    return [yarn, "node", "-list"]


def applications_in(text: str) -> "list[str]":
    """Return the ids that a list of applications shows. What is no row of the table is left out."""
    rows = [line.strip().split() for line in text.splitlines()]
    return [row[0] for row in rows if row and APPLICATION.fullmatch(row[0])]


def status_in(text: str) -> "dict[str, str]":
    """Return what is said of one application: id, state, final, diagnostics; all empty when YARN knows none.

    The first word counts: the diagnostics, which come last, may hold any text of the application's.
    """
    fields = dict(reversed(FIELD.findall(text)))
    if not APPLICATION.fullmatch(fields.get("Application-Id", "").strip()):
        return {"id": "", "state": "", "final": "", "diagnostics": ""}
    names = {"id": "Application-Id", "state": "State", "final": "Final-State", "diagnostics": "Diagnostics"}
    return {key: fields.get(name, "").strip() for key, name in names.items()}


def nodes_in(text: str) -> int:
    """Return how many nodes a list says there are; -1 for a text that is no such list."""
    found = re.search(r"Total Nodes:\s*(\d+)", text)
    return int(found.group(1)) if found else -1
