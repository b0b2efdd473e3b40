"""The user's secret: made once, whole, readable by its owner alone, and only when it is needed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.graph.secret import secret, secret_file


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Return a folder of settings that nothing has been written to; no secret is given."""
    for name in ("XDG_CONFIG_HOME", "APPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "settings"))
    monkeypatch.delenv("LIANTU_KEY", raising=False)
    return tmp_path / "settings"


def test_it_is_made_once_and_kept(home):
    first = secret()
    assert secret() == first
    assert len(secret_file().read_text(encoding="utf-8").strip()) == 64
    assert secret_file().is_relative_to(home)
    names = [path.name for path in secret_file().parent.iterdir()]
    assert [name for name in names if not name.endswith(".lock")] == ["key"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_can_read_it(home):
    before = os.umask(0)
    try:
        secret()
    finally:
        os.umask(before)
    assert stat.S_IMODE(secret_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(secret_file().parent.stat().st_mode) == 0o700


def test_processes_at_once_end_with_one(home):
    code = "from liantu.graph.secret import secret; print(secret().hex())"
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    found = {process.communicate(timeout=120)[0] for process in started}
    assert found == {secret().hex() + "\n"}


def test_a_shared_one_comes_from_the_environment(home, monkeypatch):
    monkeypatch.setenv("LIANTU_KEY", "of the whole bureau")
    shared = secret()
    assert not home.exists()
    monkeypatch.delenv("LIANTU_KEY")
    assert secret() != shared
    # what the file holds is what is shared
    monkeypatch.setenv("LIANTU_KEY", secret_file().read_text(encoding="utf-8"))
    given = secret()
    monkeypatch.delenv("LIANTU_KEY")
    assert secret() == given


def test_a_short_one_is_refused(monkeypatch):
    monkeypatch.setenv("LIANTU_KEY", "2024")
    with pytest.raises(RequestError) as caught:
        secret()
    assert caught.value.problems[0].code == "key_short"
    assert "2024" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "half"])
def test_a_damaged_file_is_told_and_left_alone(home, content):
    secret_file().parent.mkdir(parents=True)
    secret_file().write_text(content, encoding="utf-8")
    with pytest.raises(RequestError) as caught:
        secret()
    assert caught.value.problems[0].code == "key_damaged"
    assert secret_file().read_text(encoding="utf-8") == content


def network(**teachers) -> Network:
    return Network.from_frames({"teacher": pd.DataFrame(teachers)})


def test_where_no_file_can_be_made_only_who_needs_it_is_told(home):
    home.write_text("no folder", encoding="utf-8")
    masked = network(id=["T1", "T2"], name=["王芳", None]).without_teacher_names()
    assert masked.nodes("teacher").index.tolist() == ["T1", "T2"]
    assert masked.fingerprint.startswith("sha256:")
    with pytest.raises(RequestError, match="Set LIANTU_KEY") as caught:
        network(id=["一小/王芳"], name=["王芳"]).without_teacher_names()
    assert caught.value.problems[0].code == "key_unusable"
    assert "王芳" not in str(caught.value)


def test_ids_that_say_nothing_need_none(home):
    network(id=["T1"], name=["王芳"]).without_teacher_names().fingerprint  # noqa: B018
    assert not home.exists()
