"""What the coders disagree on, on one topic: where, in what, and what each of them says."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from annotations.models import Document
from annotations.pages.quotes import QuoteShown
from annotations.pages.reliability import Agreements, quotes_by_key
from annotations.reliability.claims import Item, queue_items

DIFFERENCES = {
    "source": _("different sources"),
    "stance": _("different stances"),
    "messenger": _("different messengers"),
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One place in which coders differ: in what, and the quote of each."""

    words: str
    quotes: tuple[QuoteShown, ...]

    @property
    def document(self) -> Document:
        return self.quotes[0].document

    @property
    def number(self) -> int:
        """The passage."""
        return self.quotes[0].number


def disagreements_on(agreements: Agreements, topic: str) -> list[Disagreement]:
    """Where coders who finished a document differ on a topic, in the order of the text; at most one query.

    What one coder alone found is no disagreement: it is listed apart (``Agreements.alone_on``).
    """
    if topic not in agreements.topics:
        return []
    items = queue_items(agreements.topics[topic].every)
    found = [(kinds, item) for item in items if (kinds := differing(item))]
    keys = [key for kinds, item in found for key in _keys(kinds, item)]
    shown = quotes_by_key(keys) if keys else {}
    return [
        Disagreement(
            words=", ".join(str(DIFFERENCES[kind]) for kind in kinds),
            quotes=tuple(shown[key] for key in _keys(kinds, item)),
        )
        for kinds, item in found
    ]


def _keys(kinds: list[str], item: Item) -> list[int]:
    """The tags to show: of an item whose sources are in doubt all, else of the claims that differ."""
    claims = item.claims if "source" in kinds else [c for c in item.claims if differing(Item((c,)))]
    return [tag.key for tag in Item(tuple(claims)).tags]


def differing(item: Item) -> list[str]:
    """In what the coders who found an item differ: keys of ``DIFFERENCES``."""
    kinds = []
    # Coders who all heard both sources do not disagree over them.
    if len({claim.coders for claim in item.claims}) > 1:
        kinds.append("source")
    if any(len({tag.stance for tag in claim.tags}) > 1 for claim in item.claims):
        kinds.append("stance")
    if any(len({tag.reported_by for tag in claim.tags}) > 1 for claim in item.claims):
        kinds.append("messenger")
    return kinds
