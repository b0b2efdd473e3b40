"""Write the pictures of the how-to pages again: the demo county in a real browser.

Usage: ``python scripts/screenshots.py`` (needs Chromium: ``apt-get install chromium``).
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

import liantu

FOLDER = Path(__file__).parents[1] / "docs" / "how-to" / "page"
DESK, PHONE = (1280, 800), (390, 844)
CORE = "school:2199000001"
# Name → size of the window and state of the page.
SHOTS = {
    "overview": (DESK, ""),
    "time": (DESK, "view=time"),
    "schools": (DESK, "view=schools&covered=yes&sel=school:2199000029"),
    "ties": (DESK, f"view=map&mode=focus&steps=2&sel={CORE}"),
    "phone": (PHONE, "view=schools"),
}


def main() -> None:
    """Take every picture in both languages."""
    program = shutil.which("chromium")
    if not program:
        sys.exit("chromium is not on this machine (Debian: apt-get install chromium)")
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "planner.html"
        liantu.read("case:demo").page(file, source="case:demo")
        browser = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        for lang in ("en", "zh"):
            for name, ((width, height), state) in SHOTS.items():
                context = browser.new_context(
                    offline=True, viewport={"width": width, "height": height}
                )
                page = context.new_page()
                page.goto(f"{file.as_uri()}#lang={lang}&{state}")
                page.wait_for_selector("#tabs a")
                page.screenshot(path=FOLDER / f"{name}.{lang}.png")
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
