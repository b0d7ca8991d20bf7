"""Which storage the drivers of a cluster carry their runs to."""

import re

from computes.cluster_contract import ClusterSettings
from computes.contract import TargetSettings
from computes.errors import StartFailed

PLAIN = re.compile(r"[a-z][a-z0-9+.-]*://[A-Za-z0-9._~@:%+=/-]*")


def storage_uri_of(settings: TargetSettings, cluster: ClusterSettings) -> str:
    """Return the address of the storage; without one of the target's it is a folder of the account in HDFS.

    Raises StartFailed for characters that mean something else to Hadoop's commands, as in `{a,b}` or `*`.
    """
    user = cluster.principal.split("@")[0].split("/")[0] or (settings.ssh.username if settings.ssh else "")
    uri = (cluster.storage_uri or (f"hdfs:///user/{user}/amlweb" if user else "")).rstrip("/")
    if not PLAIN.fullmatch(uri) or "/runs/" in f"{uri}/":
        raise StartFailed(
            f"{uri!r} cannot be the storage of drivers.",
            "Let an administrator set the storage of the target to an address such as hdfs:///user/amlweb, of letters, "
            "digits and - _ . ~ only.",
        )
    return uri
