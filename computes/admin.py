"""Targets in Django's administration: to look at. They are attached and changed on their own pages, which know what
may change while runs are on. Grants may be given and taken here too."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from computes.models import ComputeTarget, TargetGrant


@admin.register(ComputeTarget)
class ComputeTargetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A target, read only. Those that were detached are here too: their history says by whom."""

    list_display = ("name", "kind", "is_enabled", "is_draining", "slots", "last_contact_at", "detached_at")
    list_filter = ("kind", "is_enabled", "is_draining")
    search_fields = ("name", "description")
    readonly_fields = ("detached_at",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[ComputeTarget]":
        """Leave out nothing."""
        return ComputeTarget.with_detached.all()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Targets are attached on their own page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ComputeTarget | None = None) -> bool:
        """Targets are changed on their own page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ComputeTarget | None = None) -> bool:
        """Targets are detached on their own page."""
        return False


@admin.register(TargetGrant)
class TargetGrantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A grant: exactly one of person, group, project and everyone."""

    list_display = ("target", "holder", "slots", "longest_run_seconds", "granted_at", "granted_by")
    list_filter = ("target",)
    list_select_related = ("target", "user", "group", "project", "granted_by")
    autocomplete_fields = ("user", "project")
    exclude = ("granted_by",)

    def save_model(self, request: HttpRequest, obj: TargetGrant, form: object, change: bool) -> None:
        """Note who granted it."""
        if not change and request.user.is_authenticated:
            obj.granted_by = request.user
        obj.save()
