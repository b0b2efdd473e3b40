"""Which nodes a name that was found nowhere may mean: known short forms first, then likeness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from liantu.drafts.short_forms import full_forms
from liantu.errors import Message
from liantu.loaders.directory import Directory
from liantu.loaders.shortened import Shortened, Titles, left_out, stem
from liantu.vocabulary import normalise

MOST = 5
_ALIKE = 55.0  # percent, of names that are worth a look
_SAME_PLACE = 20.0  # percent that the same township is worth
_PLACES = "省市县区州旗盟镇乡"  # how the name of a place ends
_LONGEST = 60  # characters of a name; comparing takes their product


class Candidate(NamedTuple):
    """A node that a name may mean."""

    id: str
    reason: Message
    certain: bool  # a known short form that fits no other


@dataclass
class Candidates:
    """Finds candidates among the nodes of one kind.

    Parameters
    ----------
    directory
        The nodes.
    names
        Their names without regions; None where the kind lies in no region.
    """

    directory: Directory
    names: Shortened | None

    def name(self, key: str) -> str:
        """Return the name of a node, its id where it has none."""
        return self._by_id.get(key, key)

    @cached_property
    def _by_id(self) -> dict[str, str]:
        nodes = self.directory.nodes
        return dict(zip(nodes["id"], nodes["name"].fillna(nodes["id"]), strict=True))

    def of(self, text: str, titles: Titles, place: str = "") -> list[Candidate]:
        """Return up to five nodes that a name may mean, the likeliest first.

        Parameters
        ----------
        text
            The name as written.
        titles
            The places that the titles of its sheet name.
        place
            A region that its row names.
        """
        if not text or len(text) > _LONGEST:
            return []
        found: dict[str, Candidate] = {}
        same = self.directory.candidates(text) or (
            self.names.find(text, titles) if self.names else []
        )
        for key in same[:MOST] if len(same) > 1 else ():
            found[key] = Candidate(key, Message("draft_several", {"count": len(same)}), False)
        short = self.short(text, titles)
        for key in short:
            found.setdefault(
                key, Candidate(key, Message("draft_short_form"), len(short) == 1 and not found)
            )
        for key, place_named in self._behind_a_place(text):
            found.setdefault(
                key, Candidate(key, Message("draft_behind", {"place": place_named}), False)
            )
        for key, share, town in self._alike(text, place):
            reason = Message("draft_alike", {"share": round(share)})
            if town:
                reason = Message("draft_alike_in", {"share": round(share), "place": town})
            found.setdefault(key, Candidate(key, reason, False))
        return list(found.values())[:MOST]

    def short(self, text: str, titles: Titles) -> list[str]:
        """Return the nodes that a name means as a known short form, rivals elsewhere included."""
        if self.names is None:
            return []
        text = normalise(text)
        meant: set[str] = set()
        for start in range(len(text) - 1):
            lead, rest = text[:start], text[start:]
            for full in (*full_forms(rest), *([rest] if lead else [])):
                alike = [node for node in self.names.ending(full) if node.rest == full]
                fitting = {n.id for n in alike if left_out(lead, n.chain, stems=True)}
                away = {n.id for n in alike if titles.chain and _apart(titles, n.chain)}
                if fitting - away:
                    others = self.names.ending(full) if not lead else ()
                    meant |= fitting | {node.id for node in others}
        return sorted(meant)

    def _behind_a_place(self, text: str) -> list[tuple[str, str]]:
        """Return the nodes whose whole name stands behind a place that the list leaves out."""
        text = normalise(text)
        ends = [n for n in range(2, len(text) - 1) if text[n - 1] in _PLACES]
        return [
            (key, text[:end])
            for end in ends
            for key in self.directory.names.get(text[end:], ())
        ]  # fmt: skip

    def _alike(self, text: str, place: str) -> list[tuple[str, float, str]]:
        """Return nodes whose names are alike: id, percent, and the township that both share."""
        if self.directory.kind == "teacher":  # another person is another person
            return []
        from rapidfuzz import fuzz, process

        found: dict[str, tuple[float, str]] = {}
        town = self._town(text, place)
        plain = normalise(text)
        for name, share, _ in process.extract(
            plain, list(self.directory.names), scorer=fuzz.ratio, limit=20, score_cutoff=_ALIKE
        ):
            for key in self.directory.names[name]:
                found[key] = (share, "")
        if self.names:
            rests = {node.rest: node for node in self.names.nodes}
            own = plain.removeprefix(town).removeprefix(stem(town)) if town else plain
            for rest, share, _ in process.extract(
                own, list(rests), scorer=fuzz.ratio, limit=20, score_cutoff=_ALIKE
            ):
                for node in self.names.ending(rest):
                    if node.rest == rest and share > found.get(node.id, (0.0, ""))[0]:
                        found[node.id] = (share, "")
            for node in self.names.nodes if town else ():
                if town in node.chain and node.id in found:
                    found[node.id] = (found[node.id][0], town)
        order = sorted(found, key=lambda k: (-found[k][0] - _SAME_PLACE * bool(found[k][1]), k))
        return [(key, *found[key]) for key in order]

    def _town(self, text: str, place: str) -> str:
        """Return the lowest region that a name begins with, in full or without the word for it."""
        if self.names is None:
            return ""
        lowest = {node.chain[-1] for node in self.names.nodes if node.chain}
        fitting = [
            town
            for town in lowest
            if town == place
            or text.startswith(town)
            or (len(stem(town)) > 1 and text.startswith(stem(town)))
        ]
        return min(fitting, key=lambda town: (town != place, -len(town), town), default="")


def _apart(titles: Titles, chain: Sequence[str]) -> bool:
    """Return whether titles speak of other places than those that a node lies in."""
    return bool(chain) and titles.places.isdisjoint(chain)
