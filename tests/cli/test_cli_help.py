"""Languages, help, global options, completion, the console."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from long import some

import liantu as package
from liantu.cli import main
from liantu.commands import command_names
from liantu.vocabulary import language

COMMANDS = command_names()


def spawn(*args: object, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``python -m liantu`` as a process of its own."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    words = [sys.executable, "-m", "liantu", *map(str, args)]
    return subprocess.run(words, env={**env, **environ}, capture_output=True, check=False)


@pytest.mark.parametrize("command", ["", *COMMANDS])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_help_of_every_command(liantu, command, lang):
    args = [word for word in (command, "--help", "--lang", lang) if word]
    found = liantu(*args)
    assert (found.code, found.err) == (0, "")
    headings = ("Usage:", "Options:") if lang == "en" else ("用法：", "选项:")
    assert all(heading in found.out for heading in headings)
    if command:
        assert found.out.count(f"\n  liantu {command}") == 1  # one example
    assert lang == "en" or "Options" not in found.out.replace("[OPTIONS]", "")
    assert all(len(line.encode("gbk", "replace")) <= 100 for line in found.out.splitlines())


def test_no_command_shows_the_help(liantu):
    assert liantu().out == liantu("--help").out


@pytest.mark.parametrize("args", [("--lang", "zh", "cases"), ("cases", "--lang=zh")])
def test_global_options_stand_before_and_after(liantu, args):
    assert liantu(*args).out == liantu("cases", "--lang", "zh").out != liantu("cases").out


@pytest.mark.parametrize("args", [("--version",), ("coverage", "--version")])
def test_version(liantu, args):
    assert liantu(*args).out == f"liantu {package.__version__}\n"


@pytest.mark.parametrize(
    ("args", "environ", "expected"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
        ([], {"LC_ALL": "", "LANG": "zh_CN"}, "zh"),
        ([], {"LIANTU_LANG": "zh", "LC_ALL": "en_US"}, "zh"),
        ([], {"LIANTU_LANG": "klingon", "LANG": "zh_CN"}, "zh"),
        (["--lang", "en"], {"LIANTU_LANG": "zh"}, "en"),
        (["info", "x", "--lang=zh"], {"LIANTU_LANG": "en"}, "zh"),
        (["--lang", "klingon"], {"LANG": "zh_CN"}, "zh"),
    ],
)
def test_language(monkeypatch, args, environ, expected):
    monkeypatch.setattr(sys, "platform", "linux")
    assert language(args, environ) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("Chinese (Simplified)_China", "zh"), ("English_UK", "en"), (None, "en")]
)
def test_language_of_windows(monkeypatch, name, expected):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr("locale.getlocale", lambda: (name, "cp936"))
    assert language([], {}) == expected


@pytest.mark.parametrize("encoding", some(["gbk", "cp936", "utf-8", "ascii"], 2))
def test_consoles_that_know_few_characters(county, encoding):
    name = "𠮷é学校"  # not in GBK, the first two
    (county / "schools.csv").write_text(f"id,name,urban_rural\n0130,{name},220\n", "utf-8")
    for table in ("assists", "works_at", "mentors", "teachers"):
        (county / f"{table}.csv").unlink()
    settings = {"PYTHONIOENCODING": encoding, "LIANTU_LANG": "zh"}
    text = spawn("coverage", county, **settings)
    assert text.returncode == 0, text.stderr
    shown = name.encode(encoding, "replace").decode(encoding)
    assert shown in text.stdout.decode(encoding)
    whole = spawn("coverage", county, "--format", "json", **settings)
    assert json.loads(whole.stdout)["table"][0]["name"] == name


def test_a_closed_pipe_ends_silently():
    command = [sys.executable, "-m", "liantu", "ties", "case:demo", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        errors = process.stderr.read()
        process.wait()
    assert (process.returncode, errors) == (0, b"")


def test_no_progress_and_no_colours_in_a_pipe():
    found = spawn("coverage", "case:demo")
    assert found.returncode == 0
    assert b"\x1b" not in found.stdout + found.stderr


def test_completion_of_commands_choices_and_cases():
    def complete(*words: str) -> list[str]:
        line, last = " ".join(words), str(len(words) - 1)
        asked = {"_LIANTU_COMPLETE": "zsh_complete", "COMP_WORDS": line, "COMP_CWORD": last}
        return spawn(**asked).stdout.decode().splitlines()

    assert "coverage" in complete("liantu", "cov")
    assert "broad" in complete("liantu", "coverage", "x", "--rural", "b")
    assert "case:wenshan" in complete("liantu", "coverage", "case:w")
    assert "file" in complete("liantu", "coverage", "lis")


def test_completion_script():
    found = spawn(_LIANTU_COMPLETE="bash_source")
    assert found.returncode == 0
    assert b"_liantu_completion" in found.stdout


def test_no_console_at_all_is_no_fault(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["cases"]) == 0
    assert main(["casses"]) == 2


def test_an_output_that_takes_nothing_is_one_line(monkeypatch, capsys):
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert main(["cases", "--lang", "en"]) == 1
    line = "error: cannot write “stdout”: No space left on device. Choose another place.\n"
    assert capsys.readouterr().err == line
