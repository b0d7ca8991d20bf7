"""A target that runs nothing, for the tests of who may do what with it."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from computes.models import ComputeTarget


@pytest.fixture
def shed(data_dir: Path, ada: User) -> ComputeTarget:
    """A local target that nobody was granted."""
    target: ComputeTarget = ComputeTarget.objects.create(name="shed", slots=4, created_by=ada)
    return target
