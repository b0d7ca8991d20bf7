"""From a target's row to the plain facts that machines and executors work with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings

from computes.cluster_contract import ClusterSettings, DeployMode, LivySettings
from computes.container_settings import registry_of
from computes.contract import ContainerSettings, Network, RegistryLogin, SshAccess, TargetSettings
from computes.models import ComputeTarget
from projects.secret_box import SealBroken, unseal

OWNER = "target"
COLUMNS_OF_THE_WAY = (
    "address",
    "port",
    "username",
    "host_keys",
    "jump_hosts",
    "keep_alive_seconds",
    "sealed_private_key",
    "sealed_password",
    "sealed_livy_password",
    "sealed_storage_password",
    "livy_ca_bundle",
)
ON_THIS_MACHINE = (ComputeTarget.Kind.LOCAL, ComputeTarget.Kind.LOCAL_DOCKER)


def settings_of(target: ComputeTarget, overrides: Mapping[str, Any] | None = None) -> TargetSettings:
    """Return a target's settings, with what a run's project said instead (`computes.project_overrides`).

    Paths are taken literally: `~` and bare command names are looked up on the target.
    """
    said = dict(overrides or {})
    return TargetSettings(
        name=target.name,
        kind=target.kind,
        work_folder=work_folder_of(target),
        python_location=target.python_location or "python3",
        native_shared_directory=said.pop("native_shared_directory", target.native_shared_directory),
        spark_submit_location=target.spark_submit_location or "spark-submit",
        environment=dict(target.environment_variables),
        user_managed_environment=target.user_managed_environment,
        ssh=access_to(target) if target.is_over_ssh else None,
        container=containers_of(target, **said) if target.is_in_containers else None,
        cluster=cluster_of(target, **said) if target.kind == ComputeTarget.Kind.CLUSTER else None,
        livy=livy_of(target) if target.kind == ComputeTarget.Kind.LIVY else None,
    )


def work_folder_of(target: ComputeTarget) -> str:
    """Return where a target's runs live. Without a folder of its own, a target on this machine gets one named after it
    below settings.LOCAL_WORK_FOLDER, any other one `~/.amlweb`."""
    default = str(settings.LOCAL_WORK_FOLDER / target.name) if target.kind in ON_THIS_MACHINE else "~/.amlweb"
    return target.work_folder or default


def access_to(target: ComputeTarget) -> SshAccess:
    """Return how a target is reached over SSH. The hosts on the way take the same login as the target itself."""
    login: dict[str, Any] = {
        "private_key": secret_of(target, "private_key"),
        "password": secret_of(target, "password"),
        "keep_alive_seconds": target.keep_alive_seconds,
    }
    jumps = tuple(
        SshAccess(
            host=str(jump["host"]),
            port=int(jump.get("port", 22)),
            username=str(jump.get("username") or target.username),
            host_keys=tuple(jump.get("host_keys", ())),
            **login,
        )
        for jump in target.jump_hosts
    )
    return SshAccess(
        host=target.address,
        port=target.port,
        username=target.username,
        host_keys=tuple(target.host_keys),
        jumps=jumps,
        python_folder=f"{work_folder_of(target).rstrip('/')}/python",
        **login,
    )


def way_to(target: ComputeTarget) -> tuple[Any, ...]:
    """Return what is stored about the way to a target, sealed as it is. Where it is another one than before, an
    executor that was made before knows an old key of a host or an old login."""
    return tuple(getattr(target, name) for name in COLUMNS_OF_THE_WAY)


def containers_of(target: ComputeTarget, **said: Any) -> ContainerSettings:
    """Return how containers of a target's runs are made, with what a project says instead.

    The login is the target's own image's: a registry that a project names does not get it unless it is the same one.
    """
    password = secret_of(target, "registry_password")
    own = ContainerSettings(
        image=target.base_docker_image,
        is_shared=target.shared_volumes,
        gpus=target.gpus,
        cpus=target.cpus,
        memory_bytes=target.memory_bytes,
        shm_bytes=target.shm_bytes,
        most_processes=target.most_processes,
        network=Network(target.network),
        user=target.container_user,
        socket=target.docker_socket,
        login=RegistryLogin(target.registry_username, password) if target.registry_username else None,
    )
    wanted = replace(own, **said)
    return wanted if registry_of(wanted.image) == registry_of(own.image) else replace(wanted, login=None)


def cluster_of(target: ComputeTarget, deploy_mode: str = "") -> ClusterSettings:
    """Return how applications are submitted on a target's head node; a project may say another deploy mode."""
    return ClusterSettings(
        master=target.spark_master,
        deploy_mode=DeployMode(deploy_mode or target.yarn_deploy_mode),
        spark_home=target.spark_home,
        java_home=target.java_home,
        queue=target.yarn_queue,
        principal=target.kerberos_principal,
        keytab=target.kerberos_keytab,
        configuration=dict(target.spark_configuration),
        nodes=tuple(target.worker_nodes),
        storage_uri=target.storage_uri,
        largest_pack_bytes=settings.PACKED_ENVIRONMENT_BYTES,
    )


def livy_of(target: ComputeTarget) -> LivySettings:
    """Return how a cluster behind Livy is reached, passwords included."""
    return LivySettings(
        url=target.livy_url,
        storage_uri=target.storage_uri,
        username=target.livy_username,
        password=secret_of(target, "livy_password"),
        storage_username=target.storage_username,
        storage_password=secret_of(target, "storage_password"),
        ca_bundle=target.livy_ca_bundle,
        proxy_user=target.livy_proxy_user,
        queue=target.yarn_queue,
        is_for_group=target.storage_is_for_group,
        configuration=dict(target.spark_configuration),
    )


def secret_of(target: ComputeTarget, name: str) -> str:
    """Return a credential of a target in clear. One that does not open any more counts as missing: whoever needs it
    says that there is none, and what to do."""
    sealed = getattr(target, f"sealed_{name}")
    try:
        return unseal(OWNER, target.pk, name, sealed) if sealed else ""
    except SealBroken:
        return ""
