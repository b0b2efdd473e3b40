"""Reference pages are up to date; every example of README and docs runs.

Blocks marked ``python`` are executed, one after the other in one page; in blocks marked ``console``
the lines that begin with ``$ liantu`` are run. A line that ends with ``# exit 1`` must end so, every
other must succeed. A page runs in a folder of its own that holds a copy of ``docs``; lines that need
``../shared`` are left out where it is missing. What only shows an answer about a bundled case runs
once, on whatever page it stands and in whatever language; the long run runs every line. ``neo4j://localhost:7687`` is a real server, where the
networks of a page have names of their own.
"""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import uuid
from functools import cache
from pathlib import Path

import pytest
from long import LONG
from reading_once import reading_once

from liantu import open_store
from liantu.cli import main

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
PAGES = sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SERVER = re.compile(r"neo4j://localhost:7687(?:\?network=([\w-]+))?")
COMMAND = re.compile(r"^\$ liantu (.*)$", re.MULTILINE)
LANGUAGE = re.compile(r" --lang \w+")
# Prints an answer about bundled cases, writes nothing; how many rows it prints is no matter.
SHOWS = re.compile(
    r"([\w-]+(?: case:[\w-]+)+(?: --(?!limit|with)[a-z-]+(?: [\w:,.][\w:,.-]*)?)*)(?: --limit \d+)?"
)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def test_reference_pages_are_up_to_date():
    pages = runpy.run_path(str(ROOT / "scripts" / "build_docs.py"))["pages"]()
    folder = ROOT / "docs" / "reference"
    assert sorted(path.name for path in folder.iterdir()) == sorted(pages)
    for name, text in pages.items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"run `make docs`: {name}"


@pytest.fixture
def on_server(request):
    """Return a function that puts the real server in the place of the one in a text."""
    used: set[str] = set()
    mark = uuid.uuid4().hex[:12]

    def put(text: str) -> str:
        if not SERVER.search(text):
            return text
        server = request.getfixturevalue("shared_server")
        found = SERVER.sub(lambda hit: f"{server}?network={hit[1] or 'only'}-{mark}", text)
        used.update(re.findall(rf"{re.escape(server)}\?network=[\w-]+", found))
        return found

    yield put
    for address in used:
        with open_store(address) as store:
            store.delete()


def asked(command: str) -> str:
    """Return what a line asks for, in the short run whatever language it is answered in."""
    return command if LONG else LANGUAGE.sub("", command)


def run_of(page: Path) -> list[str]:
    """Return what of a page is run: code without comments, and the lines of commands."""
    return [
        re.sub(r"#.*", "", text) if kind == "python" else asked("\n".join(COMMAND.findall(text)))
        for kind, text in blocks(page)
    ]


def runs_twice(page: Path) -> bool:
    """Return whether the English page runs the very same."""
    english = page.with_name(page.name.replace(".zh.md", ".md"))
    return english != page and english.exists() and run_of(english) == run_of(page)


@cache
def shown(command: str) -> None:
    """Run a line that shows an answer and leaves nothing behind."""
    assert main(shlex.split(command)) == 0


RUN = [page for page in PAGES if blocks(page) and not runs_twice(page)]


@pytest.mark.parametrize("page", RUN, ids=lambda p: p.name)
def test_examples_run(page, tmp_path, monkeypatch, capsys, on_server):
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    reading_once(monkeypatch)
    monkeypatch.setenv("LIANTU_LANG", "en")
    names: dict[str, object] = {}
    for kind, text in blocks(page):
        text = on_server(text.replace("../shared", SHARED.as_posix()))
        if kind == "python":
            if SHARED.is_dir() or SHARED.as_posix() not in text:
                exec(compile(text, page.name, "exec"), names)
            continue
        for line in COMMAND.findall(text.replace("\\\n", " ")):
            command, _, wish = line.partition("  # exit ")
            if not LONG and not wish and (once := SHOWS.fullmatch(asked(command.strip()))):
                shown(once[1])
            elif SHARED.is_dir() or SHARED.as_posix() not in command:
                code = main(shlex.split(command, comments=True))
                assert code == int(wish or 0), f"{line}\n{capsys.readouterr().err}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
