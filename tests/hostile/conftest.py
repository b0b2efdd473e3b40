"""What runs the commands of a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hostile.contract import Runner, running


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """Return what runs commands under limits."""
    with running(tmp_path_factory.mktemp("home")) as found:
        yield found
