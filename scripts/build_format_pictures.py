"""Draw pages of the report in Word, Excel and PDF for the how-to.

``python scripts/build_format_pictures.py`` writes ``docs/how-to/word-excel-pdf/``. It needs
LibreOffice (``libreoffice-writer-nogui libreoffice-calc-nogui``) and ``poppler-utils``.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

import liantu
from liantu.reports import write_report
from liantu.vocabulary import Lang

FOLDER = Path(__file__).parents[1] / "docs" / "how-to" / "word-excel-pdf"
# Picture, suffix and pages of it, style: one in the layout of an official document, the rest plain.
SHOWN = (
    ("word", ".docx", (1, 2, 5), "gongwen"),
    ("excel", ".xlsx", (1, 2, 14), "plain"),
    ("pdf", ".pdf", (1, 2, 3), "plain"),
)
DPI, EDGE = 55, 6


def printed(path: Path) -> Path:
    """Return the file as PDF, made by LibreOffice."""
    if path.suffix == ".pdf":
        return path
    profile = (path.parent / "profile").as_uri()
    words = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*words, "--outdir", str(path.parent), str(path)], check=True, timeout=180)
    return path.with_suffix(".pdf")


def draw(path: Path, pages: tuple[int, ...], out: Path) -> None:
    """Set pages beside each other."""
    drawn = []
    for page in pages:
        stem = path.with_name(f"page{page}")
        size = ["-r", str(DPI), "-f", str(page), "-l", str(page), "-singlefile", "-png"]
        subprocess.run(["pdftoppm", *size, str(path), str(stem)], check=True)
        drawn.append(Image.open(stem.with_suffix(".png")).convert("RGB"))
    width = sum(image.width + EDGE for image in drawn) + EDGE
    sheet = Image.new("RGB", (width, max(image.height for image in drawn) + 2 * EDGE), "#c9cfd6")
    left = EDGE
    for image in drawn:
        sheet.paste(image, (left, EDGE))
        left += image.width + EDGE
    sheet.quantize(48).save(out, optimize=True)


def main() -> None:
    """Write the pictures in both languages."""
    FOLDER.mkdir(exist_ok=True)
    network = liantu.read("case:demo").without_teacher_names()
    offices: dict[Lang, str] = {"zh": "演示县教育局", "en": "Demo County Education Bureau"}
    for lang, office in offices.items():
        for name, suffix, pages, style in SHOWN:
            with TemporaryDirectory() as folder:
                path = Path(folder) / f"report{suffix}"
                write_report(
                    *(network, path),
                    source="case:demo",
                    lang=lang,
                    style="gongwen" if style == "gongwen" and lang == "zh" else "plain",
                    organization=office,
                )
                draw(printed(path), pages, FOLDER / f"{name}.{lang}.png")


if __name__ == "__main__":
    main()
