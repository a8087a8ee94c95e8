"""The units that agreement is measured on: what several coders read, and what each said of it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotations.comparison.values import Tag
from annotations.reliability.alpha import Ratings, rate
from annotations.reliability.claims import Claim
from annotations.reliability.distances import Level
from annotations.reliability.kappa import Tables
from annotations.reliability.values import NOT_FOUND, CodedDocument

#: What one tag says in one respect; None where it says nothing.
Says = Callable[[Tag], Hashable | None]


@dataclass(frozen=True, slots=True)
class SharedReading:
    """The passages of the documents that at least two coders finished, and those coders' tags on them.

    ``places``: of each (document, passage) its place among all; ``readers``: of each place the coders who
    finished its document, sorted. A reader without tags found nothing there; anybody else is missing.
    """

    documents: tuple[CodedDocument, ...]
    coders: tuple[str, ...]
    places: Mapping[tuple[str, int], int]
    readers: tuple[tuple[str, ...], ...]
    tags: tuple[Tag, ...]

    def place(self, tag: Tag) -> int:
        """The place of the passage a tag lies in."""
        return self.places[tag.document, tag.passage]


def read_together(tags: Iterable[Tag], documents: Iterable[CodedDocument]) -> SharedReading:
    """What there is to compare; tags of other documents, passages and coders stay out."""
    shared = tuple(document for document in documents if len(set(document.finishers)) > 1)
    readers = {document.slug: tuple(sorted(set(document.finishers))) for document in shared}
    keys = [(document.slug, number) for document in shared for number in document.passages]
    places = {key: place for place, key in enumerate(keys)}
    return SharedReading(
        documents=shared,
        coders=tuple(sorted({coder for coders in readers.values() for coder in coders})),
        places=places,
        readers=tuple(readers[slug] for slug, _ in keys),
        tags=tuple(
            tag
            for tag in tags
            if (tag.document, tag.passage) in places and tag.coder in readers[tag.document]
        ),
    )


def rate_sets(shared: SharedReading, says: Says, *, tagged_only: bool = False) -> Ratings:
    """The set of what each reader's tags in a passage say; ``tagged_only``: without all-empty passages."""
    found: defaultdict[tuple[int, str], set[Hashable]] = defaultdict(set)
    for tag in shared.tags:
        found[shared.place(tag), tag.coder].add(says(tag))
    tagged = {place for place, _ in found}
    kept = [place for place in range(len(shared.readers)) if place in tagged or not tagged_only]
    rows = [
        [
            frozenset(found.get((place, coder), ())) if coder in shared.readers[place] else None
            for coder in shared.coders
        ]
        for place in kept
    ]
    return _rate(shared, rows, kept, level=Level.SETS, empty=frozenset())


def rate_presence(shared: SharedReading, topic: str) -> Ratings:
    """Whether each reader found the topic in a passage."""
    found = {(shared.place(tag), tag.coder) for tag in shared.tags if tag.topic == topic}
    rows = [
        [(place, coder) in found if coder in readers else None for coder in shared.coders]
        for place, readers in enumerate(shared.readers)
    ]
    return _rate(shared, rows, range(len(rows)), level=Level.NOMINAL, empty=False)


def rate_clusters(
    shared: SharedReading,
    clusters: Sequence[Sequence[Tag]],
    says: Says,
    *,
    level: Level = Level.NOMINAL,
    or_not_found: bool = False,
) -> Ratings:
    """What each coder's tag in a cluster says.

    A coder without a tag in it is missing; with ``or_not_found``, a reader says "not found" instead.
    """
    rows, places = [], []
    for cluster in clusters:
        place = shared.place(cluster[0])
        said = dict.fromkeys(shared.readers[place], NOT_FOUND) if or_not_found else {}
        row: dict[str, Hashable | None] = {**said, **{tag.coder: says(tag) for tag in cluster}}
        rows.append([row.get(coder) for coder in shared.coders])
        places.append(place)
    return _rate(shared, rows, places, level=level)


def _rate(
    shared: SharedReading,
    rows: Sequence[Sequence[Hashable | None]],
    places: Sequence[int],
    *,
    level: Level,
    empty: Hashable | None = None,
) -> Ratings:
    return rate(
        rows,
        level=level,
        coders=len(shared.coders),
        passage=places,
        passages=len(shared.readers),
        empty=empty,
    )


def tabulate_presence(shared: SharedReading, topics: Sequence[str], pair: tuple[str, str]) -> Tables:
    """Passage × topic cells of the documents both coders finished: absent or present."""
    both = [set(pair) <= set(readers) for readers in shared.readers]
    found: defaultdict[tuple[int, str], list[bool]] = defaultdict(lambda: [False, False])
    for tag in shared.tags:
        if tag.coder in pair and tag.topic in topics and both[shared.place(tag)]:
            found[shared.place(tag), tag.topic][pair.index(tag.coder)] = True
    counts = np.zeros((len(shared.readers), 2, 2), dtype=np.int64)
    counts[:, 0, 0] = np.array(both, dtype=np.int64) * len(topics)
    for (place, _), (by_a, by_b) in found.items():
        counts[place, 0, 0] -= 1
        counts[place, int(by_a), int(by_b)] += 1
    return Tables(counts, tagged=len(found))


def tabulate_stances(
    shared: SharedReading, claims: Iterable[Claim], stances: Sequence[str], pair: tuple[str, str]
) -> Tables:
    """The stances on claims that both coders found."""
    rows = {stance: row for row, stance in enumerate(stances)}
    counts = np.zeros((len(shared.readers), len(stances), len(stances)), dtype=np.int64)
    for claim in claims:
        said = {tag.coder: rows[tag.stance] for tag in claim.tags}
        if pair[0] in said and pair[1] in said:
            counts[shared.place(claim.tags[0]), said[pair[0]], said[pair[1]]] += 1
    return Tables(counts, tagged=int(counts.sum()))
