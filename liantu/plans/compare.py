"""Two networks, or one on two days, side by side: figures, schools that changed, who moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu.errors import LiantuError, Message, OptionError
from liantu.graph.cover import RUNGS
from liantu.graph.groups import groups_on, moves
from liantu.graph.network import Network
from liantu.graph.scope import Rural, Scope
from liantu.options import parse_list
from liantu.results import Result, registry
from liantu.results.core import AsOf, Engine, day_of, names_of, rate
from liantu.vocabulary import Lang, is_share, label, share_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from liantu.plots.shares import Part

# What is set side by side, as far as there are analyses of these names.
ANALYSES = ("coverage", "reach", "resilience", "load", "equity")
# What became of a school, worst first.
OUTCOMES = ("uncovered", "gone", "sunk", "covered", "new", "risen")
_SCHOOL = ("name", "region", "stage", "urban_rural", "pupils")
_SIDES = ("base", "scenario")
_RATE = {
    f"{part}_{side}": dtype
    for side in _SIDES
    for part, dtype in (("numerator", "Int64"), ("denominator", "Int64"), ("share", "Float64"))
}

Days = AsOf | tuple[AsOf, AsOf]


def compare(
    a: Network,
    b: Network | None = None,
    *,
    as_of: Days = None,
    analyses: Sequence[str] | str | None = None,
    scope: Scope = "rural",
    rural: Rural = "strict",
    window: str = "12m",
    engine: Engine = "auto",
) -> Result:
    """Set two networks, or one on two days, side by side.

    Parameters
    ----------
    a, b
        The networks, before and after; without `b` one network on two days.
    as_of
        The day judged, or one a side; each network's own by default, else today.
    analyses
        The analyses whose figures are compared, a list or separated by commas: by default those of
        `ANALYSES` that there are. One that cannot run is noted.
    scope
        The schools that count: rural ones or all.
    rural
        What rural means: strict or broad.
    window
        How far back activities count, such as 12m.
    engine
        The engine.

    Returns
    -------
    Result
        ``table``: the schools in scope whose coverage or rung changed, those that fall first.
        ``summary``: coverage on both sides, and how many schools changed and moved. ``tables``:
        ``figures`` and ``rates`` (every figure of every analysis: base, scenario, change; of a rate
        its numerator and denominator too),
        ``joined``, ``left``, ``changed`` (schools that moved between groups), ``sides`` (title,
        day and fingerprint).

    Raises
    ------
    OptionError
        If an option is malformed, or one network is given without two days.
    RequestError
        If coverage cannot be had, for no school has an urban–rural class.

    Examples
    --------
    >>> rows = pd.DataFrame({"source": ["a"], "target": ["b"], "start": ["2022-09-01"]})
    >>> network = Network.from_frames({"assists": rows})
    >>> found = compare(network, as_of=("2022-06-30", "2023-06-30"), scope="all")
    >>> found.table["outcome"].to_dict(), found.summary["covered_change"]
    ({'b': 'covered'}, 1)
    """
    networks = (a, a if b is None else b)
    days = _days(networks, as_of, one=b is None)
    asked = _asked(analyses)
    given = {"scope": scope, "rural": rural, "window": window, "engine": engine}
    sides = [_results(n, d, asked, given) for n, d in zip(networks, days, strict=True)]
    before, after = (_had(side["coverage"]) for side in sides)
    table = schools_changed(before.table, after.table)
    moved = moves(*(groups_on(n, d) for n, d in zip(networks, days, strict=True)))
    figures, rates, notes = _figures(sides, asked)
    names = names_of(networks[0])
    for key, own in names_of(networks[1]).items():
        names[key] = own.combine_first(names[key])
    stamp: dict[str, Any] = {**given}
    if days[0] != days[1]:
        stamp = {"as_of": tuple(day.isoformat() for day in days), **stamp}
    if networks[1].focus_region is not None:
        stamp["region"] = networks[1].focus_region
    return Result(
        table=table,
        summary={**_headline(before, after), **_counted(table, moved)},
        tables={"figures": figures, "rates": rates, **moved, "sides": _sides(networks, days)},
        notes=(*after.notes, *notes),
        name="compare",
        parameters=stamp,
        as_of=days[1],
        fingerprint=networks[0].fingerprint,
        names=names,
    )


def _had(found: Result | LiantuError) -> Result:
    if isinstance(found, LiantuError):
        raise found
    return found


def _days(networks: Sequence[Network], as_of: Days, *, one: bool) -> tuple[date, date]:
    given: list[AsOf] = list(as_of) if isinstance(as_of, tuple | list) else [as_of]
    if len(given) == 1 and isinstance(given[0], str) and ("," in given[0] or "，" in given[0]):
        given = list(parse_list(given[0]) or ())
    if len(given) > 2 or (one and len(given) != 2):
        raise OptionError.of("two_days", option="--as-of")
    first, last = (given * 2)[:2]
    return day_of(networks[0], first), day_of(networks[1], last)


def _asked(analyses: Sequence[str] | str | None) -> tuple[str, ...]:
    """Return the analyses to compare that there are, coverage first."""
    known = registry()
    given = parse_list(analyses)
    for name in given or ():
        if name.replace("-", "_") not in known:
            allowed = ", ".join(known)
            raise OptionError.of("bad_choice", value=name, option="--analyses", allowed=allowed)
    wanted = ANALYSES if given is None else [name.replace("-", "_") for name in given]
    found = (name for name in wanted if name in known)
    return tuple(dict.fromkeys(("coverage", *found)))


def _results(
    network: Network, day: date, asked: Sequence[str], given: Mapping[str, Any]
) -> dict[str, Result | LiantuError]:
    """Run analyses with the options that each of them has; one that cannot run gives its error."""
    found: dict[str, Result | LiantuError] = {}
    for name in asked:
        analysis = registry()[name]
        known = {parameter.name for parameter in analysis.parameters}
        options = {key: value for key, value in given.items() if key in known}
        try:
            found[name] = analysis.function(network, as_of=day, **options)
        except LiantuError as error:
            found[name] = error
    return found


# -- schools ---------------------------------------------------------------------------------


def schools_changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the schools whose coverage or rung is another one, worst first, then by pupils.

    Parameters
    ----------
    before, after
        Tables of coverage.
    """
    own = ["covered", "rung"]
    named = zip((before, after), _SIDES, strict=True)
    both = pd.concat([frame[own].add_suffix(f"_{side}") for frame, side in named], axis=1)
    both = both.sort_index().rename_axis("school")
    known = [frame[list(_SCHOOL)].reindex(both.index) for frame in (after, before)]
    words = known[0].combine_first(known[1])
    old, new = (both[f"covered_{side}"].astype("boolean") for side in _SIDES)
    ranks = [both[f"rung_{side}"].map({r: n for n, r in enumerate(RUNGS)}) for side in _SIDES]
    yes, no = (side.fillna(False).to_numpy(dtype=bool) for side in (old, new))
    here, there = old.notna().to_numpy(), new.notna().to_numpy()
    cases = [
        here & there & yes & ~no,
        here & ~there,
        here & there & (ranks[1] < ranks[0]).to_numpy(dtype=bool),
        here & there & ~yes & no,
        ~here & there,
        here & there & (ranks[1] > ranks[0]).to_numpy(dtype=bool),
    ]
    rank = np.select(cases, range(len(OUTCOMES)), -1)
    outcome = pd.array([*OUTCOMES, None], dtype="str")[rank]
    found = words[["name"]].assign(
        outcome=outcome,
        **{key: words[key] for key in _SCHOOL[1:]},
        covered_base=old,
        covered_scenario=new,
        rung_base=both["rung_base"].astype("str"),
        rung_scenario=both["rung_scenario"].astype("str"),
        _rank=rank,
    )
    found = found[rank >= 0]
    order = ["_rank", "pupils", "school"]
    found = found.sort_values(order, ascending=[True, False, True], kind="stable")
    return found.drop(columns="_rank")


def _headline(before: Result, after: Result) -> dict[str, Any]:
    """Return coverage on both sides, and what changed."""
    found: dict[str, Any] = {}
    for side, result in zip(_SIDES, (before, after), strict=True):
        summary = result.summary
        found |= {f"{key}_{side}": summary[key] for key in ("in_scope", "covered")}
        found[f"rate_{side}"] = rate(summary["covered"], summary["in_scope"])
    found["covered_change"] = after.summary["covered"] - before.summary["covered"]
    pupils = [result.summary["pupils_uncovered"] for result in (before, after)]
    found["pupils_uncovered_change"] = None if None in pupils else pupils[1] - pupils[0]
    return found


def _counted(table: pd.DataFrame, moved: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    counts = table["outcome"].value_counts()
    found = {f"schools_{key}": int(counts.get(key, 0)) for key in OUTCOMES}
    return found | {f"schools_{key}": len(frame) for key, frame in moved.items()}


# -- figures ---------------------------------------------------------------------------------


def _figures(
    sides: Sequence[Mapping[str, Result | LiantuError]], asked: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[Message]]:
    """Return every figure of every analysis on both sides, rates apart, and what could not run.

    A rate has its numerator and its denominator, where the analysis tells them.
    """
    rows: list[tuple[str, str, Any, Any]] = []
    rated: list[dict[str, Any]] = []
    notes = []
    for name in asked:
        both = [side[name] for side in sides]
        if errors := [found for found in both if isinstance(found, LiantuError)]:
            lines = {"en": " ".join(errors[0].lines("en")), "zh": " ".join(errors[0].lines("zh"))}
            notes.append(Message("not_compared", {"analysis": name, **lines}))
            continue
        old, new = (found.summary for found in both if isinstance(found, Result))
        for key in dict.fromkeys((*old, *new)):
            first, last = _number(old.get(key)), _number(new.get(key))
            if first is None and last is None:
                continue
            if is_share(key):
                rated.append({"analysis": name, "figure": key, **_rate(key, (old, new))})
            else:
                rows.append((name, key, first, last))
    frame = pd.DataFrame(rows, columns=["analysis", "figure", *_SIDES])
    frame = frame.astype({"analysis": "str", "figure": "str", "base": float, "scenario": float})
    frame["change"] = frame["scenario"] - frame["base"]
    rates = pd.DataFrame(rated, columns=["analysis", "figure", *_RATE, "share_change"])
    rates = rates.astype(dict.fromkeys(("analysis", "figure"), "str") | _RATE)
    rates["share_change"] = rates["share_scenario"] - rates["share_base"]
    return frame, rates, notes


def _rate(key: str, sides: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a rate of both sides with what it is made of."""
    found: dict[str, Any] = {}
    for side, summary in zip(_SIDES, sides, strict=True):
        top, bottom = share_of(key, summary) or ("", "")
        found |= {
            f"numerator_{side}": summary.get(top),
            f"denominator_{side}": summary.get(bottom),
            f"share_{side}": _number(summary.get(key)),
        }
    return found


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return float(value) if known else None


def _sides(networks: Sequence[Network], days: Sequence[date]) -> pd.DataFrame:
    """Return title, day and fingerprint of both sides."""
    frame = pd.DataFrame(
        {
            "side": _SIDES,
            "network": [network.title or None for network in networks],
            "date": pd.array([pd.Timestamp(day) for day in days], dtype="datetime64[s]"),
            "fingerprint": [network.fingerprint for network in networks],
        }
    )
    return frame.astype({"side": "str", "network": "str", "fingerprint": "str"})


# -- chart -----------------------------------------------------------------------------------


def chart(result: Result, lang: Lang) -> Figure:
    """Draw how well the schools in scope are supported before and after."""
    from liantu.plots import style
    from liantu.plots.shares import legend

    made = style.figure(1.25)
    legend(made, ladders(made.add_subplot(), result, lang))
    return made


def ladders(axes: Axes, result: Result, lang: Lang) -> Mapping[str, Part]:
    """Draw the schools in scope of both sides by rung, and return what the parts are."""
    from liantu.plots import style
    from liantu.plots.shares import Part, draw

    rungs = RUNGS[RUNGS.index("in_force") :]
    frame = result.tables["figures"].query("analysis == 'coverage'").set_index("figure")
    counts = frame[list(_SIDES)].T.fillna(0).astype(int)
    shown = pd.DataFrame({rung: counts[f"rung_{rung}"] for rung in rungs})
    shown.insert(0, "core_only", counts["covered"] - shown.sum(axis=1))
    shown.insert(0, "uncovered", counts["in_scope"] - counts["covered"])
    parts = {
        "uncovered": Part(style.ALARM, True, False, label("uncovered", lang), "////"),
        "core_only": Part(style.CORE_ONLY, True, True, label("core_only", lang, "label")),
    }
    for rung in rungs:
        dark = rung != "in_force"
        parts[rung] = Part(style.RUNGS[rung], dark, True, label(rung, lang, "rung"))
    days = result.tables["sides"]["date"].dt.strftime("%Y-%m-%d")
    names = [label(side, lang, "side") for side in _SIDES]
    if days.nunique() > 1:
        names = [f"{name} {day}" for name, day in zip(names, days, strict=True)]
    shown.index = pd.Index(names)
    some = {key: part for key, part in parts.items() if shown[key].any()}
    draw(axes, [("", shown.loc[shown.any(axis=1), list(some)])], some)
    return some
