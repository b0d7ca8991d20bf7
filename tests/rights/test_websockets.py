"""Every websocket × person: who may watch a run."""

import pytest
from django.conf import settings
from django.test import Client

from runs.consumers import NoConsumer
from runs.routing import websocket_urlpatterns
from runs.visitors import visitor_of
from tests.rights.expected import EVERYBODY, PEOPLE, access

SOCKETS = {
    "ws/projects/<slug:slug>/runs/<int:number>/": access("404 404 ok ok ok ok 404 ok"),
    "ws/share/<str:token>/": EVERYBODY,
}
REFUSED = {""}  # every other address


def headers_of(client: Client, origin: str | None) -> list[tuple[bytes, bytes]]:
    """Return the headers with which a person opens a websocket."""
    headers = [(b"origin", origin.encode())] if origin is not None else []
    session = client.cookies.get(settings.SESSION_COOKIE_NAME)
    if session is not None:
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session.value}".encode()))
    if "HTTP_AUTHORIZATION" in client.defaults:
        headers.append((b"authorization", client.defaults["HTTP_AUTHORIZATION"].encode()))
    return headers


def test_every_websocket_has_a_row() -> None:
    assert {str(pattern.pattern) for pattern in websocket_urlpatterns} == set(SOCKETS) | REFUSED
    assert [pattern.callback.consumer_class for pattern in websocket_urlpatterns if not str(pattern.pattern)] == [
        NoConsumer
    ]


@pytest.mark.parametrize("route", SOCKETS)
@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_may_watch_what_the_table_says(
    route: str, person: str, places: dict[str, str], people: dict[str, Client]
) -> None:
    kwargs = {name: places[name] for name in ("slug", "number", "token") if f":{name}>" in route}
    own_origin = settings.OWN_ORIGINS[0]
    scope = {"url_route": {"kwargs": kwargs}, "headers": headers_of(people[person], own_origin)}
    assert ("404" if visitor_of(scope) is None else "ok") == SOCKETS[route][person]


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://localhost.evil.example", "http://[::1"]
)
def test_a_cookie_from_another_origin_opens_nothing(
    origin: str | None, places: dict[str, str], people: dict[str, Client]
) -> None:
    kwargs = {name: places[name] for name in ("slug", "number")}
    scope = {"url_route": {"kwargs": kwargs}, "headers": headers_of(people["alice"], origin)}
    assert visitor_of(scope) is None
