"""Rebuild the bundled cases from their compact descriptions: `python scripts/build_cases.py`.

A case is data: the tables and claims under ``liantu/loaders/cases``. What a text names is a row
that says where it stands in the text; what a text only counts is filled with synthetic rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from cases import (
    claims,
    demo,
    dingxi,
    duodao,
    jinan_shizhong,
    laizhou,
    linyi,
    qingdao,
    wenshan,
    xiajin,
)
from cases.rows import Case

from liantu.exchange.folder import write_folder

CASES = Path(__file__).parents[1] / "liantu" / "loaders" / "cases"
BUILDERS: dict[str, Callable[[], Case]] = {
    "demo": demo.case,
    "dingxi": dingxi.case,
    "duodao": duodao.case,
    "jinan-shizhong": jinan_shizhong.case,
    "laizhou": laizhou.case,
    "linyi": linyi.case,
    "qingdao": qingdao.case,
    "wenshan": wenshan.case,
    "xiajin": xiajin.case,
}


def main() -> None:
    """Write every case anew."""
    for name in BUILDERS:
        plan = CASES / name / "scenario.toml"  # written by hand
        text = plan.read_bytes() if plan.is_file() else None
        shutil.rmtree(CASES / name, ignore_errors=True)
        build(name, CASES / name)
        if text is not None:
            plan.write_bytes(text)


def build(name: str, out: Path) -> None:
    """Write one case to a folder that does not exist yet."""
    case = BUILDERS[name]()
    write_folder(out, case.frames, case.about)
    if case.phases or case.goals:
        with (out / "network.toml").open("a", encoding="utf-8", newline="\n") as file:
            file.write(claims.phases(case.phases) + claims.goals(case.goals))
    if case.claims:
        (out / "claims.toml").write_text(claims.toml(case.claims), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
