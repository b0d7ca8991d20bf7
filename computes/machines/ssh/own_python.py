"""How a Python that amlweb brings is known on a host. `LAST_NAME` is the last file of its tar: behind all that conda
packages have at the top of a prefix."""

LAST_NAME = "~amlweb-python"
