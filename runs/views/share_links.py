"""A run's share links: make one, see them, end one. For the project's owners only."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from computes.views.finding import person_of
from projects.models import Project, Role
from runs.forms.share_link import ShareLinkForm
from runs.models import Run
from runs.sharing import create_link, revoke_link


def find_own_run(request: HttpRequest, slug: str, number: int) -> Run:
    """Return a run of a project that the reader owns. Raises Http404, also where he may only look."""
    owned = Project.objects.with_role(request.user, Role.OWNER)
    run: Run = get_object_or_404(
        Run.objects.select_related("project"), project__in=owned, project__slug=slug, number=number
    )
    return run


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def share_run(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the links of a run and make a new one, whose address is on the answer to the POST and nowhere else."""
    run = find_own_run(request, slug, number)
    form = ShareLinkForm(request.POST if request.method == "POST" else None)
    address = ""
    if form.is_bound and form.is_valid():
        _, address = create_link(run, person_of(request), **form.cleaned_data)
        form = ShareLinkForm()
    links = run.share_links.select_related("created_by")
    context = {"run": run, "form": form, "links": links, "address": address}
    return render(request, "runs/share/links.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def revoke_share(request: HttpRequest, slug: str, number: int, link: int) -> HttpResponse:
    """End a link at once."""
    run = find_own_run(request, slug, number)
    revoke_link(get_object_or_404(run.share_links, pk=link), person_of(request))
    return redirect("run_share", slug, number)
