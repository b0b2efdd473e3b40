"""The data of the page: what the analyses say of a network, month by month, as plain values."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from liantu.errors import RequestError
from liantu.graph.cover import Cover, cover
from liantu.graph.kernels import Bools, pick
from liantu.graph.network import Network
from liantu.graph.scope import RURAL, Rural, rural_schools, schools_in_scope
from liantu.graph.study import Study, study
from liantu.options import check_choice, check_range, minus
from liantu.results.core import AsOf, day_of
from liantu.shell import quoted
from liantu.web.coded import signs
from liantu.web.feed_answers import answers
from liantu.web.feed_nodes import kept, nodes, regions
from liantu.web.feed_ties import families, memberships, ties_of

MONTHS = 36
MOST_MONTHS = 120
WINDOW = "12m"
NOT_OPEN, CORE = -1, 5  # beside the rungs: covered as a core on the rungs below


def feed(
    network: Network,
    *,
    as_of: AsOf = None,
    months: int = MONTHS,
    scope: str = "rural",
    rural: str = "strict",
    source: str = "",
    title: str = "",
    extra: str = "",
) -> dict[str, Any]:
    """Return the data of the page: no teacher is in them, whatever the network has.

    Parameters
    ----------
    network
        The network; with a region in focus only its schools and those tied to them are told of.
    as_of
        The date judged; the network's own by default, else today.
    months
        How many months before it are judged too, each on its last day; 0 to 120.
    scope, rural
        Which schools count when the page opens, and what rural means; where no school has an
        urban–rural code, all count.
    source, extra
        What the network was read from and the options that needs, for the commands it names.
    title
        A title; by default the network's own.

    Returns
    -------
    dict
        Values that JSON can hold; ``liantu/web/page/data.js`` says what each is.

    Raises
    ------
    OptionError
        If an option is malformed.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {"assists": pd.DataFrame({"source": ["a"], "target": ["b"], "start": ["2024-06"]})},
    ...     as_of="2024-07-15",
    ... )
    >>> found = feed(network, months=2)
    >>> found["stops"], found["rungs"]
    (['2024-05-31', '2024-06-30', '2024-07-15'], '000122')
    """
    check_range(months, "months", 0, MOST_MONTHS)
    check_choice(scope, ("rural", "all"), "scope")
    check_choice(rural, ("strict", "broad"), "rural")
    network = network.without_teacher_names()
    day, known = day_of(network, as_of), study(network)
    stops = month_ends(day, months)
    covers = [
        cover(known, known.tie_set(stop, WINDOW), pick("auto"), distances=False)
        for stop in stops[:-1]
    ]
    now = cover(known, known.tie_set(day, WINDOW), pick("auto"))
    covers.append(now)
    which = kept(known, stops, WINDOW)
    classed = _classed(network, known, day)
    chosen = "all" if not classed or scope == "all" else rural
    focus = network.focus_region
    return {
        "title": title or network.title,
        "source": quoted(source) if source else "",
        "extra": extra,
        "as_of": day.isoformat(),
        "window": WINDOW,
        "fingerprint": network.fingerprint,
        "stops": [stop.isoformat() for stop in stops],
        "scope": chosen,
        "scopes": ["strict", "broad", "all"] if classed else ["all"],
        "fell_back": scope == "rural" and not classed,
        "focus": focus,
        "regions": regions(network),
        **nodes(known, day, which, now, _rural(network)),
        "rungs": _rungs(known, stops, covers, which[: network.size("school")]),
        "ties": ties_of(known, stops, WINDOW, which),
        "members": memberships(known, stops, which),
        "families": families(known, day, which),
        **answers(known, day, which, chosen, WINDOW),
    }


def rungs_of_day(network: Network, as_of: AsOf) -> dict[str, str]:
    """Return the rungs of one more day, as the page shows them beside those that it has.

    Parameters
    ----------
    network
        The network that the page was made of, with no region in focus.
    as_of
        The day judged.

    Returns
    -------
    dict
        ``as_of``, and ``rungs``: a sign a school, by id.

    Raises
    ------
    OptionError
        If the day is malformed.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {"assists": pd.DataFrame({"source": ["a"], "target": ["b"], "start": ["2024-06-10"]})}
    ... )
    >>> rungs_of_day(network, "2024-06-11"), rungs_of_day(network, "2024-06-09")["rungs"]
    ({'as_of': '2024-06-11', 'rungs': '02'}, '01')
    """
    day, known = day_of(network, as_of), study(network)
    found = cover(known, known.tie_set(day, WINDOW), pick("auto"), distances=False)
    every = np.ones(network.size("school"), dtype=np.bool_)
    return {"as_of": day.isoformat(), "rungs": _rungs(known, [day], [found], every)}


def month_ends(day: date, months: int) -> list[date]:
    """Return a day and the last days of as many months before it, the first one first.

    Examples
    --------
    >>> [str(stop) for stop in month_ends(date(2024, 3, 31), 2)]
    ['2024-01-31', '2024-02-29', '2024-03-31']
    """
    first = day.replace(day=1)
    ends = {minus(minus(first, f"{back}m"), "1d") for back in range(months)}
    return [*sorted(end for end in ends if end < day), day]


def _classed(network: Network, known: Study, day: date) -> bool:
    """Return whether rural schools can be told."""
    try:
        schools_in_scope(network, known.opened(day), "rural", "strict")
    except RequestError:
        return False
    return bool(network.column("school", "urban_rural").notna().any())


def _rural(network: Network) -> Any:
    """Return of each school in how many meanings it is rural: 2 strictly, 1 broadly, 0 not."""
    assert set(RURAL["strict"]) <= set(RURAL["broad"])
    meanings: tuple[Rural, ...] = ("strict", "broad")
    return np.sum([rural_schools(network, each) for each in meanings], axis=0)


def _rungs(known: Study, stops: list[date], covers: list[Cover], which: Bools) -> str:
    """Return the rung of each school at each stop, all stops of a school side by side."""
    columns = []
    for stop, found in zip(stops, covers, strict=True):
        rung = found.rung + CORE * (found.covered & (found.rung < 2))
        columns.append(np.where(known.opened(stop), rung, NOT_OPEN)[which])
    return signs(np.stack(columns, axis=1).ravel()) if which.any() else ""
