"""What holds for one run: language, verbosity, and how problems are told."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from liantu import vocabulary
from liantu.addresses import harmless
from liantu.errors import Problem
from liantu.formats.cells import clean
from liantu.vocabulary import Lang

_SHOWN = 10  # problems of one kind, without -v


@dataclass
class Session:
    """The global options of one run."""

    lang: Lang = "en"
    verbose: bool = False
    debug: bool = False
    secrets: Sequence[str] = ()  # in the words of the command line; never shown
    show_teachers: bool = False
    added: Sequence[Path] = ()  # files whose rows are added to the source

    def say(self, code: str, **params: object) -> str:
        """Return a message and its remedy in the language of the run."""
        return Problem("info", code, params=params).line(self.lang)

    def label(self, key: str, group: str = "column") -> str:
        """Return a label in the language of the run."""
        return vocabulary.label(key, self.lang, group)

    def tell(self, text: str, severity: str = "") -> None:
        """Print one line on stderr."""
        colon = "：" if self.lang == "zh" else ": "
        start = self.label(severity, "severity") + colon if severity else ""
        print(start + clean(harmless(text, self.secrets)), file=sys.stderr)

    def tell_problems(self, problems: Iterable[Problem]) -> None:
        """Print problems on stderr, one line each; many of one kind are counted."""
        problems = tuple(problems)
        for line in self.problem_lines(problems):
            print(line, file=sys.stderr)
        if not self.show_teachers and any(problem.hidden() != problem for problem in problems):
            self.tell(self.say("problems_hidden"), "info")

    def problem_lines(self, problems: Iterable[Problem]) -> list[str]:
        """Return problems as lines, grouped by severity and code in the order they came.

        What may name a teacher is hidden unless teachers are shown.
        """
        colon = "：" if self.lang == "zh" else ": "
        groups: dict[tuple[int, str], list[Problem]] = {}
        order = ("error", "warning", "info")
        for problem in problems:
            if not self.show_teachers:
                problem = problem.hidden()
            key = (order.index(problem.severity), problem.code)
            groups.setdefault(key, []).append(problem)
        lines = []
        for rank in range(len(order)):  # a stable sort by severity
            for (own, _), group in groups.items():
                if own != rank:
                    continue
                start = self.label(order[rank], "severity") + colon
                shown = group if self.verbose else group[:_SHOWN]
                lines += [
                    start + clean(harmless(problem.line(self.lang), self.secrets))
                    for problem in shown
                ]
                if len(shown) < len(group):
                    more = self.say("more_problems", count=len(group) - len(shown))
                    lines.append(start + more)
        return lines
