"""The account: tokens shown once, a password changed, a name, a theme."""

import re

from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from projects.models import AccessToken
from projects.models.access_token import create_token, owner_of
from tests.conftest import PASSWORD
from tests.projects.pages.conftest import SeenBy

NEW_PASSWORD = "another long sentence 42"


def test_a_token_is_shown_once_and_works_until_it_is_revoked(seen_by: SeenBy, alice: User) -> None:
    client = seen_by(alice)
    response = client.post("/account/tokens/", {"name": "night shift", "expiry": "7"})
    found = re.search(r'value="(amlweb_[^"]+)"', response.content.decode())
    assert found is not None
    assert owner_of(found[1]) == alice
    assert "no-store" in response.headers["Cache-Control"]
    page = client.get("/account/").content.decode()
    assert found[1] not in page
    assert "night shift" in page
    client.post(f"/account/tokens/{AccessToken.objects.get().pk}/revoke/")
    assert owner_of(found[1]) is None


def test_nobody_revokes_the_token_of_another(seen_by: SeenBy, alice: User, bob: User) -> None:
    row, token = create_token(alice, "night shift")
    assert seen_by(bob).post(f"/account/tokens/{row.pk}/revoke/").status_code == 404
    assert "night shift" not in seen_by(bob).get("/account/").content.decode()
    assert owner_of(token) == alice


def test_a_token_needs_a_name_and_one_of_the_offered_ends(seen_by: SeenBy, alice: User) -> None:
    client = seen_by(alice)
    assert client.post("/account/tokens/", {"name": "", "expiry": "7"}).status_code == 422
    assert client.post("/account/tokens/", {"name": "x", "expiry": "100000"}).status_code == 422
    assert client.get("/account/tokens/").status_code == 405
    assert not AccessToken.objects.exists()


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(seen_by: SeenBy, alice: User) -> None:
    cache.clear()
    here, elsewhere = seen_by(alice), seen_by(alice)
    sent = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert here.post("/account/password/", sent | {"old_password": "wrong"}).status_code == 422
    assert here.post("/account/password/", sent | {"new_password1": "short"}).status_code == 422
    assert here.post("/account/password/", sent).status_code == 302
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert Client().login(username="alice", password=NEW_PASSWORD)


def test_the_name_is_saved_and_the_theme_kept_in_the_browser(seen_by: SeenBy, alice: User) -> None:
    client = seen_by(alice)
    client.post("/account/", {"first_name": "Alice", "last_name": "<b>Ngo</b>"})
    client.post("/account/theme/", {"theme": "dark"})
    page = client.get("/account/").content.decode()
    assert "<b>Ngo" not in page
    assert 'data-bs-theme="dark"' in page
    client.post("/account/theme/", {"theme": ""})
    assert "data-bs-theme" not in client.get("/account/").content.decode()
