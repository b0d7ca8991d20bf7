"""The door: who gets in, and how guessing is slowed without saying who has an account."""

from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from projects.sign_in_attempts import MOST_ATTEMPTS, take_attempt
from tests.conftest import PASSWORD


def knock(client: Client, name: str, password: str, address: str = "192.0.2.1") -> str:
    """Try to sign in and return what the page says; empty when the door opened."""
    response = client.post("/login/", {"username": name, "password": password}, REMOTE_ADDR=address)
    return "" if response.status_code == 302 else response.content.decode()


def test_name_and_password_open_the_door_and_sign_out_closes_it(client: Client, alice: User) -> None:
    cache.clear()
    assert knock(client, "alice", PASSWORD) == ""
    assert client.get("/").status_code == 200
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_six_wrong_passwords_make_one_wait_even_with_the_right_one(client: Client, alice: User) -> None:
    cache.clear()
    for _ in range(MOST_ATTEMPTS):
        assert "do not belong together" in knock(client, "alice", "wrong")
    assert "Wait five minutes" in knock(client, "alice", PASSWORD)
    assert "Wait five minutes" in knock(client, "ALICE", PASSWORD)
    assert knock(client, "alice", PASSWORD, address="192.0.2.2") == ""


def test_an_account_that_does_not_exist_answers_like_one_that_does(client: Client, alice: User) -> None:
    cache.clear()
    User.objects.create_user("gone", password=PASSWORD, is_active=False)
    for name in ("alice", "nobody", "gone"):
        said = [knock(client, name, "wrong") for _ in range(MOST_ATTEMPTS + 1)]
        assert all("do not belong together" in page for page in said[:-1])
        assert "Wait five minutes" in said[-1]
    cache.clear()
    assert "do not belong together" in knock(client, "gone", PASSWORD)


def test_a_right_password_frees_the_attempts(client: Client, alice: User) -> None:
    cache.clear()
    for _ in range(MOST_ATTEMPTS - 1):
        knock(client, "alice", "wrong")
    assert knock(client, "alice", PASSWORD) == ""
    assert take_attempt("alice", "192.0.2.1")


def test_the_way_back_leads_to_our_own_pages_only(client: Client, alice: User) -> None:
    cache.clear()
    sent = {"username": "alice", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/login/", sent).headers["Location"] == "/"


def test_a_page_whose_session_has_ended_is_loaded_anew_and_does_not_show_the_door_inside_it(
    client: Client, alice: User
) -> None:
    news = {"HX-Request": "true", "HX-Trigger": "targets", "HX-Target": "targets"}
    answer = client.get("/computes/", headers=news, follow=True)
    assert (answer.status_code, answer.content, answer.headers["HX-Refresh"]) == (204, b"", "true")
    typed = {"HX-Request": "true", "HX-Trigger": "id_arguments", "HX-Target": "arguments-preview"}
    answer = client.get("/projects/hello/submit/", headers=typed, follow=True)
    assert (answer.status_code, answer.content, "HX-Refresh" in answer.headers) == (204, b"", False)
    assert client.get("/login/").status_code == 200
    client.force_login(alice)
    assert client.get("/computes/", headers=news).status_code == 200
