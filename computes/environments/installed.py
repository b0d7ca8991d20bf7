"""What is installed in a prefix, in the words of its own files."""

import json
from collections.abc import Mapping

from computes.environments.contract import Place
from computes.errors import PreparationFailed

DEADLINE_SECONDS = 120.0

_LIST = """
import json, sys
try:
    from importlib.metadata import distributions
    found = {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}
except ImportError:
    import pkg_resources
    found = {d.project_name: d.version for d in pkg_resources.working_set}
json.dump(found, sys.stdout)
"""


def installed_packages(place: Place, hash: str) -> Mapping[str, str]:
    """Return the Python packages of a complete prefix, as its own Python sees them. Raises PreparationFailed."""
    argv = [f"{place.prefix_of(hash)}/bin/python", "-I", "-B", "-c", _LIST]
    lines: list[str] = []
    done = place.run(hash, argv, {}, lines.append, DEADLINE_SECONDS)
    try:
        found = json.loads("".join(lines))
    except ValueError as error:
        raise PreparationFailed(
            f"The environment's Python did not say what is installed (exit code {done.code}): {done.output[-500:]}",
            "Remove the environment and prepare it again.",
        ) from error
    return dict(sorted(found.items()))
