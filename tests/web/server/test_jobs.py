"""Long work: told about, ended when asked to, its files whole."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import time
import zipfile
from pathlib import Path

import pytest
from long import LONG
from web.server.served import apart, ended

import liantu
from liantu.reports.write import WRITERS
from liantu.web.server import jobs as rules
from liantu.web.server.process import DEBUG, Answer, Worker


def begun(client, network, **asked):
    answer = client.post("/api/jobs", json={"network": network, **asked})
    assert answer.status_code == 202, answer.text
    return answer.json()


def file(client, job):
    answer = client.get(f"/api/jobs/{job['id']}/file")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    return answer.content


@pytest.mark.parametrize("suffix", [".html", ".md", ".docx"] if LONG else [".md"])
def test_a_report_of_a_format(client, network, suffix):
    job = ended(client, begun(client, network, do="report", suffix=suffix, scope="all", lang="zh"))
    assert job["state"] == "done", job
    data = file(client, job)
    if suffix == ".docx":
        assert data.startswith(b"PK")
    else:
        assert "演示县" in data.decode()
        assert "liantu coverage case:demo" in data.decode()


def test_the_page_knows_every_format_of_reports(client):
    known = client.get("/api/words").json()["reports"]
    assert known == [suffix for suffix in WRITERS if suffix != ".htm"]


def test_a_clean_workbook_and_a_store_are_the_network_without_names(
    client, network, demo, tmp_path
):
    clean = demo.without_teacher_names()
    job = ended(client, begun(client, network, do="export"))
    (tmp_path / "net.xlsx").write_bytes(file(client, job))
    assert liantu.read(tmp_path / "net.xlsx").size("school") == demo.size("school")
    job = ended(client, begun(client, network, do="store"))
    with zipfile.ZipFile(io.BytesIO(file(client, job))) as packed:
        packed.extractall(tmp_path / "store")
    (folder,) = (tmp_path / "store").iterdir()
    kept = liantu.read(folder)
    assert kept.fingerprint == clean.fingerprint
    names = demo.nodes("teacher")["name"].dropna()
    assert len(names)
    assert kept.nodes("teacher")["name"].isna().all()


def test_a_table_as_a_workbook_and_as_text(client, network):
    asked = {"do": "analysis", "name": "reach", "options": {"hops": "1"}}
    job = ended(client, begun(client, network, **asked, suffix=".csv"))
    assert file(client, job).startswith(b"\xef\xbb\xbf")
    job = ended(client, begun(client, network, **asked, suffix=".xlsx"))
    assert file(client, job).startswith(b"PK")
    job = ended(client, begun(client, network, **asked, suffix=".exe"))
    assert job["found"]["errors"][0]["code"] == "bad_suffix"


def test_a_template(client):
    job = client.post("/api/jobs", json={"do": "template", "lang": "zh"}).json()
    assert file(client, ended(client, job)).startswith(b"PK")


def test_a_job_that_is_cancelled_ends_its_process(here, client, network):
    others = set(children())  # of other tests: a server, a browser
    job = begun(client, network, do="report")
    own = here.session.jobs.known[job["id"]]
    seen: set[int] = set()
    while not seen and own.state in ("waiting", "running"):
        time.sleep(0.02)
        seen = set(children()) - others - set(before(here))
    assert seen
    assert client.delete(f"/api/jobs/{job['id']}").json()["state"] == "cancelled"
    assert not own.folder.exists()
    assert not seen & set(children())
    assert client.get(f"/api/jobs/{job['id']}/file").status_code == 404
    assert client.delete(f"/api/jobs/{job['id']}").json()["state"] == "cancelled"


@pytest.mark.parametrize("debug", [False, True])
def test_a_job_that_fails_says_why_and_never_quotes_data(tmp_path, monkeypatch, capfd, debug):
    name = "欧阳靖宇"

    async def then(_: Answer) -> None:
        raise KeyError(name)

    async def run(answer: Answer) -> rules.Job:
        monkeypatch.setattr(Worker, "ask", lambda *_: asyncio.sleep(0, answer))
        job = rules.Jobs(tmp_path).begin({"do": "read"}, then)
        await job.task
        return job

    if debug:
        monkeypatch.setenv(DEBUG, "1")
    for answer, code in ((Answer(200, b"{}"), "serve_failed"), (Answer(500, b""), "serve_ended")):
        job = apart(run(answer))
        (told,) = job.found["errors"]
        assert (job.state, told["code"]) == ("failed", code)
        assert all(told["line"].values())
        assert "欧阳" not in str(job.found)
    err = capfd.readouterr().err
    assert ("KeyError" in err and "test_jobs.py" in err) == debug
    assert "欧阳" not in err


def test_a_job_whose_process_is_killed_says_so(here, client, network):
    others = set(children())
    job = begun(client, network, do="report")
    own = here.session.jobs.known[job["id"]]
    while not (fresh := set(children()) - others - set(before(here))) and not own.ended:
        time.sleep(0.02)
    for pid in fresh:
        os.kill(pid, signal.SIGKILL)
    found = ended(client, job)
    assert found["state"] == "failed"
    assert found["found"]["errors"][0]["code"] == "serve_ended"


def before(here):
    workers = [each.worker for each in here.session.shelf.held.values()]
    return [w._running.pid for w in (*workers, here.session.common) if w._running is not None]


def children() -> list[int]:
    """Return the processes that this one has started."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    if not tasks.is_dir():
        pytest.skip("needs /proc")
    return [int(key) for task in tasks.iterdir() for key in (task / "children").read_text().split()]


def test_too_many_jobs_are_refused(client, network, monkeypatch):
    monkeypatch.setattr(rules, "AT_ONCE", 1)
    monkeypatch.setattr(rules, "WAITING", 1)
    asked = {"do": "report", "network": network}
    answers = [client.post("/api/jobs", json=asked) for _ in range(4)]
    assert [each.status_code for each in answers] == [202, 202, 429, 429]
    for each in answers[:2]:
        client.delete(f"/api/jobs/{each.json()['id']}")


def test_old_jobs_and_their_files_are_let_go(here, client, monkeypatch):
    monkeypatch.setattr(rules, "KEPT", 1)
    keys = []
    for _ in range(3):
        job = client.post("/api/jobs", json={"do": "template", "suffix": ".no"}).json()
        keys.append(ended(client, job)["id"])
    assert client.get(f"/api/jobs/{keys[0]}").status_code == 404
    assert not (here.folder / "jobs" / keys[0]).exists()
    assert client.get(f"/api/jobs/{keys[-1]}").status_code == 200
