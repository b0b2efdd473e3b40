"""Faults of streams, libraries and dates: a result or one line, never a traceback."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from long import some

from liantu.commands import _analysis
from liantu.results import registry

COMMAND = f"{shlex.quote(sys.executable)} -m liantu --lang en"
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, check=False, timeout=120
    )


@posix
@pytest.mark.parametrize(
    "shape", some(["--format csv --labels", "--format csv", "--format json", ""], 1)
)
def test_a_closed_or_full_stdout(county, shape):
    line = f"{COMMAND} coverage {shlex.quote(str(county))} {shape}"
    closed, full = shell(f"{line} >&-"), shell(f"{line} >/dev/full")
    assert (closed.returncode, "rror" in closed.stderr) == (0, False)
    assert full.returncode == 1
    errors = [text for text in full.stderr.splitlines() if not re.match("note|coverage ·", text)]
    assert errors == [
        "error: cannot write “stdout”: No space left on device. Choose another place."
    ]


@posix
@pytest.mark.parametrize("line", some(["--help", "cases", "check case:demo"], 2))
def test_every_command_says_that_stdout_is_full(line):
    found = shell(f"{COMMAND} {line} >/dev/full")
    assert found.returncode == 1
    assert found.stderr.count("\n") == 1
    assert "No space left" in found.stderr


@posix
def test_a_closed_pipe_ends_silently():
    found = shell(f"({COMMAND} ties case:laizhou --format csv --labels; echo $? >&2) | true")
    assert [line for line in found.stderr.splitlines() if not re.match("note|ties ·", line)] == [
        "0"
    ]


@posix
def test_streams_that_tell_nothing_write_no_file_of_the_user(county):
    out = county.parent / "a.json"
    line = f"{COMMAND} coverage {shlex.quote(str(county))} -o {shlex.quote(str(out))}"
    assert shell(f"{line} >&- 2>&- <&-").returncode == 0
    assert json.loads(out.read_text(encoding="utf-8"))["analysis"] == "coverage"
    full = shell(f"{COMMAND} coverage none 2>/dev/full")
    assert (full.returncode, full.stdout, full.stderr) == (1, "", "")


class PanicError(BaseException):
    """As compiled readers raise it."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PanicError("index out of bounds\nnote: run"), "could not be read (PanicError: index out"),
        (MemoryError(), "not enough memory"),
        (RecursionError(), "nested too deeply"),
        (ZeroDivisionError("x"), "internal error (ZeroDivisionError: x)"),
        (
            OSError(5, "Input/output error", "lists/学校.csv"),
            "“lists/学校.csv”: Input/output error",
        ),
    ],
)
def test_whatever_escapes_is_one_line(liantu, county, monkeypatch, error, words):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(_analysis, "open_network", fail)
    found = liantu("coverage", county)
    assert (found.code, found.out, len(found.lines)) == (1, "", 1)
    assert words in found.err


@pytest.mark.parametrize("end", [SystemExit, GeneratorExit])
def test_what_ends_a_process_ends_it(liantu, county, monkeypatch, end):
    def fail(*_: object) -> None:
        raise end

    monkeypatch.setattr(_analysis, "open_network", fail)
    with pytest.raises(end):
        liantu("coverage", county)


@pytest.mark.parametrize("day", some(["9999-12-31", "9999", "0001-01-01"], 2))
@pytest.mark.parametrize("name", sorted(registry()))
def test_the_ends_of_the_calendar(liantu, county, name, day):
    (county / "network.toml").write_text('title = "x"\n', encoding="utf-8")
    found = liantu(name.replace("_", "-"), county, "--as-of", day, "--format", "json")
    assert "internal error" not in found.err
    if found.code:
        assert (found.code, len(found.lines)) == (1, 1), found.err
        assert name in ("timeline", "turnover", "goals"), found.err
    else:
        assert found.json["as_of"][:4] == day[:4]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_the_ends_of_the_calendar_in_data_and_report(liantu, county, day):
    (county / "network.toml").write_text(f'as_of = "{day}"\n', encoding="utf-8")
    (county / "posted_to.csv").write_text("source,target,start\nt1,0131,0001-01-01\n", "utf-8")
    assert liantu("check", county).code == 0
    assert liantu("report", county, "-o", "r.md").code == 0
    assert day in Path("r.md").read_text(encoding="utf-8")


def test_windows_as_wide_as_can_be_written(liantu, county):
    for command in ("coverage", "ties", "reach"):
        assert liantu(command, county, "--window", "99999y", "--format", "json").code == 0
    found = liantu("expiry", county, "--within", "9999y")
    assert (found.code, len(found.lines)) == (2, 1)
    assert "--within" in found.err
    assert liantu("expiry", county, "--within", "3y").code == 0


# -- what messages quote -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("assists.csv", "source,target\n0130,{}\n"),
        ("assists.csv", "source,target,start\n0130,0131,{}\n"),
        ("schools.csv", "id,name,stage\n0130,a,{}\n0131,b,\n"),
        ("schools.csv", "id,name,pupils\n0130,a,{}\n0131,b,\n"),
        ("schools.csv", "id,name,{}\n0130,a,x\n0131,b,x\n"),
        ("schools.csv", "id,name,stage\n{0},a,primary\n{0},b,primary\n"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_messages_quote_eighty_characters(liantu, county, table, text, lang):
    (county / table).write_text(text.format("长" * 5000), encoding="utf-8")
    found = liantu("check", county, "--lang", lang)
    assert "长" * 79 + "…" in found.out
    assert "长" * 80 not in found.out
    facts = liantu("check", county, "--format", "json")
    assert "长" * 80 not in facts.out
    assert any("…" in row["message"] for row in facts.json["problems"])


def test_a_long_path_is_told_whole(liantu, tmp_path):
    path = tmp_path / ("x" * 120) / ("y" * 120)
    assert str(path) in liantu("info", path).err


# -- commands that are shown ---------------------------------------------------------------------


@posix
def test_commands_under_a_report_run_as_they_are_shown(liantu, county):
    odd = county.with_name("a$(touch pwned) `touch pwned` 名单")
    county.rename(odd)
    rules = odd.with_name("my rules.toml")
    rules.write_text(
        '[[rows]]\nfile = "schools.csv"\n[[rows.school]]\nid = "id"\nname = "name"\n', "utf-8"
    )
    given = ("--mapping", rules, "--create-missing", "--scope", "all", "--as-of", "2022-05-11")
    assert liantu("report", odd, *given, "-o", "r 1.md").code == 0
    text = Path("r 1.md").read_text(encoding="utf-8")
    lines = set(re.findall(r"`` (liantu .*?) ``", text))
    assert len(lines) > 2
    for line in lines:
        read = shlex.split(line)
        assert read[2] == str(odd)
        assert read[read.index("--mapping") + 1] == str(rules)
        shell(f"liantu() {{ :; }}; {line}")
    assert not Path("pwned").exists()


@posix
def test_a_remedy_quotes_the_path(liantu):
    store = Path("a$(touch pwned)")
    assert liantu("import", "case:wenshan", store).code == 0
    manifest = store / "liantu.json"
    manifest.write_bytes(manifest.read_bytes()[:-9])
    found = liantu("info", store)
    assert found.code == 1
    assert "liantu import SOURCE 'a$(touch pwned)'" in found.err
