"""What the news of a visit mean for a node of a script action. Changes the object, saves nothing."""

from datetime import timedelta

from django.utils import timezone

from computes.action_host import Deed, News
from computes.action_plan import end
from computes.contract import Condition, ExitRecord, RunFolderStatus
from computes.errors import HostKeyChanged, HostKeyUnknown, KeyUnreadable, LoginRefused, TargetError, TargetUnreachable
from computes.models import ActionNode, ScriptAction

State = ActionNode.State
CONTACT_PATIENCE = timedelta(seconds=60)
SILENT_AFTER_THE_DEADLINE = timedelta(seconds=120)
DECIDED = (HostKeyUnknown, HostKeyChanged, LoginRefused, KeyUnreadable)
LIMITS = {
    "log_limit": "It was ended because it had printed more than 4 MiB.",
    "disk_full": "It was ended because the node's disk was full.",
}
SILENT = "The node fell silent: the script may have run to its end there, or not. Look at the node yourself. Last: "
REMOVED = "The script's folder is gone from the node, so nobody knows how it ended."


def take_news(action: ScriptAction, node: ActionNode, news: News) -> None:
    """Note what a visit has found."""
    node.looked_at = timezone.now()
    node.log_bytes = max(node.log_bytes, news.log_bytes)
    if news.was_sent:
        node.remains = True
    if news.deed == Deed.CLEAN:
        node.remains = node.remains and not news.is_clean
        return
    if news.trouble is not None:
        take_trouble(action, node, news, news.trouble)
        return
    if news.deed == Deed.STOP:
        node.stop_sent_at = node.looked_at
    node.silent_since, node.problem = None, ""
    if news.status is not None:
        take_status(action, node, news.status)


def take_trouble(action: ScriptAction, node: ActionNode, news: News, trouble: TargetError) -> None:
    """Note that a node could not be reached, or refused; it is over where nothing more can come of it."""
    now = timezone.now()
    node.silent_since = node.silent_since or now
    node.problem = trouble.in_full[:600]
    silent = now - node.silent_since
    is_untouched = node.tried_at is None and not news.was_sent
    if news.deed == Deed.START and not isinstance(trouble, TargetUnreachable):
        end(node, State.NOT_STARTED, node.problem, now)
    elif is_untouched and (isinstance(trouble, DECIDED) or silent > CONTACT_PATIENCE):
        end(node, State.UNREACHABLE, node.problem, now)
    elif not is_untouched and now > action.deadline_at + SILENT_AFTER_THE_DEADLINE and silent > CONTACT_PATIENCE:
        end(node, State.LOST, f"{SILENT}{node.problem}", now)


def take_status(action: ScriptAction, node: ActionNode, status: RunFolderStatus) -> None:
    """Note how the script is by what lies in its folder."""
    now = timezone.now()
    if status.condition in (Condition.STARTING, Condition.ALIVE):
        node.state, node.started_at, node.problem = State.RUNNING, node.started_at or now, status.why[:600]
    elif status.condition == Condition.EXITED and status.exit is not None:
        node.started_at = node.started_at or now - timedelta(seconds=status.exit.duration_seconds)
        take_exit(node, status.exit)
    elif status.condition == Condition.ABSENT and node.state == State.WAITING:
        was_stopped = action.stop_requested_at is not None
        text = "The script was not begun here."
        end(node, State.STOPPED if was_stopped else State.TIMED_OUT, text, now)
    else:
        end(node, State.LOST, status.why or REMOVED, now)


def take_exit(node: ActionNode, record: ExitRecord) -> None:
    """Note how the script ended by the supervisor's own record."""
    now = timezone.now()
    node.exit_code = record.code
    if record.ended_by == "time_limit":
        end(node, State.TIMED_OUT, "It was ended at its deadline.", now)
    elif record.ended_by == "cancel":
        is_late = node.action.stop_requested_at is None
        end(node, State.TIMED_OUT if is_late else State.STOPPED, "", now)
    elif record.code is None:
        end(node, State.LOST, "It has ended, but its exit code is not known.", now)
    else:
        problem = LIMITS.get(record.ended_by, "")
        if record.signal is not None and not problem:
            problem = f"It was ended by signal {record.signal}{', out of memory' if record.out_of_memory else ''}."
        end(node, State.ENDED, problem, now)
