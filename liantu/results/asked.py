"""What a report was asked for, the results it stands on, and the commands that reproduce them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from liantu.errors import LiantuError, Message
from liantu.graph.network import Network
from liantu.results.core import Analysis, Result, registry
from liantu.shell import quoted
from liantu.vocabulary import Lang, label


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

    def say(self, key: str) -> str:
        """Return a word of the report."""
        return label(key, self.lang, "label")

    def tell(self, code: str, **params: object) -> str:
        """Return a sentence of the report."""
        return Message(code, params).text(self.lang)

    def heading(self, name: str) -> str:
        """Return the title of an analysis."""
        return registry()[name].title(self.lang).rstrip(".。")

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
        return self._finish(words)

    def report_command(self, out: str, title: str = "") -> str:
        """Return the command line that writes this report again, with the title asked for."""
        words = ["report", quoted(self.source), "-o", quoted(out), "--scope", self.scope]
        words += ["--rural", self.rural]
        return self._finish([*words, "--title", quoted(title)] if title else words)

    def other_command(self, name: str) -> str:
        """Return the command line of a command that is no analysis."""
        return self.shown("liantu", name, quoted(self.source), self.extra)

    def shown(self, *words: str) -> str:
        """Return the words of a command line as they are shown: without names of teachers."""
        return self.network.masked(" ".join(word for word in words if word))

    def _finish(self, words: list[str]) -> str:
        words = ["liantu", *words, "--as-of", self.day.isoformat()]
        if self.network.focus_region is not None:
            words += ["--region", quoted(self.network.focus_region)]
        return self.shown(*words, self.extra)


def ask(
    network: Network, source: str, lang: Lang, day: date, scope: str, rural: str, extra: str
) -> Asked:
    """Run every registered analysis; one that cannot run gives its error.

    Where no school has an urban–rural code, scope ``rural`` falls back to ``all``.
    """
    fell_back = False
    results: dict[str, Result | LiantuError] = {}
    for name, analysis in registry().items():
        results[name] = _run(analysis, network, day, scope, rural)
        if name == "coverage" and scope == "rural" and isinstance(results[name], LiantuError):
            second = _run(analysis, network, day, "all", rural)
            if isinstance(second, Result):
                results[name], scope, fell_back = second, "all", True
    return Asked(network, source, lang, day, scope, rural, extra, fell_back, results)


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
