"""Every address × method × person against the expected table: nothing is open by oversight."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.rights.addresses import Address, all_addresses
from tests.rights.expected import ADMIN_ROW, PEOPLE, ROWS, Access, Row

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REFUSED = {"login", "404", "403", "405"}
ADDRESSES = [address for address in all_addresses() if not address.name.startswith("admin:")]
ADMIN = [address for address in all_addresses() if address.name.startswith("admin:")]
OPEN_ADMIN = {"admin:login", "admin:logout"}
ADMIN_PLACES = {"object_id": "1", "app_label": "auth", "content_type_id": "1", "url": "nowhere", "id": "1"}


def outcome_of(response: Any) -> str:
    """Return the word of the table for a response."""
    if response.status_code == 401 or (response.status_code == 302 and "/login/?next=" in response["Location"]):
        return "login"
    if response.status_code >= 500 and response.status_code != 503:
        return "error"
    return str(response.status_code) if str(response.status_code) in REFUSED else "ok"


def knock(client: Client, method: str, path: str, form: str = "") -> str:
    """Try a method on an address, undo what it did in the database, and return how it went."""
    content_type = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
    has_body = method in ("POST", "PUT", "PATCH")
    body = (form or ("{}" if content_type == "application/json" else "")) if has_body else ""
    with transaction.atomic():
        outcome = outcome_of(client.generic(method, path, body, content_type=content_type))
        transaction.set_rollback(True)
    return outcome


def path_of(address: Address, places: dict[str, str]) -> str:
    """Return the path of an address with its parameters filled in."""
    if address.name == "api:unknown":
        return "/api/v1/nowhere"
    return reverse(address.name, kwargs={name: places[name] for name in address.parameters})


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {address.name for address in ADDRESSES} == set(ROWS)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_each_person_gets_what_the_table_says(
    address: Address, places: dict[str, str], people: dict[str, Client]
) -> None:
    row = ROWS[address.name]
    path = path_of(address, places | row.places) + row.query
    found = {method: {person: knock(people[person], method, path, row.body) for person in PEOPLE} for method in METHODS}
    wrong = [
        f"{method} {path} by {person}: {found[method][person]} instead of {wanted}"
        for method in METHODS
        for person, wanted in wanted_by(row, method).items()
        if found[method][person] not in wanted
    ]
    assert not wrong, "\n".join(wrong)


def wanted_by(row: Row, method: str) -> dict[str, set[str]]:
    """Return the outcomes that a method may have for each person."""
    if method in row.methods:
        named: Access = row.methods[method]
        return {person: {named[person]} for person in PEOPLE}
    if method == "HEAD" and "GET" in row.methods:
        return {person: {row.methods["GET"][person]} for person in PEOPLE}
    return {person: {"405", "404"} if person == "ada" else REFUSED for person in PEOPLE}


@pytest.mark.parametrize("address", ADMIN, ids=lambda address: f"{address.name} {address.route}")
def test_the_administration_is_for_administrators(
    address: Address, places: dict[str, str], people: dict[str, Client]
) -> None:
    if address.name in OPEN_ADMIN:
        return
    path = "/" + address.route if not address.parameters else admin_path(address)
    for person in PEOPLE:
        for method in ("GET", "POST"):
            found = knock(people[person], method, path)
            if ADMIN_ROW[person] == "login":
                assert found in REFUSED, (person, method, path)
            else:
                assert found != "error", (person, method, path)


def admin_path(address: Address) -> str:
    """Return the path of an address of the administration with parameters."""
    named = {name: ADMIN_PLACES.get(name, "1") for name in address.parameters}
    return reverse(address.name, kwargs=named) if address.name != "admin:None" else "/admin/nowhere/"
