"""How large the page of a province is, and how fast it opens and answers in a browser.

Processor time of the page's main thread, so that other work of the machine does not count; the wall
clock beside it for opening.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import page as bench
from playwright.sync_api import Page, sync_playwright

import liantu
from liantu.loaders.generate import generate

SCHOOLS, SEED, ROUNDS = 20_000, 5, 3
# What a planner does: a name and the state that it leads to.
STEPS: list[tuple[str, dict[str, str]]] = [
    ("month, overview", {"view": "overview", "date": "2025-06-30", "scope": "strict"}),
    ("other scope", {"scope": "all"}),
    ("down into a city", {"region": "9901"}),
    ("back", {"region": ""}),
    ("view Over time", {"view": "time"}),
    ("month, over time", {"date": "2025-01-31"}),
    ("view Schools", {"view": "schools"}),
    ("search a name", {"q": "村小"}),
    ("search first letters", {"q": "cx"}),
    ("search an id", {"q": "2199"}),
    ("filter by stage", {"q": "", "stage": "primary"}),
    ("filter by rung", {"rung": "none"}),
    ("clear", {"stage": "", "rung": ""}),
    ("sort by name", {"sort": "name"}),
    ("sort by pupils", {"sort": "pupils-d"}),
    ("month, list", {"date": "2024-06-30", "sort": ""}),
    ("view Map", {"view": "map"}),
    ("month, map", {"date": "2025-06-30"}),
    ("select a school", {"sel": "school:2199000001"}),
    ("two steps", {"steps": "2"}),
    ("its ties alone", {"mode": "focus"}),
    ("close", {"sel": "", "mode": "map", "steps": "1"}),
]
ACT = """state => new Promise(done => {
  liantu.go(state);
  requestAnimationFrame(() => setTimeout(done, 0));
})"""


def main() -> None:
    program = shutil.which("chromium")
    if not program:
        sys.exit("chromium is not on this machine (Debian: apt-get install chromium)")
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        lists, file = Path(folder) / "lists", Path(folder) / "planner.html"
        generate(lists, schools=SCHOOLS, seed=SEED)
        network = liantu.read(str(lists))
        began = time.process_time()
        network.page(file)
        made = time.process_time() - began
        browser = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        opened, painted, acted = measured(browser, file)
        version = browser.version
        browser.close()
        size = file.stat().st_size
    machine = bench.machine("pandas")
    rows = [f"| {name} | {statistics.median(times):.0f} |" for name, times in acted.items()]
    bench.write_part(
        "The page",
        [
            f"`liantu page` of a generated province ({SCHOOLS:,} schools, seed {SEED}, 37 dates): "
            f"{size / 1e6:.2f} MB, written in {made:.1f} s of processor time. {machine}, "
            f"Chromium {version} without a GPU, load {os.getloadavg()[0]:.0f} while measured.",
            "",
            f"Opening, until the first view stands: {opened['cpu']:.0f} ms of processor time, "
            f"{opened['wall']:.0f} ms on the clock; first paint after {painted:.0f} ms. Every step "
            "until the page is drawn again, in ms of processor time of its main thread, median of "
            f"{ROUNDS}:",
            "",
            "| step | ms |",
            "| --- | ---: |",
            *rows,
        ],
    )


def measured(browser: Any, file: Path) -> tuple[dict[str, float], float, dict[str, list[float]]]:
    """Return what opening costs, the first paint, and what every step costs."""
    page: Page = browser.new_context(offline=True).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        found = session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(each["value"] for each in found if each["name"] == "TaskDuration")

    page.goto(file.as_uri(), wait_until="commit")
    page.wait_for_selector("#tabs a")
    opened = {"cpu": spent(), "wall": float(page.evaluate("performance.now()"))}
    painted = page.evaluate("performance.getEntriesByName('first-paint')[0].startTime")
    page.wait_for_timeout(3000)  # what it prepares while nobody waits
    acted: dict[str, list[float]] = {name: [] for name, _ in STEPS}
    for _ in range(ROUNDS):
        for name, state in STEPS:
            before = spent()
            page.evaluate(ACT, state)
            acted[name].append(spent() - before)
    return opened, float(painted), acted


if __name__ == "__main__":
    main()
