"""What a test needs and this machine does not allow: left out at home, an error in CI."""

import os
from typing import NoReturn

import pytest


def leave_out(reason: str) -> NoReturn:
    """Skip the test with a reason; with CI=true fail it, because CI needs every part."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI needs every part: {reason}")
    pytest.skip(reason)
