"""Who gets in, and what is refused: a test a line of the table in docs/concepts."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
import sys

import httpx
import pytest
from web.server.served import serving

from liantu.web.server import guard as rules
from liantu.web.server import run

DATA = ("/api/networks", "/api/analyses", "/api/words", "/api/feed", "/api/x/coverage")
CHANGES = (
    ("POST", "/api/jobs"), ("POST", "/api/scenario"), ("POST", "/api/x/whatif"),
    ("POST", "/api/uploads"), ("PUT", "/api/uploads/x/files/a.csv"), ("DELETE", "/api/x"),
    ("POST", "/api/uploads/x/read"), ("DELETE", "/api/jobs/x"),
)  # fmt: skip


def raw(here, text: bytes) -> bytes:
    """Send bytes as they are and return what comes back until the end."""
    with socket.create_connection(("127.0.0.1", here.port), timeout=60) as line:
        line.sendall(text)
        found = b""
        while part := line.recv(65536):
            found += part
        return found


def code(answer: httpx.Response) -> str:
    return answer.json()["errors"][0]["code"]


def test_it_listens_on_this_machine_alone(here):
    (listener,) = here.listening()
    assert listener == ("127.0.0.1", here.port)


def test_no_option_lets_others_in():
    from liantu.commands.serve import command

    options = {option for param in command("en").params for option in param.opts}
    assert not {o for o in options if re.search("host|bind|address|listen|public|token", o)}


@pytest.mark.parametrize("path", DATA)
def test_without_the_cookie_nothing_is_told(here, path):
    with httpx.Client(base_url=here.origin, trust_env=False) as stranger:
        answer = stranger.get(path)
    assert (answer.status_code, code(answer)) == (403, "serve_no_key")


@pytest.mark.parametrize("given", ["", "x", "é" * 9, None])
def test_without_the_token_there_is_no_page(here, given):
    with httpx.Client(base_url=here.origin, trust_env=False) as stranger:
        answer = stranger.get("/", params={} if given is None else {"token": given})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "liantu serve" in answer.text


def test_the_token_becomes_a_strict_cookie_and_leaves_the_address(here):
    with httpx.Client(base_url=here.origin, trust_env=False) as own:
        answer = own.get(here.link)
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert here.guard.token not in answer.text + cookie
        assert 'content="0;url=/"' in answer.text
        assert own.get("/").status_code == 200
        assert own.get("/api/networks").status_code == 200


def test_token_and_cookie_are_compared_in_constant_time(here, monkeypatch):
    seen = []
    compare = rules.hmac.compare_digest
    monkeypatch.setattr(
        rules.hmac, "compare_digest", lambda a, b: (seen.append((a, b)), compare(a, b))[1]
    )
    with httpx.Client(base_url=here.origin, trust_env=False) as stranger:
        stranger.get("/", params={"token": "guess"})
    assert (b"guess", here.guard.token.encode()) in seen
    assert (b"", here.guard.cookie.encode()) in seen


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:{port}.", ""],
)
def test_a_name_made_to_lead_here_is_refused(here, client, host):
    host = host.format(port=here.port)
    answer = client.get("/api/networks", headers={"host": host})
    assert answer.status_code in (400, 421)


def test_two_hosts_are_refused(here):
    cookie = f"{here.guard.cookie_name}={here.guard.cookie}"
    head = f"GET /api/networks HTTP/1.1\r\nHost: {here.host}\r\nHost: evil.example\r\n"
    told = raw(here, (head + f"Cookie: {cookie}\r\nConnection: close\r\n\r\n").encode())
    assert told.split()[1] in (b"400", b"421")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_both_names_of_this_machine_will_do(here, client, host):
    assert client.get("/api/networks", headers={"host": f"{host}:{here.port}"}).status_code == 200


@pytest.mark.parametrize("way", CHANGES)
@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://{host}"]
)
def test_a_change_that_another_page_asks_for_is_refused(here, way, origin):
    headers = {} if origin is None else {"origin": origin.format(host=here.host)}
    with httpx.Client(base_url=here.origin, cookies=here.cookie, trust_env=False) as other:
        answer = other.request(*way, headers=headers, json={})
    assert (answer.status_code, code(answer)) == (403, "serve_origin")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_data_that_another_page_asks_for_are_refused(client, site):
    assert client.get("/api/networks", headers={"sec-fetch-site": site}).status_code == 403


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "OPTIONS", "PATCH", "FOO"])
def test_other_methods_are_refused(here, client, method):
    assert client.request(method, "/api/networks").status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/api/networks", "/api/nothing", "/nothing", "/api/jobs/x/file"]
)
def test_headers_of_every_answer(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd", "/api/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/etc/passwd",
        "/api/jobs/..%2f..%2f/file", "/api/uploads/..%2f../draft", "/api/case:demo/coverage",
        "/api/%2Fetc/coverage", "/liantu/web/page/core.js",
    ],
)  # fmt: skip
def test_no_path_of_a_client_is_opened(here, path):
    cookie = f"{here.guard.cookie_name}={here.guard.cookie}"
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {here.host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    )
    told = raw(here, head.encode())
    assert told.split()[1] == b"404"
    assert b"root:" not in told


@pytest.mark.parametrize("scenario", ["/etc/passwd", "case:demo", ["x"], None, 3])
def test_a_plan_is_never_the_name_of_a_file(client, network, scenario):
    answer = client.post(f"/api/{network}/whatif", json={"scenario": scenario})
    assert (answer.status_code, code(answer)) == (422, "serve_bad_value")


@pytest.mark.parametrize("locked", ["/etc/passwd", {"path": "/etc/passwd"}])
def test_a_list_of_pairs_is_never_the_name_of_a_file(client, network, locked):
    asked = {"do": "analysis", "network": network, "name": "pairing", "options": {"locked": locked}}
    job = client.post("/api/jobs", json=asked).json()
    with client.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
        assert '"state": "failed"' in list(stream.iter_lines())[-2]
    assert (
        client.get(f"/api/jobs/{job['id']}").json()["found"]["errors"][0]["code"]
        == "serve_bad_value"
    )


def test_what_a_job_may_be_told_is_ours_to_say(client, network, tmp_path):
    asked = {
        "do": "template",
        "network": network,
        "folder": str(tmp_path),
        "store": "/",
        "draft": "/",
    }
    job = client.post("/api/jobs", json=asked).json()
    with client.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
        list(stream.iter_lines())
    assert not list(tmp_path.iterdir())


def head(here, method: str, path: str, *lines: str) -> bytes:
    own = [f"Host: {here.host}", f"Origin: {here.origin}"]
    own += [
        f"Cookie: {here.guard.cookie_name}={here.guard.cookie}",
        "Content-Type: application/json",
    ]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *own, *lines, "", ""]).encode()


@pytest.mark.parametrize("length", [str(rules.MOST_BODY + 1), "9" * 30, "99999999999"])
def test_too_much_is_refused_before_it_is_read(here, length):
    told = raw(here, head(here, "POST", "/api/scenario", f"Content-Length: {length}"))
    assert told.split()[1] in (b"400", b"413")


def test_too_much_is_refused_though_nothing_says_how_much(here):
    part = b"%x\r\n" % 65536 + b" " * 65536 + b"\r\n"
    line = socket.create_connection(("127.0.0.1", here.port), timeout=60)
    with line:
        line.sendall(head(here, "POST", "/api/scenario", "Transfer-Encoding: chunked"))
        try:
            for _ in range(rules.MOST_BODY // 65536 + 200):
                line.sendall(part)
        except OSError:
            return  # it did not want any more
        assert line.recv(64).split()[1] == b"413"


def test_less_than_was_said_ends_in_time(here, monkeypatch):
    monkeypatch.setattr(rules, "IDLE", 0.5)
    told = raw(here, head(here, "POST", "/api/scenario", "Content-Length: 10") + b"{}")
    assert told.split()[1] == b"408"
    assert json.loads(told.partition(b"\r\n\r\n")[2])["errors"][0]["code"] == "serve_late"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_question(client, body):
    headers = {"content-type": "application/json"}
    answer = client.post("/api/scenario", content=body, headers=headers)
    assert (answer.status_code, code(answer)) == (400, "serve_bad_json")
    assert client.post("/api/scenario", content=b"{}").status_code == 400  # of no type


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_the_folder_is_private_and_gone_at_the_end(tmp_path, demo):
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    with serving(folder, (demo, "case:demo")) as here:
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        assert modes == dict.fromkeys(("networks", "jobs", "uploads"), 0o700)
        with here.client() as client:
            network = client.get("/api/networks").json()["networks"][0]["id"]
            client.get(f"/api/{network}/ties", params={"limit": "1"})
        process = here.session.shelf.held[network].worker._running
        assert process.returncode is None
    assert process.returncode is not None
    with pytest.raises(OSError):
        os.kill(process.pid, 0)


def test_nothing_is_logged(capfd, client, network):
    client.get(f"/api/{network}/coverage", params={"scope": "nonsense"})
    client.get("/api/nothing")
    assert capfd.readouterr() == ("", "")


def test_a_port_that_is_taken(here):
    with pytest.raises(Exception, match=str(here.port)), run._listening(here.port):
        pass
