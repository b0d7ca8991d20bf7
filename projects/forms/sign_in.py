"""The sign-in form, slowed when guesses pile up."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from projects.sign_in_attempts import forget_attempts, take_attempt

TOO_MANY = "Too many attempts to sign in. Wait five minutes, then try again."


class SignInForm(AuthenticationForm):
    """Name and password. What it says is the same for accounts that exist and accounts that do not."""

    error_messages = {
        "invalid_login": "This name and password do not belong together. Check both; capital letters matter.",
        "inactive": "This name and password do not belong together. Check both; capital letters matter.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"

    def clean(self) -> dict[str, Any]:
        """Check the password unless there were too many attempts."""
        account = self.cleaned_data.get("username") or ""
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        if not take_attempt(account, address):
            raise ValidationError(TOO_MANY, code="too_many")
        cleaned: dict[str, Any] = super().clean()
        forget_attempts(account, address)
        return cleaned
