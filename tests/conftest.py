"""Settings and data that all tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every run, and no clock: tests say what is right, benchmarks how fast.
settings.register_profile("liantu", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("liantu")


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real tables beside the project; skip where it is missing."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real tables beside the project (../shared/data) are not here")
    return folder
