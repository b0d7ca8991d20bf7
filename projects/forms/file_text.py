"""The form that edits the text of one file."""

from django import forms


class FileTextForm(forms.Form):
    """The text, and the number of the snapshot that the person saw."""

    text = forms.CharField(
        label="Text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "class": "code-editor", "spellcheck": "false", "wrap": "off"}),
    )
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)


class NewFileForm(FileTextForm):
    """A file that is not there yet."""

    path = forms.CharField(
        label="Name",
        max_length=1000,
        widget=forms.TextInput(attrs={"placeholder": "scripts/train.py", "autocomplete": "off", "spellcheck": "false"}),
        help_text="With its folders, from the top of the project.",
    )
    field_order = ["path", "text"]
