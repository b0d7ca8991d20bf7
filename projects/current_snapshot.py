"""Which snapshot the next run of a project is made of, and how that moves."""

from projects.errors import EditConflict
from projects.models import Project, Snapshot


def move_current_snapshot(project: Project, old: Snapshot | None, new: Snapshot) -> None:
    """Make `new` current if `old` still is. Raises EditConflict when somebody else was faster."""
    moved = Project.objects.filter(pk=project.pk, current_snapshot=old).update(current_snapshot=new)
    if not moved:
        raise EditConflict(
            "",
            "Somebody else changed the project's code since you opened it. Nothing was saved.",
            "Keep a copy of your change, open the file again, and make the change there.",
        )
    project.current_snapshot = new
