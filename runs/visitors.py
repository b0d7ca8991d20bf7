"""Who is at a websocket, and which run he may watch: asked when it opens and again while it is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser, User

from projects.models.access_token import owner_of
from runs.models import Run, ShareLink
from runs.sharing import run_shown_by

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may watch a run: a member, or the holder of a share link."""

    run: Run
    user: User | None
    share: ShareLink | None

    @property
    def sees_log(self) -> bool:
        """Return whether the log may be shown to him."""
        return self.share is None or self.share.shows_log


def visitor_of(scope: Mapping[str, Any]) -> Visitor | None:
    """Return who opens a websocket, or None for strangers. Unknown and forbidden look the same."""
    route = scope["url_route"]["kwargs"]
    if "token" in route:
        share = run_shown_by(route["token"])
        return Visitor(share.run, None, share) if share is not None else None
    user = user_of(headers_of(scope))
    if not isinstance(user, User):
        return None
    runs = Run.objects.visible_to(user).select_related("project", "target", "created_by")
    run = runs.filter(project__slug=route["slug"], number=route["number"]).first()
    return Visitor(run, user, None) if run is not None else None


def headers_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """Return the request's headers by lower-case name; of repeated ones the last counts."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def user_of(headers: Mapping[str, str]) -> User | AnonymousUser | None:
    """Return the person behind a bearer token, or behind a session cookie that comes from our own pages.

    With a token cookies are ignored. A cookie needs an Origin header that is exactly one of ours, so that a page of
    another origin (another port of the same host, too) cannot open a socket in a person's name.
    """
    if "authorization" in headers:
        scheme, _, token = headers["authorization"].partition(" ")
        return owner_of(token.strip()) if scheme.lower() == "bearer" else None
    if headers.get("origin") not in settings.OWN_ORIGINS:
        return None
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if cookie is None:
        return None
    return get_user(SimpleNamespace(session=SessionStore(cookie.value)))  # type: ignore[arg-type]
