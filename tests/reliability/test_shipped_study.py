"""The study that ships with Summit: the published figures, and every one by brute force from its files."""

import csv
import tomllib
from collections.abc import Callable, Hashable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from annotations.comparison.values import Tag
from annotations.importing.segments import passage_index, split_passages
from annotations.reliability.measures import measure_reliability
from annotations.reliability.values import CodedDocument, Coefficient, Dimension, Reliability, Undefined

from .cases import naive_alpha, naive_masi

FOLDER = Path(__file__).parents[2] / "seeds" / "biden-putin-2021"
STUDY: dict[str, Any] = tomllib.loads((FOLDER / "study.toml").read_text(encoding="utf-8"))
TOPICS = [topic["slug"] for topic in STUDY["topic"] if "parent" in topic]
VALUES = {stance["slug"]: stance.get("value") for stance in STUDY["stance"]}
PAIR = ("coder-1", "coder-2")


def passage_starts(file: str) -> list[int]:
    with open(FOLDER / file, encoding="utf-8", newline="") as lines:
        return [segment.start for segment in split_passages(lines.read())]


STARTS = {document["slug"]: passage_starts(document["file"]) for document in STUDY["document"]}
DOCUMENTS = [
    CodedDocument(d["slug"], tuple(range(1, len(STARTS[d["slug"]]) + 1)), tuple(d["finished"]))
    for d in STUDY["document"]
]


def shipped_tags() -> list[Tag]:
    sides = {source["slug"]: source["side"] for source in STUDY["source"]}
    with open(FOLDER / "codings.csv", encoding="utf-8", newline="") as file:
        return [
            Tag(
                key=key,
                document=row["document"],
                passage=passage_index(STARTS[row["document"]], int(row["start"])) + 1,
                start=int(row["start"]),
                end=int(row["end"]),
                topic=row["topic"],
                stance=row["stance"],
                value=VALUES[row["stance"]],
                source=row["source"],
                body=row["source"],
                side=sides[row["source"]],
                reported_by=row["reported_by"] or None,
                coder=row["coder"],
            )
            for key, row in zip(count(1), csv.DictReader(file), strict=False)
        ]


TAGS = shipped_tags()


@pytest.fixture(scope="module")
def shipped() -> Reliability:
    return measure_reliability(
        study=STUDY["study"]["slug"], tags=TAGS, documents=DOCUMENTS, topics=TOPICS, stances=list(VALUES)
    )


PUBLISHED = [
    (Coefficient.ALPHA_SETS, Dimension.POSITIONS, 0.889, 30, 30),
    (Coefficient.ALPHA_SETS, Dimension.SOURCES, 1.000, 30, 30),
    (Coefficient.ALPHA_NOMINAL, Dimension.STANCE, 0.980, 103, 115),
    (Coefficient.ALPHA_NOMINAL, Dimension.MESSENGER, 0.960, 103, 115),
    (Coefficient.F1, Dimension.CHARACTERS, 0.932, 17, 30),
]


@pytest.mark.parametrize(("name", "dimension", "value", "units", "out_of"), PUBLISHED)
def test_the_published_figures(
    shipped: Reliability, name: Coefficient, dimension: Dimension, value: float, units: int, out_of: int
) -> None:
    found = shipped.measure(name, dimension)
    assert found.value is not None
    assert (round(found.value, 3), found.units, found.out_of) == (value, units, out_of)


def test_what_it_rests_on(shipped: Reliability) -> None:
    assert (shipped.documents, shipped.coders) == (("osw", "pir-center"), PAIR)
    assert (shipped.passages, shipped.tagged_passages) == (30, 17)
    assert (shipped.matched, len(shipped.claims), len(TAGS)) == (103, 115, 218)
    (confusion,) = shipped.confusions
    assert [[cell.n for cell in row] for row in confusion.rows] == [
        [71, 0, 0, 0, 5],
        [0, 4, 1, 0, 0],
        [0, 0, 8, 0, 1],
        [0, 0, 0, 19, 0],
        [5, 0, 0, 1, 0],
    ]


def test_intervals_are_given_where_something_is_uncertain(shipped: Reliability) -> None:
    primary = shipped.primary
    assert primary.low is not None
    assert primary.high is not None
    assert 0.7 < primary.low < 0.889 < primary.high < 1
    sources = shipped.measure(Coefficient.ALPHA_SETS, Dimension.SOURCES)
    assert (sources.low, sources.reason) == (None, Undefined.NO_DISAGREEMENT)
    breakthrough = shipped.measure(Coefficient.F1, Dimension.CHARACTERS, topic="breakthrough")
    assert (breakthrough.units, breakthrough.low, breakthrough.reason) == (
        4,
        None,
        Undefined.FEW_TAGGED_UNITS,
    )


def sets(says: Callable[[Tag], Hashable]) -> list[list[frozenset[Hashable]]]:
    return [
        [
            frozenset(says(t) for t in TAGS if (t.document, t.passage, t.coder) == (d.slug, passage, coder))
            for coder in PAIR
        ]
        for d in DOCUMENTS
        for passage in d.passages
    ]


def test_sets_by_brute_force(shipped: Reliability) -> None:
    positions = sets(lambda tag: (tag.topic, tag.source, tag.stance))
    expected = {
        Dimension.POSITIONS: positions,
        Dimension.POSITIONS_TAGGED: [unit for unit in positions if any(unit)],
        Dimension.TOPICS: sets(lambda tag: tag.topic),
        Dimension.SOURCES: sets(lambda tag: tag.source),
    }
    for dimension, units in expected.items():
        value = shipped.measure(Coefficient.ALPHA_SETS, dimension).value
        assert value == pytest.approx(naive_alpha(units, naive_masi), abs=1e-12)


@pytest.mark.parametrize("topic", TOPICS)
def test_each_topic_by_brute_force(shipped: Reliability, topic: str) -> None:
    units = [[topic in found for found in unit] for unit in sets(lambda tag: tag.topic)]
    presence = shipped.measure(Coefficient.ALPHA_NOMINAL, Dimension.PRESENCE, topic=topic)
    assert presence.value == pytest.approx(naive_alpha(units, lambda a, b: a != b), abs=1e-12)
    one, other = (
        {
            (t.document, place)
            for t in TAGS
            if (t.topic, t.coder) == (topic, coder)
            for place in range(t.start, t.end)
        }
        for coder in PAIR
    )
    characters = shipped.measure(Coefficient.F1, Dimension.CHARACTERS, topic=topic)
    assert characters.value == pytest.approx(2 * len(one & other) / (len(one) + len(other)), abs=1e-12)


def test_a_document_alone_is_measured_on_itself() -> None:
    alone = [
        measure_reliability(
            study=STUDY["study"]["slug"], tags=TAGS, documents=[d], topics=TOPICS, stances=list(VALUES)
        )
        for d in DOCUMENTS
    ]
    assert [(found.documents, found.passages) for found in alone] == [(("osw",), 14), (("pir-center",), 16)]
    assert sum(len(found.claims) for found in alone) == 115
