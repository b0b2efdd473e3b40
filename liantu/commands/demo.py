"""The command that shows the demo county."""

from __future__ import annotations

from pathlib import Path

from liantu import progress
from liantu.commands._help import Command, make
from liantu.commands._options import report_file
from liantu.commands._output import check_report, show_table, stamp
from liantu.commands._reading import read_network
from liantu.commands._session import Session
from liantu.errors import LiantuError
from liantu.vocabulary import Lang


def command(lang: Lang) -> Command:
    """Return the command."""
    return make("demo", lang, demo, [report_file(lang)], "liantu demo")


def demo(session: Session, *, output: Path) -> None:
    """Show the demo county: headline, a few lists, a report, a page to look around in."""
    from liantu.formats import aligned, figures
    from liantu.loaders import cases
    from liantu.reports import write_report
    from liantu.results import registry
    from liantu.web.write import write_page

    page = output.with_name("planner.html")
    if page == output:  # the report has taken the name
        page = output.with_name("planner-page.html")
    check_report(output)
    check_report(page)
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
        progress.step("step_write", page)
        write_page(network, page, source="case:demo", lang=session.lang, scope=scope)
    print(session.say("demo_report", value=output.resolve()))
    print(session.say("demo_page", value=page.resolve()))
    print(session.say("demo_serve", command="liantu serve case:demo"))
