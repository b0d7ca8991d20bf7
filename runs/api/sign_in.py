"""Who calls: the owner of a bearer token or, without one, the person of the browser's session."""

import re

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from projects.models.access_token import PREFIX, owner_of
from runs.api.problems import ApiProblem, not_found

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_IN_ADDRESS = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


class TokenOrSession(HttpBearer):
    """`Authorization: Bearer amlweb_…`, and cookies are ignored; else the session, with Django's CSRF check."""

    def __call__(self, request: HttpRequest) -> User | None:
        """Return the person, or None for 401. Raises ApiProblem for addresses and sessions that are refused."""
        refuse_hostile_address(request)
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.authenticate(request, token.strip())
        if not request.user.is_authenticated or not request.user.is_active:
            return None
        if request.method not in SAFE_METHODS and check_csrf(request) is not None:
            raise ApiProblem(
                403,
                "csrf_failed",
                "The call came with a browser's session but without its CSRF token.",
                "Send the header X-CSRFToken, or use a personal token instead of the session.",
            )
        return request.user

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the owner of a token and let the request go on as his."""
        person = owner_of(token)
        if person is not None:
            request.user = person
        return person


def refuse_hostile_address(request: HttpRequest) -> None:
    """Refuse addresses that hold a NUL, which no name has, or a token, which then stands in logs."""
    if "\0" in request.path:
        raise not_found("thing")
    query = request.META.get("QUERY_STRING", "")
    if "%00" in query or "\0" in query:
        raise ApiProblem(422, "invalid", "The address holds a NUL.", "Remove %00 from the address.")
    if PREFIX in query and TOKEN_IN_ADDRESS.search(query):
        raise ApiProblem(
            400,
            "token_in_address",
            "The address holds a personal token; addresses are written to logs.",
            "Revoke this token, make a new one, and send it in the Authorization header.",
        )


def person_of(request: HttpRequest) -> User:
    """Return who calls, for calls that `TokenOrSession` has let through."""
    person: User = request.auth  # type: ignore[attr-defined]
    return person
