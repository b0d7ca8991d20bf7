"""The settings of a target as a report shows them: each field is named here, so nothing sealed slips in."""

from typing import Any

from computes.contract import ClusterSettings, ContainerSettings, LivySettings, SshAccess, TargetSettings


def shown_settings(settings: TargetSettings) -> dict[str, Any]:
    """Return the settings without secrets. Of variables only the names are shown: values may be secrets."""
    shown: dict[str, Any] = {
        "kind": settings.kind,
        "work folder": settings.work_folder,
        "python": settings.python_location,
        "shared directory": settings.native_shared_directory,
        "spark-submit": settings.spark_submit_location,
        "variables": sorted(settings.environment),
        "user-managed environment": settings.user_managed_environment,
    }
    if settings.ssh is not None:
        shown["ssh"] = shown_access(settings.ssh)
    if settings.container is not None:
        shown["containers"] = shown_containers(settings.container)
    if settings.cluster is not None:
        shown["cluster"] = shown_cluster(settings.cluster)
    if settings.livy is not None:
        shown["livy"] = shown_livy(settings.livy)
    return shown


def shown_access(access: SshAccess) -> dict[str, Any]:
    """Return how a machine is reached, without what opens it."""
    return {
        "address": f"{access.username}@{access.host}:{access.port}",
        "login": "private key" if access.private_key else "password" if access.password else "none",
        "types of approved host keys": [key.split()[0] for key in access.host_keys if key.split()],
        "by way of": [f"{jump.username}@{jump.host}:{jump.port}" for jump in access.jumps],
    }


def shown_containers(container: ContainerSettings) -> dict[str, Any]:
    """Return how containers are made."""
    return {
        "image": container.image,
        "shared volumes": container.is_shared,
        "gpus": container.gpus,
        "cpus": container.cpus,
        "memory bytes": container.memory_bytes,
        "shared memory bytes": container.shm_bytes,
        "network": str(container.network),
        "user": container.user,
        "login to the registry": container.login is not None,
    }


def shown_cluster(cluster: ClusterSettings) -> dict[str, Any]:
    """Return how applications are submitted."""
    return {
        "master": cluster.master,
        "deploy mode": str(cluster.deploy_mode),
        "Spark home": cluster.spark_home,
        "Java home": cluster.java_home,
        "queue": cluster.queue,
        "principal": cluster.principal,
        "keytab": cluster.keytab,
        "configuration": dict(cluster.configuration),
        "nodes": len(cluster.nodes),
    }


def shown_livy(livy: LivySettings) -> dict[str, Any]:
    """Return how a cluster behind Livy is reached."""
    return {
        "url": livy.url,
        "storage": livy.storage_uri,
        "user": livy.username,
        "has a password": bool(livy.password),
        "user of the storage": livy.storage_username,
        "certificates of its own": bool(livy.ca_bundle),
        "proxy user": livy.proxy_user,
        "queue": livy.queue,
        "for a group": livy.is_for_group,
        "configuration": dict(livy.configuration),
    }
