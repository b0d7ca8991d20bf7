"""The forms that bring code into a project: an archive, a git repository, a folder of the server, a template."""

from typing import Any
from urllib.parse import quote

from django import forms

from projects.server_folders import allowed_roots
from projects.templates import TEMPLATES


class NameForm(forms.Form):
    """Name and description of a new project; all forms that make one begin with them."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": "Churn model", "autocomplete": "off"}),
        help_text="As people say it. The address is made from it.",
    )
    description = forms.CharField(
        label="Description",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": "What is it about?", "autocomplete": "off"}),
    )


class ArchiveForm(forms.Form):
    """An archive from the person's own machine."""

    archive = forms.FileField(
        label="Archive",
        help_text="A .zip or .tar.gz of the project's folder. What .amlignore or .gitignore name is left out.",
        widget=forms.FileInput(attrs={"accept": ".zip,.tar.gz,.tgz"}),
        error_messages={"empty": "The archive is empty. Pack the folder again."},
    )


class GitForm(forms.Form):
    """A repository, read once; user and token are used for this import only."""

    location = forms.CharField(
        label="Repository",
        max_length=1000,
        widget=forms.TextInput(attrs={"placeholder": "https://git.example.com/team/project.git"}),
        help_text="The address that git clone takes.",
    )
    reference = forms.CharField(
        label="Branch, tag or commit",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "the default branch"}),
    )
    username = forms.CharField(
        label="User", required=False, max_length=200, help_text="For a private repository over https."
    )
    credential = forms.CharField(
        label="Access token or password",
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
        help_text="Kept encrypted until the import ends, and never shown again.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("location", "reference", "username"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        """Refuse a token that could not be sent."""
        typed: dict[str, Any] = self.cleaned_data
        if typed.get("credential") and not typed.get("location", "https://").startswith("https://"):
            self.add_error("credential", "A token can only be sent to an https address. Leave it out for others.")
        return typed

    def full_location(self) -> str:
        """Return the address with user and token in it, as `create_from_git` takes it."""
        location: str = self.cleaned_data["location"]
        if not self.cleaned_data["credential"]:
            return location
        user = quote(self.cleaned_data["username"] or "token", safe="")
        return f"https://{user}:{quote(self.cleaned_data['credential'], safe='')}@{location.removeprefix('https://')}"


class FolderForm(forms.Form):
    """A folder on the server."""

    folder = forms.CharField(label="Folder", max_length=1000, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roots = [str(root) for root in allowed_roots()]
        self.fields["folder"].help_text = f"The full path of a folder on the server, below {' or '.join(roots)}."
        self.fields["folder"].widget.attrs["placeholder"] = f"{roots[0] if roots else ''}/…"


class TemplateForm(forms.Form):
    """One of the templates that come with amlweb."""

    template = forms.ChoiceField(
        label="Template", choices=lambda: [(each.name, each.title) for each in TEMPLATES.values()], initial="iris"
    )


class NewArchiveForm(ArchiveForm, NameForm):
    """A project from an archive."""


class NewGitForm(GitForm, NameForm):
    """A project from a repository."""


class NewFolderForm(FolderForm, NameForm):
    """A project from a folder of the server."""


class NewTemplateForm(TemplateForm, NameForm):
    """A project from a template."""
