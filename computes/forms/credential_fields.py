"""The fields of a credential: which kind, and what it needs. What was typed here is never shown again."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from computes.credentials import NewCredential, check_private_key
from computes.forms.sections import Section
from computes.models import ComputeTarget
from computes.refusals import TargetRefused

KEEP = "keep"
Credential = ComputeTarget.Credential
LARGEST_KEY_BYTES = 20_000
CREDENTIAL = Section(
    "credential",
    "Credential",
    (("credential",), ("private_key", "private_key_file"), ("passphrase",), ("password",), ("keep_password",)),
)
CHOICES = (
    (Credential.KEY_PAIR.value, "Make a key pair"),
    (Credential.PRIVATE_KEY.value, "Use a private key of mine"),
    (Credential.PASSWORD.value, "Use a password once"),
)
EXPLANATIONS = {
    KEEP: "Nothing changes. It is stored sealed and cannot be shown.",
    Credential.KEY_PAIR.value: "The target's page shows the public key and a command that adds it on the host.",
    Credential.PRIVATE_KEY.value: "It is sealed at once and never shown again. Its public half must be on the host.",
    Credential.PASSWORD.value: "A key pair is made, the password adds its public key on the host, and is forgotten.",
}


class SecretText(forms.Textarea):
    """A box for a secret of several lines, which is never filled in by us."""

    def __init__(self) -> None:
        super().__init__({"rows": 4, "class": "mono", "spellcheck": "false", "autocomplete": "off"})

    def format_value(self, value: Any) -> str:
        """Return nothing, whatever was typed."""
        return ""


class NotRemembered(forms.TextInput):
    """A box for an account's name, which browsers neither keep as their user's own nor fill in."""

    def __init__(self) -> None:
        super().__init__({"autocomplete": "off"})


class CredentialFields(forms.Form):
    """How we log in. `may_keep_password` is True for kinds that can log in by password."""

    may_keep_password = False

    credential = forms.ChoiceField(
        label="How amlweb logs in", choices=CHOICES, initial=Credential.KEY_PAIR.value, widget=forms.RadioSelect
    )
    private_key = forms.CharField(
        required=False,
        max_length=LARGEST_KEY_BYTES,
        strip=False,
        widget=SecretText,
        help_text="privateKey: OpenSSH or PEM, Ed25519, ECDSA or RSA.",
    )
    private_key_file = forms.FileField(
        label="Or its file", required=False, help_text="Such as id_ed25519, not the one that ends in .pub."
    )
    passphrase = forms.CharField(
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Empty where the key has none. It is used now and not kept.",
    )
    password = forms.CharField(
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="password: of the account on the host.",
    )
    keep_password = forms.BooleanField(
        label="Keep the password and log in with it every time",
        required=False,
        help_text="Only where the host takes no keys. A key that only amlweb has is safer.",
    )

    def prepare_credential(self, is_new: bool) -> None:
        """Offer to leave the credential alone where there is one, and to keep a password where that works."""
        choice: Any = self.fields["credential"]
        if not is_new:
            choice.choices = [(KEEP, "Keep what is stored"), *CHOICES]
            choice.initial = KEEP
        if not self.may_keep_password:
            del self.fields["keep_password"]

    def credential_choices(self) -> list[tuple[Any, str]]:
        """Return each choice as a bound option with the sentence that explains it."""
        options: list[Any] = list(self["credential"])
        return [(option, EXPLANATIONS[option.data["value"]]) for option in options]

    def clean(self) -> dict[str, Any]:
        """Demand what the chosen kind needs, and try the key."""
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("credential")
        if kind == Credential.PASSWORD and not cleaned.get("password") and "password" not in self.errors:
            self.add_error("password", ValidationError("Type the password of the account."))
        if kind == Credential.PRIVATE_KEY:
            self._take_private_key(cleaned)
        return cleaned

    def _take_private_key(self, cleaned: dict[str, Any]) -> None:
        upload: Any = cleaned.get("private_key_file")
        if upload is not None and not cleaned.get("private_key"):
            if (upload.size or 0) > LARGEST_KEY_BYTES:
                self.add_error("private_key_file", ValidationError("This file is too large to be a private key."))
                return
            cleaned["private_key"] = upload.read().decode(errors="replace")
        if not cleaned.get("private_key"):
            if "private_key" not in self.errors:
                self.add_error("private_key", ValidationError("Paste the private key, or choose its file."))
            return
        try:
            check_private_key(cleaned["private_key"], cleaned.get("passphrase", ""))
        except TargetRefused as refusal:
            self.add_error(refusal.field, str(refusal))

    def new_credential(self) -> NewCredential | None:
        """Return the credential that was chosen, None to leave it as it is."""
        cleaned = self.cleaned_data
        match cleaned["credential"]:
            case Credential.PRIVATE_KEY:
                return NewCredential(
                    Credential.PRIVATE_KEY, private_key=cleaned["private_key"], passphrase=cleaned["passphrase"]
                )
            case Credential.PASSWORD:
                kind = Credential.PASSWORD if cleaned.get("keep_password") else Credential.KEY_PAIR
                return NewCredential(kind, password=cleaned["password"])
            case Credential.KEY_PAIR:
                return NewCredential(Credential.KEY_PAIR)
        return None
