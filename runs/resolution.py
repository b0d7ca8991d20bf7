"""From what somebody named to what will run: snapshot, script, run configuration, target and the right to use it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import User

from computes.contract import Framework
from computes.environment_asking import manages_environments
from computes.environment_files import environment_file_of
from computes.executors.spark.rules import left_out_on
from computes.grants import grant_for
from computes.models import ComputeTarget
from computes.project_overrides import Overrides, overrides_for, overruled_keys
from computes.registry import ALIASES, refusal_for
from computes.spark_resources import Resources
from projects.aml_config.effect import keys_without_effect, keys_without_effect_on
from projects.aml_config.findings import shortened
from projects.aml_config.folder import AmlConfig
from projects.aml_config.run_configuration_file import RunConfigurationFile
from projects.configuration import aml_config_of
from projects.models import Project, Snapshot
from projects.snapshots import manifest_of_snapshot
from runs.cluster_rules import asks_for_packages, environment_refusal, share_folder_refusal, with_resources
from runs.spark_asking import asked_of_spark, spark_file_of
from runs.submission_rules import Findings


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a submission comes to."""

    snapshot: Snapshot
    target: ComputeTarget
    grant_id: int | None
    longest_run_seconds: int | None
    script: str
    arguments: tuple[str, ...]
    framework: str
    environment_variables: Mapping[str, str]
    configuration_name: str
    conda_dependencies_file: str
    spark_dependencies_file: str
    prepare_environment: bool
    time_limit_seconds: int | None
    without_effect: tuple[str, ...]
    target_overrides: Overrides
    environment_file: str
    spark: Mapping[str, Any]
    resources: Resources


def resolve(
    user: User,
    project: Project,
    *,
    snapshot: Snapshot | None,
    script: str,
    arguments: tuple[str, ...] | None,
    target_name: str | None,
    configuration_name: str | None,
    framework: str | None,
    spark: Mapping[str, Any] | None,
    resources: Resources,
    has_lock: bool,
    findings: Findings,
) -> Resolved | None:
    """Return what the names stand for, or None when a finding says which of them does not fit.

    `framework` and `spark` are taken instead of what the project's files say, `resources` beside it. With a lock
    nothing is asked of the file that names packages.
    """
    if snapshot is None or snapshot.project_id != project.pk:
        findings.add("script", "The project has no code yet. Upload or import some first.")
        return None
    config = aml_config_of(snapshot)
    name = (configuration_name or "").removesuffix(".runconfig")
    configuration = find_configuration(config, name, findings)
    chosen_script = script or (configuration.script if configuration else None) or ""
    chosen_target = target_name or (configuration.target if configuration else None) or ""
    is_unread = bool(name) and configuration is None  # then what it would have named is nobody's omission
    if chosen_script or not is_unread:
        check_script(snapshot, chosen_script, findings)
    framework = framework or (configuration.framework if configuration else "Python")
    target = None
    if chosen_target or not is_unread:
        target = find_target(user, project, config, chosen_target, framework, findings)
    if target is not None and (refusal := refusal_for(target.kind, framework)):
        findings.add("target", refusal)
    allowance = grant_for(user, project, target) if target is not None else None
    if target is not None and allowance is None:
        findings.add("target", f"You may not use {target.name} for this project. Ask an administrator for a grant.")
    spark_file, asked = "", spark or {}
    if framework == Framework.PYSPARK:
        spark_file = spark_file_of(configuration)
        asked = spark if spark is not None else asked_of_spark(config, spark_file, configuration, findings)
    own_file = config.computes.get(target.name) if target is not None else None
    taken = Resources()
    if target is not None:
        if refusal := share_folder_refusal(target.kind, own_file):
            findings.add("target", refusal)
        if refusal := environment_refusal(target, configuration):
            findings.add("run_configuration", refusal)
        if not has_lock and manages_environments(target) and (refusal := packages_refusal(snapshot, configuration)):
            findings.add("run_configuration", refusal)
        taken, asked = with_resources(resources, target, framework, asked, spark_file, findings)
    if findings.errors or target is None or allowance is None:
        return None
    limits = [limit for limit in (allowance.longest_run_seconds, target.longest_run_seconds) if limit is not None]
    return Resolved(
        snapshot=snapshot,
        target=target,
        grant_id=allowance.grant_id,
        longest_run_seconds=min(limits, default=None),
        script=chosen_script,
        arguments=arguments if arguments is not None else (configuration.arguments if configuration else ()),
        framework=framework,
        environment_variables=configuration.environment_variables if configuration else {},
        configuration_name=name if configuration else "",
        conda_dependencies_file=(configuration.conda_dependencies_file or "") if configuration else "",
        spark_dependencies_file=spark_file,
        prepare_environment=configuration.prepare_environment if configuration else True,
        time_limit_seconds=configuration.time_limit_seconds if configuration else None,
        without_effect=(
            *(keys_without_effect(configuration) if configuration else ()),
            *(("CondaDependenciesFile",) if configuration and asks_for_packages(target, configuration) else ()),
            *(keys_without_effect_on(own_file) if own_file else ()),
            *(overruled_keys(target, own_file) if own_file else ()),
            *left_out_on(ALIASES.get(target.kind, target.kind), asked.get("configuration", {})),
        ),
        target_overrides=overrides_for(target, own_file),
        environment_file=find_environment_file(snapshot, target, configuration),
        spark=asked,
        resources=taken,
    )


def find_environment_file(snapshot: Snapshot, target: ComputeTarget, configuration: RunConfigurationFile | None) -> str:
    """Return the file that says which packages are needed, where we make the environment; else empty."""
    return environment_file_for(snapshot, configuration) if manages_environments(target) else ""


def environment_file_for(snapshot: Snapshot, configuration: RunConfigurationFile | None) -> str:
    """Return the file that says what the environment of a run configuration needs; of none, what all code needs."""
    named = (configuration.conda_dependencies_file or "") if configuration else ""
    return environment_file_of(paths_of(snapshot.digest, snapshot.project_id), named)


def packages_refusal(snapshot: Snapshot, configuration: RunConfigurationFile | None) -> str:
    """Return in words that other packages would be installed than a run configuration says; or nothing."""
    if configuration is None:
        return ""
    paths = paths_of(snapshot.digest, snapshot.project_id)
    named = configuration.conda_dependencies_file
    if named is not None and named not in paths and "CondaDependenciesFile" in configuration.given:
        what = f"{shortened(named)}, and the project has no such file. Add it, correct the path, or take that line out."
    elif named is None and (file := environment_file_of(paths)):
        what = f"null, and the project has {file}. Take that line out to have its packages, or name another file."
    else:
        return ""
    return f"aml_config/{configuration.name}.runconfig says CondaDependenciesFile: {what}"


def find_configuration(config: AmlConfig, name: str, findings: Findings) -> RunConfigurationFile | None:
    """Return the run configuration of a name, or None and a finding (no finding for the empty name)."""
    if not name:
        return None
    if name in config.run_configurations:
        return config.run_configurations[name]
    file = f"aml_config/{name}.runconfig"
    problems = [problem for problem in config.problems if problem.file == file and problem.severity == "error"]
    for problem in problems:
        findings.add("run_configuration", problem.sentence)
    if not problems:
        known = ", ".join(sorted(config.run_configurations)) or "none"
        findings.add("run_configuration", f"The project has no run configuration {name[:80]!r}. It has: {known}.")
    return None


@lru_cache(maxsize=64)
def paths_of(digest: str, project_id: int) -> frozenset[str]:
    """Return the paths of a snapshot."""
    snapshot = Snapshot.objects.get(digest=digest, project_id=project_id)
    return frozenset(entry.path for entry in manifest_of_snapshot(snapshot))


def check_script(snapshot: Snapshot, script: str, findings: Findings) -> None:
    """The script must be a Python file of the snapshot."""
    if not script:
        findings.add("script", "Choose the script to run.")
    elif script not in paths_of(snapshot.digest, snapshot.project_id):
        findings.add("script", f"The project has no file {script[:200]!r}. Choose one of its scripts.")
    elif not script.endswith(".py"):
        findings.add("script", f"{script[:200]} is not a Python script; choose a file that ends in .py.")


def find_target(
    user: User, project: Project, config: AmlConfig, name: str, framework: str, findings: Findings
) -> ComputeTarget | None:
    """Return the target of a name that the person may use, or None and a finding in words."""
    name = name.removesuffix(".compute")
    if not name:
        findings.add("target", "Choose where to run: a target, or a run configuration that names one.")
        return None
    target: ComputeTarget | None = ComputeTarget.objects.usable_by(user, project).filter(name=name).first()
    if target is not None:
        return target
    if ComputeTarget.objects.visible_to(user).filter(name=name).exists():
        findings.add("target", f"The target {name} is switched off or not granted to this project. Choose another one.")
    elif name in config.computes:
        kind = config.computes[name].kind
        refusal = refusal_for(kind, framework)
        findings.add(
            "target",
            refusal
            or f"There is no target {name} that you may use. Ask an administrator to attach one of this name, or to "
            "grant it to you or this project.",
        )
    else:
        findings.add("target", f"There is no target {name[:80]!r} that you may use. Choose another one.")
    return None
