"""One real browser for all tests of the page, and pages that note what goes wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from programs import needed

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = needed("chromium", "chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=ARGS)
        yield started
        started.close()


@pytest.fixture
def opened(browser) -> Iterator[Callable[..., Any]]:
    """Return what opens a file with the network off; at the end nothing may have gone wrong."""
    contexts, faults = [], []

    def open_(file: Path, hash_: str = "", **options: Any) -> Any:
        context = browser.new_context(
            **{"offline": True, "viewport": {"width": 1280, "height": 800}, **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: faults.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request",
            lambda asked: (
                asked.url.startswith(("file:", "blob:", "data:")) or faults.append(asked.url)
            ),
        )
        page.goto(file.as_uri() + hash_)
        page.wait_for_selector("#tabs a")  # polling a function would need unsafe-eval
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def liantu_command(capsys) -> Callable[..., Any]:
    """Return what runs a command here and gives its exit code and output."""
    from types import SimpleNamespace

    from liantu.cli import main

    def run(*words: str) -> Any:
        capsys.readouterr()
        code = main([*words, "--lang", "en"])
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return run
