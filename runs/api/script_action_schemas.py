"""What calls about a cluster's nodes and script actions send and get."""

from typing import Annotated, Any

from pydantic import Field

from runs.api.answer_schemas import Answer, Moment
from runs.api.request_schemas import StrictSchema
from runs.api.target_schemas import ErrandFacts


class NodeKeyFacts(Answer):
    """A node with its keys as (type, fingerprint). `node` is its host and port, `state` unseen, shown, approved or
    changed, `trouble` why the last scan did not see it."""

    node: str
    username: str
    is_direct: bool
    state: str
    approved: list[dict[str, Any]]
    shown: list[dict[str, Any]]
    compare_command: str
    trouble: str


class NodeList(Answer):
    """The worker nodes of a cluster, and the last scan of their keys."""

    target: str
    nodes: list[NodeKeyFacts]
    scan: ErrandFacts | None


class NodeKeyWanted(StrictSchema):
    """A key that was compared: the node's host and port, and the fingerprint."""

    node: Annotated[str, Field(max_length=300)]
    fingerprint: Annotated[str, Field(max_length=100)]


class NodeApprovalWanted(StrictSchema):
    """The keys to approve, all or none. `understood` where a node had another key before."""

    keys: list[NodeKeyWanted] = Field([], max_length=1_000)
    understood: bool = False


class ScriptActionWanted(StrictSchema):
    """A script to run on all nodes with an approved key. With `sha256`, it must be the script's: what was reviewed."""

    name: str = ""
    script: str = Field("", description="Text; a first line such as #!/bin/bash chooses the shell")
    sha256: Annotated[str, Field(max_length=64)] = ""
    on_head: bool = Field(False, description="Run it on the head node too")
    node_seconds: int = Field(1800, description="The longest on one node")
    total_seconds: int = Field(7200, description="The longest for all of it")
    at_once: int = Field(10, description="On how many nodes it runs at the same time")


class ActionNodeFacts(Answer):
    """What came of a script on one node. `state` is waiting, running, ended, timed_out, stopped, unreachable,
    not_started or lost; `log` the address of its log, `remains` whether its folder is still on the node."""

    number: int
    node: str
    is_head: bool
    state: str
    exit_code: int | None
    problem: str
    started_at: Moment
    finished_at: Moment
    log_bytes: int
    log: str
    remains: bool
    fingerprints: list[str]


class ScriptActionFacts(Answer):
    """A script action without its text. `good` is on how many nodes it ended with code 0."""

    id: int
    target: str
    name: str
    sha256: str
    requested_by: str
    requested_at: Moment
    stop_requested_at: Moment
    finished_at: Moment
    is_finished: bool
    nodes: int
    over: int
    good: int
    url: str


class ScriptActionDetails(ScriptActionFacts):
    """A script action with its text and each node's outcome."""

    script: str
    node_seconds: int
    total_seconds: int
    at_once: int
    outcomes: list[ActionNodeFacts]


class ScriptActionList(Answer):
    """The last script actions of a target, the newest first."""

    actions: list[ScriptActionFacts]
