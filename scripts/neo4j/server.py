"""A real Neo4j Community server on this machine, from Maven's jars: for tests and `make neo4j`.

``python scripts/neo4j/server.py`` starts one and prints its URI; Ctrl-C ends it. Needs Java 17 or
newer, and Maven the first time. The server listens on 127.0.0.1 only, on a free port, with
authentication on; its home is a temporary folder unless ``--home`` names one.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
_START = 120  # seconds that a start may take on a busy machine


class UnavailableError(Exception):
    """There is no Java or no Maven here; says which."""


def jars() -> Path:
    """Return the folder of the server's jars, fetched with Maven the first time."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            raise UnavailableError(f"no {tool} on this machine (needs Java 17 and Maven)")
    pom = HERE / "pom.xml"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "liantu")
    folder = cache / f"neo4j-{sha256(pom.read_bytes()).hexdigest()[:12]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            goal = ["dependency:copy-dependencies", f"-DoutputDirectory={scratch}/lib"]
            command = ["mvn", "-q", "-B", "-f", str(pom), *goal]
            found = subprocess.run(command, capture_output=True, text=True, check=False)
            if found.returncode:
                raise UnavailableError(
                    f"Maven could not fetch Neo4j: {found.stdout.strip()[-500:]}"
                )
            try:
                Path(scratch, "lib").rename(folder)
            except OSError:  # somebody else was quicker
                if not folder.is_dir():
                    raise
    return folder


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """One server: `start`, `kill` as a power cut would, `stop`; `start` again on the same home.

    A `brief` one, which lives for minutes, spends no time on compiling what it runs to the best.
    """

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    brief: bool = False
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    process: subprocess.Popen[str] | None = None

    @property
    def uri(self) -> str:
        """The URI without credentials."""
        return f"neo4j://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it serves."""
        lib = jars()
        self.home.mkdir(parents=True, exist_ok=True)
        address = f"127.0.0.1:{self.port}"
        settings = {
            "server.bolt.enabled": "true",
            "server.bolt.listen_address": address,
            "server.bolt.advertised_address": address,
            "server.default_listen_address": "127.0.0.1",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.memory.pagecache.size": "256m",
            "dbms.security.auth_enabled": "true",
            "dbms.usage_report.enabled": "false",
            **self.settings,
        }
        conf = self.home / "server.conf"
        conf.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        log = self.home / "server.log"
        command = ["java", "-Xms256m", "-Xmx1500m", "-XX:+UseSerialGC", "-cp", f"{lib}/*"]
        if self.brief:
            command.insert(1, "-XX:TieredStopAtLevel=1")
        with log.open("a") as output:
            self.process = subprocess.Popen(
                [*command, str(HERE / "Server.java"), str(self.home), str(conf)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(self.password + "\n")
        self.process.stdin.flush()
        begin = time.monotonic()
        for line in self.process.stdout:
            if line.strip() == "ready":
                return
            if time.monotonic() - begin > _START:
                break
        self.kill()
        raise RuntimeError(f"Neo4j did not start; its log:\n{log.read_text()[-3000:]}")

    def kill(self) -> None:
        """End the process at once, in the middle of whatever it does."""
        self._end(hard=True)

    def stop(self) -> None:
        """Shut down in good order."""
        self._end(hard=False)

    def _end(self, *, hard: bool) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        if hard:
            process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running(home: Path | None = None, *, brief: bool = False, **settings: str) -> Iterator[Server]:
    """Start a server for the time of a `with` block; without `home` in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="liantu-neo4j-") as scratch:
        server = Server(home or Path(scratch), settings, brief)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def main() -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Start a Neo4j server to play with.")
    parser.add_argument("--home", type=Path, help="keep the data here")
    given = parser.parse_args()
    try:
        with running(given.home) as server:
            print(f"Neo4j serves at {server.uri}; in another terminal:")
            print(f"export NEO4J_USERNAME=neo4j NEO4J_PASSWORD={server.password}")
            print(f"liantu import case:demo {server.uri}")
            print(f"liantu coverage {server.uri}")
            print("Ctrl-C ends the server.", flush=True)
            while server.process is not None and server.process.poll() is None:
                time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
