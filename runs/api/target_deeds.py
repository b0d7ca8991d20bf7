"""Calls by which administrators attach targets, change and detach them, and approve the keys of their hosts.

They are in the router of `runs.api.target_calls`, because calls that share an address have to be in one.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from computes.attaching import attach_target, edit_target
from computes.compute_file_start import KINDS
from computes.detaching import detach_target
from computes.errands import request_errand
from computes.host_approval import approve_host_key
from computes.kind_choices import kind_refusal
from computes.models import ComputeTarget, TargetErrand
from computes.refusals import TargetRefused
from computes.renaming import rename_target
from runs.api.access import demand_administrator, find_administered_target
from runs.api.sign_in import person_of
from runs.api.target_calls import counted_targets, router, target_facts
from runs.api.target_details import details_of, errand_facts, host_key_facts
from runs.api.target_forms import form_for
from runs.api.target_schemas import (
    ApprovalWanted,
    ErrandFacts,
    HostKeyFacts,
    TargetChanges,
    TargetDetails,
    TargetWanted,
)


@router.post("/targets", response={201: TargetDetails}, summary="Attach a target")
def create_target(request: HttpRequest, wanted: TargetWanted) -> HttpResponse:
    """A new target: administrators only. Its host keys are scanned at once, for `POST …/host-key/approve`."""
    person = person_of(request)
    demand_administrator(person)
    kind = stored_kind(wanted.kind)
    form = form_for(kind, wanted.dict(exclude_unset=True, exclude={"kind"}), None)
    target = attach_target(person, form.cleaned_data["name"], kind, form.wishes())
    return JsonResponse(shown(target), status=201)


@router.get("/targets/{name}", response=TargetDetails, summary="Show how a target is set up")
def show_target(request: HttpRequest, name: str) -> HttpResponse:
    """All but the secrets: administrators only."""
    return JsonResponse(shown(find_administered_target(person_of(request), name)))


@router.patch("/targets/{name}", response=TargetDetails, summary="Change a target")
def change_target(request: HttpRequest, name: str, wanted: TargetChanges) -> HttpResponse:
    """What is left out stays as it is. A credential replaces the stored one; another address is approved anew."""
    person = person_of(request)
    target = find_administered_target(person, name)
    if refusal := kind_refusal(target.kind):
        raise TargetRefused("", refusal, "")
    changes = wanted.dict(exclude_unset=True)
    new_name = changes.pop("name", None)
    form = form_for(target.kind, changes, target)
    with transaction.atomic():
        if new_name is not None:
            rename_target(target, person, new_name)
        edit_target(target, person, form.wishes())
    return JsonResponse(shown(target))


@router.delete("/targets/{name}", response={204: None}, summary="Detach a target")
def remove_target(request: HttpRequest, name: str) -> HttpResponse:
    """Its credentials and settings are forgotten, which cannot be taken back; recorded runs are kept. 409 while runs
    are on or wait."""
    person = person_of(request)
    detach_target(find_administered_target(person, name), person)
    return HttpResponse(status=204)


@router.get("/targets/{name}/host-key", response=HostKeyFacts, summary="Show the host keys")
def show_host_key(request: HttpRequest, name: str) -> HttpResponse:
    """The hosts on the way, the keys that they showed and those that are approved: administrators only."""
    return JsonResponse(host_key_facts(find_administered_target(person_of(request), name)))


@router.post("/targets/{name}/host-key/scan", response={202: ErrandFacts}, summary="Scan the host keys")
def scan_host_key(request: HttpRequest, name: str) -> HttpResponse:
    """Ask a task worker to look at the keys; nothing else is sent to a host that is not approved."""
    person = person_of(request)
    target = over_ssh(find_administered_target(person, name))
    return JsonResponse(errand_facts(request_errand(target, person, TargetErrand.Kind.SCAN)), status=202)


@router.post("/targets/{name}/host-key/approve", response=HostKeyFacts, summary="Approve a host key")
def approve_key(request: HttpRequest, name: str, wanted: ApprovalWanted) -> HttpResponse:
    """Say that you have compared the fingerprint on the host itself; what waited for it goes on."""
    person = person_of(request)
    target = over_ssh(find_administered_target(person, name))
    approve_host_key(target, person, wanted.fingerprint, wanted.understood)
    return JsonResponse(host_key_facts(target))


def stored_kind(word: str) -> str:
    """Return the kind of a word of a `.compute` file. Raises TargetRefused for one that cannot be used."""
    kind = KINDS.get(word, word)
    if refusal := kind_refusal(kind):
        raise TargetRefused("kind", refusal, "Choose another kind.")
    if kind not in ComputeTarget.Kind.values:
        raise TargetRefused("kind", f"{word[:80]!r} is not a kind of compute target.", "Choose another kind.")
    return kind


def over_ssh(target: ComputeTarget) -> ComputeTarget:
    """Return the target. Raises TargetRefused for one that is not reached over SSH."""
    if not target.is_over_ssh:
        raise TargetRefused("", f"{target.name} is not reached over SSH.", "It has no host keys to look at.")
    return target


def shown(target: ComputeTarget) -> dict[str, Any]:
    """Return all that is set up, with the counts of runs."""
    return target_facts(counted_targets().get(pk=target.pk)) | details_of(target)
