"""From a network to a finished report: the formats, and those that are text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Unpack

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from liantu.errors import RequestError
from liantu.formats import write_file
from liantu.graph.network import Network
from liantu.reports.composition import Options, compose
from liantu.reports.numbers import heading_number, pointers, walked
from liantu.results.asked import written
from liantu.results.blocks import Annex, Cells, Report, look
from liantu.vocabulary import Lang, label, message

Format = Literal["html", "md"]
LONGEST = 200  # rows of an annex that is to be read; a workbook has all
_SPECIAL = re.compile(r"([\\`*_\[\]|#~$])")
# What writes a suffix: a function of this module or of one that is loaded for it.
WRITERS = {
    ".html": "liantu.reports.write:html",
    ".htm": "liantu.reports.write:html",
    ".md": "liantu.reports.write:markdown",
    ".docx": "liantu.reports.word:word",
    ".xlsx": "liantu.reports.excel:excel",
    ".pdf": "liantu.reports.pdf:pdf",
}


def write_report(
    network: Network, path: Path, *, source: str, lang: Lang, **options: Unpack[Options]
) -> None:
    """Write the report of a network, whole or not at all.

    Parameters
    ----------
    network
        The network; pass it through `Network.without_teacher_names` unless teachers may be named.
    path
        The file: ``.html`` (one self-contained page), ``.md`` (without pictures), ``.docx``,
        ``.xlsx`` or ``.pdf`` (needs the extra ``pdf``).
    source
        What the network was read from, for the commands that reproduce each figure.
    lang
        Language of the report.
    **options
        What the report is asked for: see `compose`.

    Raises
    ------
    RequestError
        If the suffix is another one, the file cannot be written or the region does not exist.
    OptionError
        If an option is malformed.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise RequestError.of("bad_report_suffix", value=path.name, allowed=", ".join(WRITERS))
    module, name = writer.split(":")
    report = compose(network, source=source, lang=lang, out=path.name, **options)
    make: Callable[[Report, Network], bytes] = getattr(import_module(module), name)
    write_file(path, make(report, network))


def render(
    network: Network, kind: Format = "html", *, source: str, lang: Lang, out: str = "report.html",
    **options: Unpack[Options],
) -> str:  # fmt: skip
    """Return the text of a report; see `compose`.

    Parameters
    ----------
    kind
        ``html`` or ``md``.

    Examples
    --------
    >>> from liantu.graph.network import Network
    >>> network = Network.from_frames({}, as_of="2024-06-30", title="Nothing yet")
    >>> render(network, "md", source="lists", lang="en").splitlines()[0]
    '# Nothing yet'
    """
    report = compose(network, source=source, lang=lang, out=out, **options)
    return (html if kind == "html" else markdown)(report, network).decode()


def html(report: Report, network: Network) -> bytes:
    """Return the report as one self-contained page."""
    return _text(report, network, "html")


def markdown(report: Report, network: Network) -> bytes:
    """Return the report as Markdown; pictures are told in words."""
    return _text(report, network, "md")


def heads(annex: Annex, lang: Lang) -> list[str]:
    """Return the heads of the columns of an annex."""
    own = dict(annex.heads)
    return [
        label(own[key], lang, "label") if key in own else label(key, lang) for key in annex.columns
    ]


def rows(annex: Annex, network: Network, lang: Lang, most: int = LONGEST) -> dict[str, Any]:
    """Return the head, the looks and the first rows of an annex as texts, and what is left out."""
    shown, cells = annex.frame.head(most), Cells(network, lang)
    more = len(annex.frame) - len(shown)
    params = {"shown": f"{len(shown):,}", "total": f"{len(annex.frame):,}"}
    return {
        "head": heads(annex, lang),
        "looks": [look(key, annex.frame[key]) for key in annex.columns],
        "rows": cells.frame(shown, annex.columns).itertuples(index=False, name=None),
        "cap": message("annex_first_rows", lang, params) if more else "",
    }


def _text(report: Report, network: Network, kind: Format) -> bytes:
    lang = report.lang
    keys = ("findings", "unanswered", "annexes", "closing", "contents", "made_by")
    made = (
        _environment(kind)
        .get_template(f"report.{kind}.jinja")
        .render(
            report=report,
            words={key: label(key, lang, "label") for key in keys},
            colon=Markup("：" if lang == "zh" else ": "),
            body=list(walked(report.sections, lang)),
            last=heading_number((len(report.sections) + 1,), lang),
            numbered=lambda word, number: message(f"{word}_number", lang, {"number": number}),
            pointers=lambda numbers: pointers(numbers, lang),
            between=Markup("、" if lang == "zh" else ", "),
            annex_rows=lambda annex: rows(annex, network, lang),
            day=written(report.day, lang),
            css=Markup(_css()),
        )
    )
    # A surrogate in the data has no UTF-8 form.
    return made.encode("utf-8", "replace")


@cache
def _environment(kind: Format) -> Environment:
    from liantu.plots import svg

    escape = kind == "html"
    made = Environment(
        loader=PackageLoader("liantu.reports"),
        autoescape=escape,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        finalize=None if escape else _markdown,
    )
    made.filters["code"] = _code
    made.filters["svg"] = lambda picture: Markup(svg(picture.figure(), picture.title, picture.alt))
    return made


@cache
def _css() -> str:
    return files("liantu.reports").joinpath("templates/report.css").read_text(encoding="utf-8")


def _markdown(value: Any) -> Any:
    """Return text from data so that Markdown shows it as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    line = " ".join(value.split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", line)


def _code(value: str) -> Markup:
    """Return a text as a span of code, whatever signs are in it."""
    line = value.replace("\n", " ")
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    blank = " " if len(fence) > 1 else ""
    return Markup(f"{fence}{blank}{line}{blank}{fence}")
