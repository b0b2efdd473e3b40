"""What the commands do. Heavy imports stand inside, for ``liantu --help`` shall be quick."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liantu import progress
from liantu.addresses import shown
from liantu.cli.output import emit_result, format_of, show_table, stamp
from liantu.cli.session import Session
from liantu.errors import LiantuError, Message, OptionError
from liantu.stores import is_server

if TYPE_CHECKING:
    from liantu.analyses import Analysis
    from liantu.graph.network import Network
    from liantu.stores.server import ServerStore

_REPORTS = (".html", ".md")


def read_network(
    session: Session,
    source: str,
    mapping: Path | None,
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
) -> Network:
    """Read a source for reporting: limited to a region, teachers without names unless asked for."""
    from liantu.loaders import read

    with progress.shown(session.lang):
        progress.step("step_read", shown(source))
        network = read(source, mapping=mapping, create_missing=create_missing)
        if region is not None:
            network = network.focus(region)
        if not show_teachers:
            network = network.without_teacher_names()
    warnings = network.report.of("warning")
    if session.verbose:
        session.tell_problems(warnings)
    elif warnings:
        session.tell(session.say("data_warnings", count=len(warnings)), "warning")
    return network


def analyse(
    session: Session,
    analysis: Analysis,
    *,
    source: str,
    mapping: Path | None,
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
    format: str | None,
    output: Path | None,
    limit: int | None,
    labels: bool,
    write_back: str | None,
    remove_write_back: str | None,
    **values: Any,
) -> None:
    """Run one analysis and deliver its result; or take what was written back off a server."""
    for uri in (write_back, remove_write_back):
        if uri is not None and not is_server(uri):
            raise OptionError.of("not_a_server", value=shown(uri))
    if remove_write_back is not None:
        if write_back is not None:
            raise OptionError.of(
                "options_conflict", option="--write-back", other="--remove-write-back"
            )
        with _server(remove_write_back) as store:
            session.tell(store.remove_result(analysis.name).text(session.lang), "info")
        return
    kind = format_of(format, output, ("json", "csv", "xlsx"))
    said: list[Message] = []
    # A server that cannot be reached is told before the work, and the result written before it is
    # printed, for whoever reads what is printed may stop reading.
    with nullcontext() if write_back is None else _server(write_back) as store:
        network = read_network(session, source, mapping, create_missing, region, show_teachers)
        with progress.shown(session.lang):
            progress.step("step_analyse", analysis.command)
            result = analysis.function(network, **values)
        if store is not None:
            said = store.write_result(result, network)
    emit_result(session, result, format=kind, output=output, limit=limit, labels=labels)
    for message in said:
        session.tell(message.text(session.lang), "info")


def _server(uri: str) -> ServerStore:
    from liantu.stores.server import ServerStore

    return ServerStore(uri)


def demo(session: Session, *, output: Path) -> None:
    """Show the demo county: headline, a few lists, a report."""
    from liantu.analyses import registry
    from liantu.formats import aligned, figures
    from liantu.loaders import cases
    from liantu.reports import write_report

    _check_report(output)
    network = read_network(session, "case:demo", None, False, None, False)
    analyses = registry()
    scope = "rural"
    try:
        coverage = analyses["coverage"].function(network, scope=scope)
    except LiantuError as error:
        if error.problems[0].code != "no_urban_rural":
            raise
        scope = "all"
        coverage = analyses["coverage"].function(network, scope=scope)
        session.tell(session.say("scope_all"), "info")
    reach = analyses["reach"].function(network)
    expiry = analyses["expiry"].function(network, scope=scope)

    title = next(case for case in cases() if case.name == "demo")
    print(title.title_zh if session.lang == "zh" else title.title_en)
    print(stamp(session, coverage) + "\n")
    summary, wanted = dict(coverage.summary), analyses["coverage"].highlights
    rows = zip(summary, figures(summary, session.lang), strict=True)
    print(aligned([row for key, row in rows if key in wanted], [False, False]))
    lost = coverage.table[~coverage.table["covered"].astype(bool)]
    lost = lost.assign(region=lost["region"].map(network.nodes("region")["name"]))
    columns = ["name", "region", "stage", "pupils"]
    show_table(session, lost[columns].head(5), session.say("demo_uncovered"), None)
    columns = ["name", "direct", "within_hops", "sole"]
    show_table(session, reach.table[columns].head(5), session.say("demo_cores"), None)
    print("\n" + session.say("demo_expiring", count=expiry.summary["ending"]))
    with progress.shown(session.lang):
        progress.step("step_write", output)
        write_report(network, output, source="case:demo", lang=session.lang, scope=scope)
    print(session.say("demo_report", value=output.resolve()))


def template(session: Session, *, out: Path, force: bool) -> None:
    """Write the workbook to fill in."""
    from liantu.formats import check_output, check_unfilled
    from liantu.loaders.template import write_template

    if out.suffix.lower() != ".xlsx":
        raise OptionError.of("bad_suffix", value=out, allowed=".xlsx")
    check_output(out)
    check_unfilled(out, force=force)
    write_template(out, session.lang)
    session.tell(session.say("wrote", value=out))


def generate(session: Session, *, out: Path, schools: int, seed: int, force: bool) -> None:
    """Generate a synthetic region."""
    from liantu.loaders.generate import generate as make

    with progress.shown(session.lang):
        progress.step("step_write", out)
        make(out, schools=schools, seed=seed, force=force)
    session.tell(session.say("wrote", value=out))


def report(
    session: Session,
    *,
    source: str,
    mapping: Path | None,
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
    as_of: date | None,
    scope: str,
    rural: str,
    output: Path,
) -> None:
    """Write a report."""
    from liantu.reports import write_report
    from liantu.shell import quoted

    _check_report(output)
    extra = [] if mapping is None else [f"--mapping {quoted(str(mapping))}"]
    extra += ["--create-missing"] if create_missing else []
    network = read_network(session, source, mapping, create_missing, region, show_teachers)
    with progress.shown(session.lang):
        progress.step("step_write", output)
        write_report(
            network,
            output,
            source=shown(source),
            lang=session.lang,
            as_of=as_of,
            scope=scope,
            rural=rural,
            region=region,
            extra=" ".join(extra),
        )
    session.tell(session.say("wrote", value=output))


def _check_report(path: Path) -> None:
    from liantu.formats import check_output

    if not path.is_dir() and path.suffix.lower() not in _REPORTS:
        raise OptionError.of("bad_suffix", value=path, allowed=", ".join(_REPORTS))
    check_output(path)
