"""What a report was asked for, the results it stands on, and the commands that reproduce them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from liantu.errors import LiantuError, Message, RequestError
from liantu.graph.network import Network
from liantu.options import minus
from liantu.results.core import Analysis, Result, registry
from liantu.shell import quoted
from liantu.vocabulary import Lang, label

# A number in a sentence is marked on its way in, so that blanks in names of the data stay.
_NUMBER = re.compile(r"[+−-]?\d[\d,.]*[%年]?(\d+月\d+日)?")
_LONG = 1000  # from here on a number gets a separator
_UNMARKED = re.compile(r"(?<=[^\x00-\x7f]) (?=\x02)|(?<=\x03) (?=[^\x00-\x7f])|[\x02\x03]")


@dataclass(frozen=True)
class Asked:
    """A request and what every analysis answered."""

    network: Network
    source: str
    lang: Lang
    day: date
    scope: str
    rural: str
    extra: str
    fell_back: bool
    results: Mapping[str, Result | LiantuError]
    earlier: date | None = None
    before: Result | None = None  # coverage on the earlier date, where a change can be told
    no_change: str = ""  # why none can be told: a key of the messages

    @property
    def dated(self) -> bool:
        """Whether any tie bears a date: without one, nothing can be told of change or expiry."""
        ties = self.result("ties")
        return ties is not None and bool(ties.table[["start", "end"]].notna().to_numpy().any())

    def say(self, key: str) -> str:
        """Return a word of the report."""
        return label(key, self.lang, "label")

    def tell(self, code: str, **params: object) -> str:
        """Return a sentence of the report.

        Whole numbers get separators and dates are written out; in Chinese no blank stands between
        a number and a word, as in official texts.
        """
        text = Message(code, {k: self._shown(v) for k, v in params.items()}).text(self.lang)
        return _UNMARKED.sub("", text)

    def _shown(self, value: object) -> object:
        if isinstance(value, date):
            value = written(value, self.lang)
        elif isinstance(value, int) and not isinstance(value, bool):
            value = value if self.lang == "en" and abs(value) < _LONG else f"{value:,}"
        if self.lang == "zh" and isinstance(value, str) and _NUMBER.fullmatch(value):
            return f"\x02{value}\x03"
        return value

    def heading(self, name: str) -> str:
        """Return the title of an analysis."""
        return registry()[name].title(self.lang).rstrip(".。")

    def short(self, name: str) -> str:
        """Return the title of an analysis before its colon."""
        return self.heading(name).replace("：", ":").split(":")[0]

    def about(self, name: str) -> str:
        """Return what an analysis does: the first paragraph of its documentation."""
        text = " ".join(registry()[name].text(self.lang).split("\n\n")[0].splitlines())
        return text.replace("， ", "，") if self.lang == "zh" else text

    def result(self, name: str) -> Result | None:
        """Return the result of an analysis, None where it could not run."""
        found = self.results.get(name)
        return found if isinstance(found, Result) else None

    def command(self, name: str, **options: Any) -> str:
        """Return the command line that gives an analysis again."""
        analysis, result = registry()[name], self.result(name)
        words = [name.replace("_", "-"), quoted(self.source)]
        for parameter in analysis.parameters:
            key = parameter.name
            if key in ("as_of", "engine"):
                continue
            value = (result.parameters if result else {}).get(key, parameter.default)
            value = options.get(key, value)
            if value != parameter.default or key == "scope":
                words += _option(parameter.option, value)
        return self._finish(words, options.get("as_of"))

    def report_command(self, out: str, words: Mapping[str, str]) -> str:
        """Return the command line that writes this report again, with the words it was given."""
        parts = ["report", quoted(self.source), "-o", quoted(out), "--scope", self.scope]
        parts += ["--rural", self.rural]
        for option, value in words.items():
            if value:
                parts += [f"--{option.replace('_', '-')}", quoted(value)]
        return self._finish(parts)

    def other_command(self, name: str) -> str:
        """Return the command line of a command that is no analysis."""
        return self.shown("liantu", name, quoted(self.source), self.extra)

    def shown(self, *words: str) -> str:
        """Return the words of a command line as they are shown: without names of teachers."""
        return self.network.masked(" ".join(word for word in words if word))

    def _finish(self, words: list[str], day: date | None = None) -> str:
        words = ["liantu", *words, "--as-of", (day or self.day).isoformat()]
        if self.network.focus_region is not None:
            words += ["--region", quoted(self.network.focus_region)]
        return self.shown(*words, self.extra)


def ask(
    network: Network,
    source: str,
    lang: Lang,
    day: date,
    scope: str,
    rural: str,
    extra: str,
    compare_to: date | None = None,
) -> Asked:
    """Run every registered analysis with a chapter; one that cannot run gives its error.

    Where no school has an urban–rural code, scope ``rural`` falls back to ``all``. Coverage is
    worked out for an earlier date too, a year ago by default, if any tie bears a date.
    """
    fell_back = False
    results: dict[str, Result | LiantuError] = {}
    for name, analysis in registry().items():
        if not analysis.chapter:
            continue
        if analysis.most is not None and network.size("school") > analysis.most:
            results[name] = RequestError.of(
                "report_leaves_out", count=analysis.most, command=analysis.command
            )
            continue
        results[name] = _run(analysis, network, day, scope, rural)
        if name == "coverage" and scope == "rural" and isinstance(results[name], LiantuError):
            second = _run(analysis, network, day, "all", rural)
            if isinstance(second, Result):
                results[name], scope, fell_back = second, "all", True
    asked = Asked(network, source, lang, day, scope, rural, extra, fell_back, results)
    then = compare_to or minus(day, "12m")
    asked = replace(asked, earlier=then, no_change=_incomparable(asked, then))
    if asked.no_change or asked.result("coverage") is None:
        return asked
    before = _run(registry()["coverage"], network, then, scope, rural)
    return replace(asked, before=before if isinstance(before, Result) else None)


def _incomparable(asked: Asked, then: date) -> str:
    """Return why coverage on an earlier date would mislead: records do not reach back so far."""
    if not asked.dated:
        return "change_undated"
    found = asked.results["ties"]
    ties = found.table if isinstance(found, Result) else pd.DataFrame()
    begun = ties["start"].min()
    if not begun <= pd.Timestamp(then):
        return "change_too_early"
    events = ties.loc[ties["basis"] == "delivers", "start"]
    here, there = (
        events.between(pd.Timestamp(minus(day, "12m")), pd.Timestamp(day), inclusive="right")
        for day in (asked.day, then)
    )
    return "change_no_log" if here.any() and not there.any() else ""


def written(day: date, lang: Lang) -> str:
    """Return a date as a sentence has it.

    Examples
    --------
    >>> written(date(2026, 9, 1), "zh"), written(date(2026, 9, 1), "en")
    ('2026年9月1日', '2026-09-01')
    """
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else day.isoformat()


def _run(
    analysis: Analysis, network: Network, day: date, scope: str, rural: str
) -> Result | LiantuError:
    known = {parameter.name for parameter in analysis.parameters}
    given = {"as_of": day, "scope": scope, "rural": rural}
    try:
        return analysis.function(network, **{k: v for k, v in given.items() if k in known})
    except LiantuError as error:
        return error


def _option(option: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [option] if value else []
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [option, quoted(",".join(map(str, value)))]
    return [option, quoted(str(value))]
