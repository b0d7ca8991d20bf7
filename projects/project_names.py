"""Names of projects and the short names (slugs) in their addresses."""

import re
import unicodedata

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from projects.errors import SourceRefused
from projects.models import Membership, Project, Role

MAXIMUM_CHARACTERS = 120
MAXIMUM_SLUG_CHARACTERS = 70
# `/projects/new/` is a page.
RESERVED_SLUGS = frozenset({"new"})
MOST_TRIES = 10_000
_BLANKS = re.compile(r"[ \u00a0]+")


def checked_name(text: str) -> str:
    """Return a name in Unicode form NFC without blanks around it. Raises SourceRefused on "name"."""
    name = _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if any(unicodedata.category(character) in ("Cc", "Cs", "Cf", "Zl", "Zp", "Co", "Cn") for character in name):
        raise SourceRefused("name", "The name holds characters that cannot be seen.", "Type the name again.")
    if not name:
        raise SourceRefused("name", "A project needs a name.", "Give it one, with a letter or a digit.")
    if not any(character.isalnum() for character in name):
        raise SourceRefused("name", "The name has no letter or digit.", "Type a name.")
    if len(name) > MAXIMUM_CHARACTERS:
        text = f"The name has more than {MAXIMUM_CHARACTERS} characters."
        raise SourceRefused("name", text, "Shorten it; the description has room for more.")
    return name


def create_project(user: User, name: str, **fields: str) -> Project:
    """Make a project with a slug of its own, owned by a person. Call it inside a transaction."""
    base = slugify(name)[:MAXIMUM_SLUG_CHARACTERS].strip("-_") or "project"
    number = 2 if base in RESERVED_SLUGS else 1
    while number < MOST_TRIES:
        slug = base if number == 1 else f"{base}-{number}"
        if not Project.objects.filter(slug=slug).exists():
            try:
                with transaction.atomic():
                    project: Project = Project.objects.create(slug=slug, name=name, created_by=user, **fields)
            except IntegrityError:  # somebody took the slug just now
                continue
            Membership.objects.create(project=project, user=user, role=Role.OWNER)
            return project
        number += 1
    raise SourceRefused("name", "Too many projects have this name.", "Choose another name.")
