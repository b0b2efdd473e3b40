"""Programs that tests drive: a browser, an office suite, a reader of PDF.

Where one is missing the test is skipped and says so; with ``CI=true`` that is a failure.
"""

import os
import shutil

import pytest


def needed(program: str, package: str) -> str:
    """Return the path of `program`; skip without it, or fail where it must be there."""
    path = shutil.which(program)
    if path:
        return path
    reason = f"{program} is not on this machine (Debian: apt-get install {package})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
