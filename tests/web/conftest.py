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


@pytest.fixture(scope="session")
def desk(browser) -> Iterator[Callable[..., Any]]:
    """Return what gives a page with its list of faults: the same again for the same options."""
    known: dict[str, tuple[Any, list[str]]] = {}

    def page_of(number: int, **options: Any) -> tuple[Any, list[str]]:
        key = repr((number, sorted(options.items())))
        if key in known:
            return known[key]
        given = {"offline": True, "viewport": {"width": 1280, "height": 800}, **options}
        page, faults = browser.new_context(**given).new_page(), []
        page.set_default_timeout(10_000)
        page.on("console", lambda said: faults.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request",
            lambda asked: (
                asked.url.startswith(("file:", "blob:", "data:", "about:"))
                or faults.append(asked.url)
            ),
        )
        known[key] = page, faults
        return known[key]

    yield page_of
    for page, _ in known.values():
        page.context.close()


@pytest.fixture
def opened(desk) -> Iterator[Callable[..., Any]]:
    """Return what opens a file with the network off; at the end nothing may have gone wrong."""
    used = []

    def open_(file: Path, hash_: str = "", **options: Any) -> Any:
        page, faults = desk(len(used), **options)
        used.append((page, faults))
        page.goto("about:blank")  # another part of one address would load nothing
        page.emulate_media(media="screen", color_scheme=None)
        page.goto(file.as_uri() + hash_)
        page.wait_for_selector("#tabs a")  # polling a function would need unsafe-eval
        return page

    yield open_
    seen = [fault for _, faults in used for fault in faults]
    for page, faults in used:
        page.goto("about:blank")
        faults.clear()
    assert seen == []


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
