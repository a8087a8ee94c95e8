"""Claims: the positions that a document voices, each as those coders found it who did."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotations.comparison.values import Tag
from annotations.reliability.matching import grouped, match_within, tag_order


@dataclass(frozen=True, slots=True)
class Claim:
    """One position as the coders found it: the tags of one cluster, at most one of each coder.

    ``tags`` are of one passage, topic and source, sorted by start, end and coder, and overlap in every pair.
    """

    tags: tuple[Tag, ...]

    @property
    def document(self) -> str:
        return self.tags[0].document

    @property
    def passage(self) -> int:
        return self.tags[0].passage

    @property
    def topic(self) -> str:
        return self.tags[0].topic

    @property
    def source(self) -> str:
        return self.tags[0].source

    @property
    def start(self) -> int:
        """Where the first of its quotes starts."""
        return self.tags[0].start

    @property
    def end(self) -> int:
        """Where the last of its quotes ends."""
        return max(tag.end for tag in self.tags)

    @property
    def coders(self) -> tuple[str, ...]:
        """Who found it, sorted."""
        return tuple(sorted(tag.coder for tag in self.tags))


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the curator's queue: claims of one topic in one passage.

    Several where they overlap and differ in source; each then overlaps one of another source.
    """

    claims: tuple[Claim, ...]

    @property
    def document(self) -> str:
        return self.claims[0].document

    @property
    def passage(self) -> int:
        return self.claims[0].passage

    @property
    def topic(self) -> str:
        return self.claims[0].topic

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags of all its claims, sorted by start, end and coder."""
        return tuple(sorted((tag for claim in self.claims for tag in claim.tags), key=tag_order))


def match_claims(tags: Iterable[Tag]) -> tuple[Claim, ...]:
    """The claims of ``tags``, every tag in exactly one: matched within passage, topic and source.

    Any number of coders; see ``match_within`` for the rule. In the order of document (by slug), passage,
    start, end, topic, source; the order of ``tags`` does not matter.
    """
    return tuple(sorted(map(Claim, match_within(grouped(tags, "topic", "source"))), key=_claim_order))


def queue_items(claims: Iterable[Claim]) -> tuple[Item, ...]:
    """The items of the curator's queue, every claim in exactly one, in the order of their first claims.

    Claims that overlap in any character on a topic in a passage but differ in source are one item, and so
    are those that are linked through such a claim.
    """
    groups: defaultdict[tuple[str, int, str], list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=_claim_order):
        groups[claim.document, claim.passage, claim.topic].append(claim)
    items = [Item(tuple(linked)) for group in groups.values() for linked in _linked(group)]
    return tuple(sorted(items, key=lambda item: _claim_order(item.claims[0])))


def _claim_order(claim: Claim) -> tuple[object, ...]:
    place = claim.document, claim.passage, claim.start, claim.end, claim.topic, claim.source
    return *place, tuple(tag_order(tag) for tag in claim.tags)


def _linked(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Connected runs of ``claims`` (ascending by start), each in the order given."""
    component = list(range(len(claims)))
    for a, first in enumerate(claims):
        end = first.end
        for b in range(a + 1, len(claims)):
            if claims[b].start >= end:
                break
            if claims[b].source != first.source:
                old, new = component[b], component[a]
                component = [new if number == old else number for number in component]
    runs: defaultdict[int, list[Claim]] = defaultdict(list)
    for number, claim in zip(component, claims, strict=True):
        runs[number].append(claim)
    return list(runs.values())
