"""Projects and their members in Django's administration. Code is changed on the project's own page."""

from django.contrib import admin
from django.http import HttpRequest

from projects.models import Membership, Project


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable when it runs
    """The members of a project."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A project: its name, description and members may be changed. One with runs cannot be deleted."""

    list_display = ("name", "slug", "source", "created_by", "created_at", "runs_submitted")
    list_filter = ("source",)
    search_fields = ("name", "slug")
    fields = ("name", "description", "slug", "source", "source_location", "source_reference", "runs_submitted")
    readonly_fields = ("slug", "source", "source_location", "source_reference", "runs_submitted")
    inlines = (MembershipInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A project begins with code, on its own page."""
        return False


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Who belongs to which project, and as what."""

    list_display = ("project", "user", "role", "added_at")
    list_filter = ("role", "project")
    list_select_related = ("project", "user")
    autocomplete_fields = ("project", "user")
