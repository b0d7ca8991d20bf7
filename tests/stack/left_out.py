"""What a test needs: a part of the machine, or a right on it."""

import os
from typing import NoReturn

import pytest

from tests.stack.parts import Part, can_install


def need(*parts: Part) -> None:
    """Go on when the parts are there.

    One that is missing and can be installed fails the test, here as in CI; else the test is left out.
    """
    for part in parts:
        if part.find() is None:
            if can_install():
                pytest.fail(f"{part.name} is missing. `make test` installs it (Debian package {part.package}).")
            leave_out(f"{part.name} is not installed")


def leave_out(reason: str) -> NoReturn:
    """Skip the test for what this machine does not allow; with CI=true fail it, because CI allows all."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI needs every part: {reason}")
    pytest.skip(reason)
