"""Calls about compute targets."""

from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from computes.checking import request_check
from computes.models import ComputeTarget, TargetCheck
from runs.api.access import find_target
from runs.api.answer_schemas import CheckFacts, TargetList
from runs.api.moments import moment
from runs.api.problems import not_found
from runs.api.sign_in import person_of
from runs.status import HOLDS_SLOT, State

router = Router(tags=["Targets"])


def target_facts(target: Any) -> dict[str, Any]:
    """Return a target with the counts of its runs that `list_targets` adds."""
    return {
        "name": target.name,
        "kind": target.kind,
        "description": target.description,
        "slots": target.slots,
        "running": target.running,
        "waiting": target.waiting,
        "is_on": target.is_on,
        "is_draining": target.is_draining,
        "drain_reason": target.drain_reason,
        "longest_run_seconds": target.longest_run_seconds,
        "last_contact_at": moment(target.last_contact_at),
        "contact_problem": target.contact_problem,
        "url": settings.URL + target.get_absolute_url(),
    }


def check_facts(target: ComputeTarget, check: TargetCheck) -> dict[str, Any]:
    """Return a check with the items found so far."""
    return {
        "id": check.pk,
        "target": target.name,
        "requested_at": moment(check.requested_at),
        "started_at": moment(check.started_at),
        "finished_at": moment(check.finished_at),
        "is_finished": not check.is_going_on,
        "is_good": check.is_good,
        "problem": check.problem,
        "items": check.items,
    }


def counted_targets() -> Any:
    """Return all targets with the counts that `target_facts` shows."""
    return ComputeTarget.objects.annotate(
        running=Count("runs", filter=Q(runs__state__in=HOLDS_SLOT)),
        waiting=Count("runs", filter=Q(runs__state=State.QUEUED)),
    )


@router.get("/targets", response=TargetList, summary="List targets")
def list_targets(request: HttpRequest) -> HttpResponse:
    """The targets that you may see, with their slots and last contact."""
    targets = counted_targets().visible_to(person_of(request))
    return JsonResponse({"targets": [target_facts(target) for target in targets]})


@router.post("/targets/{name}/check", response={202: CheckFacts}, summary="Check a target")
def start_check(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for a check; a task worker carries it out. A check that is still going on is returned again."""
    person = person_of(request)
    target = find_target(person, name)
    return JsonResponse(check_facts(target, request_check(target, person)), status=202)


@router.get("/targets/{name}/checks/{int:check_id}", response=CheckFacts, summary="Show a check")
def show_check(request: HttpRequest, name: str, check_id: int) -> HttpResponse:
    """A check of a target; its items come one by one."""
    target = find_target(person_of(request), name)
    check = target.checks.filter(pk=check_id).first()
    if check is None:
        raise not_found("check", "an administrator")
    return JsonResponse(check_facts(target, check))
