"""Who is heard in a comparison, as which voice, and what stands beside its numbers."""

from dataclasses import replace

import pytest

from annotations.comparison.measures import wasserstein
from annotations.comparison.values import Settings, Tag
from annotations.enums import AUTHOR, Grain, Layer, Lens, Verdict

from .cases import a_says, b_says, read, said


def author_and_others() -> list[Tag]:
    return (
        a_says("s", source=AUTHOR, side="Author")
        + a_says("so", source="putin", side="Russia")
        + a_says("s", source="ushakov", body="kremlin", side="Russia")
        + b_says("o", source=AUTHOR, side="Author")
        + b_says("oo", source="kremlin", side="Russia")
    )


@pytest.mark.parametrize(
    ("grain", "voices_a", "voices_b"),
    [
        (Grain.SOURCE, (AUTHOR, "putin", "ushakov"), (AUTHOR, "kremlin")),
        (Grain.BODY, (AUTHOR, "kremlin", "putin"), (AUTHOR, "kremlin")),
        (Grain.SIDE, ("Russia", AUTHOR), ("Russia", AUTHOR)),
    ],
)
def test_author_is_a_voice_of_its_own_at_every_grain(
    grain: Grain, voices_a: tuple[str, ...], voices_b: tuple[str, ...]
) -> None:
    topic = read(author_and_others(), grain=grain).topic("t")
    assert (topic.a.voices, topic.b.voices) == (voices_a, voices_b)


@pytest.mark.parametrize(
    ("lens", "n", "verdict", "by_body"),
    [
        (Lens.ALL, 4, Verdict.DIVERGE, None),
        (Lens.OWN, 1, Verdict.DIVERGE, None),
        (Lens.ATTRIBUTED, 3, Verdict.DIFFERENT_VOICES, Verdict.DIVERGE),
    ],
)
def test_a_lens_decides_who_is_heard(lens: Lens, n: int, verdict: Verdict, by_body: Verdict | None) -> None:
    topic = read(author_and_others(), lens=lens).topic("t")
    assert (topic.a.n, topic.verdict, topic.by_body) == (n, verdict, by_body)


def test_two_authors_are_compared_and_are_no_shared_attributed_voice() -> None:
    own = a_says("s", source=AUTHOR) + b_says("s", source=AUTHOR)
    topic = read(own).topic("t")
    assert (topic.common_sources, topic.voices_jaccard) == ((AUTHOR,), None)
    topic = read(own + a_says("s") + a_says("s", source="q") + b_says("x") + b_says("s", source="r")).topic(
        "t"
    )
    assert (topic.voices_jaccard, topic.only_a, topic.only_b) == (1 / 3, ("q",), ("r",))
    assert topic.shared_voices == (AUTHOR, "p")


def test_overlapping_tags_do_not_count_their_characters_twice() -> None:
    first, second, other = said("a", "sss", passages=(1, 1, 2))
    tags = [first, replace(second, start=105, end=130), replace(other, topic="u", end=220)]
    topic = read(tags).topic("t")
    assert (topic.a.character_share, topic.a.passage_share) == (30 / 50, 0.5)


def test_every_curated_tag_weighs_1_and_no_coder_is_compared() -> None:
    tags = a_says("s", coder="cora") + a_says("s", coder="olga") + b_says("oo", coder="cora")
    compared = read(tags, coders=((), ()), layer=Layer.CURATED, finishers_of_both=("c1",))
    topic = compared.topic("t")
    assert (topic.a.weight, topic.verdict, topic.verdict_by_coder) == (2.0, Verdict.DIVERGE, None)
    assert not compared.headline.share_no_coder


def test_each_finisher_is_asked_alone() -> None:
    tags = a_says("ss", coder="c1") + b_says("ss", coder="c1") + a_says("s", coder="c2")
    both = ("c1", "c2")
    topic = read(tags, coders=(both, both), finishers_of_both=both).topic("t")
    assert (topic.verdict, topic.verdict_by_coder) == (Verdict.AGREE, (1, 2))


def test_documents_without_a_coder_in_common_say_so() -> None:
    tags = a_says("s", coder="c1") + b_says("s", coder="c2")
    assert read(tags, coders=(("c1",), ("c2",))).headline.share_no_coder
    assert not read(tags, coders=(("c1",), ("c1", "c2"))).headline.share_no_coder
    assert not read(tags, coders=(("c1",), ())).headline.share_no_coder


def test_a_topic_nobody_raises_is_not_raised() -> None:
    topic = read(a_says("s") + b_says("s"), topics=("t", "u")).topic("u")
    assert (topic.verdict, topic.thin, topic.a.emphasis, topic.a.mean) == (
        Verdict.NOT_RAISED,
        None,
        0.0,
        None,
    )
    assert (topic.common_share_a, topic.emphasis_z, topic.voices_jaccard) == (None, None, None)


def test_a_topic_that_was_not_compared_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="u"):
        read([]).topic("u")


def test_a_scale_with_one_value_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two different stance values"):
        Settings(scale=(1.0, 1.0))


def test_a_distribution_without_weight_has_no_distance() -> None:
    assert wasserstein((), ((1.0, 2.0),), (-1.0, 1.0)) is None


def test_only_b_is_only_a_seen_from_the_other_side() -> None:
    topic = read(b_says("s") + a_says("sss", topic="u")).topic("t")
    assert (topic.verdict, topic.thin, topic.silence_chance) == (Verdict.ONLY_B, True, 0.25)
    assert (topic.only_b, topic.common_share_a, topic.common_share_b) == (("p",), None, 0.0)


def test_a_verdict_that_rests_on_both_documents_is_provisional_while_one_is_unfinished() -> None:
    compared = read(a_says("ss") + b_says("ss"), finished=(True, False))
    assert (compared.topic("t").verdict, compared.topic("t").provisional) == (Verdict.AGREE, True)


def test_different_voices_by_body_are_judged_again_by_side_only() -> None:
    tags = a_says("s", source="p", body="k") + b_says("o", source="q", body="l")
    topic = read(tags, grain=Grain.BODY).topic("t")
    assert (topic.verdict, topic.by_body, topic.by_side) == (Verdict.DIFFERENT_VOICES, None, Verdict.DIVERGE)


def test_thirds_that_add_up_to_2_are_not_thin() -> None:
    sources = {"p": "s", "q": "ss", "r": "sss"}
    tags = [
        tag
        for source, stances in sources.items()
        for tag in a_says(stances, source=source) + b_says(stances, source=source)
    ]
    coders = ("c1", "c2", "c3")
    assert read(tags, coders=(coders, coders)).topic("t").thin is False


def test_topics_that_are_not_listed_still_weigh_in_their_document() -> None:
    tags = a_says("s") + a_says("sss", topic="u") + b_says("s")
    compared = read(tags, topics=("t",))
    assert (compared.topic("t").a.emphasis, compared.headline.topics) == (0.25, 1)


def test_tags_of_a_third_document_stay_out() -> None:
    tags = a_says("s") + b_says("s")
    assert read(tags + said("c", "ooo")) == read(tags)
