"""Notebooks run: their cells here, in one process; the long run starts a kernel for each, too."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from long import LONG
from reading_once import reading_once

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def shown(value: object) -> str:
    """Return what a notebook shows of a value."""
    return value._repr_html_() if hasattr(value, "_repr_html_") else repr(value)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_run(path, tmp_path, monkeypatch):
    reading_once(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIANTU_LANG", "en")
    names: dict[str, object] = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        assert not cell.outputs  # what is shown depends on versions
        *body, last = ast.parse(cell.source).body
        value = None
        if isinstance(last, ast.Expr):
            exec(compile(ast.Module(body, []), path.name, "exec"), names)
            value = eval(compile(ast.Expression(last.value), path.name, "eval"), names)
            assert shown(value)
        else:
            exec(compile(ast.Module([*body, last], []), path.name, "exec"), names)


def test_there_are_three():
    assert [path.stem for path in NOTEBOOKS] == ["county", "evaluation", "researcher"]


@pytest.mark.skipif(not LONG, reason="a kernel takes seconds to start: in the long run")
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_kernel_runs_it(path, tmp_path):
    from nbclient import NotebookClient

    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    html = [
        o
        for cell in book.cells
        for o in cell.get("outputs", ())
        if "text/html" in o.get("data", {})
    ]
    assert html
