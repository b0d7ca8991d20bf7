"""The form that adds a person to a project."""

from django import forms

from projects.models import Role


class MemberForm(forms.Form):
    """A person by user name, and a role."""

    username = forms.CharField(
        label="User name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.RUNNER)
