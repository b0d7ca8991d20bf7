"""Calls about what of ours is on a target: looking, listing orphans, removing.

They are in the router of `runs.api.target_calls`, behind the calls of `runs.api.target_deeds`.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

import runs.api.target_deeds  # noqa: F401 (its calls come first)
from computes.models import ComputeTarget
from computes.survey_requests import request_survey
from runs.api.access import find_administered_target
from runs.api.moments import moment
from runs.api.problems import ApiProblem, invalid
from runs.api.sign_in import person_of
from runs.api.target_calls import router as router
from runs.api.target_details import errand_facts
from runs.api.target_schemas import ReclaimFacts, ReclaimWanted, SpaceFacts
from runs.environment_pruning import prunable_on
from runs.forms.cleaning import CleaningForm
from runs.orphans import Orphan
from runs.target_cleaning import request_cleaning
from runs.target_space import space_on


@router.get("/targets/{name}/survey", response=SpaceFacts, summary="Show what amlweb uses on a target")
def show_survey(request: HttpRequest, name: str) -> HttpResponse:
    """Sizes and orphans by the last survey, judged by the runs that are known now: administrators only."""
    return JsonResponse(space_facts(find_administered_target(person_of(request), name)))


@router.post("/targets/{name}/survey", response={202: SpaceFacts}, summary="Look at a target anew")
def start_survey(request: HttpRequest, name: str) -> HttpResponse:
    """Ask a task worker to look at what of ours is there."""
    person = person_of(request)
    target = find_administered_target(person, name)
    request_survey(target, person)
    return JsonResponse(space_facts(target), status=202)


@router.post("/targets/{name}/reclaim", response={202: ReclaimFacts}, summary="Remove what nobody needs")
def reclaim_space(request: HttpRequest, name: str, wanted: ReclaimWanted) -> HttpResponse:
    """Remove orphans, unused environments and old cached contents. What has come into use meanwhile is spared."""
    person = person_of(request)
    target = find_administered_target(person, name)
    chosen = {"orphan": wanted.orphans, "hash": wanted.environments, "contents_days": wanted.contents_days}
    form = CleaningForm(chosen, space=space_on(target), prunable=prunable_on(target))
    if not form.is_valid():
        raise invalid({"orphans": [str(text) for errors in form.errors.values() for text in errors]})
    receipt = request_cleaning(target, person, form.wishes())
    if not receipt.words:
        raise ApiProblem(409, "nothing_to_remove", "Nothing of it may go (any more).", "Look at the survey again.")
    cleaning = errand_facts(receipt.errand) if receipt.errand else None
    facts = {"orphans": receipt.orphans, "environments": receipt.environments, "cleaning": cleaning}
    return JsonResponse(facts, status=202)


def space_facts(target: ComputeTarget) -> dict[str, Any]:
    """Return what is known of the space on a target."""
    space = space_on(target)
    survey, latest = space.survey, space.latest
    return {
        "target": target.name,
        "looked_at": moment(space.looked_at),
        "is_looking": latest is not None and latest.is_going_on,
        "problem": latest.problem if latest is not None else "",
        "orphans": [orphan_facts(orphan) for orphan in space.orphans],
        "environments": space.environments.count,
        "environment_bytes": space.environments.bytes,
        "run_folders": space.run_folders.count,
        "run_folder_bytes": space.run_folders.bytes,
        "cached_bytes": survey.blobs.bytes if survey else None,
        "cached_bytes_by_days": dict(survey.blobs.older) if survey else {},
        "python_bytes": survey.python_bytes if survey else None,
        "image_bytes": survey.image_bytes if survey else None,
        "free_bytes": survey.free_bytes if survey else None,
        "docker_free_bytes": survey.docker_free_bytes if survey else None,
        "cleaning": errand_facts(space.cleaning) if space.cleaning else None,
    }


def orphan_facts(orphan: Orphan) -> dict[str, Any]:
    """Return one orphan."""
    return {
        "key": orphan.key,
        "what": orphan.what,
        "name": orphan.name,
        "since": moment(orphan.since),
        "bytes": orphan.bytes,
        "why": orphan.why,
        "is_alive": orphan.is_alive,
        "run": settings.URL + orphan.run.get_absolute_url() if orphan.run else "",
    }
