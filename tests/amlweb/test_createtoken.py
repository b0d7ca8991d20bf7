"""A token for a program, printed alone."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from projects.models.access_token import AccessToken, owner_of


def printed(*words: str) -> str:
    """Return what the command prints."""
    out = io.StringIO()
    call_command("createtoken", *words, stdout=out)
    return out.getvalue()


def test_the_printed_line_is_a_token_of_that_person(alice: User) -> None:
    text = printed("alice", "--name", "notebook")
    assert text.count("\n") == 1
    assert owner_of(text.strip()) == alice
    assert AccessToken.objects.get().name == "notebook"
    assert AccessToken.objects.get().expires_at is None


def test_days_set_the_expiry(alice: User) -> None:
    printed("alice", "--days", "7")
    expires_at = AccessToken.objects.get().expires_at
    assert expires_at is not None
    assert abs(expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("words", "problem"), [(("nobody",), "no active user"), (("alice", "--days", "0"), "1 or more")]
)
def test_nonsense_is_refused_in_words(alice: User, words: tuple[str, ...], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        printed(*words)
