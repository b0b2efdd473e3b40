r"""The audit: whether the claims of a text hold on the network behind it.

``claims.toml`` says as data what a text claims; `read_claims` reads and checks it, `audit` works
out every measure and gives the verdicts.

Examples
--------
>>> from tempfile import TemporaryDirectory
>>> from pathlib import Path
>>> import liantu
>>> with TemporaryDirectory() as folder:
...     path = Path(folder, "claims.toml")
...     _ = path.write_text('[[claim]]\nid = "a"\ncomparison = ">="\nvalue = 1\n'
...                         'measure = { count = "school" }')
...     claims = read_claims(path)
>>> audit(liantu.read("case:demo"), claims).summary["holds"]
1
"""

from liantu.audit.claims import Claim, claims_file, claims_path, read_claims
from liantu.audit.masked import masked_text
from liantu.audit.reading import Measure
from liantu.audit.result import audit, audit_cases

__all__ = [
    "Claim",
    "Measure",
    "audit",
    "audit_cases",
    "claims_file",
    "claims_path",
    "masked_text",
    "read_claims",
]
