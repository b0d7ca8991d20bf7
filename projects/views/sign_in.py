"""Signing in and out: Django's own views with our form."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from projects.forms.sign_in import SignInForm


class SignIn(LoginView):
    """The page to sign in on. It is no part of another page: where one asks for news of itself after its session has
    ended, it is loaded anew, and leads here as a whole. A form that somebody fills in is left as it is."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a part of a page without anything to put there."""
        htmx = request.htmx  # type: ignore[attr-defined]
        if not htmx or request.user.is_authenticated:
            return super().dispatch(request, *args, **kwargs)
        response = HttpResponse(status=204)
        if htmx.trigger == htmx.target:
            response["HX-Refresh"] = "true"
        return response


sign_in = never_cache(SignIn.as_view())
sign_out = LogoutView.as_view()
