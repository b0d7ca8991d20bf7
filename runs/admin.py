"""Runs in Django's administration: to look at, never to change. A run's state is written by its transitions only."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from runs.models import Run, RunEvent


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Rows that nobody adds, changes or deletes here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is deleted here."""
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """A run with the columns that help when something went wrong. Leases are left out: to know a token is to act."""

    list_display = ("__str__", "project", "target", "state", "reason", "created_by", "created_at", "attempts")
    list_filter = ("state", "reason", "target", "project")
    list_select_related = ("project", "target", "created_by")
    search_fields = ("id", "script", "project__slug")
    date_hierarchy = "created_at"
    show_full_result_count = False
    exclude = ("lease_token", "idempotency_key")


@admin.register(RunEvent)
class RunEventAdmin(ReadOnlyAdmin):
    """What happened to runs."""

    list_display = ("at", "run_name", "kind", "from_state", "to_state", "actor", "text")
    list_filter = ("kind", "to_state")
    list_select_related = ("run__project", "actor")
    search_fields = ("run__id", "run__project__slug", "text")
    show_full_result_count = False

    @admin.display(description="run")
    def run_name(self, event: RunEvent) -> str:
        """Return the run's number with its project."""
        return f"{event.run.project.slug} {event.run.number}"
