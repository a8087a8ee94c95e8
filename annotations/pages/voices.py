"""Who speaks on what: a source × topic heat map of each document, and of their difference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from annotations.enums import AUTHOR, Layer
from annotations.models import Source, Topic
from annotations.pages.reading import Compared


class Map(StrEnum):
    """Which heat map is shown."""

    A = "a"
    B = "b"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Cell:
    """One source on one topic: the weight of its tags in A and in B. ``heat`` is the cell's ink, 0 to 1;
    ``leans`` the document with more, or nothing where both say as much."""

    topic: Topic
    in_a: float
    in_b: float
    shown: float
    heat: str
    leans: str


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """One source over all topics that anybody raises."""

    source: Source
    cells: tuple[Cell, ...]
    total_a: float
    total_b: float


@dataclass(frozen=True, slots=True)
class HeatMap:
    """``groups``: parent topics with the number of their columns; ``largest``: the weight of full ink."""

    which: Map
    topics: tuple[Topic, ...]
    groups: tuple[tuple[str, int], ...]
    rows: tuple[VoiceRow, ...]
    largest: float


def heat_map(compared: Compared, which: Map) -> HeatMap:
    """The weights of the reading by source and topic; sources and topics without any are left out."""
    weights = _weights(compared)
    topics = tuple(t for t in compared.topics if any(topic == t.slug for _d, _s, topic in weights))
    speaking = {source for _document, source, _topic in weights}
    sources = sorted(
        (source for source in compared.sources.values() if source.slug in speaking),
        key=lambda source: (source.slug != AUTHOR, source.position),
    )
    pairs = [
        (source, [_pair(compared, weights, source.slug, topic.slug) for topic in topics])
        for source in sources
    ]
    largest = max((abs(_shown(which, pair)) for _s, row in pairs for pair in row), default=0.0)
    rows = tuple(
        VoiceRow(
            source,
            tuple(_cell(which, topic, pair, largest) for topic, pair in zip(topics, row, strict=True)),
            sum(pair[0] for pair in row),
            sum(pair[1] for pair in row),
        )
        for source, row in pairs
    )
    groups = Counter(str(topic.parent or "") for topic in topics)
    return HeatMap(which, topics, tuple(groups.items()), rows, largest)


def _weights(compared: Compared) -> Counter[tuple[str, str, str]]:
    """Numbers of tags by document, source and topic."""
    weights: Counter[tuple[str, str, str]] = Counter()
    for tally in compared.tallies:
        weights[tally.document, tally.source, tally.topic] += tally.n
    return weights


def _pair(
    compared: Compared, weights: Counter[tuple[str, str, str]], source: str, topic: str
) -> tuple[float, float]:
    """The weights in A and in B: each tag weighs one over the coders of its document."""
    is_curated = compared.reading.layer is Layer.CURATED
    a, b = (
        weights[document.slug, source, topic] / (1 if is_curated else max(1, len(frame.coders)))
        for document, frame in (
            (compared.a, compared.comparison.a),
            (compared.b, compared.comparison.b),
        )
    )
    return a, b


def _shown(which: Map, pair: tuple[float, float]) -> float:
    if which is Map.DIFFERENCE:
        return pair[0] - pair[1]
    return pair[0] if which is Map.A else pair[1]


def _cell(which: Map, topic: Topic, pair: tuple[float, float], largest: float) -> Cell:
    shown = _shown(which, pair)
    heat = abs(shown) / largest if largest else 0.0
    leans = which.value
    if which is Map.DIFFERENCE:
        leans = "a" if shown > 0 else "b" if shown < 0 else ""
    return Cell(topic, pair[0], pair[1], shown, f"{heat:.2f}", leans)
