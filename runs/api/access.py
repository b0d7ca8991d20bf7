"""Finding what a call is about: unknown and forbidden are the same 404; 403 only where the thing may be seen."""

from django.contrib.auth.models import User

from computes.models import ComputeTarget
from projects.models import Project, Role
from runs.api.problems import forbidden, not_found
from runs.models import Run


def find_project(user: User, slug: str, role: Role = Role.VIEWER) -> Project:
    """Return a project in which a person has at least a role."""
    project: Project | None = (
        Project.objects.visible_to(user).select_related("current_snapshot").filter(slug=slug).first()
    )
    if project is None:
        raise not_found("project")
    demand_role(user, project.pk, role)
    return project


def find_run(user: User, slug: str, number: int, role: Role = Role.VIEWER) -> Run:
    """Return a run of a project in which a person has at least a role.

    All that answers need of it comes with it: what is streamed is read in threads that must not open the database.
    """
    run: Run | None = (
        Run.objects.visible_to(user)
        .select_related(
            "project", "target", "snapshot__project", "created_by", "cancel_requested_by", "parent", "environment"
        )
        .filter(project__slug=slug, number=number)
        .first()
    )
    if run is None:
        raise not_found("run")
    demand_role(user, run.project_id, role)
    return run


def find_target(user: User, name: str) -> ComputeTarget:
    """Return a target that a person may see."""
    target: ComputeTarget | None = ComputeTarget.objects.visible_to(user).filter(name=name).first()
    if target is None:
        raise not_found("target", "an administrator")
    return target


def find_administered_target(user: User, name: str) -> ComputeTarget:
    """Return a target that a person administers."""
    target = find_target(user, name)
    demand_administrator(user)
    return target


def demand_administrator(user: User) -> None:
    """Refuse everybody who does not administer targets."""
    if not user.is_superuser:
        raise forbidden("Only administrators attach and change targets.", "Ask an administrator to do it.")


def demand_role(user: User, project_id: int, role: Role) -> None:
    """Refuse people who may look at a project but have less than a role in it."""
    if role != Role.VIEWER and not Project.objects.with_role(user, role).filter(pk=project_id).exists():
        raise forbidden(
            f"You may look at this project, but this call needs the role {role.label.lower()}.",
            "Ask an owner of the project for that role.",
        )
