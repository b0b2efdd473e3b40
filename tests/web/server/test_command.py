"""The command: one line with the link, an end by Ctrl-C, clear words where it cannot begin."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

from liantu.cli import main
from liantu.commands import serve as command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends signals of POSIX")


def started(tmp_path: Path, *args: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "LIANTU_LANG": "en", "TMPDIR": str(tmp_path)}
    words = [sys.executable, "-m", "liantu", "serve", *args, "--no-browser"]
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def test_a_link_and_an_interrupt(tmp_path):
    process = started(tmp_path, "case:demo")
    link = process.stdout.readline().strip()
    assert link.startswith("http://127.0.0.1:")
    with httpx.Client(trust_env=False, timeout=120) as client:
        client.get(link)
        origin = link.partition("/?")[0]
        (network,) = client.get(f"{origin}/api/networks").json()["networks"]
        told = client.get(f"{origin}/api/{network['id']}/coverage", params={"limit": "1"})
        assert told.json()["summary"]["in_scope"] == 38
    (folder,) = [path for path in tmp_path.iterdir() if path.name.startswith("liantu-")]
    assert folder.stat().st_mode & 0o777 == 0o700
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    lines = err.splitlines()
    assert lines[-1] == "interrupted"
    assert "Ctrl-C" in lines[-2]
    assert "Traceback" not in err
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("liantu-")]


def test_an_end_that_the_system_asks_for(tmp_path):
    with started(tmp_path) as process:
        assert process.stdout.readline()
        process.terminate()
        assert process.wait(60) == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("liantu-")]


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        (["nothing-here"], 1, "nothing-here"),
        (["case:demmo"], 1, "demo"),
        (["case:demo", "--port", "70000"], 2, "--port"),
        (["case:demo", "--port", "x"], 2, "--port"),
        (["case:demo", "--host", "0.0.0.0"], 2, "--host"),
    ],
)
def test_what_cannot_begin_is_one_line(capsys, monkeypatch, args, code, word):
    monkeypatch.setenv("LIANTU_LANG", "en")
    assert main(["serve", *args, "--no-browser"]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert word in line


def test_without_its_packages_it_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setenv("LIANTU_LANG", "en")
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert main(["serve", "case:demo"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "pip install 'liantu[serve]'" in line


def test_a_source_with_errors_does_not_begin(capsys, tmp_path):
    (tmp_path / "schools.csv").write_text("id,name\n1,a\n1,b\n", encoding="utf-8")
    assert main(["--lang", "en", "serve", str(tmp_path), "--no-browser"]) == 1
    assert "schools.csv" in capsys.readouterr().err


def test_the_browser_is_sent_to_a_file_that_only_we_can_read(capsys, monkeypatch):
    seen = {}

    def run(network, source, *, lang, port, tell):
        from liantu.web.server.run import Opened

        with tempfile.TemporaryDirectory() as folder:
            tell(Opened("http://127.0.0.1:1/?token=secret", Path(folder) / "open.html"))
        return False

    monkeypatch.setattr("liantu.web.server.run.serve", run)
    monkeypatch.setattr("webbrowser.open", lambda url: seen.setdefault("url", url))
    assert main(["serve"]) == 0
    assert seen["url"].startswith("file:")
    assert "secret" not in seen["url"]
    assert capsys.readouterr().out == "http://127.0.0.1:1/?token=secret\n"
