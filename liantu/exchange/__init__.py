"""Networks as files of other programs, one file a format, and back where the format holds all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from liantu.errors import Message, OptionError
from liantu.exchange import folder
from liantu.exchange.exact import PHASE
from liantu.exchange.folder import check_free
from liantu.formats.files import check_output, check_unfilled
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    from liantu.graph.near import Datum
    from liantu.graph.network import Network

# The file of each format, by suffix; its `write` is loaded on first use.
FORMATS = {
    ".graphml": "graphml",
    ".gexf": "gexf",
    ".xlsx": "workbook",
    ".json": "jsonfile",
    ".cypher": "cypher",
    ".geojson": "geojson",
    ".kml": "kml",
}
_WORDED = ("graphml", "gexf", "workbook", "kml")  # these show labels
_MAPS = ("geojson", "kml")  # these hold coordinates that programs take for WGS-84


def is_map(out: Path) -> bool:
    """Return whether a file of this name holds schools and ties alone."""
    return FORMATS.get(out.suffix.lower()) in _MAPS


def check_out(
    out: Path, *, waves: bool = False, datum: Datum = "stated", force: bool = False
) -> None:
    """Raise unless a network can be written here: a known suffix, and a place for file or folder.

    What somebody may have changed is not replaced unless forced. Waves go into a folder; only maps
    are converted.

    Examples
    --------
    >>> check_out(Path("net.graphml"))  # nothing stands in the way
    """
    if waves and out.suffix.lower() in FORMATS:
        raise OptionError.of("waves_folder", value=out)
    if datum != "stated" and not is_map(out):
        allowed = ", ".join(suffix for suffix, module in FORMATS.items() if module in _MAPS)
        raise OptionError.of("datum_no_map", value=out, allowed=allowed)
    if out.suffix.lower() in FORMATS:
        check_output(out)
        check_unfilled(out, force=force)
    elif out.suffix and not out.is_dir():
        raise OptionError.of("bad_suffix", value=out, allowed=", ".join(FORMATS))
    else:
        check_free(out, force=force)


def export(
    network: Network,
    out: Path,
    *,
    waves: Sequence[date] | None = None,
    beside: Mapping[str, bytes] | None = None,
    lang: Lang = "en",
    title: str = "",
    datum: Datum = "stated",
    force: bool = False,
) -> list[Message]:
    """Write a network in the format of a file's suffix; without a suffix as a folder of CSV tables.

    Parameters
    ----------
    network
        The network. Teachers' names are written as they are; see `Network.without_teacher_names`.
    out
        A file or a folder. An export that nobody has changed is replaced.
    waves
        Dates: a folder with one matrix of ties a date instead of the whole network, for RSiena
        and statnet (`liantu.exchange.waves`).
    beside
        Further files by name, such as ``claims.toml``, which a folder can hold.
    lang
        The language of labels.
    title
        The title of what is written; the network's own by default.
    datum
        Of a map, GeoJSON or KML: coordinates as they are stated, or converted to ``wgs84``.
    force
        Replace other files, too; in a folder those that bear the names of tables.

    Returns
    -------
    list of Message
        What is lost.

    Raises
    ------
    OptionError
        If there is no format of this suffix, or what is no map is to be converted.
    RequestError
        If `out` is taken or cannot be written, the format cannot hold the network, or coordinates
        cannot be converted.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import liantu
    >>> network = liantu.read("case:wenshan")
    >>> with TemporaryDirectory() as folder:
    ...     _ = export(network, Path(folder, "net.json"))
    ...     liantu.read(Path(folder, "net.json")).fingerprint == network.fingerprint
    True
    """
    check_out(out, waves=waves is not None, datum=datum, force=force)
    if title:
        network = network.replaced({}, title=title)
    if waves is not None:
        from liantu.exchange.waves import write as write_waves

        return write_waves(network, out, waves, force=force)
    lost: list[Message] = []
    module = FORMATS.get(out.suffix.lower())
    if module:
        write = import_module(f"liantu.exchange.{module}").write
        given = {"lang": lang} if module in _WORDED else {}
        lost += write(network, out, **given, **({"datum": datum} if is_map(out) else {}))
        if beside:
            lost.append(Message("beside_left_out", {"value": ", ".join(beside)}))
    else:
        lost += folder.write(network, out, beside=beside, force=force)
    if other := {key for phase in network.phases for key in phase} - set(PHASE):
        lost.append(Message("phases_left_out", {"value": ", ".join(sorted(other))}))
    if network.report.problems:
        lost.append(Message("report_left_out", {"count": len(network.report.problems)}))
    return lost
