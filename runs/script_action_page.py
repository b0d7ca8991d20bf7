"""What the page of a script action shows: each node's state in words, and the log of the one that is looked at."""

import os
from dataclasses import dataclass

from computes.action_logs import folder_of, log_name
from computes.models import ActionNode, ScriptAction
from runs.plain_text import plain_line
from runs.run_folder_files import open_beneath

TAIL_BYTES = 64 * 1024
State = ActionNode.State
LOOKS = {
    State.WAITING: ("queued", "clock"),
    State.RUNNING: ("running", "loader-2"),
    State.TIMED_OUT: ("failed", "clock"),
    State.STOPPED: ("canceled", "ban"),
    State.UNREACHABLE: ("failed", "plug-x"),
    State.NOT_STARTED: ("failed", "circle-x"),
    State.LOST: ("failed", "alert-triangle"),
}


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node with the look and the icon of its state."""

    node: ActionNode
    look: str
    icon: str


@dataclass(frozen=True, slots=True)
class ScriptActionPage:
    """An action, its nodes, and the node whose log is shown."""

    action: ScriptAction
    rows: list[NodeRow]
    chosen: ActionNode
    log_text: str
    log_is_cut: bool

    @property
    def good_count(self) -> int:
        """Return on how many nodes the script ended with code 0."""
        return sum(1 for row in self.rows if row.node.is_good)

    @property
    def over_count(self) -> int:
        """Return on how many nodes nothing more will happen."""
        return sum(1 for row in self.rows if row.node.is_over)


def page_of(action: ScriptAction, number: int | None) -> ScriptActionPage:
    """Return the page of an action. Without a number, the first node that went wrong or goes on is looked at."""
    nodes = list(action.nodes.all())
    telling = next((node for node in nodes if node.log_bytes and not node.is_good), None)
    first = telling or next((node for node in nodes if node.log_bytes), nodes[0])
    chosen = next((node for node in nodes if node.number == number), first)
    text, is_cut = log_tail(chosen)
    return ScriptActionPage(action, [row_of(node) for node in nodes], chosen, text, is_cut)


def row_of(node: ActionNode) -> NodeRow:
    """Return a node with its look."""
    good = ("completed", "circle-check") if node.is_good else ("failed", "circle-x")
    return NodeRow(node, *LOOKS.get(State(node.state), good))


def log_tail(node: ActionNode) -> tuple[str, bool]:
    """Return the last lines of a node's log as plain text, and whether there are earlier ones."""
    try:
        part = open_beneath(folder_of(node.action_id), log_name(node))
    except FileNotFoundError:
        return "", False
    try:
        start = max(part.end - TAIL_BYTES, 0)
        lines = os.pread(part.descriptor, TAIL_BYTES, start).decode("utf-8", "replace").split("\n")
    finally:
        part.close()
    return "\n".join(plain_line(line) for line in (lines[1:] if start else lines)), start > 0
