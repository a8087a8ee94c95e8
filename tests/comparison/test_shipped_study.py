"""The study that ships with Summit, compared twice: by the app, and by brute force from its files."""

import csv
import tomllib
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from annotations.comparison.certainty import Draws, claims_of
from annotations.comparison.measures import compare
from annotations.comparison.mediation import mediation
from annotations.comparison.values import Comparison, DocumentFrame, Reading, Settings, Tag
from annotations.enums import AUTHOR, Grain, Layer, Lens, Verdict

from .naive import (
    NaiveDocument,
    naive_distance,
    naive_emphasis_z,
    naive_silence_chance,
    naive_thin,
    naive_verdict,
)

FOLDER = Path(__file__).parents[2] / "seeds" / "biden-putin-2021"
STUDY: dict[str, Any] = tomllib.loads((FOLDER / "study.toml").read_text(encoding="utf-8"))
SCALE = tuple(sorted({stance["value"] for stance in STUDY["stance"] if "value" in stance}))
TOPICS = [topic["slug"] for topic in STUDY["topic"] if "parent" in topic]
CODERS = ("coder-1", "coder-2")


def passage_starts(slug: str) -> list[int]:
    """Where the passages of a document start, in code points: blocks between blank lines, and list items.

    An item of a list is a passage of its own although no blank line parts it from the next: taken as one
    passage, the five items of OSW's commentary would hide nine (passage, topic) pairs.
    """
    with open(FOLDER / f"{slug}.txt", encoding="utf-8", newline="") as file:
        text = file.read()
    starts, position, after_blank = [], 0, True
    for line in text.splitlines(keepends=True):
        if line.strip() and (after_blank or line.lstrip().startswith("•")):
            starts.append(position)
        position, after_blank = position + len(line), not line.strip()
    return starts


def shipped_tags() -> list[Tag]:
    starts = {document["slug"]: passage_starts(document["slug"]) for document in STUDY["document"]}
    values = {stance["slug"]: stance.get("value") for stance in STUDY["stance"]}
    sources = {source["slug"]: source for source in STUDY["source"]}
    with open(FOLDER / "codings.csv", encoding="utf-8", newline="") as file:
        return [
            Tag(
                key=key,
                document=row["document"],
                passage=sum(start <= int(row["start"]) for start in starts[row["document"]]),
                start=int(row["start"]),
                end=int(row["end"]),
                topic=row["topic"],
                stance=row["stance"],
                value=values[row["stance"]],
                source=row["source"],
                body=sources[row["source"]].get("speaks_for", row["source"]),
                side=sources[row["source"]]["side"],
                reported_by=row["reported_by"] or None,
                coder=row["coder"],
            )
            for key, row in zip(count(1), csv.DictReader(file), strict=False)
        ]


TAGS = shipped_tags()
VOICES: dict[Grain, Callable[[Tag], str]] = {
    Grain.SOURCE: lambda tag: tag.source,
    Grain.BODY: lambda tag: tag.body,
    Grain.SIDE: lambda tag: AUTHOR if tag.source == AUTHOR else tag.side,
}
HEARD: dict[Lens, Callable[[Tag], bool]] = {
    Lens.ALL: lambda _: True,
    Lens.OWN: lambda tag: tag.source == AUTHOR,
    Lens.ATTRIBUTED: lambda tag: tag.source != AUTHOR,
}


def shipped_comparison(
    lens: Lens = Lens.ALL, grain: Grain = Grain.SOURCE, coders: tuple[str, ...] = CODERS
) -> Comparison:
    return compare(
        a=DocumentFrame("osw", True, coders),
        b=DocumentFrame("pir-center", True, coders),
        tags=TAGS,
        topics=TOPICS,
        reading=Reading(Layer.CODED, coders[0] if len(coders) == 1 else None, lens, grain),
        settings=Settings(scale=SCALE),
        finishers_of_both=CODERS,
    )


def test_the_files_are_the_ones_the_numbers_are_about() -> None:
    assert (len(TAGS), len(TOPICS), SCALE) == (218, 23, (-1.0, 0.0, 1.0))
    assert [len(passage_starts(document["slug"])) for document in STUDY["document"]] == [14, 16]
    assert all(document["finished"] == list(CODERS) for document in STUDY["document"])


def test_the_headline_of_the_shipped_study() -> None:
    headline = shipped_comparison().headline
    counts = {verdict: n for verdict, n in headline.counts if n}
    assert counts == {
        Verdict.AGREE: 8,
        Verdict.ONLY_A: 11,
        Verdict.DIFFERENT_VOICES: 3,
        Verdict.NO_POSITION: 1,
    }
    assert headline.topics == 23
    assert round(headline.only_a_expected, 1) == 10.5
    assert not headline.provisional
    assert not headline.share_no_coder


@pytest.mark.parametrize("coders", [CODERS, ("coder-1",), ("coder-2",)])
@pytest.mark.parametrize("grain", Grain)
@pytest.mark.parametrize("lens", Lens)
def test_every_reading_of_the_shipped_study_is_that_of_the_definitions(
    lens: Lens, grain: Grain, coders: tuple[str, ...]
) -> None:
    compared = shipped_comparison(lens, grain, coders)
    heard = [tag for tag in TAGS if HEARD[lens](tag)]
    a = NaiveDocument("osw", heard, counted=coders, voice=VOICES[grain])
    b = NaiveDocument("pir-center", heard, counted=coders, voice=VOICES[grain])
    for topic in compared.topics:
        distance, z = naive_distance(a, b, topic.topic, SCALE), naive_emphasis_z(a, b, topic.topic)
        assert topic.distance == (None if distance is None else pytest.approx(float(distance), abs=1e-12))
        assert topic.emphasis_z == (None if z is None else pytest.approx(z, abs=1e-9))
        assert topic.verdict == naive_verdict(a, b, topic.topic, SCALE, (True, True))
        assert topic.thin == naive_thin(a, b, topic.topic, topic.verdict)
        for found, document in ((topic.a, a), (topic.b, b)):
            assert found.weight == float(document.weight(topic.topic))
            assert found.valued_weight == float(document.weight(topic.topic, valued=True))
            assert found.emphasis == pytest.approx(float(document.weight(topic.topic) / document.weight()))
            assert found.character_share == document.characters(topic.topic) / document.characters()
        silent = {Verdict.ONLY_A: (a, b), Verdict.ONLY_B: (b, a)}.get(topic.verdict)
        chance = None if silent is None else pytest.approx(float(naive_silence_chance(*silent, topic.topic)))
        assert topic.silence_chance == chance
    raised = a.topics() | b.topics()
    expected = sum(naive_silence_chance(a, b, topic) for topic in raised)
    assert compared.headline.only_a_expected == pytest.approx(float(expected))


@pytest.mark.parametrize("coder", CODERS)
def test_the_verdicts_by_coder_are_those_of_each_coders_own_reading(coder: str) -> None:
    own = {c: [topic.verdict for topic in shipped_comparison(coders=(c,)).topics] for c in CODERS}
    for row, topic in enumerate(shipped_comparison(coders=(coder,)).topics):
        same = sum(own[c][row] is topic.verdict for c in CODERS)
        assert topic.verdict_by_coder == (same, 2)


def test_american_claims_reach_osws_reader_through_americans_and_pirs_through_russians() -> None:
    of = {slug: [tag for tag in TAGS if tag.document == slug] for slug in ("osw", "pir-center")}
    found = mediation(
        "United States",
        tags=(of["osw"], of["pir-center"]),
        coders=(2, 2),
        claims=(claims_of(of["osw"], Layer.CODED), claims_of(of["pir-center"], Layer.CODED)),
        side_of={source["slug"]: source["side"] for source in STUDY["source"]},
    )
    assert (found.a.claims_own, found.a.claims_other) == (14, 2)
    assert (found.b.claims_own, found.b.claims_other) == (0, 3)
    assert dict(found.b.through).keys() == {"Russia"}
    assert found.p == pytest.approx(0.010, abs=5e-4)


def test_every_distance_of_the_shipped_study_has_its_certainty() -> None:
    sources = tuple(source["slug"] for source in STUDY["source"])
    compared = compare(
        a=DocumentFrame("osw", True, CODERS),
        b=DocumentFrame("pir-center", True, CODERS),
        tags=TAGS,
        topics=TOPICS,
        reading=Reading(Layer.CODED, None, Lens.ALL, Grain.SOURCE),
        settings=Settings(scale=SCALE),
        draws=Draws(STUDY["study"]["slug"], sources),
    )
    for topic in compared.topics:
        assert (topic.certainty is None) is (topic.distance is None)
        if topic.certainty is not None:
            interval, shuffled = topic.certainty.interval, topic.certainty.shuffled
            assert interval.low <= topic.distance <= interval.high  # type: ignore[operator]
            assert (shuffled.p is None) is (shuffled.least is None or shuffled.least > 0.05)
