"""Many clients, slow ones, broken ones: whoever asks decently gets an answer."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest
from web.server.served import dropped

from liantu.web.server import guard as rules
from liantu.web.server import protocol, shelf
from liantu.web.server.process import Answer

SOON = 10.0  # seconds that a light answer may take on a busy machine


def light(client) -> float:
    begin = time.monotonic()
    assert client.get("/api/networks").status_code == 200
    return time.monotonic() - begin


def head(here, *lines: str) -> bytes:
    cookie = f"Cookie: {here.guard.cookie_name}={here.guard.cookie}"
    own = [f"Host: {here.host}", f"Origin: {here.origin}", cookie]
    return "\r\n".join([*lines, *own, ""]).encode()


def closed(line: socket.socket) -> bool:
    line.settimeout(60)
    try:
        while line.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def test_twenty_clients_at_once(here, network):
    paths = [f"/api/{network}/coverage", f"/api/{network}/ties", "/api/networks", "/api/words"]

    def ask(number: int) -> int:
        with here.client() as client:
            path = paths[number % len(paths)]
            given = {"limit": "1", "lang": "en"} if number % 4 < 2 else {}
            return client.get(path, params=given).status_code

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(40))) == [200] * 40


def test_it_answers_while_it_computes(here, client, network):
    job = client.post("/api/jobs", json={"do": "report", "network": network}).json()
    assert light(client) < SOON
    client.delete(f"/api/jobs/{job['id']}")


def test_heads_that_do_not_come_are_not_waited_for(here, client, monkeypatch):
    monkeypatch.setattr(protocol, "HEAD", 1.0)
    lines = [socket.create_connection(("127.0.0.1", here.port)) for _ in range(100)]
    for number, line in enumerate(lines):
        line.sendall(b"GET / HTTP/1.1\r\nX-A: "[: number % 24])
    assert light(client) < SOON
    for _ in range(4):  # a sign now and then does not help
        time.sleep(0.5)
        for line in lines:
            try:
                line.sendall(b"a")
            except OSError:
                continue
    assert all(map(closed, lines))
    for line in lines:
        line.close()


def test_a_second_head_that_does_not_come(here, monkeypatch):
    monkeypatch.setattr(protocol, "HEAD", 1.0)
    with socket.create_connection(("127.0.0.1", here.port)) as line:
        line.sendall(head(here, "GET /api/networks HTTP/1.1") + b"\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET /api")
        assert closed(line)


def test_bodies_that_do_not_come(here, client, monkeypatch):
    monkeypatch.setattr(rules, "IDLE", 1.0)
    lines = []
    for _ in range(30):
        line = socket.create_connection(("127.0.0.1", here.port))
        start = head(
            here,
            "POST /api/scenario HTTP/1.1",
            "Content-Type: application/json",
            "Content-Length: 99",
        )
        line.sendall(start + b"\r\n{")
        lines.append(line)
    assert light(client) < SOON
    assert all(map(closed, lines))
    for line in lines:
        line.close()


def test_an_answer_that_nobody_reads(here, client, network, monkeypatch):
    monkeypatch.setattr(rules, "IDLE", 1.0)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", here.port))
        for _ in range(40):
            line.sendall(head(here, "GET /api/analyses HTTP/1.1") + b"\r\n")
        time.sleep(2)
        assert light(client) < SOON
        assert closed(line)


def test_an_upload_that_breaks_off_leaves_nothing(here, client):
    key = dropped(client, {"学校.csv": b"x"})
    with socket.create_connection(("127.0.0.1", here.port)) as line:
        path = f"PUT /api/uploads/{key}/files/b.csv HTTP/1.1"
        line.sendall(head(here, path, "Content-Length: 100000") + b"\r\n" + b"x" * 5000)
    folder = here.session.uploads.known[key].folder
    for _ in range(200):
        if [path.name for path in folder.iterdir()] == ["学校.csv"]:
            break
        time.sleep(0.05)
    assert [path.name for path in folder.iterdir()] == ["学校.csv"]
    assert client.get(f"/api/uploads/{key}").json()["files"] == {"学校.csv": 1}


@pytest.mark.parametrize(
    "text",
    [
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01" + b"a" * 300 + b"\r\n\r\n",
    ],
)
def test_what_is_no_request(here, client, text):
    with socket.create_connection(("127.0.0.1", here.port)) as line:
        line.sendall(text)
        assert closed(line)
    assert light(client) < SOON


def test_a_head_without_end(here, client):
    with socket.create_connection(("127.0.0.1", here.port)) as line:
        with suppress(OSError):
            line.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * (1 << 20))
        assert closed(line)
    assert light(client) < SOON


def test_a_question_that_takes_too_long_is_stopped(here, client, network, monkeypatch):
    monkeypatch.setattr(shelf, "SECONDS", 0.001)
    answer = client.get(f"/api/{network}/centrality")
    assert answer.status_code == 504
    assert answer.json()["errors"][0]["code"] == "serve_long"
    monkeypatch.undo()
    assert client.get(f"/api/{network}/ties", params={"limit": "1"}).status_code == 200


def test_a_worker_that_dies_is_started_again(here, client, network):
    client.get(f"/api/{network}/ties", params={"limit": "1"})
    here.session.shelf.held[network].worker._running.kill()
    time.sleep(0.2)
    answers = [client.get(f"/api/{network}/ties", params={"limit": "1"}) for _ in range(2)]
    assert answers[-1].status_code == 200
    assert Answer(500, b"").body == b""


def test_a_client_that_leaves_in_the_middle_of_a_stream(here, client, network):
    job = client.post("/api/jobs", json={"do": "template"}).json()
    other = httpx.Client(base_url=here.origin, cookies=here.cookie, trust_env=False)
    with other, other.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
        next(stream.iter_lines())
    assert light(client) < SOON
