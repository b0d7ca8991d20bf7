"""Bringing a script action on: one short round over its nodes.

The scripts run under supervisors on the nodes, so a round only begins some, looks at the others, and notes what it
sees. Rounds are repeated by the controller until nothing is left to do; a server that was killed goes on with the next.
"""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from computes.action_host import Deed, News, Visit, visit_node
from computes.action_logs import log_of
from computes.action_outcomes import take_news
from computes.action_plan import plan_for, seconds_for
from computes.cluster_nodes import access_to_node
from computes.models import ActionNode, ScriptAction
from computes.ssh_address import address_in
from computes.target_settings import access_to

SIDE_BY_SIDE = 8
ROUND_SECONDS = 35.0
LEASE = timedelta(seconds=75)  # a task is ended after 60
WRITTEN = (
    "state", "exit_code", "problem", "tried_at", "started_at", "stop_sent_at", "silent_since", "looked_at",
    "finished_at", "log_bytes", "remains",
)  # fmt: skip


class LeaseLost(Exception):
    """The round took so long, frozen perhaps, that another one may be at it: what was seen is told by that one."""


def carry_on_action(action_id: int) -> bool:
    """Do one round for an action that nobody else works on; return whether it was ours to do."""
    if (token := claim(action_id)) is None:
        return False
    action = ScriptAction.objects.select_related("target").get(pk=action_id)
    try:
        go_round(action, token)
    except LeaseLost:
        return False
    finally:
        settle(action, token)
    return True


def claim(action_id: int) -> UUID | None:
    """Take the lease of an action for which something is left to do."""
    token, now = uuid4(), timezone.now()
    free = Q(lease_token=None) | Q(lease_expires_at__lt=now)
    claimed = ScriptAction.objects.unsettled().filter(free, pk=action_id)
    return token if claimed.update(lease_token=token, lease_expires_at=now + LEASE) else None


def go_round(action: ScriptAction, token: UUID) -> None:
    """Visit the nodes that need it, those first that were looked at the longest time ago. Raises LeaseLost."""
    nodes = list(action.nodes.select_related("action"))
    plan = plan_for(action, nodes)
    save(token, nodes, ("state", "problem", "finished_at", "silent_since"))
    due = [node for node in nodes if node.number in plan]
    due.sort(key=lambda node: (node.looked_at is not None, node.looked_at or node.number))
    begun = [node for node in due if plan[node.number] == Deed.START and node.tried_at is None]
    for node in begun:
        node.tried_at = timezone.now()
    save(token, begun, ("tried_at",))  # before anything is sent: whoever finds it knows that the script may run
    heard = visit_all([visit_of(action, node, plan[node.number]) for node in due])
    for node in due:
        news = heard.get(node.number)
        if news is None:  # it is not over yet: what it sends may arrive
            continue
        if node in begun and not news.was_sent:
            node.tried_at = None
        take_news(action, node, news)
    save(token, due, WRITTEN)


def visit_all(visits: list[Visit]) -> dict[int, News]:
    """Return the news of those visits that were over in time, by the number of their node."""
    pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="script action")
    going: dict[Future[News], Visit] = {pool.submit(visit_node, visit): visit for visit in visits}
    done, late = wait(going, timeout=ROUND_SECONDS)
    heard = {going[future].number: future.result() for future in done}
    for future in late:
        if future.cancel():  # it was not begun, so nothing was sent
            visit = going[future]
            heard[visit.number] = News(visit.number, visit.deed, visit.log_bytes)
    pool.shutdown(wait=False)
    return heard


def visit_of(action: ScriptAction, node: ActionNode, deed: Deed) -> Visit:
    """Return the plain facts of a visit."""
    if node.is_head:
        access = access_to(action.target)
    else:
        access = access_to_node(action.target, address_in(node.address), node.host_keys, is_direct=node.is_direct)
    is_start = deed == Deed.START
    return Visit(
        number=node.number,
        deed=deed,
        access=access,
        installation_id=settings.INSTALLATION_ID,
        run_id=node.run_id.hex,
        log=log_of(node),
        log_bytes=node.log_bytes,
        script=action.script.encode() if is_start else b"",
        seconds=seconds_for(action) if is_start else 0.0,
    )


def save(token: UUID, nodes: list[ActionNode], fields: tuple[str, ...]) -> None:
    """Write these fields of some nodes, as long as the lease is ours. Raises LeaseLost."""
    if not nodes:
        return
    with transaction.atomic():
        held = ScriptAction.objects.select_for_update().filter(lease_token=token, lease_expires_at__gt=timezone.now())
        if held.first() is None:
            raise LeaseLost
        ActionNode.objects.bulk_update(nodes, fields, batch_size=100)


def settle(action: ScriptAction, token: UUID) -> None:
    """Give a lease that is still ours back, and note the end of the action when every node has its outcome."""
    now = timezone.now()
    nodes = list(action.nodes.all())
    facts = {"lease_token": None, "lease_expires_at": None, "looked_at": now}
    if action.finished_at is None and all(node.is_over for node in nodes):
        facts["finished_at"] = now
    if all(node.is_over for node in nodes) and not plan_for(action, nodes):
        facts["settled_at"] = now
    ScriptAction.objects.filter(pk=action.pk, lease_token=token).update(**facts)
