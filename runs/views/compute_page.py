"""A target's page: how it is, what runs, what waits, what was, and who may use it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from computes.connection import connection_of
from computes.errands import after_errands
from computes.models import TargetGrant
from computes.node_card import node_card_of
from computes.shown_sources import shown_sources
from computes.target_history import changes_of
from computes.target_settings import work_folder_of
from computes.target_state import state_of
from computes.trust import trust_statement_on
from computes.views.finding import find_visible
from runs.target_activity import activity_of
from runs.target_environments import environments_on
from runs.target_space import space_on

CHANGES_SHOWN = 10
CONTACTS_SHOWN = 20


@require_safe
@login_required
def show_compute(request: HttpRequest, name: str) -> HttpResponse:
    """Show a target; asked by htmx, only what goes on there."""
    person, target = find_visible(request, name)
    context = {"target": target, "activity": activity_of(target, person)}
    if request.headers.get("HX-Request") == "true":
        response = render(request, "computes/_activity.html", context)
    else:
        check = target.checks.order_by("-pk").first()
        context |= {
            "check": check,
            "state": state_of(after_errands(target), check),
            "work_folder": work_folder_of(target),
            "sources": shown_sources(target) if person.is_superuser else [],
            "connection": connection_of(target),
            "may_change": person.is_superuser,
            "node_card": node_card_of(target) if person.is_superuser else None,
            "contacts": target.contacts.all()[:CONTACTS_SHOWN],
            "environments": environments_on(target, person),
            "space": space_on(target),
            "trust": trust_statement_on(target),
            "grants": TargetGrant.objects.visible_to(person)
            .filter(target=target)
            .select_related("user", "group", "project")
            .order_by("pk"),
            "changes": changes_of(target)[:CHANGES_SHOWN] if person.is_superuser else [],
        }
        response = render(request, "computes/page.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
