"""What our things in an engine are called, and where a program in a container finds its own.

Names of what belongs to a run derive from the installation's and the run's id, so no handle is stored and nothing of
another installation is ever touched. An environment is named after its content alone: its label says whose it is.
"""

from computes.contract import RunAddress

INSTALLATION = "amlweb.installation"
RUN = "amlweb.run"
KIND = "amlweb.kind"
ENVIRONMENT = "amlweb.environment"

CODE = "/azureml-run"
SHARE = "/azureml-share/"
SUPERVISOR = "/amlweb/supervisor"
IN_RUN = "/amlweb/in_run"
SPARK = "/amlweb/spark"
RUNS = "/amlweb/runs"
ENVIRONMENTS = "/opt/env"


def container_of(address: RunAddress) -> str:
    """Return the name of a run's container."""
    return f"amlweb-{address.installation_id}-{address.run_id}"


def description_of(address: RunAddress) -> str:
    """Return the name of the throw-away container that tells of a run's interpreter."""
    return f"{container_of(address)}-description"


def volume_of(address: RunAddress) -> str:
    """Return the name of the volume that holds the run folder where folders are not shared."""
    return f"amlweb-run-{address.installation_id}-{address.run_id}"


def environment_volume(environment_hash: str) -> str:
    """Return the name of the volume that holds an environment."""
    return f"amlweb-env-{environment_hash}"


def prefix_of(environment_hash: str) -> str:
    """Return the path that programs in containers see an environment at."""
    return f"{ENVIRONMENTS}/{environment_hash}"


def run_folder_inside(address: RunAddress) -> str:
    """Return the run folder's path as its container sees it."""
    return f"{RUNS}/{address.installation_id}-{address.run_id}"


def labels_of(address: RunAddress, kind: str = "run") -> dict[str, str]:
    """Return the labels by which our things are found again."""
    return {INSTALLATION: address.installation_id, RUN: address.run_id, KIND: kind}
