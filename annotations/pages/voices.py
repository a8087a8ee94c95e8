"""Who speaks on what: a heat map of voices × topics, of each document and of their difference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from annotations.comparison.measures import voice_of
from annotations.enums import AUTHOR, Grain, Layer
from annotations.models import Topic
from annotations.pages.reading import Compared
from annotations.pages.voice_names import voice_label, voice_places


class Map(StrEnum):
    """Which heat map is shown."""

    A = "a"
    B = "b"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Cell:
    """One voice on one topic: the weight of its tags in A and in B. ``shown`` is a weight, in the map of the
    difference percentage points; ``heat`` the cell's ink, 0 to 1; ``leans`` the document that gives it the
    larger share of its weight, or nothing where both give it as much."""

    topic: Topic
    in_a: float
    in_b: float
    shown: float
    heat: str
    leans: str


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """One voice over all topics that anybody raises. ``page`` is the slug of the source whose page it has;
    a side has none."""

    voice: str
    label: str
    page: str
    cells: tuple[Cell, ...]
    total_a: float
    total_b: float


@dataclass(frozen=True, slots=True)
class HeatMap:
    """``groups``: parent topics with the number of their columns; ``largest``: what full ink stands for, a
    weight or percentage points. ``grain``: whether the voices are sources, bodies or sides."""

    which: Map
    grain: Grain
    topics: tuple[Topic, ...]
    groups: tuple[tuple[str, int], ...]
    rows: tuple[VoiceRow, ...]
    largest: float


def heat_map(compared: Compared, which: Map) -> HeatMap:
    """The weights of the reading by voice and topic; voices and topics without any are left out.

    The difference is one of shares of a document's weight: the longer document says more of everything.
    """
    weights = _weights(compared)
    grain = compared.reading.grain
    topics = tuple(t for t in compared.topics if any(topic == t.slug for _d, _v, topic in weights))
    places = voice_places(compared)
    voices = sorted(
        {voice for _document, voice, _topic in weights},
        key=lambda voice: (voice != AUTHOR, places.get(voice, 0), voice),
    )
    pairs = {voice: [_pair(compared, weights, voice, topic.slug) for topic in topics] for voice in voices}
    wholes = _wholes(list(pairs.values())) if which is Map.DIFFERENCE else (1.0, 1.0)
    largest = max((abs(_shown(which, pair, wholes)) for row in pairs.values() for pair in row), default=0.0)
    rows = tuple(
        VoiceRow(
            voice,
            voice_label(compared, voice),
            voice if grain is not Grain.SIDE or voice == AUTHOR else "",
            tuple(
                _cell(which, topic, pair, wholes, largest) for topic, pair in zip(topics, row, strict=True)
            ),
            sum(pair[0] for pair in row),
            sum(pair[1] for pair in row),
        )
        for voice, row in pairs.items()
    )
    groups = Counter(str(topic.parent or "") for topic in topics)
    return HeatMap(which, grain, topics, tuple(groups.items()), rows, largest)


def _weights(compared: Compared) -> Counter[tuple[str, str, str]]:
    """Numbers of tags by document, voice and topic."""
    weights: Counter[tuple[str, str, str]] = Counter()
    for tally in compared.tallies:
        weights[tally.document, voice_of(tally, compared.reading.grain), tally.topic] += tally.n
    return weights


def _pair(
    compared: Compared, weights: Counter[tuple[str, str, str]], voice: str, topic: str
) -> tuple[float, float]:
    """The weights in A and in B: each tag weighs one over the coders of its document."""
    is_curated = compared.reading.layer is Layer.CURATED
    a, b = (
        weights[document.slug, voice, topic] / (1 if is_curated else max(1, len(frame.coders)))
        for document, frame in (
            (compared.a, compared.comparison.a),
            (compared.b, compared.comparison.b),
        )
    )
    return a, b


def _wholes(rows: list[list[tuple[float, float]]]) -> tuple[float, float]:
    """The weight of each document on the map, for shares of it; 1 where it has none."""
    a, b = (sum(pair[place] for row in rows for pair in row) for place in (0, 1))
    return a or 1.0, b or 1.0


def _shown(which: Map, pair: tuple[float, float], wholes: tuple[float, float]) -> float:
    if which is Map.DIFFERENCE:
        return 100 * (pair[0] / wholes[0] - pair[1] / wholes[1])
    return pair[0] if which is Map.A else pair[1]


def _cell(
    which: Map, topic: Topic, pair: tuple[float, float], wholes: tuple[float, float], largest: float
) -> Cell:
    shown = _shown(which, pair, wholes)
    heat = abs(shown) / largest if largest else 0.0
    leans = which.value
    if which is Map.DIFFERENCE:
        leans = "a" if shown > 0 else "b" if shown < 0 else ""
    return Cell(topic, pair[0], pair[1], shown, f"{heat:.2f}", leans)
