"""One report of a small county with hostile names, in every format, made once."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from programs import needed

from liantu.graph.network import Network
from liantu.reports.excel import excel
from liantu.reports.pdf import pdf
from liantu.reports.word import word
from liantu.reports.write import html, markdown
from liantu.results.blocks import Report

WRITERS = {"html": html, "md": markdown, "docx": word, "xlsx": excel, "pdf": pdf}
EVIL = (
    "=cmd|'/C calc'!A0", "#let x = 1; #panic()", "</w:t></w:r><script>", "$x^2$ *b* _i_ @ref <l>",
    "\"quoted\" \\ 'single'", "{{ 7 * 7 }} &amp; &", "[#link(\"http://e.org\")[e]]",
)  # fmt: skip


def county() -> Network:
    """Ten schools: a core with two members, seven villages with hostile names."""
    villages = [f"0{number}" for number in range(len(EVIL))]
    schools = pd.DataFrame(
        {
            "id": ["c", "m", "n", *villages],
            "name": ["中心小学", "东村小学", "西村小学", *EVIL],
            "stage": "primary",
            "region": ["t", "t", "u", *["u"] * len(EVIL)],
            "urban_rural": ["121", *["220"] * (2 + len(EVIL))],
            "pupils": [900, 120, 80, *range(10, 10 + len(EVIL))],
        }
    )
    return Network.from_frames(
        {
            "region": pd.DataFrame(
                {
                    "id": ["k", "t", "u"],
                    "name": ["示例县", "东镇", "西镇"],
                    "parent": [None, "k", "k"],
                    "level": ["county", "township", "township"],
                }
            ),
            "school": schools,
            "member_of": pd.DataFrame(
                {"source": ["c", "m"], "target": "g", "role": ["core", "member"]}
            ),
            "assists": pd.DataFrame(
                {"source": ["c", "c"], "target": ["n", "00"], "end": ["2025-03-31", "2020-01-01"]}
            ),
        },
        as_of="2024-06-30",
        title="示例县",
    )


@dataclass(frozen=True)
class Made:
    """A report, its files in every format, and what an office suite makes of two of them."""

    report: Report
    network: Network
    files: dict[str, Path]
    folder: Path

    def printed(self, kind: str) -> Path:
        """Return the PDF that LibreOffice makes of the Word or Excel file; both at one start."""
        office = needed("soffice", "libreoffice-writer-nogui libreoffice-calc-nogui")
        out = self.folder / "printed"
        if not out.exists():
            profile = (self.folder / "profile").as_uri()
            words = [office, f"-env:UserInstallation={profile}", "--headless", "--convert-to"]
            sources = []
            for suffix in ("docx", "xlsx"):  # the PDF is named after the stem
                source = self.folder / f"{suffix}.{suffix}"
                source.write_bytes(self.files[suffix].read_bytes())
                sources.append(str(source))
            subprocess.run(
                [*words, "pdf", "--outdir", str(out), *sources],
                check=True, timeout=180, capture_output=True,
            )  # fmt: skip
        return out / f"{kind}.pdf"
