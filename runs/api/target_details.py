"""The answers about how targets are set up and reached."""

from typing import Any

from computes.cluster_facts import CLUSTER_FACTS
from computes.connection import connection_of
from computes.host_keys import HostKey, KeyState, first_unknown
from computes.models import ComputeTarget, TargetErrand
from computes.package_logins import logins_of
from computes.ssh_address import SshAddress
from computes.target_settings import work_folder_of
from runs.api.moments import moment

PLAIN = (
    "native_shared_directory", "environment_variables", "lost_after_seconds", "python_location",
    "user_managed_environment", "address", "port", "username", "keep_alive_seconds", "credential", "public_key",
    "base_docker_image", "shared_volumes", "gpus", "cpus", "memory_bytes", "shm_bytes", "most_processes", "network",
    "container_user", "docker_socket", "registry_username",
    "channel_alias", "channel_map", "pip_index", "pip_extra_indexes", "ca_bundle", "proxy",
    *CLUSTER_FACTS,
)  # fmt: skip


def details_of(target: ComputeTarget) -> dict[str, Any]:
    """Return how a target is set up, without a secret."""
    unknown = first_unknown(target)
    state = unknown.state if unknown else KeyState.APPROVED if target.is_over_ssh else ""
    return {name: getattr(target, name) for name in PLAIN} | {
        "work_folder": work_folder_of(target),
        "jump_hosts": [str(SshAddress(jump["host"], jump["port"], jump["username"])) for jump in target.jump_hosts],
        "host_key_state": str(state),
        "has_registry_password": bool(target.sealed_registry_password),
        "package_logins": logins_of(target).addresses,
        "has_livy_password": bool(target.sealed_livy_password),
        "has_storage_password": bool(target.sealed_storage_password),
    }


def host_key_facts(target: ComputeTarget) -> dict[str, Any]:
    """Return the hosts on the way to a target and their keys."""
    connection = connection_of(target)
    return {
        "target": target.name,
        "hosts": [
            {
                "host": hop.address.host,
                "port": hop.address.port,
                "is_jump_host": hop.number is not None,
                "state": str(hop.state),
                "approved": [key_facts(key) for key in hop.approved],
                "shown": [key_facts(key) for key in hop.shown],
                "compare_command": hop.compare_command,
            }
            for hop in (connection.hops if connection else ())
        ],
        "scan": errand_facts(connection.scan) if connection and connection.scan else None,
        "installation": errand_facts(connection.installation) if connection and connection.installation else None,
    }


def key_facts(key: HostKey) -> dict[str, str]:
    """Return a host key as people compare it."""
    return {"type": key.type, "fingerprint": key.fingerprint}


def errand_facts(errand: TargetErrand) -> dict[str, Any]:
    """Return how far an errand is."""
    return {
        "kind": errand.kind,
        "requested_at": moment(errand.requested_at),
        "finished_at": moment(errand.finished_at),
        "is_finished": not errand.is_going_on,
        "result": errand.result,
        "problem": errand.problem,
    }
