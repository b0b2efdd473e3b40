"""What to do first: sentences from results, each with its numbers and where its table stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from liantu.analyses.load import cores_of
from liantu.analyses.pairing import reason
from liantu.options import plus
from liantu.reports.picture import located
from liantu.results import Result
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Cells, Items, Section, Text
from liantu.results.sections import failed, named
from liantu.vocabulary import label

PAIRS = 10  # pairs to make that are named
NAMED = 5  # others that a list names


def advice(asked: Asked) -> Section:
    """Return the section: new pairs, single points, what ends, what is over its limit, gaps."""
    parts = (_pairs, _single_points, _ending, _overloaded, _to_add)
    blocks = [block for part in parts for block in part(asked)]
    return Section("advice", asked.say("advice"), tuple(blocks))


def _see(asked: Asked, key: str) -> str:
    """Return where the whole table stands."""
    title = asked.say(key) if key != "load" else label(key, asked.lang, "analysis")
    return asked.tell("advice_see", section=title)


def _sentence(asked: Asked, code: str, key: str, **params: object) -> Text:
    shown = {k: f"{v:,}" if isinstance(v, int) else v for k, v in params.items()}
    return Text(asked.tell(code, **shown) + _see(asked, key))


def _listed(asked: Asked, code: str, rows: Iterable[Mapping[str, Any]]) -> list[Block]:
    items = tuple(asked.tell(code, **row) for row in rows)
    return [Items(items)] if items else []


def _name(row: Any) -> str:
    return str(row.name) if isinstance(row.name, str) else str(row.Index)


def _pupils(asked: Asked, count: Any) -> str:
    """Return pupils in brackets after a school or a number of schools; nothing if unknown."""
    return "" if pd.isna(count) or not count else asked.tell("advice_pupils", pupils=f"{count:,}")


def _pairs(asked: Asked) -> list[Block]:
    result = asked.result("pairing")
    if result is None:
        return failed(asked, "pairing")
    figures = result.summary
    if not figures["uncovered"]:
        return [Text(asked.tell("nobody_uncovered"))]
    if result.table.empty:
        return [_sentence(asked, "advice_no_pairs", "pairing", uncovered=figures["uncovered"])]
    keys = ("uncovered", "new_pairs", "schools_gained", "uncovered_after")
    told = _sentence(
        asked, "advice_pairs", "pairing",
        shown=min(PAIRS, figures["new_pairs"]),
        pupils=_pupils(asked, figures["pupils_gained"]),
        **{key: figures[key] for key in keys},
    )  # fmt: skip
    first = result.table.head(PAIRS).itertuples()
    return [told, Items(tuple(reason(asked, result, row) for row in first))]


def _single_points(asked: Asked) -> list[Block]:
    result = asked.result("resilience")
    if result is None:
        return failed(asked, "resilience")
    figures = result.summary
    if not figures["single_points"]:
        code = "advice_backed" if figures["covered"] else "advice_nobody_covered"
        return [_sentence(asked, code, "hanging", covered=figures["covered"])]
    keys = ("covered", "single_points", "critical", "rescue_pairs")
    told = _sentence(asked, "advice_single", "hanging", **{key: figures[key] for key in keys})
    lost = result.table[result.table["lost"] > 0].head(NAMED)
    missed = (
        {"name": _name(row), "lost": row.lost, "pupils": _pupils(asked, row.pupils_lost)}
        for row in named(lost).itertuples()
    )
    rescue = named(result.tables["rescue_pairs"].set_index("school")).head(NAMED)
    helped = ({"name": _name(row), "rescued": row.rescued} for row in rescue.itertuples())
    return [
        told,
        *_listed(asked, "advice_lost", missed),
        *_listed(asked, "advice_rescue", helped),
    ]


def _ending(asked: Asked) -> list[Block]:
    result = asked.result("expiry")
    if result is None:
        return failed(asked, "expiry")
    ending, until = len(result.table), plus(asked.day, result.parameters["within"]).isoformat()
    if not ending:
        return [_sentence(asked, "advice_nothing_ends", "expiring", until=until)]
    falling = result.tables.get("falling")
    if falling is None or falling.empty:
        code = "advice_ends" if falling is None else "advice_ends_harmless"
        return [_sentence(asked, code, "expiring", ending=ending, until=until)]
    told = _sentence(
        asked, "advice_falling", "expiring", ending=ending, until=until, falling=len(falling)
    )
    rows = named(falling.set_index("school")).head(NAMED).itertuples()
    items = (
        {
            "name": _name(row),
            "date": f"{row.date:%Y-%m-%d}",
            "pupils": _pupils(asked, row.pupils),
            "supporters": row.supporter_names if isinstance(row.supporter_names, str) else "–",
        }
        for row in rows
    )
    return [told, *_listed(asked, "advice_falls", items)]


def _overloaded(asked: Asked) -> list[Block]:
    result = asked.result("load")
    if result is None:
        return failed(asked, "load")
    cores = cores_of(asked, result)
    over = cores[cores["flags"].notna()]
    if over.empty:
        return [_sentence(asked, "advice_no_overload", "load", cores=len(cores))]
    told = _sentence(asked, "advice_overload", "load", over=len(over), cores=len(cores))
    over = over.head(NAMED)
    over = over.assign(flags=Cells(asked.network, asked.lang).column("flags", over["flags"]))
    items = (
        {"name": _name(row), "supported": row.supported, "reasons": row.flags}
        for row in over.itertuples()
    )
    return [told, *_listed(asked, "advice_over", items)]


def _to_add(asked: Asked) -> list[Block]:
    """Return what is missing, and what is answered once it is there."""
    load, network = asked.result("load"), asked.network
    schools = network.columns("school", "pupils", "urban_rural")
    opened = network.open_schools(asked.day)
    counts = {
        "advice_add_places": int((opened & ~located(network)).sum()),
        "advice_add_pupils": int((opened & schools["pupils"].isna().to_numpy()).sum()),
        "advice_add_classes": int((opened & schools["urban_rural"].isna().to_numpy()).sum()),
        "load_add_indicators": _noted(load, "load_no_indicators"),
    }
    total = f"{int(opened.sum()):,}"
    items = [
        asked.tell(code, count=f"{count:,}", total=total) for code, count in counts.items() if count
    ]
    pairing = asked.result("pairing")
    if pairing is not None:
        capacity = pairing.parameters["capacity"]
        command = asked.command("pairing", capacity=capacity + 1)
        items.append(asked.tell("advice_capacity", capacity=capacity, command=command))
    return [Text(asked.say("to_add")), Items(tuple(items))] if items else []


def _noted(result: Result | None, code: str) -> int:
    """Return what a note of a result counts."""
    notes = result.notes if result is not None else ()
    return sum(int(note.params.get("count", 0)) for note in notes if note.code == code)
