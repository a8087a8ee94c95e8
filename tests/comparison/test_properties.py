"""What must hold for every pair of documents, however they are coded."""

import random
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.comparison.measures import emphasis_z, tagged_characters, wasserstein
from annotations.comparison.values import Comparison, DocumentOnTopic, Tag, TopicComparison, VoiceOnTopic
from annotations.enums import AUTHOR, Grain, Lens, Verdict

from .cases import VALUES, a_says, b_says, read
from .naive import NaiveDocument, naive_distance, naive_emphasis_z, naive_thin, naive_verdict

TOPICS = ("t", "u", "v", "w")
CODERS = ("c1", "c2", "c3")
SCALE = (-1.0, 0.0, 1.0)
SOURCES = {AUTHOR: ("author", "Author"), "p": ("q", "East"), "q": ("q", "East"), "r": ("r", "West")}
SWAPPED = {Verdict.ONLY_A: Verdict.ONLY_B, Verdict.ONLY_B: Verdict.ONLY_A}


@st.composite
def one_tag(draw: st.DrawFn) -> Tag:
    source = draw(st.sampled_from(sorted(SOURCES)))
    stance = draw(st.sampled_from(sorted(VALUES)))
    start = draw(st.integers(0, 60))
    body, side = SOURCES[source]
    return Tag(
        key=draw(st.integers(1, 10**6)),
        document=draw(st.sampled_from(["a", "b"])),
        passage=start // 20 + 1,
        start=start,
        end=start + draw(st.integers(1, 20)),
        topic=draw(st.sampled_from(TOPICS)),
        stance=stance,
        value=VALUES[stance],
        source=source,
        body=body,
        side=side,
        reported_by=None,
        coder=draw(st.sampled_from(CODERS)),
    )


many_tags = st.lists(one_tag(), max_size=40)
some_coders = st.tuples(*[st.sets(st.sampled_from(CODERS)).map(lambda coders: tuple(sorted(coders)))] * 2)
readings = st.fixed_dictionaries(
    {
        "coders": some_coders,
        "finished": st.tuples(st.booleans(), st.booleans()),
        "lens": st.sampled_from(Lens),
        "grain": st.sampled_from(Grain),
        "topics": st.just(TOPICS),
        "finishers_of_both": st.sampled_from([(), ("c1",), CODERS]),
    }
)


def swap_documents(tags: list[Tag]) -> list[Tag]:
    return [replace(tag, document="b" if tag.document == "a" else "a") for tag in tags]


def swap_columns(value: object) -> object:
    """The same row with the columns of A and B exchanged."""
    assert isinstance(value, TopicComparison | VoiceOnTopic)
    swapped = {}
    for field in fields(value):
        stem, _, end = field.name.rpartition("_")
        other = {"a": "b", "b": "a"}.get(end, end)
        swapped[f"{stem}_{other}" if stem else other] = getattr(value, field.name)
    if isinstance(value, TopicComparison):
        swapped["verdict"] = SWAPPED.get(value.verdict, value.verdict)
        swapped["emphasis_z"] = None if value.emphasis_z is None else -value.emphasis_z
        swapped["voices"] = tuple(swap_columns(voice) for voice in value.voices)
    return type(value)(**swapped)


def shares(document: DocumentOnTopic) -> list[float]:
    return [
        share
        for share in (document.emphasis, document.passage_share, document.character_share)
        if share is not None
    ]


def verdicts(compared: Comparison) -> list[tuple[Verdict, bool | None]]:
    return [(topic.verdict, topic.thin) for topic in compared.topics]


@given(many_tags, readings)
def test_swapping_the_documents_swaps_the_columns_and_nothing_else(
    tags: list[Tag], reading: dict[str, Any]
) -> None:
    there = read(tags, **reading)
    reading |= {"coders": reading["coders"][::-1], "finished": reading["finished"][::-1]}
    back = read(swap_documents(tags), **reading)
    assert [swap_columns(topic) for topic in there.topics] == list(back.topics)
    assert there.headline.only_a_expected == back.headline.only_b_expected
    assert there.headline.share_no_coder == back.headline.share_no_coder


@given(many_tags, st.sampled_from(Grain), st.sampled_from(Lens))
def test_identical_documents_are_at_distance_0(tags: list[Tag], grain: Grain, lens: Lens) -> None:
    tags = [replace(tag, document=document) for tag in tags for document in ("a", "b")]
    compared = read(tags, coders=(CODERS, CODERS), topics=TOPICS, grain=grain, lens=lens)
    for topic in compared.topics:
        assert topic.distance in (0.0, None)
        assert topic.verdict in (Verdict.AGREE, Verdict.NO_POSITION, Verdict.NOT_RAISED)
        assert topic.emphasis_z in (None, pytest.approx(0))
        assert topic.voices_jaccard in (None, 1.0)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 3), st.lists(st.floats(-5, 5), min_size=2))
def test_opposite_poles_are_at_distance_1(n_a: int, n_b: int, coders: int, scale: list[float]) -> None:
    assert read(a_says("s" * n_a) + b_says("o" * n_b)).topic("t").distance == 1.0
    if max(scale) - min(scale) > 1e-6:
        poles = ((min(scale), n_a / coders),), ((max(scale), n_b / coders),)
        assert wasserstein(*poles, scale) == pytest.approx(1.0)


@given(many_tags, readings)
def test_coding_twice_does_not_count_twice(tags: list[Tag], reading: dict[str, Any]) -> None:
    reading |= {"coders": (("c1",), ("c1",)), "finishers_of_both": ()}
    once = [tag for tag in tags if tag.coder == "c1"]
    twice = once + [replace(tag, coder="c2") for tag in once]
    alone = read(once, **reading)
    together = read(twice, **(reading | {"coders": (("c1", "c2"), ("c1", "c2"))}))
    assert verdicts(alone) == verdicts(together)
    assert [topic.distance for topic in alone.topics] == [topic.distance for topic in together.topics]
    assert [topic.emphasis_z for topic in alone.topics] == [topic.emphasis_z for topic in together.topics]
    assert alone.headline == together.headline


@given(many_tags, st.sampled_from(Grain), st.sampled_from(CODERS))
def test_each_coder_alone_gives_the_verdict_of_their_own_reading(
    tags: list[Tag], grain: Grain, coder: str
) -> None:
    """The verdicts that are counted are found without all that a reading of one's own shows."""
    every = read(tags, coders=(CODERS, CODERS), topics=TOPICS, grain=grain, finishers_of_both=(coder,))
    own = [tag for tag in tags if tag.coder == coder]
    alone = read(own, coders=((coder,), (coder,)), topics=TOPICS, grain=grain)
    same = [one.verdict is all_.verdict for one, all_ in zip(alone.topics, every.topics, strict=True)]
    assert [topic.verdict_by_coder for topic in every.topics] == [(int(is_same), 1) for is_same in same]


@given(many_tags)
def test_a_coarser_verdict_is_that_of_the_coarser_reading(tags: list[Tag]) -> None:
    by_grain = {grain: read(tags, coders=(CODERS, CODERS), topics=TOPICS, grain=grain) for grain in Grain}
    for topic, body, side in zip(*(by_grain[grain].topics for grain in Grain), strict=True):
        differ = topic.verdict is Verdict.DIFFERENT_VOICES
        assert (topic.by_body, topic.by_side) == ((body.verdict, side.verdict) if differ else (None, None))


@given(many_tags, readings, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(
    tags: list[Tag], reading: dict[str, Any], chance: random.Random
) -> None:
    shuffled = list(tags)
    chance.shuffle(shuffled)
    assert read(shuffled, **reading) == read(tags, **reading)


@given(many_tags, readings)
def test_tags_of_coders_who_do_not_count_change_nothing(tags: list[Tag], reading: dict[str, Any]) -> None:
    reading |= {"coders": (("c1", "c2"), ("c1",)), "finishers_of_both": ()}
    counted = {"a": ("c1", "c2"), "b": ("c1",)}
    kept = [tag for tag in tags if tag.coder in counted[tag.document]]
    assert read(tags, **reading) == read(kept, **reading)


@given(many_tags, readings)
def test_every_share_and_chance_lies_between_0_and_1(tags: list[Tag], reading: dict[str, Any]) -> None:
    for topic in read(tags, **reading).topics:
        found = [
            topic.distance,
            topic.common_share_a,
            topic.common_share_b,
            topic.silence_chance,
            topic.voices_jaccard,
            *shares(topic.a),
            *shares(topic.b),
            *(voice.distance for voice in topic.voices),
        ]
        assert all(0 <= value <= 1 for value in found if value is not None)


@given(many_tags, some_coders.filter(all), st.tuples(st.booleans(), st.booleans()))
def test_the_measures_are_those_of_their_definitions(
    tags: list[Tag], coders: tuple[tuple[str, ...], tuple[str, ...]], finished: tuple[bool, bool]
) -> None:
    compared = read(tags, coders=coders, finished=finished, topics=TOPICS)
    a, b = (
        NaiveDocument(slug, tags, counted=counted, voice=lambda tag: tag.source)
        for slug, counted in zip("ab", coders, strict=True)
    )
    for topic in compared.topics:
        distance, z = naive_distance(a, b, topic.topic, SCALE), naive_emphasis_z(a, b, topic.topic)
        assert topic.distance == (None if distance is None else pytest.approx(float(distance), abs=1e-12))
        assert topic.emphasis_z == (None if z is None else pytest.approx(z, abs=1e-9))
        assert topic.verdict == naive_verdict(a, b, topic.topic, SCALE, finished)
        assert topic.thin == naive_thin(a, b, topic.topic, topic.verdict)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15))))
def test_tagged_characters_are_those_in_any_span(spans: list[tuple[int, int]]) -> None:
    halves_open = [(start, start + length) for start, length in spans]
    assert tagged_characters(halves_open) == len({c for start, end in halves_open for c in range(start, end)})


@given(st.integers(2, 20), *[st.integers(0, 30)] * 4)
def test_emphasis_needs_weight_on_the_topic_and_in_both_documents(
    topics: int, y_a: int, y_b: int, rest_a: int, rest_b: int
) -> None:
    z = emphasis_z(y_a=y_a, y_b=y_b, n_a=y_a + rest_a, n_b=y_b + rest_b, topics_raised=topics)
    defined = bool(y_a + y_b) and bool(y_a + rest_a) and bool(y_b + rest_b) and bool(rest_a + rest_b)
    assert (z is not None) is defined
