"""A run as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings

from computes.environments.address_secrets import with_masked_secrets
from projects.aml_config.spark_properties import without_secrets
from projects.models import Snapshot
from runs.api.moments import moment
from runs.application_page import application_of
from runs.log_file import LogFile
from runs.models import LatestMetric, Run, RunEvent


def receipt_of(run: Run) -> dict[str, Any]:
    """Return what a submission answers with; for a run just made this asks the database nothing."""
    return {
        "number": run.number,
        "url": settings.URL + run.get_absolute_url(),
        "project": run.project.slug,
        "state": run.state,
        "script": run.script,
        "arguments": run.arguments,
        "target": run.target.name,
        "parent": run.parent.number if run.parent else None,
        "created_by": run.created_by.username if run.created_by else "",
        "created_at": moment(run.created_at),
    }


def summary_of(run: Run) -> dict[str, Any]:
    """Return what lists show of a run. Reads its project, target, creator, tags and latest metrics."""
    failure, facts = run.failure, run.application_facts
    return {
        "number": run.number,
        "url": settings.URL + run.get_absolute_url(),
        "project": run.project.slug,
        "state": run.state,
        "reason": run.reason,
        "reason_text": failure.sentence if failure else "",
        "wait_reason": run.wait_reason or (facts.queue_words if facts and run.waits_on_cluster else ""),
        "exit_code": run.exit_code,
        "script": run.script,
        "arguments": run.arguments,
        "target": run.target.name,
        "target_is_detached": run.target.is_detached,
        "description": run.description,
        "tags": [tag.name for tag in run.tags.all()],
        "created_by": run.created_by.username if run.created_by else "",
        "created_at": moment(run.created_at),
        "queued_at": moment(run.queued_at),
        "preparing_at": moment(run.preparing_at),
        "running_at": moment(run.running_at),
        "finalizing_at": moment(run.finalizing_at),
        "finished_at": moment(run.finished_at),
        "script_seconds": run.script_seconds,
        "metrics": {metric.name: latest_facts(metric) for metric in run.latest_metrics.all()},
    }


def spark_facts(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run asks of Spark: of properties that look like secrets only the names, and repositories without
    passwords in their addresses."""
    shown = dict(asked)
    if "configuration" in asked:
        shown["configuration"] = without_secrets(asked["configuration"])
    if "repositories" in asked:
        shown["repositories"] = [with_masked_secrets(address) for address in asked["repositories"]]
    return shown


def details_of(run: Run) -> dict[str, Any]:
    """Return all that is recorded about a run. Secret variables are named, their values are not known here."""
    failure = run.failure
    configuration = run.configuration
    return summary_of(run) | {
        "reason_detail": run.reason_detail,
        "remedy": failure.remedy if failure else "",
        "failure_excerpt": run.failure_excerpt,
        "exit_signal": run.exit_signal,
        "cancel_requested_at": moment(run.cancel_requested_at),
        "cancel_requested_by": run.cancel_requested_by.username if run.cancel_requested_by else "",
        "last_contact_at": moment(run.last_contact_at),
        "unreachable_since": moment(run.unreachable_since),
        "time_limit_seconds": run.time_limit_seconds,
        "parent": run.parent.number if run.parent else None,
        "log_bytes": LogFile(run.folder / "log").size(),
        "system_log_bytes": LogFile(run.folder / "system.log").size(),
        "log_is_complete": run.log_is_complete or run.is_finished,
        "command": [run.interpreter or run.target.python_location, run.script, *run.arguments],
        "run_configuration": configuration.get("name", ""),
        "framework": configuration["framework"],
        "spark": spark_facts(configuration.get("spark", {})),
        "resources": dict(configuration.get("resources", {})),
        "application": application_facts(run),
        "environment_variables": dict(configuration["environment_variables"]),
        "secret_variables": list(configuration["secret_names"]),
        "snapshot": snapshot_facts(run.snapshot),
        "environment": {
            "hash": run.environment_hash,
            "state": run.environment.state if run.environment else "",
        },
        "interpreter": run.interpreter,
        "interpreter_version": run.interpreter_version,
        "packages": run.packages,
        "outputs_note": run.outputs_note,
        "admitted_at": moment(run.admitted_at),
        "cancel_receipt": run.cancel_receipt,
        "events": [event_facts(event) for event in run.events.select_related("actor")],
    }


def application_facts(run: Run) -> dict[str, Any] | None:
    """Return what a cluster says of a run's application, with links to its pages."""
    shown = application_of(run, for_members=True)
    return asdict(shown.facts) | {"links": {link.title: link.url for link in shown.links}} if shown else None


def event_facts(event: RunEvent) -> dict[str, Any]:
    """Return one recorded change."""
    return {
        "at": moment(event.at),
        "kind": event.kind,
        "actor": event.actor.username if event.actor else "",
        "from_state": event.from_state,
        "to_state": event.to_state,
        "text": event.text,
    }


def snapshot_facts(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot's digest, number of files and size in bytes."""
    return {"digest": snapshot.digest, "files": snapshot.files, "bytes": snapshot.size_bytes}


def latest_facts(metric: LatestMetric) -> dict[str, Any]:
    """Return the newest value of one metric."""
    return {
        "step": metric.step,
        "time": metric.time,
        "value": metric.value,
        "text": metric.text,
        "lowest": metric.lowest,
        "highest": metric.highest,
        "points": metric.points,
    }
