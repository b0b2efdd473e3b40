"""What has changed since an earlier date: how many are covered, and which schools moved."""

from __future__ import annotations

from datetime import date

import pandas as pd

from liantu.errors import OptionError
from liantu.results.asked import Asked
from liantu.results.blocks import Section, Text
from liantu.results.sections import FEW, annex, named, table


def check(earlier: date | None, day: date) -> None:
    """Raise `OptionError` unless the date compared with is earlier than the date judged."""
    if earlier is not None and earlier >= day:
        raise OptionError.of("compare_not_earlier", value=earlier, as_of=day)


def moved(asked: Asked) -> pd.DataFrame:
    """Return the schools in scope on both dates that are covered on one of them only.

    Those that lost it come first, then by pupils. Columns as in ``coverage`` and ``covered_base``,
    ``rung_base`` of the earlier date.
    """
    now, before = asked.result("coverage"), asked.before
    assert now is not None and before is not None
    old = before.table[["covered", "rung"]].add_suffix("_base")
    both = now.table.join(old, how="inner")
    other = both[both["covered"].astype(bool) != both["covered_base"].astype(bool)]
    order = ["covered", "pupils", "school"]
    return other.sort_values(order, ascending=[True, False, True], kind="stable")


def clause(asked: Asked) -> str:
    """Return the change as the end of a sentence."""
    now, before = asked.result("coverage"), asked.before
    assert now is not None and before is not None
    old, new = before.summary, now.summary
    more, points = new["covered"] - old["covered"], (new["rate"] - old["rate"]) * 100
    count = "more" if more > 0 else "fewer" if more else "as_many"
    shift = "up" if round(points, 1) > 0 else "down" if round(points, 1) < 0 else "same"
    return (
        asked.tell("change_clause", then=asked.earlier, covered=old["covered"],
                   in_scope=old["in_scope"], rate=f"{old['rate']:.1%}")
        + asked.tell(f"change_{count}", count=abs(more))
        + asked.tell(f"change_points_{shift}", points=f"{abs(points):.1f}")
    )  # fmt: skip


def told(asked: Asked) -> bool:
    """Return whether a change can be told: there are schools to count on both dates."""
    now, before = asked.result("coverage"), asked.before
    return bool(now and before and now.summary["in_scope"] and before.summary["in_scope"])


def change(asked: Asked) -> list[Section]:
    """Return what has changed, and the schools that won or lost coverage."""
    if not told(asked):
        return []
    found, title = named(moved(asked)), asked.say("change")
    won = int(found["covered"].astype(bool).sum())
    said = asked.tell("change_sentence", won=won, lost=len(found) - won)
    then = clause(asked) + asked.say("full_stop")
    blank = "" if asked.lang == "zh" else " "
    said = then[0].upper() + then[1:] + blank + said
    if found.empty:
        return [Section("change", title, (Text(said),))]
    columns = ["name", "region", "stage", "pupils", "rung_base", "rung", "supporter_names"]
    heads = {"rung_base": "rung_then", "rung": "rung_now", "supporter_names": "present_supporters"}
    command, head = asked.command("coverage"), asked.say("changed")
    earlier = asked.command("coverage", as_of=asked.earlier)
    shown = table(asked, head, found, columns, command, rows=FEW, heads=heads, annex="changed")
    whole = annex("changed", head, found, columns, f"{earlier}\n{command}", heads)
    return [Section("change", title, (Text(said), shown), annexes=whole)]
