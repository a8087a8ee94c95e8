"""Two documents side by side: their passages, what is tagged in them, and which treat the same topics."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from annotations.comparison.values import Tag
from annotations.highlights import Segment, Span, segments
from annotations.models import Document, Passage, Source, Stance, Topic
from annotations.pages.reading import Compared

#: So many passages of each document stand on one page; longer documents are read in parts.
WINDOW = 60
#: So many counterparts of a passage are named at once.
NEAREST = 5


@dataclass(frozen=True, slots=True)
class Said:
    """What is said in a passage: equal tags of several coders are one. ``tags`` counts them."""

    topic: Topic
    stance: Stance
    source: Source
    reported_by: Source | None
    tags: int


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A passage of the other document that treats topics of this one: ``shared`` by their labels."""

    number: int
    shared: tuple[str, ...]
    is_shown: bool


@dataclass(frozen=True, slots=True)
class PassageRead:
    """A passage with its text cut at the underlines, what is said in it, and its counterparts, those that
    share most topics first."""

    passage: Passage
    segments: list[Segment]
    said: tuple[Said, ...]
    counterparts: tuple[Counterpart, ...]

    @property
    def nearest(self) -> tuple[Counterpart, ...]:
        """Those that are named at once, and that lines lead to."""
        return self.counterparts[:NEAREST]

    @property
    def more(self) -> tuple[Counterpart, ...]:
        return self.counterparts[NEAREST:]


@dataclass(frozen=True, slots=True)
class Column:
    """One document: the passages of its window. ``earlier`` and ``later``: where other parts begin."""

    letter: str
    other: str
    document: Document
    passages: tuple[PassageRead, ...]
    total: int
    earlier: int | None
    later: int | None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Both columns under one reading; ``topic`` narrows both to what is said on it."""

    a: Column
    b: Column
    topic: Topic | None
    shared_topics: int


def load_side_by_side(
    compared: Compared, *, topic: Topic | None, from_a: int = 1, from_b: int = 1
) -> SideBySide:
    """The texts of both windows, in two queries beside those of the comparison."""
    tags = [tag for tag in compared.load_tags() if topic is None or tag.topic == topic.slug]
    by_passage: defaultdict[tuple[str, int], list[Tag]] = defaultdict(list)
    for tag in tags:
        by_passage[tag.document, tag.passage].append(tag)
    raised = {place: {tag.topic for tag in said} for place, said in by_passage.items()}
    topics_a, topics_b = (
        set().union(*(topics for (slug, _n), topics in raised.items() if slug == document.slug))
        for document in (compared.a, compared.b)
    )
    windows = {
        compared.a.slug: _window(compared.a, from_a),
        compared.b.slug: _window(compared.b, from_b),
    }
    column_a = _column(compared, "a", compared.a, compared.b, windows, by_passage, raised)
    column_b = _column(compared, "b", compared.b, compared.a, windows, by_passage, raised)
    return SideBySide(column_a, column_b, topic, len(topics_a & topics_b))


@dataclass(frozen=True, slots=True)
class _Window:
    passages: list[Passage]
    total: int
    first: int

    @property
    def numbers(self) -> set[int]:
        return {passage.number for passage in self.passages}


def _window(document: Document, first: int) -> _Window:
    total = document.passages.count()
    first = max(1, min(first, total))
    rows = list(document.passages.filter(number__gte=first).order_by("number")[:WINDOW])
    return _Window(rows, total, first)


def _column(
    compared: Compared,
    letter: str,
    document: Document,
    other: Document,
    windows: dict[str, _Window],
    by_passage: dict[tuple[str, int], list[Tag]],
    raised: dict[tuple[str, int], set[str]],
) -> Column:
    window = windows[document.slug]
    theirs = {number: topics for (slug, number), topics in raised.items() if slug == other.slug}
    names = {topic.slug: topic.label for topic in compared.topics}
    shown = windows[other.slug].numbers
    passages = tuple(
        PassageRead(
            passage=passage,
            segments=_segments(compared, passage, by_passage.get((document.slug, passage.number), [])),
            said=_said(compared, by_passage.get((document.slug, passage.number), [])),
            counterparts=_counterparts(
                raised.get((document.slug, passage.number), set()), theirs, names, shown
            ),
        )
        for passage in window.passages
    )
    last = window.first + len(window.passages) - 1
    return Column(
        letter=letter,
        other="b" if letter == "a" else "a",
        document=document,
        passages=passages,
        total=window.total,
        earlier=max(1, window.first - WINDOW) if window.first > 1 else None,
        later=last + 1 if last < window.total else None,
    )


def _counterparts(
    mine: set[str], theirs: dict[int, set[str]], names: dict[str, str], shown: set[int]
) -> tuple[Counterpart, ...]:
    found = [(number, mine & topics) for number, topics in theirs.items() if mine & topics]
    found.sort(key=lambda pair: (-len(pair[1]), pair[0]))
    order = list(names)
    return tuple(
        Counterpart(number, tuple(names[slug] for slug in sorted(shared, key=order.index)), number in shown)
        for number, shared in found
    )


def _stance(compared: Compared, slug: str) -> Stance:
    return next(stance for stance in compared.stances.values() if stance.slug == slug)


def _segments(compared: Compared, passage: Passage, tags: list[Tag]) -> list[Segment]:
    """Equal quotes of one stance are underlined once, however many coders and topics they have."""
    quotes = sorted({(tag.start, tag.end, tag.stance) for tag in tags})
    spans = []
    for start, end, slug in quotes:
        stance = _stance(compared, slug)
        spans.append(Span(f"{start}-{end}-{slug}", start, end, stance.slot, stance.sign))
    return segments(passage.text, passage.start, spans)


def _said(compared: Compared, tags: list[Tag]) -> tuple[Said, ...]:
    topics = {topic.slug: topic for topic in compared.topics}
    sources = {source.slug: source for source in compared.sources.values()}
    counts: dict[tuple[str, str, str, str | None], int] = {}
    for tag in sorted(tags, key=lambda tag: (tag.start, tag.end)):
        key = (tag.topic, tag.stance, tag.source, tag.reported_by)
        counts[key] = counts.get(key, 0) + 1
    return tuple(
        Said(
            topics[topic],
            _stance(compared, stance),
            sources[source],
            sources[messenger] if messenger is not None else None,
            number,
        )
        for (topic, stance, source, messenger), number in counts.items()
        if topic in topics
    )
