"""The projects that come along and that a new one can be started from."""

from dataclasses import dataclass
from pathlib import Path

from projects.errors import SourceRefused
from projects.path_rules import shown

SAMPLES = Path(__file__).resolve().parent / "samples"


@dataclass(frozen=True, slots=True)
class Template:
    """One template: the name of its folder, its title, a sentence, and the script that one runs first."""

    name: str
    title: str
    description: str
    first_script: str

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return SAMPLES / self.name


TEMPLATES = {
    template.name: template
    for template in (
        Template(
            "iris",
            "Classifying Iris",
            "Logistic regression with scikit-learn's own data, and a longer training with a live metric curve.",
            "iris_sklearn.py",
        ),
        Template("blank", "Blank project", "A first script and the configuration files to fill in.", "first_script.py"),
    )
}


def template_called(name: str) -> Template:
    """Return a template. Raises SourceRefused on "template"."""
    if name not in TEMPLATES:
        remedy = f"Choose one of: {', '.join(TEMPLATES)}."
        raise SourceRefused("template", f"There is no template {shown(name)!r}.", remedy)
    return TEMPLATES[name]
