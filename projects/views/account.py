"""The account page: name, theme, password, access tokens."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from projects.forms.account import NameForm, ThemeForm, TokenForm
from projects.models import AccessToken
from projects.models.access_token import create_token
from projects.sign_in_attempts import forget_attempts, take_attempt

THEME_COOKIE = "amlweb_theme"
YEAR_SECONDS = 365 * 86_400


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def show_account(request: HttpRequest) -> HttpResponse:
    """Show the account; POST takes the name that others see."""
    if request.method != "POST":
        return render_account(request)
    form = NameForm(request.POST, instance=request.user)
    if not form.is_valid():
        return render_account(request, name_form=form, status=422)
    form.save()
    messages.success(request, "Your name was saved.")
    return redirect("account")


@require_POST
@login_required
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme in a cookie of this browser; the system's choice needs none."""
    form = ThemeForm(request.POST)
    theme = form.cleaned_data["theme"] if form.is_valid() else ""
    response = redirect("account")
    if theme:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@sensitive_post_parameters()
@require_POST
@login_required
@never_cache
def change_password(request: HttpRequest) -> HttpResponse:
    """Take a new password; other sessions of the person end, this one goes on. Guessing is slowed as at the door."""
    user: Any = request.user
    address = request.META.get("REMOTE_ADDR", "")
    form = password_form_for(user, request.POST)
    if not take_attempt(f"password of {user.pk}", address):
        messages.error(request, "Too many attempts. Wait five minutes, then try again.")
        return redirect("account")
    if not form.is_valid():
        return render_account(request, password_form=form, status=422)
    forget_attempts(f"password of {user.pk}", address)
    form.save()
    update_session_auth_hash(request, user)
    messages.success(request, "Your password was changed. You were signed out everywhere else.")
    return redirect("account")


@require_POST
@login_required
@never_cache
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it in this answer only; it is stored nowhere in a form that could show it again."""
    user: Any = request.user
    form = TokenForm(request.POST)
    if not form.is_valid():
        return render_account(request, token_form=form, status=422)
    _row, token = create_token(user, form.cleaned_data["name"], form.expires_at())
    return render_account(request, new_token=token, status=201)


@require_POST
@login_required
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token now."""
    token = get_object_or_404(AccessToken, pk=token_id, user=request.user, revoked_at=None)
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    messages.success(request, f"The token {token} no longer works.")
    return redirect("account")


def password_form_for(user: Any, sent: Any = None) -> Any:
    """Return Django's form; it would draw the focus to the bottom of the page."""
    form = PasswordChangeForm(user, sent)
    form.fields["old_password"].widget.attrs.pop("autofocus", None)
    return form


def render_account(request: HttpRequest, *, status: int = 200, **forms_and_token: Any) -> HttpResponse:
    """Render the page with the forms given and fresh ones in place of the others."""
    user: Any = request.user
    context = {
        "name_form": NameForm(instance=user),
        "theme_form": ThemeForm(initial={"theme": request.COOKIES.get(THEME_COOKIE, "")}),
        "password_form": password_form_for(user),
        "token_form": TokenForm(),
        "tokens": AccessToken.objects.filter(user=user, revoked_at=None),
        "now": timezone.now(),
        "new_token": "",
    }
    return render(request, "account/account.html", context | forms_and_token, status=status)
