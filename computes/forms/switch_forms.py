"""The forms that drain a target and turn it on."""

from django import forms


class DrainForm(forms.Form):
    """Why nothing new is started. Waiting runs show it."""

    reason = forms.CharField(
        max_length=300, help_text="Shown to everyone whose runs wait, such as: new disk, back at 3 pm."
    )


class EnableForm(forms.Form):
    """That somebody read what a target lets people do."""

    understood = forms.BooleanField(required=False, label="I have read this and want it.")
