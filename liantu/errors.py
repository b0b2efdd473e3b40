"""Messages, problems and errors: what is wrong, where, and what to do.

A message is a code and its parameters; the words stand in ``messages.csv`` in both languages, so
the same error can be told in either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from liantu import vocabulary
from liantu.vocabulary import Lang

Severity = Literal["error", "warning", "info"]
HIDDEN = "‹…›"  # stands for what may name a teacher
# What is plainly a date, however wrong: no name, and no number of a person.
_DATE_LIKE = re.compile(r"\d{1,4}\s*[-/.年]\s*\d{1,2}(\s*[-/.月]\s*\d{0,4}\s*日?)?")
_OPEN = {"kind", "table", "group", "codes", "allowed", "rows", "stage", "type", "hint", "hint_zh"}


@dataclass(frozen=True)
class Message:
    """A sentence in two languages: a code of ``messages.csv`` and its parameters.

    Examples
    --------
    >>> print(Message("undated_states", {"count": 3}))
    3 undated states count as in force
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: Lang = "en") -> str:
        """Return the sentence in a language."""
        return vocabulary.message(self.code, lang, self.params)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Problem:
    """Something wrong in the data or the request, with its place and a remedy.

    `row` is the 1-based row of the file or sheet as a spreadsheet shows it; `at` is the end of
    `file` where that is an id or the ends of a tie, on a server. What a `private` one quotes may
    name a teacher.
    """

    severity: Severity
    code: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    private: bool = False
    at: str = ""

    def hidden(self) -> Problem:
        """Return the problem without what it quotes, if that may name a teacher.

        File, sheet, row and column stay, and so do headers: what is wrong can still be found.

        Examples
        --------
        >>> problem = Problem("error", "bad_date", "a.csv", row=3, value="王芳", private=True)
        >>> problem.hidden().line()
        'a.csv, row 3: “‹…›” is not a date. Write it as 2023-09-01.'
        """
        if not self.private or (self.value and self.value == self.column):
            return self
        if _DATE_LIKE.fullmatch(self.value) and len(self.params) == 0:  # nobody's name
            return self
        params = {
            key: HIDDEN if isinstance(value, str | tuple) and key not in _OPEN else value
            for key, value in self.params.items()
        }
        if (near := self.params.get("nearest")) is not None:  # no suggestion
            params["nearest"] = "–" if str(near).strip()[:1] not in ("", "(") else ""
        value = HIDDEN if self.value else ""
        file = self.file.removesuffix(self.at) + HIDDEN if self.at else self.file
        return replace(self, file=file, value=value, params=params, at=HIDDEN if self.at else "")

    def _params(self) -> dict[str, Any]:
        return {"value": self.value, "column": self.column, **self.params}

    def message(self, lang: Lang = "en") -> str:
        """Return what is wrong."""
        return vocabulary.message(self.code, lang, self._params())

    def remedy(self, lang: Lang = "en") -> str:
        """Return what to do."""
        return vocabulary.remedy(self.code, lang, self._params())

    def place(self, lang: Lang = "en") -> str:
        """Return file, sheet, row and column in words; empty if none is known.

        Examples
        --------
        >>> Problem("error", "not_found", file="a.csv", row=3).place()
        'a.csv, row 3'
        """
        zh = lang == "zh"
        parts = [self.file]
        if self.sheet:
            sheet = vocabulary.cut(self.sheet)
            parts.append(f"工作表“{sheet}”" if zh else f"sheet “{sheet}”")
        if self.row is not None:
            parts.append(f"第 {self.row} 行" if zh else f"row {self.row}")
        column = vocabulary.cut(self.column)
        if column and self.file.endswith(".toml"):  # a key of a mapping
            parts.append(f"“{column}”")
        elif column:
            parts.append(f"“{column}”列" if zh else f"column “{column}”")
        return ("，" if zh else ", ").join(part for part in parts if part)

    def line(self, lang: Lang = "en") -> str:
        """Return place, message and remedy as one line."""
        colon, dash = ("：", "。") if lang == "zh" else (": ", ". ")
        place, remedy = self.place(lang), self.remedy(lang)
        text = (place + colon if place else "") + self.message(lang)
        text = text + (dash + remedy if remedy else "")
        return " ".join(text.split())


class LiantuError(Exception):
    """Base of every error that liantu raises on purpose; holds one or more problems.

    Examples
    --------
    >>> str(LiantuError.of("unknown_kind", value="scool", nearest="school"))
    'there is no kind “scool”. Did you mean “school”?'
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    @classmethod
    def of(cls, code: str, *, file: str = "", **params: Any) -> LiantuError:
        """Make an error of one problem."""
        value = str(params.get("value", ""))
        return cls([Problem("error", code, file=file, value=value, params=params)])

    def lines(self, lang: Lang = "en") -> list[str]:
        """Return one line a problem."""
        return [problem.line(lang) for problem in self.problems]

    def __str__(self) -> str:
        shown = self.lines()[:10]
        more = len(self.problems) - len(shown)
        return "\n".join(shown + ([f"… and {more} more"] if more > 0 else []))


class DataError(LiantuError):
    """The data cannot become a network; `problems` lists every reason."""


class RequestError(LiantuError):
    """The request cannot be served: a missing path, an unknown name, an unwritable output."""


class OptionError(RequestError):
    """The value of an option is malformed; the command line exits with 2."""
