"""Rows from a language model at the user's own address: off unless asked for.

What is sent is masked; what comes back counts only with a quote that stands in the text.
"""

from __future__ import annotations

import hashlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from liantu.addresses import shown
from liantu.errors import RequestError
from liantu.extract.candidates import MOST, Candidate, Found
from liantu.extract.listed import Listed
from liantu.extract.people import mask
from liantu.extract.spans import Span
from liantu.extract.texts import sentences
from liantu.graph import schema
from liantu.vocabulary import find, label

KEYS = ("LIANTU_LLM_KEY", "OPENAI_API_KEY")
RELATIONS = (
    "member_of",
    "assists",
    "posted_to",
    "mentors",
    "joins",
    "delivers",
    "supports",
    "pact",
)
_PIECE = 2_000  # signs sent at once
_PATIENCE = 120  # seconds
_LARGEST = 1 << 22  # bytes of an answer
_ASKED = (
    "下面是一段教育公开文本。请找出其中写明的学校之间、机构与学校之间的联系。"
    "只写原文写明的，不推断、不换算、不写日期。quote 为原文中的一段连续文字，一字不改；"
    "source、target 为 quote 中的名称，一字不改；source 为支援、派出、加入的一方。"
    "relation 取值："
)


@dataclass(frozen=True)
class Model:
    """A language model behind an OpenAI-compatible address."""

    url: str
    name: str
    key: str = ""

    @property
    def shown(self) -> str:
        """The address without user and password."""
        return shown(self.url)


@dataclass(frozen=True)
class Answer:
    """What was found, with the rows of a model; how many were added, dropped, and of odd form."""

    found: Found
    added: int = 0
    dropped: int = 0
    odd: int = 0


def model_of(url: str, name: str) -> Model | None:
    """Return the model that was named, None where none was; its key is in the environment.

    Raises
    ------
    RequestError
        If only one of both is named, or the address is none.

    Examples
    --------
    >>> model_of("", "") is None, model_of("http://127.0.0.1:8000/v1", "m").shown
    (True, 'http://127.0.0.1:8000/v1')
    """
    if not url and not name:
        return None
    if not url or not name:
        raise RequestError.of("llm_needs_model")
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname:
            key = next((os.environ[key] for key in KEYS if os.environ.get(key)), "")
            return Model(url.rstrip("/"), name, key)
    raise RequestError.of("llm_address", value=shown(url))


def ask(model: Model, found: Found, listed: Listed | None = None) -> Answer:
    """Ask a model for the ties in texts and add those that it can quote.

    Raises
    ------
    RequestError
        If the model cannot be reached.
    """
    rows: list[Candidate] = []
    dropped = odd = 0
    for text in found.texts:
        masked = mask(text.text, listed.people if listed is not None else frozenset())
        names = [span for span in found.spans[text.name] if isinstance(span, Span)]
        for begin, stop in _pieces(masked):
            given = _rows(_answer(model, masked[begin:stop]))
            if given is None:
                odd += 1
                continue
            for row in given:
                place = masked.find(row["quote"], begin, stop)
                if place < 0 or not row["quote"].strip():
                    dropped += 1
                    continue
                made = _candidate(row, text.name, masked, place, names)
                if made is None:
                    dropped += 1
                else:
                    rows.append(made)
    known = {(r.table, tuple(sorted(r.cells.items()))) for r in found.rows}
    fresh = [r for r in rows if (r.table, tuple(sorted(r.cells.items()))) not in known]
    fresh = fresh[: MOST - len(found.rows)]
    order = {text.name: number for number, text in enumerate(found.texts)}
    merged = sorted([*found.rows, *fresh], key=lambda r: (order[r.file], r.start, r.end, r.table))
    return Answer(replace(found, rows=merged), len(fresh), dropped, odd)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Give begin and end of pieces that end with a sentence."""
    start = last = 0
    for begin, stop in sentences(text):
        if stop - start > _PIECE and last > start:
            yield start, last
            start = begin
        last = stop
    if last > start:
        yield start, last


def _candidate(
    row: Mapping[str, str], file: str, text: str, place: int, names: list[Span]
) -> Candidate | None:
    """Return the row of a tie whose ends stand in its quote, None where they do not."""
    relation, quote = row["relation"], row["quote"]
    table = schema.tables()[relation]
    columns = {"source": "source", "target": "target"}
    if relation == "posted_to":
        columns["source"] = "home"
    if relation == "mentors":
        columns = {"source": "mentor_school", "target": "mentee_school"}
    cells: dict[str, str] = {}
    for end in ("source", "target"):
        written = row[end]
        if not written or written not in quote:
            return None
        column = columns[end]
        kinds = [kind for kind in _kinds(relation, end) if kind != "teacher"]
        span = next((s for s in names if s.text == written and s.kind in kinds), None)
        kind = span.kind if span is not None else kinds[0]
        several = column in ("source", "target") and len(table.ends(column)) > 1
        cells[f"{column}:{kind}" if several else column] = span.called if span else written
    if row["form"] and "form" in table.columns:
        cells["form"] = find("form", row["form"]) or row["form"]
    if relation == "member_of" and (role := find("role", row["form"])):
        cells.pop("form", None)
        cells["role"] = role
    sentence = next(
        (text[a:b] for a, b in sentences(text[: place + len(quote) + 600]) if a <= place < b), quote
    )
    return Candidate(
        relation, cells, file, place, place + len(quote), quote, " ".join(sentence.split()),
        "model", "low",
    )  # fmt: skip


def _kinds(relation: str, end: str) -> tuple[str, ...]:
    return schema.tables()[relation].ends(end)


# -- the wire ------------------------------------------------------------------------------------


def _schema() -> dict[str, Any]:
    texts = {key: {"type": "string"} for key in ("source", "target", "form", "quote")}
    row = {
        "type": "object",
        "properties": {"relation": {"type": "string", "enum": list(RELATIONS)}, **texts},
        "required": ["relation", "source", "target", "form", "quote"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": row}},
        "required": ["rows"],
        "additionalProperties": False,
    }


def _rows(content: str) -> list[dict[str, str]] | None:
    """Return the rows of an answer that have the form asked for; None where it has another."""
    try:
        given = json.loads(content)["rows"]
        keys = ("relation", "source", "target", "form", "quote")
        rows = [{key: str(row[key]) for key in keys} for row in given]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return [row for row in rows if row["relation"] in RELATIONS]


def _answer(model: Model, text: str) -> str:
    """Return what a model says to a piece of text, from the cache where it was asked before."""
    named = "；".join(f"{key} {label(key, 'zh', 'relation')}" for key in RELATIONS)
    body = {
        "model": model.name,
        "temperature": 0,
        "messages": [
            {"role": "system", "content": f"{_ASKED}{named}。"},
            {"role": "user", "content": text},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "ties", "strict": True, "schema": _schema()},
        },
    }
    data = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    digest = hashlib.sha256(b"\0".join((model.url.encode(), data))).hexdigest()
    path = cache_folder() / f"{digest}.json"
    with suppress(OSError, ValueError):
        return path.read_text(encoding="utf-8")
    content = _sent(model, data)
    with suppress(OSError):  # a cache that cannot be written hinders nobody
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(content, encoding="utf-8")
        path.chmod(0o600)
    return content


def cache_folder() -> Path:
    """Return the folder of answers, where the system keeps what is a user's own."""
    import click

    return Path(click.get_app_dir("liantu"), "answers")


class _Staying(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the text goes to the address that was named, nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
        headers: HTTPMessage, newurl: str,
    ) -> None:  # fmt: skip
        """Return nothing, so that a redirect is an error."""


def _sent(model: Model, data: bytes) -> str:
    request = urllib.request.Request(f"{model.url}/chat/completions", data, method="POST")
    request.add_header("Content-Type", "application/json")
    if model.key:
        request.add_header("Authorization", f"Bearer {model.key}")
    try:
        with urllib.request.build_opener(_Staying).open(request, timeout=_PATIENCE) as answer:
            whole = answer.read(_LARGEST + 1)
        if len(whole) > _LARGEST:
            raise ValueError("too long")
        return str(json.loads(whole)["choices"][0]["message"]["content"])
    except urllib.error.HTTPError as error:
        reason = f"{error.code} {error.reason}"
    except (OSError, HTTPException) as error:
        reason = str(getattr(error, "reason", "") or error) or type(error).__name__
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        reason = f"{type(error).__name__}"
    raise RequestError.of("llm_failed", value=model.shown, reason=reason)
