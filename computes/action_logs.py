"""Where the logs of script actions are kept on this server: `actions/ACTION/NODE.log` below settings.DATA_DIR."""

import shutil
from pathlib import Path

from django.conf import settings

from computes.models import ActionNode, ScriptAction


def folder_of(action_id: int) -> Path:
    """Return the folder of an action's logs."""
    return Path(settings.DATA_DIR) / "actions" / str(action_id)


def log_name(node: ActionNode) -> str:
    """Return the name of a node's log in the folder of its action."""
    return f"{node.number}.log"


def log_of(node: ActionNode) -> Path:
    """Return where a node's log is kept; it is there once something was copied."""
    return folder_of(node.action_id) / log_name(node)


def remove_logs(action_ids: list[int]) -> None:
    """Remove the logs of actions whose rows are gone."""
    known = set(ScriptAction.objects.filter(pk__in=action_ids).values_list("pk", flat=True))
    for action_id in action_ids:
        if action_id not in known:
            shutil.rmtree(folder_of(action_id), ignore_errors=True)
