"""From a network to a finished report, as HTML or Markdown."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import liantu
from liantu import vocabulary
from liantu.errors import Message, RequestError
from liantu.formats import write_file
from liantu.graph.network import Network
from liantu.options import check_choice
from liantu.paths import title_of
from liantu.reports.sections import sections
from liantu.results.asked import Asked, ask
from liantu.results.blocks import Report
from liantu.results.core import AsOf, day_of
from liantu.vocabulary import Lang

Format = Literal["html", "md"]
_SPECIAL = re.compile(r"([\\`*_\[\]|#~$])")


def write_report(
    network: Network,
    path: Path,
    *,
    source: str,
    lang: Lang,
    as_of: AsOf = None,
    scope: str = "rural",
    rural: str = "strict",
    region: str | None = None,
    title: str = "",
    extra: str = "",
) -> None:
    """Write the report of a network, whole or not at all.

    Parameters
    ----------
    network
        The network; pass it through `Network.without_teacher_names` unless teachers may be named.
    path
        The file: ``.html`` (one self-contained page) or ``.md`` (without pictures).
    source
        What the network was read from, for the commands that reproduce each figure.
    lang
        Language of the report.
    as_of
        The date judged; the network's own by default, else today.
    scope, rural
        Which schools count, and what rural means. Where no school has an urban–rural code the
        report counts all schools and says so.
    region
        Report only on the schools of this region (id or name).
    title
        The title; by default the network's own, else the name of the source without suffix.
    extra
        Words that the commands need besides, such as ``--mapping guangzhou.toml``.

    Raises
    ------
    RequestError
        If the suffix is another one, the file cannot be written or the region does not exist.
    OptionError
        If scope is not ``rural`` or ``all``, or rural not ``strict`` or ``broad``.
    """
    kinds: dict[str, Format] = {".html": "html", ".htm": "html", ".md": "md"}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise RequestError.of("bad_report_suffix", value=path.name)
    text = render(
        network,
        kind,
        source=source,
        lang=lang,
        as_of=as_of,
        scope=scope,
        rural=rural,
        region=region,
        title=title,
        extra=extra,
        out=path.name,
    )
    write_file(path, text.encode())


def render(
    network: Network,
    kind: Format = "html",
    *,
    source: str,
    lang: Lang,
    as_of: AsOf = None,
    scope: str = "rural",
    rural: str = "strict",
    region: str | None = None,
    title: str = "",
    extra: str = "",
    out: str = "report.html",
) -> str:
    """Return the text of a report; see `write_report`.

    Parameters
    ----------
    kind
        ``html`` or ``md``.
    out
        The file name that the command under the report writes to.

    Examples
    --------
    >>> from liantu.graph.network import Network
    >>> network = Network.from_frames({}, as_of="2024-06-30", title="Nothing yet")
    >>> render(network, "md", source="lists", lang="en").splitlines()[0]
    '# Nothing yet'
    """
    check_choice(scope, ("rural", "all"), "scope")
    check_choice(rural, ("strict", "broad"), "rural")
    if region is not None:
        network = network.focus(region)
    day = day_of(network, as_of)
    asked = ask(network, source, lang, day, scope, rural, extra)
    report = _report(asked, out, title)
    words = {key: asked.say(key) for key in ("reproduce", "fingerprint", "contents", "made_by")}
    text = (
        _environment(kind)
        .get_template(f"report.{kind}.jinja")
        .render(
            report=report,
            words=words,
            colon="：" if lang == "zh" else ": ",
            elsewhere=Message("picture_elsewhere").text(lang),
            short=report.fingerprint[:19] + "…",
            css=Markup(_css()),
        )
    )
    # A surrogate in the data has no UTF-8 form.
    return text.encode("utf-8", "replace").decode()


def _report(asked: Asked, out: str, title: str) -> Report:
    network = asked.network
    meaning = "meaning_all" if asked.scope == "all" else f"meaning_{asked.rural}"
    facts = [
        (asked.say("as_of"), asked.day.isoformat()),
        (asked.say("scope"), Message(meaning).text(asked.lang)),
        (asked.say("source"), network.masked(asked.source)),
        (asked.say("fingerprint"), network.fingerprint),
    ]
    if network.focus_region is not None:
        name = network.nodes("region")["name"].fillna("").get(network.focus_region, "")
        facts.insert(2, (asked.say("region"), name or network.focus_region))
    return Report(
        title=title or network.title or network.masked(title_of(asked.source)),
        subtitle=vocabulary.label("report", asked.lang, "label"),
        lang=asked.lang,
        facts=tuple(facts),
        sections=sections(asked),
        fingerprint=network.fingerprint,
        command=asked.report_command(out, title),
        version=liantu.__version__,
    )


@cache
def _environment(kind: Format) -> Environment:
    escape = kind == "html"
    made = Environment(
        loader=PackageLoader("liantu.reports"),
        autoescape=escape,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        finalize=None if escape else _markdown,
    )
    made.filters["code"] = _code
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
