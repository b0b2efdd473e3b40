"""Results and tables as JSON, CSV, XLSX, Parquet and text; files written whole or not at all."""

from liantu.formats.cells import flat, labels, percent, plain, records, texts, with_names
from liantu.formats.excel import write_xlsx
from liantu.formats.files import check_output, check_unfilled, replacing, write_file
from liantu.formats.parquet import write_parquet
from liantu.formats.text import aligned, csv_pieces, figures, to_csv, to_json, to_text

__all__ = [
    "aligned",
    "check_output",
    "check_unfilled",
    "csv_pieces",
    "figures",
    "flat",
    "labels",
    "percent",
    "plain",
    "records",
    "replacing",
    "texts",
    "to_csv",
    "to_json",
    "to_text",
    "with_names",
    "write_file",
    "write_parquet",
    "write_xlsx",
]
