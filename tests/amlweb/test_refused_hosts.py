"""An address that the server was not told about."""

import logging

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _own_address_only(settings: Settings) -> None:
    """The server knows one address, as in life."""
    settings.ALLOWED_HOSTS = ["lab.example"]


def test_a_page_under_another_address_says_which_setting_to_change() -> None:
    refused = Client(headers={"host": "192.0.2.7:8000"}).get("/login/")
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "set AMLWEB_URL to the address that you typed" in page
    assert "192.0.2.7" not in page


def test_the_server_log_names_the_address_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="django.security.DisallowedHost"):
        Client(headers={"host": "192.0.2.7:8000"}).get("/login/")
    [record] = [record for record in caplog.records if record.name == "django.security.DisallowedHost"]
    assert record.getMessage().startswith("refused a request for '192.0.2.7:8000': set AMLWEB_URL")
    assert record.exc_info is None
