"""Settings, data and the server that all tests share.

One real Neo4j server serves all workers, started when the first test asks.
``LIANTU_NEO4J_URI`` (with user and password, without a network) names one that runs already.
Without Java or Maven these tests are skipped; with ``CI=true`` they fail instead.
"""

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from hypothesis import settings
from long import examples

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts" / "neo4j"))
from server import Server, UnavailableError, jars, running

# The same examples every run, and no clock: tests say what is right, benchmarks how fast.
settings.register_profile("liantu", deadline=None, derandomize=True, max_examples=examples(25, 300))
settings.load_profile("liantu")


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_the_user(tmp_path_factory) -> Iterator[None]:
    """Keep tests off the user's own folder of settings; pseudonyms are the same in every run."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "APPDATA"):
            patch.setenv(name, str(tmp_path_factory.getbasetemp() / "settings"))
        patch.setenv("LIANTU_KEY", "a secret for tests alone")
        yield


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real tables beside the project; skip where it is missing."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real tables beside the project (../shared/data) are not here")
    return folder


# -- a server ------------------------------------------------------------------------------------

WORKERS_END = 900  # seconds that the worker that started the server waits for the others


def need_server() -> None:
    """Skip where no server can be started; fail where one must be."""
    try:
        jars()
    except UnavailableError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


def with_credentials(server: Server) -> str:
    return server.uri.replace("://", f"://neo4j:{server.password}@")


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory) -> Iterator[str]:
    """Return the URI, with credentials, of the server that all workers share."""
    if given := os.environ.get("LIANTU_NEO4J_URI"):
        yield given.rstrip("/")
        return
    need_server()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        with running(brief=True) as server:
            yield with_credentials(server)
        return
    # Every worker holds a lock of its own while it uses the server. The one that started it waits
    # for the locks of the others; the system lets go of the locks of a worker that died, and the
    # server ends with the process that started it.
    folder = tmp_path_factory.getbasetemp().parent / "neo4j"
    folder.mkdir(exist_ok=True)
    place, meeting = folder / "server.json", FileLock(folder / "meeting.lock")
    mine = FileLock(folder / f"{worker}.lock")
    mine.acquire()
    with meeting:
        owner = not place.exists()
        if owner:
            context = running(brief=True)
            place.write_text(json.dumps(with_credentials(context.__enter__())))
        uri = json.loads(place.read_text())
    yield uri
    mine.release()
    if owner:
        with meeting:
            place.unlink()  # whoever comes now starts another
        end = time.monotonic() + WORKERS_END
        for lock in folder.glob("gw*.lock"):
            with suppress(Timeout), FileLock(lock, timeout=max(0, end - time.monotonic())):
                pass
        context.__exit__(None, None, None)


@pytest.fixture
def server_uri(shared_server) -> Iterator[str]:
    """Return the address of a network that is not there yet; it is removed after the test."""
    from liantu.stores.server import ServerStore

    address = f"{shared_server}?network=test-{uuid.uuid4().hex[:12]}"
    yield address
    with ServerStore(address) as store:
        store.delete()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """Return a server of this module alone, empty at first, that tests may kill and start again."""
    need_server()
    with running(tmp_path_factory.mktemp("neo4j") / "home", brief=True) as own:
        yield own


@pytest.fixture
def own_uri(server) -> str:
    """Return the URI, with credentials, of the module's own server."""
    return with_credentials(server)
