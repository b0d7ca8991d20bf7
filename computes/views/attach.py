"""The pages that attach, edit and detach a target."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from computes.attaching import EDITABLE, attach_target, detach_target, edit_target, runs_are_on
from computes.forms.by_kind import form_class_for
from computes.kind_choices import kind_choices, kind_refusal
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.trust import trust_statement_of
from computes.views.finding import find_administered, person_of


@require_http_methods(["GET", "POST"])
@login_required
def compute_new(request: HttpRequest) -> HttpResponse:
    """Attach a target of the kind that the address names: administrators only."""
    person = person_of(request)
    choices = {choice.value: choice for choice in kind_choices()}
    chosen = choices.get(request.GET.get("kind", ComputeTarget.Kind.LOCAL))
    if not person.is_superuser or chosen is None:
        raise Http404
    context = {"kinds": choices.values(), "chosen": chosen, "trust": trust_statement_of(chosen.value)}
    if chosen.refusal:
        return render(request, "computes/new.html", context, status=422 if request.method == "POST" else 200)
    form = form_class_for(chosen.value)(request.POST if request.method == "POST" else None, is_new=True)
    if request.method == "POST" and form.is_valid():
        try:
            target = attach_target(person, form.cleaned_data["name"], chosen.value, form.facts())
        except TargetRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"{target.name} is attached and being checked.")
            return redirect(target)
    return render(request, "computes/new.html", {**context, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def compute_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Change a target's facts."""
    person, target = find_administered(request, name)
    if refusal_of_kind := kind_refusal(target.kind):
        messages.error(request, refusal_of_kind)
        return redirect(target)
    initial = {field: getattr(target, field) for field in EDITABLE}
    form = form_class_for(target.kind)(
        request.POST if request.method == "POST" else None, initial=initial, is_new=False
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = edit_target(target, person, form.facts())
        except TargetRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, "Saved; the target is being checked." if changed else "Nothing was changed.")
            return redirect(target)
    context = {"form": form, "target": target, "is_frozen": runs_are_on(target)}
    return render(request, "computes/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def compute_detach(request: HttpRequest, name: str) -> HttpResponse:
    """Ask whether to detach a target, and do it."""
    person, target = find_administered(request, name)
    refusal = None
    if request.method == "POST":
        try:
            detach_target(target, person)
        except TargetRefused as error:
            refusal = error
        else:
            messages.success(request, f"{name} is detached.")
            return redirect("computes")
    context = {"target": target, "refusal": refusal}
    return render(request, "computes/detach.html", context, status=409 if refusal else 200)
