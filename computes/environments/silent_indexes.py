"""Says which of the addresses at which pip looks do not answer, when a build from source has failed at a place."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from computes.environments.contract import PackageSources, Place
from computes.environments.pip_setup import addresses_in
from computes.environments.target_steps import StepResult, build_path

DEADLINE_SECONDS = 300.0
NOT_FOUND = "No matching distribution found"
Step = Callable[[Sequence[str], Mapping[str, str], float], StepResult]


def silent_indexes(
    said: Iterable[str],
    looked_at: Iterable[str],
    variables: Mapping[str, str],
    place: Place,
    hash: str,
    sources: PackageSources,
    step: Step,
) -> str:
    """Return in words which addresses do not answer as they should, empty where pip missed nothing or all do.

    `said` are the lines that pip printed, `looked_at` the options and `variables` the settings that it had.
    """
    addresses = addresses_in(looked_at)
    if not addresses or not any(NOT_FOUND in line for line in said):
        return ""
    told = {"NETRC": variables.get("NETRC", ""), "http_proxy": sources.proxy, "https_proxy": sources.proxy}
    if "PIP_CERT" in variables:
        told["SSL_CERT_FILE"] = variables["PIP_CERT"]
    done = step(["-s", "-S", "-B", build_path(place, hash, "reach.py"), *addresses], told, DEADLINE_SECONDS)
    if done.code != 0 or not done.lines:
        return ""
    return f"\nPackages are built with what is at these addresses, which do not answer: {', '.join(done.lines)}"
