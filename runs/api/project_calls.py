"""Calls about projects and their code."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from projects.configuration import aml_config_of
from projects.models import Project, Role
from projects.scripts import runnable_scripts
from projects.sources import create_from_archive, replace_from_archive
from runs.api.access import find_project
from runs.api.answer_schemas import ProjectDetails, ProjectList, ProjectSource
from runs.api.moments import moment
from runs.api.run_facts import snapshot_facts
from runs.api.sign_in import person_of
from runs.api.uploads import BODY_OF_ARCHIVE, read_upload

router = Router(tags=["Projects"])


def source_facts(project: Project) -> dict[str, Any]:
    """Return a project's slug and current snapshot."""
    snapshot = project.current_snapshot
    return {"slug": project.slug, "snapshot": snapshot_facts(snapshot) if snapshot else None}


def project_facts(project: Project) -> dict[str, Any]:
    """Return a project as its members see it."""
    return source_facts(project) | {
        "name": project.name,
        "description": project.description,
        "url": settings.URL + project.get_absolute_url(),
        "runs": project.runs_submitted,
        "created_at": moment(project.created_at),
    }


@router.get("/projects", response=ProjectList, summary="List projects")
def list_projects(request: HttpRequest) -> HttpResponse:
    """The projects that you may look at."""
    projects = Project.objects.visible_to(person_of(request)).select_related("current_snapshot")
    return JsonResponse({"projects": [project_facts(project) for project in projects]})


@router.post("/projects", response={201: ProjectSource}, summary="Create a project", openapi_extra=BODY_OF_ARCHIVE)
def create_project(request: HttpRequest) -> HttpResponse:
    """A new project from an uploaded archive; you become its owner."""
    person: User = person_of(request)
    upload = read_upload(request)
    project = create_from_archive(person, upload.name, upload.archive)
    return JsonResponse(source_facts(project), status=201)


@router.get("/projects/{slug:slug}", response=ProjectDetails, summary="Show a project")
def show_project(request: HttpRequest, slug: str) -> HttpResponse:
    """A project with the scripts and run configurations that can be run."""
    project = find_project(person_of(request), slug)
    snapshot = project.current_snapshot
    return JsonResponse(
        project_facts(project)
        | {
            "scripts": runnable_scripts(snapshot) if snapshot else [],
            "run_configurations": sorted(aml_config_of(snapshot).run_configurations) if snapshot else [],
        }
    )


@router.put(
    "/projects/{slug:slug}/source", response=ProjectSource, summary="Replace the code", openapi_extra=BODY_OF_ARCHIVE
)
def replace_source(request: HttpRequest, slug: str) -> HttpResponse:
    """The archive becomes the project's current code; earlier runs keep theirs."""
    person = person_of(request)
    project = find_project(person, slug, Role.RUNNER)
    replaced = replace_from_archive(project, person, read_upload(request).archive)
    return JsonResponse(source_facts(replaced))
