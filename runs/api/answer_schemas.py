"""What calls answer with. The answers are plain dictionaries; a test holds each of them to its schema here."""

from typing import Any

from ninja import Schema
from pydantic import ConfigDict

Moment = str | None  # ISO 8601 in UTC


class Answer(Schema):
    """An object that has these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Problem(Answer):
    """Every error: a short code, what happened, what to do; `fields` where single fields are at fault."""

    error: str
    detail: str
    remedy: str
    fields: dict[str, list[str]] = {}


class SnapshotFacts(Answer):
    """The frozen code: digest of its manifest, number of files, their size in bytes."""

    digest: str
    files: int
    bytes: int


class ProjectSource(Answer):
    """A project whose code was taken in."""

    slug: str
    snapshot: SnapshotFacts | None


class ProjectFacts(ProjectSource):
    """A project as its members see it."""

    name: str
    description: str
    url: str
    runs: int
    created_at: Moment


class ProjectDetails(ProjectFacts):
    """A project with what can be run in it."""

    scripts: list[str]
    run_configurations: list[str]


class ProjectList(Answer):
    """The projects that the person may look at, by name."""

    projects: list[ProjectFacts]


class TargetFacts(Answer):
    """A target: `running` counts runs that fill a slot, `waiting` the ones queued for it."""

    name: str
    kind: str
    description: str
    slots: int
    running: int
    waiting: int
    is_on: bool
    is_draining: bool
    drain_reason: str
    longest_run_seconds: int | None
    last_contact_at: Moment
    contact_problem: str
    url: str


class TargetList(Answer):
    """The targets that the person may see, by name."""

    targets: list[TargetFacts]


class CheckFacts(Answer):
    """A check of a target; its items grow until `finished_at` is set."""

    id: int
    target: str
    requested_at: Moment
    started_at: Moment
    finished_at: Moment
    is_finished: bool
    is_good: bool
    problem: str
    items: list[dict[str, Any]]


class EnvironmentFacts(Answer):
    """An environment on one target, which `id` names in the addresses of its build's log and cancel; `key` is the hash
    of its lock, or names the preparation while there is none. `state` is missing, building, ready, failed or
    removing."""

    id: int
    key: str
    hash: str
    target: str
    state: str
    progress: str
    error: str
    remedy: str
    asked: dict[str, list[str]]
    source: str
    bytes: int | None
    seconds: dict[str, float]
    asked_at: Moment
    finished_at: Moment
    last_used_at: Moment
    url: str


class EnvironmentList(Answer):
    """The environments that the person may know of."""

    environments: list[EnvironmentFacts]


class LockedPackageFacts(Answer):
    """One package of a lock; `kind` is conda or pip."""

    kind: str
    name: str
    version: str
    build: str
    url: str
    sha256: str


class EnvironmentDetails(Answer):
    """An environment with what is installed and how it is on its targets."""

    key: str
    hash: str
    packages: list[LockedPackageFacts]
    targets: list[EnvironmentFacts]


class RunEnvironment(Answer):
    """The environment of a run: `hash` is empty where its user looks after the packages, and until it is ready."""

    hash: str
    state: str


class LatestMetricFacts(Answer):
    """The newest value of a metric with its extremes; `value` is null for text, NaN and infinities."""

    step: int
    time: float
    value: float | None
    text: str
    lowest: float | None
    highest: float | None
    points: int


class RunReceipt(Answer):
    """What a submission answers with; the rest is at `GET` of the run."""

    number: int
    url: str
    project: str
    state: str
    script: str
    arguments: list[str]
    target: str
    parent: int | None
    created_by: str
    created_at: Moment


class RunSummary(Answer):
    """A run as lists show it. Times are UTC; `script_seconds` is measured on the target."""

    number: int
    url: str
    project: str
    state: str
    reason: str
    reason_text: str
    wait_reason: str
    exit_code: int | None
    script: str
    arguments: list[str]
    target: str
    target_is_detached: bool
    description: str
    tags: list[str]
    created_by: str
    created_at: Moment
    queued_at: Moment
    preparing_at: Moment
    running_at: Moment
    finalizing_at: Moment
    finished_at: Moment
    script_seconds: float | None
    metrics: dict[str, LatestMetricFacts]


class EventFacts(Answer):
    """One recorded change of a run: who is "" for the server itself."""

    at: Moment
    kind: str
    from_state: str
    to_state: str
    actor: str
    text: str


class ApplicationAnswer(Answer):
    """What a cluster says of a run's application. `state` is the cluster's word; while `is_waiting` it has no resources
    yet. `links` are pages of the cluster by their titles; `spark_page` and `driver_log` those that Livy names."""

    id: str
    batch: str
    state: str
    is_waiting: bool
    why: str
    stages_done: int
    stages: int
    tasks_done: int
    tasks: int
    spark_page: str
    driver_log: str
    links: dict[str, str]


class RunDetails(RunSummary):
    """All that is recorded about a run. `cancel_receipt` lists (step, seconds since the cancel); `resources` are
    what an application takes on a cluster; `application` is there on clusters only."""

    admitted_at: Moment
    cancel_receipt: list[Any]
    events: list[EventFacts]
    reason_detail: str
    remedy: str
    failure_excerpt: str
    exit_signal: int | None
    cancel_requested_at: Moment
    cancel_requested_by: str
    last_contact_at: Moment
    unreachable_since: Moment
    time_limit_seconds: int | None
    parent: int | None
    log_bytes: int
    system_log_bytes: int
    log_is_complete: bool
    command: list[str]
    run_configuration: str
    framework: str
    spark: dict[str, Any]
    resources: dict[str, int]
    application: ApplicationAnswer | None
    environment_variables: dict[str, str]
    secret_variables: list[str]
    snapshot: SnapshotFacts
    environment: RunEnvironment
    interpreter: str
    interpreter_version: str
    packages: dict[str, Any]
    outputs_note: str


class RunList(Answer):
    """One page of runs; `next` is the cursor of the following page, null on the last."""

    runs: list[RunSummary]
    next: str | None


class MetricValue(Answer):
    """One logged value; `text` is there when the value is none that JSON knows."""

    step: int
    time: float
    value: float | None
    text: str = ""


class OutputFacts(Answer):
    """A file of `outputs/`, or in `skipped` the reason why it was not taken."""

    path: str
    bytes: int
    sha256: str
    skipped: str
