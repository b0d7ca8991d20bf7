"""The values of the task queue that keep a nudge from coming twice or for ever (measured with django-q2 1.11)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

Rule = tuple[Callable[[dict[str, Any]], bool], str, str]

RULES: list[Rule] = [
    (
        lambda queue: queue.get("retry", 0) > 2 * queue.get("timeout", 0) > 0,
        "`retry` is not more than twice `timeout`",
        "A task is delivered again when waiting plus running takes longer than `retry`, also while it still runs.",
    ),
    (
        lambda queue: queue.get("max_attempts") == 1,
        "`max_attempts` is not 1",
        "A failing task would be repeated. Attempts are counted in our own rows.",
    ),
    (
        lambda queue: queue.get("ack_failures") is True,
        "`ack_failures` is not True",
        "A task that fails would be delivered again for ever.",
    ),
    (
        lambda queue: queue.get("queue_limit") == queue.get("workers"),
        "`queue_limit` is not the number of `workers`",
        "Tasks would wait inside one process, where the time towards `retry` already runs.",
    ),
    (
        lambda queue: queue.get("save_limit", 250) <= 0,
        "`save_limit` keeps django-q2's own pruning on",
        "Set it to 0 or -1: it counts all results at every task.",
    ),
    (
        lambda queue: queue.get("catch_up") is False,
        "`catch_up` is not False",
        "Missed schedules would all run at once after a pause.",
    ),
    (
        lambda queue: bool(queue.get("redis")) or queue.get("broker_class") == "runs.waking_broker.WakingOrmBroker",
        "the broker is neither Redis nor runs.waking_broker.WakingOrmBroker",
        "Other brokers wait out their poll, and a run starts late. Leave `broker_class` as it is, or set REDIS_URL.",
    ),
]


@register("amlweb")
def check_task_queue(**facts: Any) -> list[CheckMessage]:
    """Refuse values of Q_CLUSTER with which tasks are lost, doubled or repeated."""
    return [
        Error(f"Q_CLUSTER: {problem}.", hint=hint, id=f"amlweb.E{number:03}")
        for number, (holds, problem, hint) in enumerate(RULES, start=1)
        if not holds(settings.Q_CLUSTER)
    ]
