"""Addresses of storages that the drivers of a cluster carry their runs to. Plain Python, no Django."""

import re

PLAIN = re.compile(r"(?:file:///|[a-z][a-z0-9+.-]*://(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9_.:-]*/)[A-Za-z0-9._~@%+=/-]*")
EXAMPLES = "Write an address such as hdfs:///user/amlweb or file:///mnt/amlweb, of letters, digits and - _ . ~ only."


def problem_of_driver_storage(uri: str) -> str:
    """Return what is wrong with an address, in words, or nothing. Characters such as `*` and `{` mean something else to
    Hadoop's commands; a login has no place in an address."""
    if PLAIN.fullmatch(uri) and "/runs/" not in f"{uri}/":
        return ""
    return EXAMPLES
