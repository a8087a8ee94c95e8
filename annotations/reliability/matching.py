"""Which annotations of different coders are the same finding: one-to-one by their overlap in characters."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush

from annotations.comparison.values import Tag

#: What orders tags: first by place and coder, then by all else that tells two tags of one coder apart.
_Place = tuple[int, int, str]
_Order = tuple[int, int, str, str, str, str, int]
#: A candidate merge, the less the better: (−Dice, both clusters' places, unlike pairs, both clusters' order).
_Rank = tuple[float, tuple[_Place, ...], tuple[_Place, ...], int, tuple[_Order, ...], tuple[_Order, ...]]


def tag_order(tag: Tag) -> _Order:
    """Sorts tags by start, end, coder; tags of one coder at one place by source, messenger and stance."""
    return tag.start, tag.end, tag.coder, tag.source, tag.reported_by or "", tag.stance, tag.key


def dice(a: Tag, b: Tag) -> float:
    """Dice's coefficient of two quotes' characters, 0 (apart) to 1 (the same); both in one document."""
    overlap = min(a.end, b.end) - max(a.start, b.start)
    return 2 * overlap / (a.end - a.start + b.end - b.start) if overlap > 0 else 0.0


def match_within(groups: Iterable[Sequence[Tag]]) -> Iterator[tuple[Tag, ...]]:
    """The clusters of each group, every tag in exactly one; a cluster holds at most one tag of each coder.

    The two clusters whose least pairwise Dice is highest are merged first, until none are left that share no
    coder and overlap in every pair. Ties go to the least start, end and coder's name; where one coder has
    several tags at one place, to the pair with fewest differences in source and messenger. The order in
    which the tags come does not matter.
    """
    for group in groups:
        for touching in _touching(sorted(group, key=tag_order)):
            if len({tag.coder for tag in touching}) == 1:
                yield from ((tag,) for tag in touching)
            else:
                yield from _Clusters(touching).merged()


def grouped(tags: Iterable[Tag], *fields: str) -> Iterator[list[Tag]]:
    """The tags of each passage, parted further by the named fields."""
    groups: defaultdict[Hashable, list[Tag]] = defaultdict(list)
    for tag in tags:
        groups[(tag.document, tag.passage, *(getattr(tag, field) for field in fields))].append(tag)
    yield from groups.values()


def _touching(tags: Sequence[Tag]) -> Iterator[list[Tag]]:
    """Runs of tags, ascending by start, that nothing outside the run overlaps."""
    run: list[Tag] = []
    reach = 0
    for tag in tags:
        if run and tag.start >= reach:
            yield run
            run = []
        run.append(tag)
        reach = max(reach, tag.end)
    if run:
        yield run


class _Clusters:
    """The clusters of one run of tags while they are merged; each is known by a number of its own."""

    def __init__(self, tags: Sequence[Tag]) -> None:
        self.members: dict[int, tuple[Tag, ...]] = {number: (tag,) for number, tag in enumerate(tags)}
        #: For each living cluster, those it may be merged with, and their least pairwise Dice.
        self.near: dict[int, dict[int, float]] = {number: {} for number in self.members}
        self.heap: list[tuple[_Rank, int, int]] = []
        for a, first in enumerate(tags):
            for b in range(a + 1, len(tags)):
                if tags[b].start >= first.end:
                    break
                if tags[b].coder != first.coder:
                    self._offer(a, b, dice(first, tags[b]))
        heapify(self.heap)

    def merged(self) -> Iterator[tuple[Tag, ...]]:
        """Merge until nothing can be merged."""
        while self.heap:
            _, a, b = heappop(self.heap)
            if a in self.near and b in self.near:
                self._merge(a, b)
        yield from (self.members[number] for number in self.near)

    def _offer(self, a: int, b: int, least: float) -> None:
        self.near[a][b] = self.near[b][a] = least
        heappush(self.heap, (_rank(self.members[a], self.members[b], least), a, b))

    def _merge(self, a: int, b: int) -> None:
        merged = len(self.members)
        self.members[merged] = tuple(sorted((*self.members[a], *self.members[b]), key=tag_order))
        near_a, near_b = self.near.pop(a), self.near.pop(b)
        for other in near_a.keys() | near_b.keys():
            if other in self.near:
                self.near[other].pop(a, None)
                self.near[other].pop(b, None)
        self.near[merged] = {}
        # A third cluster stays near only where it was near both: so no pair without overlap, no coder twice.
        for other in near_a.keys() & near_b.keys():
            self._offer(other, merged, min(near_a[other], near_b[other]))


def _rank(a: Sequence[Tag], b: Sequence[Tag], least: float) -> _Rank:
    first, second = sorted(tuple(tag_order(tag) for tag in cluster) for cluster in (a, b))
    unlike = sum((x.source != y.source) + (x.reported_by != y.reported_by) for x in a for y in b)
    places = (tuple(order[:3] for order in cluster) for cluster in (first, second))
    return -least, next(places), next(places), unlike, first, second
