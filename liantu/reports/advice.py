"""What to do besides new pairs: renew, back up, relieve, complete the data; names, not codes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import pandas as pd

from liantu.analyses.load import cores_of, missing
from liantu.options import plus
from liantu.reports.places import located
from liantu.results.asked import Asked
from liantu.results.blocks import Items, Section
from liantu.results.sections import named

NAMED = 5  # schools that a list names


def advice(asked: Asked) -> list[Section]:
    """Return what results suggest: nothing is said of what an analysis refused."""
    actions = [*_renew(asked), *_back_up(asked), *_relieve(asked)]
    parts = {"actions": actions, "complete": _complete(asked)}
    return [
        Section(key, asked.say(key), (Items(tuple(items), quiet=key == "complete"),))
        for key, items in parts.items()
        if items
    ]


def name(row: Any) -> str:
    """Return what a row is called: its name, else its id."""
    return str(row.name) if isinstance(row.name, str) else str(row.Index)


def pupils(asked: Asked, count: Any) -> str:
    """Return pupils in brackets after a school or a number of schools; nothing if unknown."""
    return "" if pd.isna(count) or not count else asked.tell("advice_pupils", pupils=int(count))


def _listed(asked: Asked, items: Iterable[str], total: int) -> str:
    """Return the first schools as the end of a sentence, and how many there are if more."""
    between = "、" if asked.lang == "zh" else ", "
    text = between.join(islice(items, NAMED))
    return asked.tell("advice_listed_more" if total > NAMED else "advice_listed", listed=text)


def _renew(asked: Asked) -> list[str]:
    result = asked.result("expiry")
    if result is None or result.tables["falling"].empty:
        return []
    falling, until = result.tables["falling"], plus(asked.day, result.parameters["within"])
    items = (
        asked.tell("advice_falls", name=name(row), day=row.date, pupils=pupils(asked, row.pupils))
        for row in named(falling.set_index("school")).itertuples()
    )
    told = asked.tell("advice_renew", until=until, falling=len(falling))
    return [told + _listed(asked, items, len(falling))]


def _back_up(asked: Asked) -> list[str]:
    result = asked.result("resilience")
    if result is None or not result.summary["single_points"]:
        return []
    keys = ("single_points", "rescue_pairs")
    told = asked.tell("advice_single", **{key: result.summary[key] for key in keys})
    rescue = named(result.tables["rescue_pairs"].set_index("school"))
    items = (
        asked.tell("advice_rescue", name=name(row), rescued=row.rescued)
        for row in rescue.itertuples()
    )
    return [told + _listed(asked, items, len(rescue))]


def _relieve(asked: Asked) -> list[str]:
    result = asked.result("load")
    if result is None:
        return []
    cores = cores_of(asked, result)
    over, spare = cores[cores["flags"].notna()], cores[cores["flags"].isna()]
    if over.empty:
        return []
    limit = result.parameters["max_supported"]
    told = asked.tell("advice_overload", over=len(over), cores=len(cores), limit=limit)
    if spare.empty:
        return [told + asked.tell("advice_no_spare")]
    items = (
        asked.tell("advice_spare", name=name(row), supported=row.supported)
        for row in spare.sort_values("supported", kind="stable").itertuples()
    )
    return [told + asked.tell("advice_room") + _listed(asked, items, len(spare))]


def _complete(asked: Asked) -> list[str]:
    """Return what is missing, and what is answered once it is there."""
    load, network = asked.result("load"), asked.network
    schools = network.columns("school", "pupils", "urban_rural")
    opened = network.open_schools(asked.day)
    counts = {
        "advice_add_places": int((opened & ~located(network)).sum()),
        "advice_add_pupils": int((opened & schools["pupils"].isna().to_numpy()).sum()),
        "advice_add_classes": int((opened & schools["urban_rural"].isna().to_numpy()).sum()),
    }
    total = int(opened.sum())
    items = [asked.tell(code, count=count, total=total) for code, count in counts.items() if count]
    items += missing(asked, load) if load is not None else []
    pairing = asked.result("pairing")
    if pairing is not None and pairing.summary["uncovered"]:
        items.append(asked.tell("advice_capacity", capacity=pairing.parameters["capacity"]))
    return items
