"""Which storage the drivers of a cluster carry their runs to."""

from computes.cluster_contract import ClusterSettings
from computes.contract import TargetSettings
from computes.driver_storage import problem_of_driver_storage
from computes.errors import StartFailed


def storage_uri_of(settings: TargetSettings, cluster: ClusterSettings) -> str:
    """Return the address of the storage; without one of the target's it is a folder of the account in HDFS.

    Raises StartFailed for characters that mean something else to Hadoop's commands, as in `{a,b}` or `*`.
    """
    user = cluster.principal.split("@")[0].split("/")[0] or (settings.ssh.username if settings.ssh else "")
    uri = (cluster.storage_uri or (f"hdfs:///user/{user}/amlweb" if user else "")).rstrip("/")
    if problem := problem_of_driver_storage(uri):
        raise StartFailed(
            f"{uri!r} cannot be the storage of drivers.",
            f"Let an administrator correct the storage of the target. {problem}",
        )
    return uri
