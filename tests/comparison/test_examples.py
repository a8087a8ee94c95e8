"""The worked examples of the comparison: small enough to check by hand."""

from dataclasses import replace

import pytest

from annotations.comparison.measures import counted_coders, emphasis_z
from annotations.comparison.values import Comparison, Settings, Tag
from annotations.enums import Coverage, Grain, Verdict

from .cases import SETTINGS, a_says, b_says, read, said


def on_t(compared: Comparison) -> tuple[Verdict, float | None, bool | None]:
    topic = compared.topic("t")
    return topic.verdict, topic.distance, topic.thin


def spread(document: str, weights: dict[str, int]) -> list[Tag]:
    return [tag for topic, n in weights.items() for tag in said(document, "s" * n, topic=topic)]


def close(value: float) -> object:
    return pytest.approx(value, abs=1e-12)


# 1
@pytest.mark.parametrize(("stances", "thin"), [("ss", False), ("s", True), ("sssss", False)])
def test_the_same_position_agrees_at_distance_0_and_is_thin_below_a_weight_of_2(
    stances: str, thin: bool
) -> None:
    assert on_t(read(a_says(stances) + b_says(stances))) == (Verdict.AGREE, 0.0, thin)


# 2
def test_quotes_tagged_by_two_coders_weigh_as_much_as_tagged_once() -> None:
    tags = [tag for coder in ("c1", "c2") for tag in a_says("ss", coder=coder) + b_says("oo", coder=coder)]
    compared = read(tags, coders=(("c1", "c2"), ("c1", "c2")), finishers_of_both=("c1", "c2"))
    topic = compared.topic("t")
    assert on_t(compared) == (Verdict.DIVERGE, 1.0, False)
    assert (topic.a.n, topic.b.n, topic.a.weight, topic.b.weight) == (4, 4, 2.0, 2.0)
    assert topic.verdict_by_coder == (2, 2)


# 3
def test_support_against_mixed_is_half_of_the_scale() -> None:
    assert on_t(read(a_says("s") + b_says("m"))) == (Verdict.PARTLY, 0.5, True)


def test_the_range_is_of_the_declared_scale_not_of_the_values_that_occur() -> None:
    wider = Settings(scale=(-3.0, 0.0, 1.0))
    assert on_t(read(a_says("s") + b_says("m"), settings=wider)) == (Verdict.AGREE, 0.25, True)


# 4
def test_equal_means_are_not_the_same_position() -> None:
    compared = read(a_says("so") + b_says("mm"))
    assert on_t(compared) == (Verdict.PARTLY, 0.5, False)
    assert (compared.topic("t").a.mean, compared.topic("t").b.mean) == (0.0, 0.0)


# 5
def test_a_source_counts_with_its_smaller_weight() -> None:
    tags = a_says("s") + b_says("o" * 10) + a_says("sssss", source="q") + b_says("sssss", source="q")
    assert on_t(read(tags)) == (Verdict.AGREE, close(1 / 6), False)


def test_tags_without_a_position_do_not_move_the_distance_but_weigh() -> None:
    tags = (
        a_says("s" + "x" * 9) + b_says("o" * 10) + a_says("sssss", source="q") + b_says("sssss", source="q")
    )
    topic = read(tags).topic("t")
    assert topic.distance == close(1 / 6)
    assert (topic.a.weight, topic.a.valued_weight, topic.a.unvalued_weight) == (15.0, 6.0, 9.0)
    assert (topic.common_share_a, topic.common_share_b) == (close(6 / 15), 1.0)


# 6
def test_sources_are_averaged_by_the_weight_they_share() -> None:
    tags = a_says("ss") + b_says("so") + a_says("o", source="q") + b_says("ooo", source="q")
    compared = read(tags)
    assert on_t(compared) == (Verdict.PARTLY, close(1 / 3), False)
    assert [(voice.voice, voice.distance) for voice in compared.topic("t").voices] == [("p", 0.5), ("q", 0.0)]


# 7
def test_a_common_source_without_positions_in_both_gives_no_position() -> None:
    topic = read(a_says("x") + b_says("s")).topic("t")
    assert (topic.verdict, topic.distance, topic.thin) == (Verdict.NO_POSITION, None, True)
    assert (topic.common_sources, topic.shared_voices) == ((), ("p",))


def test_two_sources_of_one_side_are_different_voices_by_source_and_agree_by_side() -> None:
    tags = a_says("s", source="p") + b_says("s", source="q")
    topic = read(tags).topic("t")
    assert (topic.verdict, topic.distance, topic.thin) == (Verdict.DIFFERENT_VOICES, None, True)
    assert (topic.by_body, topic.by_side) == (Verdict.DIFFERENT_VOICES, Verdict.AGREE)
    by_side = read(tags, grain=Grain.SIDE)
    assert on_t(by_side) == (Verdict.AGREE, 0.0, True)
    assert (by_side.topic("t").by_body, by_side.topic("t").by_side) == (None, None)


# 8
def test_a_bound_is_met_although_thirds_miss_it_by_a_digit() -> None:
    stances = {"c1": "ssssm", "c2": "ssmm", "c3": "smo"}
    tags = [tag for coder, said_by in stances.items() for tag in a_says(said_by, coder=coder)] + b_says("s")
    compared = read(tags, coders=(("c1", "c2", "c3"), ("c1",)))
    assert on_t(compared) == (Verdict.AGREE, close(0.25), True)
    assert compared.topic("t").a.weight == 4.0


@pytest.mark.parametrize(
    ("agree_max", "diverge_above", "verdict"),
    [
        (0.5 - 0.9e-9, 0.9, Verdict.AGREE),
        (0.5 - 1.1e-9, 0.9, Verdict.PARTLY),
        (0.1, 0.5 - 0.9e-9, Verdict.PARTLY),
        (0.1, 0.5 - 1.1e-9, Verdict.DIVERGE),
    ],
)
def test_both_bounds_have_the_same_slack(agree_max: float, diverge_above: float, verdict: Verdict) -> None:
    settings = replace(SETTINGS, agree_max=agree_max, diverge_above=diverge_above)
    assert read(a_says("s") + b_says("m"), settings=settings).topic("t").verdict is verdict


# 9
def test_a_finisher_without_tags_counts() -> None:
    coders, finished = counted_coders(finishers=["c2", "c1"], annotators=["c1"], chosen=None)
    assert (coders, finished) == (("c1", "c2"), True)
    assert read(a_says("sss"), coders=(coders, ("c1",))).topic("t").a.weight == 1.5


def test_an_unfinished_coder_beside_a_finisher_stays_out() -> None:
    coders, finished = counted_coders(finishers=["c1"], annotators=["c1", "c2"], chosen=None)
    assert (coders, finished) == (("c1",), True)
    tags = a_says("sssss") + a_says("sssss", topic="u") + a_says("sssss", coder="c2")
    topic = read(tags, coders=(coders, ("c1",))).topic("t")
    assert (topic.a.n, topic.a.weight, topic.a.emphasis) == (5, 5.0, 0.5)


def test_where_nobody_finished_those_who_annotated_count() -> None:
    assert counted_coders(finishers=[], annotators=["c2", "c1"], chosen=None) == (("c1", "c2"), False)
    assert counted_coders(finishers=[], annotators=[], chosen=None) == ((), False)


def test_a_chosen_coder_counts_alone_and_finishes_alone() -> None:
    assert counted_coders(finishers=["c1", "c2"], annotators=["c1"], chosen="c2") == (("c2",), True)
    assert counted_coders(finishers=["c1"], annotators=["c1", "c2"], chosen="c2") == (("c2",), False)
    assert counted_coders(finishers=["c1"], annotators=["c1"], chosen="c2") == ((), False)


# 10
def test_an_unfinished_document_without_tags_is_not_coded_and_the_verdict_pending() -> None:
    compared = read(a_says("ss"), coders=(("c1",), ()), finished=(True, False))
    topic = compared.topic("t")
    assert (topic.b.coverage, topic.verdict, topic.thin) == (Coverage.NOT_CODED, Verdict.PENDING, None)
    assert topic.provisional
    assert compared.headline.provisional
    assert topic.silence_chance is None


def test_a_finished_document_without_tags_is_silent() -> None:
    topic = read(a_says("ss")).topic("t")
    assert (topic.a.coverage, topic.b.coverage) == (Coverage.COVERED, Coverage.SILENT)
    assert (topic.verdict, topic.thin, topic.provisional) == (Verdict.ONLY_A, False, False)


# 11
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ({"t1": 6, "t2": 2}, {"t1": 2, "t2": 6}, {"t1": 1.7364, "t2": -1.7364, "u1": None, "u2": None}),
        ({"t1": 4, "t2": 4, "t3": 2}, {"t2": 5, "t3": 5}, {"t1": 1.6809, "t2": -0.3938, "t3": -1.2153}),
        ({"t1": 3}, {"t1": 5}, {"t1": None}),
    ],
)
def test_emphasis(a: dict[str, int], b: dict[str, int], expected: dict[str, float | None]) -> None:
    compared = read(spread("a", a) + spread("b", b), topics=tuple(expected))
    found = {topic.topic: topic.emphasis_z for topic in compared.topics}
    assert found == {topic: z if z is None else pytest.approx(z, abs=5e-5) for topic, z in expected.items()}


def test_emphasis_is_undefined_beside_a_document_without_weight() -> None:
    topic = read(a_says("s") + a_says("s", topic="u")).topic("t")
    assert (topic.emphasis_z, topic.a.emphasis, topic.b.emphasis) == (None, 0.5, None)
    assert emphasis_z(y_a=0, y_b=0, n_a=0, n_b=0, topics_raised=0) is None


def test_emphasis_is_defined_where_one_document_has_only_one_of_two_topics() -> None:
    z = read(spread("a", {"t": 3}) + spread("b", {"t": 1, "u": 2})).topic("t").emphasis_z
    assert z is not None
    assert z > 0


# 12
def test_silence_is_measured_against_length() -> None:
    compared = read(
        spread("a", {"t1": 3, "t2": 1, "t3": 2}) + spread("b", {"t1": 2}), topics=("t1", "t2", "t3", "t4")
    )
    assert [topic.silence_chance for topic in compared.topics] == [None, 0.75, close(15 / 28), None]
    assert compared.headline.only_a_expected == close(39 / 28)
    assert compared.headline.count(Verdict.ONLY_A) == 2


def test_a_passage_that_raises_a_topic_twice_is_one_pair() -> None:
    tags = said("a", "ss", passages=(1, 1)) + b_says("s", topic="u")
    assert read(tags).topic("t").silence_chance == 0.5
