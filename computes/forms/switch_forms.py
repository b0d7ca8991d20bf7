"""The forms of single deeds at a target: drain it, turn it on, rename it, approve a key of its host."""

from django import forms

from computes.models.compute_target import NAME_RULE


class DrainForm(forms.Form):
    """Why nothing new is started. Waiting runs show it."""

    reason = forms.CharField(
        max_length=300, help_text="Shown to everyone whose runs wait, such as: new disk, back at 3 pm."
    )


class EnableForm(forms.Form):
    """That somebody read what a target lets people do."""

    understood = forms.BooleanField(required=False, label="I have read this and want it.")


class RenameForm(forms.Form):
    """Another name."""

    name = forms.CharField(max_length=60, validators=[NAME_RULE], label="New name")


class ApprovalForm(forms.Form):
    """Which key is right; `understood` where the host had another one before."""

    fingerprint = forms.CharField(max_length=100)
    understood = forms.BooleanField(required=False)
