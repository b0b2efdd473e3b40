"""The commands on stores: import."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from liantu import progress
from liantu.addresses import shown
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._reading import read_network
from liantu.commands._session import Session
from liantu.errors import OptionError, RequestError
from liantu.vocabulary import Lang

_FILES = (".csv", ".xlsx", ".xls", ".json", ".graphml", ".gexf", ".cypher", ".parquet")


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        opt.argument("store", lang, opt.Store(), "store"),
        opt.option("replace", lang),
        opt.option("merge", lang),
        *opt.reading(lang),
    ]
    return make("import", lang, import_, params, "liantu import case:demo net.liantu")


def import_(
    session: Session,
    *,
    source: str,
    store: str,
    replace: bool,
    merge: bool,
    mapping: Sequence[Path],
    create_missing: bool,
) -> None:
    """Read a source and keep it in a store, teachers' names and all."""
    from liantu.graph import schema
    from liantu.stores import is_server, open_store

    if replace and merge:
        raise OptionError.of("import_conflict")
    suffix = Path(store).suffix.lower()
    if not is_server(store) and suffix in _FILES and not Path(store).exists():
        raise RequestError.of("import_no_store", value=store, suffix=suffix)
    network = read_network(session, source, mapping, create_missing, None, True)
    with open_store(store) as opened:
        # a folder is replaced like every output; a server may hold the only copy of other data
        if is_server(store) and not (replace or merge):
            about = opened.about()
            if about is not None and about["fingerprint"] != network.fingerprint:
                raise RequestError.of(
                    "import_choose", value=shown(store), title=about.get("title", "")
                )
        with progress.shown(session.lang):
            progress.step("step_write", shown(store))
            opened.write(network, merge=merge)
    rows = sum(network.size(name) for name in (*schema.relations(), "observations"))
    code = "import_merged" if merge else "imported"
    session.tell(session.say(code, nodes=len(network), rows=rows, value=shown(store)))
