"""Who asks, and which target a page is about. Unknown and forbidden look the same."""

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from computes.models import ComputeTarget


def person_of(request: HttpRequest) -> User:
    """Return the person who is signed in. Raises Http404 where nobody is."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def find_administered(request: HttpRequest, name: str) -> tuple[User, ComputeTarget]:
    """Return the person and the target of a name that he administers. Raises Http404."""
    person = person_of(request)
    return person, get_object_or_404(ComputeTarget.objects.administered_by(person), name=name)


def find_visible(request: HttpRequest, name: str) -> tuple[User, ComputeTarget]:
    """Return the person and the target of a name that he may see. Raises Http404."""
    person = person_of(request)
    return person, get_object_or_404(ComputeTarget.objects.visible_to(person), name=name)
