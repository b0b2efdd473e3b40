"""liantu 联图: school support networks from spreadsheets.

Examples
--------
>>> import liantu
>>> network = liantu.read("case:demo")
>>> liantu.coverage(network).summary["in_scope"] > 0
True
"""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liantu.analyses.access import access
    from liantu.analyses.association import association
    from liantu.analyses.centrality import centrality
    from liantu.analyses.coverage import coverage
    from liantu.analyses.distance import distance
    from liantu.analyses.effect import effect
    from liantu.analyses.equity import equity
    from liantu.analyses.expiry import expiry
    from liantu.analyses.flows import flows
    from liantu.analyses.forms import forms
    from liantu.analyses.goals import goals
    from liantu.analyses.groups import groups
    from liantu.analyses.load import load
    from liantu.analyses.pairing import pairing
    from liantu.analyses.peers import peers
    from liantu.analyses.reach import reach
    from liantu.analyses.resilience import resilience
    from liantu.analyses.sensitivity import sensitivity
    from liantu.analyses.structure import structure
    from liantu.analyses.subjects import subjects
    from liantu.analyses.temporal_reach import temporal_reach
    from liantu.analyses.ties import ties
    from liantu.analyses.timeline import timeline
    from liantu.analyses.turnover import turnover
    from liantu.audit import read_claims
    from liantu.errors import DataError, LiantuError, OptionError, RequestError
    from liantu.graph.network import Network
    from liantu.loaders import read
    from liantu.loaders.scenarios import read_scenario
    from liantu.plans.compare import compare
    from liantu.plans.whatif import whatif
    from liantu.results.core import Result
    from liantu.stores import open_store

__version__ = "0.1.0"

# Loaded on first use, so that `import liantu` stays light.
_HOMES = {
    "Network": "liantu.graph.network",
    "open_store": "liantu.stores",
    "read": "liantu.loaders",
    "read_claims": "liantu.audit",
    "read_scenario": "liantu.loaders.scenarios",
    "compare": "liantu.plans.compare",
    "whatif": "liantu.plans.whatif",
    "DataError": "liantu.errors",
    "LiantuError": "liantu.errors",
    "OptionError": "liantu.errors",
    "RequestError": "liantu.errors",
    "Result": "liantu.results.core",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name == "audit":  # the room, for `liantu.audit.audit(network, claims)`
        return import_module("liantu.audit")
    # One question, one file: an analysis has the name of its file.
    file = files("liantu").joinpath("analyses", f"{name}.py")
    if not name.startswith("_") and file.is_file():
        from liantu.results import registry

        return registry()[name].function
    raise AttributeError(f"module 'liantu' has no attribute '{name}'")


def __dir__() -> list[str]:
    from liantu.results import registry

    return sorted([*_HOMES, *registry(), "__version__"])


__all__ = [
    "DataError",
    "LiantuError",
    "Network",
    "OptionError",
    "RequestError",
    "Result",
    "access",
    "association",
    "centrality",
    "compare",
    "coverage",
    "distance",
    "effect",
    "equity",
    "expiry",
    "flows",
    "forms",
    "goals",
    "groups",
    "load",
    "open_store",
    "pairing",
    "peers",
    "reach",
    "read",
    "read_claims",
    "read_scenario",
    "resilience",
    "sensitivity",
    "structure",
    "subjects",
    "temporal_reach",
    "ties",
    "timeline",
    "turnover",
    "whatif",
]
