"""The list of projects."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.models import Membership, Project

PAGE_SIZE = 50


@require_safe
@login_required
def list_projects(request: HttpRequest) -> HttpResponse:
    """Show the projects that the person may see, by name; `?q=` finds words in name and description."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    projects = Project.objects.visible_to(request.user).select_related("current_snapshot", "created_by")
    for word in words.split():
        projects = projects.filter(name__icontains=word) | projects.filter(description__icontains=word)
    own = Membership.objects.filter(user=request.user.pk)
    projects = projects.prefetch_related(Prefetch("memberships", queryset=own, to_attr="own_memberships"))
    page = Paginator(projects.order_by("name", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "projects/list.html", {"page": page, "words": words})
