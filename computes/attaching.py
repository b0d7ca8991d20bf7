"""Attaching and editing targets: the deeds of administrators that say where scripts can run.

Who may do this is decided by `ComputeTarget.objects.administered_by`, before these are called.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from computes.cluster_facts import CLUSTER_FACTS
from computes.cluster_passwords import ClusterPasswords, keep_cluster_passwords, keep_passwords_at_their_hosts
from computes.credentials import (
    NewCredential,
    give_credential,
    give_registry_password,
    keep_password_at_its_hosts,
    keep_password_at_its_registry,
)
from computes.host_approval import go_on
from computes.kind_choices import kind_refusal
from computes.locked_target import locked
from computes.models import ComputeTarget
from computes.package_logins import NewLogins, keep_package_logins
from computes.refusals import TargetRefused
from computes.target_history import note_change

FROZEN_WHILE_RUNNING = (
    "work_folder",
    "python_location",
    "address",
    "port",
    "username",
    "docker_socket",
    "shared_volumes",
    "spark_master",
    "yarn_deploy_mode",
    "livy_url",
    "livy_username",
    "livy_proxy_user",
    "storage_uri",
    "storage_username",
)
EDITABLE = (
    "description",
    "slots",
    "longest_run_seconds",
    "work_folder",
    "python_location",
    "native_shared_directory",
    "environment_variables",
    "lost_after_seconds",
    "user_managed_environment",
    "address",
    "port",
    "username",
    "jump_hosts",
    "keep_alive_seconds",
    "base_docker_image",
    "shared_volumes",
    "gpus",
    "cpus",
    "memory_bytes",
    "shm_bytes",
    "most_processes",
    "network",
    "container_user",
    "docker_socket",
    "registry_username",
    "channel_alias",
    "channel_map",
    "pip_index",
    "pip_extra_indexes",
    "ca_bundle",
    "proxy",
    *CLUSTER_FACTS,
)


@dataclass(frozen=True, slots=True)
class TargetWishes:
    """What a form or a call asks for: facts of EDITABLE, a new credential or None for the stored one, the passwords of
    the image registry and of a cluster's services (None leaves one, an empty one removes it), and logins of package
    sources."""

    facts: Mapping[str, Any]
    credential: NewCredential | None = None
    registry_password: str | None = field(default=None, repr=False)
    package_logins: NewLogins = field(default_factory=NewLogins)
    cluster_passwords: ClusterPasswords = field(default_factory=ClusterPasswords)


def runs_are_on(target: ComputeTarget) -> bool:
    """Return whether a run is on the target or about to be started there."""
    return bool((target.runs.on_target() | target.runs.holding_slots()).exists())


def attach_target(user: User, name: str, kind: str, wishes: TargetWishes | Mapping[str, Any]) -> ComputeTarget:
    """Add a target and check it, or scan its host keys first where it is reached over SSH. Facts that are not given
    keep their defaults.

    In team mode a local target is off at first. Raises TargetRefused when the kind cannot be used, the name is taken or
    the credential is none.
    """
    wishes = wishes if isinstance(wishes, TargetWishes) else TargetWishes(wishes)
    refusal = kind_refusal(kind)
    if refusal:
        raise TargetRefused("kind", refusal, "Choose another kind.")
    target = ComputeTarget(name=name, kind=kind, created_by=user, **_only_editable(wishes.facts))
    target.is_enabled = not target.needs_trust
    try:
        with transaction.atomic():
            target.save()
            note_change(target, user, "Attached the target.")
            _keep_secrets(target, user, wishes)
            go_on(target, user)
    except IntegrityError as error:
        raise TargetRefused("name", f"There is a target named {name} already.", "Choose another name.") from error
    return target


def edit_target(target: ComputeTarget, user: User, wishes: TargetWishes | Mapping[str, Any]) -> list[str]:
    """Change fields of EDITABLE and credentials, check the target, and return the names of what changed.

    Another address or port is another host: its keys are scanned and approved anew. Raises TargetRefused when a field
    of FROZEN_WHILE_RUNNING would change while runs are on the target: they are looked for where they were started.
    """
    wishes = wishes if isinstance(wishes, TargetWishes) else TargetWishes(wishes)
    with transaction.atomic():
        stored = locked(target)
        facts = _only_editable(wishes.facts)
        if "jump_hosts" in facts:
            facts["jump_hosts"] = _with_known_keys(facts["jump_hosts"], stored.jump_hosts)
        changed = [name for name, value in facts.items() if getattr(stored, name) != value]
        frozen = [name for name in changed if name in FROZEN_WHILE_RUNNING]
        if frozen and runs_are_on(stored):
            raise TargetRefused(
                frozen[0],
                f"Runs are on {stored.name}, so this cannot change now: they are looked for where they were started.",
                "Drain the target, wait until its runs have ended, and change it then.",
            )
        keep_password_at_its_hosts(stored, facts, wishes.credential)
        keep_password_at_its_registry(stored, facts, wishes.registry_password)
        keep_passwords_at_their_hosts(stored, facts, wishes.cluster_passwords)
        for name in changed:
            setattr(stored, name, facts[name])
        if changed:
            note_change(stored, user, f"Changed {', '.join(name.replace('_', ' ') for name in changed)}.")
            if "address" in changed or "port" in changed:
                stored.host_keys, stored.seen_host_keys = [], []
            stored.save(update_fields=[*changed, "host_keys", "seen_host_keys"])
        changed += _keep_secrets(stored, user, wishes)
        go_on(stored, user)
    target.refresh_from_db()
    return changed


def _only_editable(facts: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(facts) - set(EDITABLE))
    if unknown:
        raise ValueError(f"These are no facts of a target that may be edited: {', '.join(unknown)}")
    return dict(facts)


def _keep_secrets(target: ComputeTarget, user: User, wishes: TargetWishes) -> list[str]:
    """Seal what was given and return its names."""
    if wishes.credential is not None:
        give_credential(target, user, wishes.credential)
    if wishes.registry_password is not None:
        give_registry_password(target, user, wishes.registry_password)
    given = {
        "credential": wishes.credential,
        "registry_password": wishes.registry_password,
        **keep_cluster_passwords(target, user, wishes.cluster_passwords),
    }
    changed = [name for name, value in given.items() if value is not None]
    return [*changed, "package_logins"] if keep_package_logins(target, user, wishes.package_logins) else changed


def _with_known_keys(jumps: list[dict[str, Any]], stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return jump hosts with the host keys that are stored for the same host and port."""
    known = {(jump["host"], jump["port"]): jump for jump in stored}
    keys = ("host_keys", "seen_host_keys")
    return [jump | {key: known.get((jump["host"], jump["port"]), {}).get(key, []) for key in keys} for jump in jumps]
