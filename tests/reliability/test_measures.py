"""Everything the page on reliability needs, from tags: what is measured, on what, and who is missing."""

import random
from dataclasses import astuple, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.comparison.values import Tag
from annotations.reliability.intervals import resample
from annotations.reliability.measures import measure_positions, measure_reliability
from annotations.reliability.values import (
    NOT_FOUND,
    CodedDocument,
    Coefficient,
    Dimension,
    Measure,
    Reliability,
    Undefined,
)

from .cases import ANY, VALUES, measured, naive_alpha, naive_masi, tag

TWO = ("c1", "c2")


def document(passages: int, *finishers: str, slug: str = "d") -> CodedDocument:
    return CodedDocument(slug, tuple(range(1, passages + 1)), finishers or TWO)


def value(found: Reliability, name: Coefficient, dimension: Dimension, **of: str) -> float | Undefined:
    measure = found.measure(name, dimension, **of)  # type: ignore[arg-type]
    return measure.reason if measure.value is None else measure.value


def test_example_15_passages_nobody_tagged_count_but_are_told_apart() -> None:
    tags = [tag("c1", source="a"), tag("c2", source="a"), tag("c1", source="c", passage=4)]
    tags += [
        tag("c1", source="a", passage=2),
        tag("c1", source="b", passage=2),
        tag("c2", source="a", passage=2),
    ]
    found = measured(tags, document(4))
    positions = found.measure(Coefficient.ALPHA_SETS, Dimension.POSITIONS)
    tagged = found.measure(Coefficient.ALPHA_SETS, Dimension.POSITIONS_TAGGED)
    assert found.primary == positions
    assert (positions.value, positions.units, positions.out_of) == (pytest.approx(4 / 9), 4, 4)
    assert (tagged.value, tagged.units, tagged.out_of) == (pytest.approx(0.242424, abs=5e-7), 3, 4)
    assert (found.passages, found.tagged_passages) == (4, 3)


def test_example_16_positions_see_what_topics_and_sources_do_not() -> None:
    tags = [
        *(tag("c1", topic="t1", source="s1"), tag("c1", topic="t2", source="s2")),
        *(tag("c2", topic="t1", source="s2"), tag("c2", topic="t2", source="s1")),
        *(tag(coder, topic="t3", source="s3", passage=2) for coder in TWO),
    ]
    found = measured(tags, document(2))
    assert value(found, Coefficient.ALPHA_SETS, Dimension.TOPICS) == 1.0
    assert value(found, Coefficient.ALPHA_SETS, Dimension.SOURCES) == 1.0
    assert value(found, Coefficient.ALPHA_SETS, Dimension.POSITIONS) == pytest.approx(0.4)


def said(*pairs: str) -> list[Tag]:
    """One claim in a passage of its own for each pair of stances; a dot is not found."""
    return [
        tag(coder, stance=stance, passage=passage)
        for passage, pair in enumerate(pairs, start=1)
        for coder, stance in zip(TWO, pair, strict=True)
        if stance != "."
    ]


def test_example_17_stances_on_the_claims_both_found() -> None:
    found = measured(said("ss", "ss", "oo", "mx", "s."), document(5))
    stance = found.measure(Coefficient.ALPHA_NOMINAL, Dimension.STANCE)
    assert (stance.value, stance.units, stance.out_of) == (pytest.approx(2 / 3), 4, 5)
    assert (found.matched, len(found.claims)) == (4, 5)


def test_not_found_is_a_stance_of_its_own_where_asked() -> None:
    found = measured(said("ss", "so", "o.", ".m"), document(4))
    stance = found.measure(Coefficient.ALPHA_NOMINAL, Dimension.STANCE_OR_NOT_FOUND)
    pairs = [("s", "s"), ("s", "o"), ("o", NOT_FOUND), (NOT_FOUND, "m")]
    assert stance.value == pytest.approx(naive_alpha(pairs, lambda a, b: a != b))
    assert (stance.units, stance.out_of) == (4, 4)


def test_stances_without_a_value_have_no_distance() -> None:
    found = measured(said("ss", "sm", "om", "sx", "xx"), document(5))
    by_value = found.measure(Coefficient.ALPHA_INTERVAL, Dimension.STANCE)
    pairs = [(1, 1), (1, 0), (-1, 0), (1, None), (None, None)]
    assert by_value.value == pytest.approx(naive_alpha(pairs, lambda a, b: (a - b) ** 2))
    assert (by_value.units, by_value.out_of) == (3, 5)


def test_no_messenger_is_a_messenger_like_any_other() -> None:
    told = [(None, None), ("m", "m"), ("m", None), (None, None), ("m", ".")]
    tags = [
        tag(coder, reported_by=by, passage=passage)
        for passage, pair in enumerate(told, start=1)
        for coder, by in zip(TWO, pair, strict=True)
        if by != "."
    ]
    found = measured(tags, document(5))
    words = [["own" if by is None else by for by in pair] for pair in told]
    assert value(found, Coefficient.ALPHA_NOMINAL, Dimension.MESSENGER) == pytest.approx(
        naive_alpha(words[:4], lambda a, b: a != b)
    )
    assert value(found, Coefficient.ALPHA_NOMINAL, Dimension.MESSENGER_OR_NOT_FOUND) == pytest.approx(
        naive_alpha(words, lambda a, b: a != b)
    )


def test_sources_are_compared_where_quotes_overlap_on_a_topic() -> None:
    pairs = ["pp", "pq", "qq", "rr"]
    tags = [
        tag(coder, source=source, passage=passage, start=start)
        for passage, pair in enumerate(pairs, start=1)
        for coder, source, start in zip(TWO, pair, (0, 5), strict=True)
    ]
    apart = [tag("c1", 20, 30, source="p"), tag("c2", 30, 40, source="q"), tag("c2", 20, 30, topic="u")]
    source = measured([*tags, *apart], document(4)).measure(Coefficient.ALPHA_NOMINAL, Dimension.SOURCE)
    assert source.value == pytest.approx(naive_alpha(pairs, lambda a, b: a != b))
    assert (source.units, source.out_of) == (4, 7)


def test_example_18_who_did_not_finish_is_missing_and_not_absent() -> None:
    tags = [tag(coder, document="d1") for coder in TWO] + [tag(coder, document="d2") for coder in TWO]
    documents = document(2, "c1", "c2", "c3", slug="d1"), document(2, slug="d2")
    found = measured(tags, *documents)
    assert value(found, Coefficient.ALPHA_NOMINAL, Dimension.PRESENCE, topic="t") == pytest.approx(0.625)
    finished = measured(tags, documents[0], replace(documents[1], finishers=("c3", "c2", "c1")))
    assert value(finished, Coefficient.ALPHA_NOMINAL, Dimension.PRESENCE, topic="t") == pytest.approx(0.3125)


def test_tags_of_coders_and_documents_that_do_not_count_stay_out() -> None:
    tags = said("ss", "so", "mm")
    found = measured(tags, document(3))
    others = [
        tag("c3"),
        tag("c3", document="e"),
        *(tag(coder, document="e") for coder in TWO),
        tag("c1", document="unknown"),
    ]
    documents = document(3), document(1, "c1", slug="e")
    assert measured([*tags, *others], *documents) == found
    assert (found.documents, found.coders) == (("d",), TWO)


def test_one_coder_is_said_of_every_measure() -> None:
    found = measured(said("ss", "so"), document(2, "c1"), topics=["t"])
    assert (found.documents, found.coders, found.claims, found.confusions) == ((), (), (), ())
    assert [measure for measure in found.measures if measure.value is not None] == []
    assert {measure.reason for measure in found.measures} == {Undefined.ONE_CODER}
    assert {measure.units for measure in found.measures} == {0}


def test_nothing_tagged_is_not_agreement() -> None:
    found = measured([], document(3), topics=["t"])
    reasons = {(m.name, m.dimension): m.reason for m in found.measures if m.value is None}
    assert len(reasons) == len({(m.name, m.dimension) for m in found.measures})
    assert reasons[Coefficient.ALPHA_SETS, Dimension.POSITIONS] is Undefined.NO_VARIANCE
    assert reasons[Coefficient.ALPHA_SETS, Dimension.POSITIONS_TAGGED] is Undefined.NO_OVERLAP
    assert reasons[Coefficient.ALPHA_NOMINAL, Dimension.STANCE] is Undefined.NO_OVERLAP
    assert reasons[Coefficient.F1, Dimension.CHARACTERS] is Undefined.NOTHING_TAGGED
    assert reasons[Coefficient.KAPPA, Dimension.PRESENCE] is Undefined.NO_VARIANCE


def test_characters_by_topic_and_overall() -> None:
    tags = [tag("c1", 0, 10), tag("c2", 0, 10), tag("c1", 20, 30, topic="u"), tag("c2", 20, 25, topic="v")]
    found = measured(tags, document(2))
    by_topic = {
        topic: value(found, Coefficient.F1, Dimension.CHARACTERS, topic=topic) for topic in ("", *"tuv")
    }
    assert by_topic == {"": pytest.approx(30 / 35), "t": 1.0, "u": 0.0, "v": 0.0}
    overall = found.measure(Coefficient.F1, Dimension.CHARACTERS)
    assert (overall.units, overall.out_of) == (1, 2)


def test_kappa_of_a_pair_counts_passages_times_topics_that_both_finished() -> None:
    tags = [*(tag(coder, topic="t") for coder in TWO), tag("c1", topic="u"), tag("c2", passage=2, topic="u")]
    tags += [
        tag("c3", topic="t"),
        tag("c3", topic="u", passage=2),
        tag("c1", document="e"),
        tag("c3", document="e"),
    ]
    documents = document(3, "c1", "c2", "c3"), document(2, "c1", "c3", slug="e")
    found = measured(tags, *documents)
    kappas = {
        (m.coder_a, m.coder_b): (m.value, m.units)
        for m in found.measures
        if (m.name, m.dimension) == (Coefficient.KAPPA, Dimension.PRESENCE)
    }

    def kappa(both: int, one: int, other: int, none: int) -> float:
        n = both + one + other + none
        chance = ((both + one) * (both + other) + (one + none) * (other + none)) / n**2
        return ((both + none) / n - chance) / (1 - chance)

    assert kappas == {
        ("c1", "c2"): (pytest.approx(kappa(1, 1, 1, 3)), 6),
        ("c1", "c3"): (pytest.approx(kappa(2, 1, 1, 6)), 10),
        ("c2", "c3"): (pytest.approx(kappa(2, 0, 0, 4)), 6),
    }


def test_the_confusion_matrix_opens_into_its_tags() -> None:
    tags = said("ss", "so", "so", "x.", ".m")
    (confusion,) = measured(tags, document(5)).confusions
    assert (confusion.coder_a, confusion.coder_b) == TWO
    assert confusion.stances == ("s", "m", "o", "x", NOT_FOUND)
    assert [[cell.n for cell in row] for row in confusion.rows] == [
        [1, 0, 2, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1],
        [0, 1, 0, 0, 0],
    ]
    keys = [found.key for found in tags]
    assert confusion.cell("s", "o").keys == ((keys[2], keys[3]), (keys[4], keys[5]))
    assert confusion.cell("x", NOT_FOUND).keys == ((keys[6], None),)
    assert confusion.cell(NOT_FOUND, "m").keys == ((None, keys[7]),)


def test_a_claim_is_not_missed_by_a_coder_who_did_not_finish() -> None:
    tags = [tag(coder, document="e") for coder in ("c1", "c3")] + said("ss")
    documents = document(1, "c1", "c2", "c3"), document(1, "c1", "c3", slug="e")
    confusions = measured(tags, *documents).confusions
    found = {(c.coder_a, c.coder_b): sum(cell.n for row in c.rows for cell in row) for c in confusions}
    assert found == {("c1", "c2"): 1, ("c1", "c3"): 2, ("c2", "c3"): 1}


def test_kappa_of_stance_is_of_claims_both_found() -> None:
    found = measured(said("ss", "ss", "oo", "so", "os", "mm", "s."), document(7))
    stance = found.measure(Coefficient.KAPPA, Dimension.STANCE, pair=TWO)
    chance = (3 * 3 + 2 * 2 + 1) / 36
    assert stance.value == pytest.approx((4 / 6 - chance) / (1 - chance))
    assert (stance.units, stance.out_of) == (6, 7)


def test_the_measures_are_in_the_order_of_their_file() -> None:
    found = measured(said("ss", "so"), document(2), topics=["t", "u"])
    rows = [(m.name.value, m.dimension.value, m.topic, m.coder_a, m.coder_b) for m in found.measures]
    assert rows == [
        ("alpha-sets", "positions", "", "", ""),
        ("alpha-sets", "positions-tagged", "", "", ""),
        ("alpha-sets", "topics", "", "", ""),
        ("alpha-sets", "sources", "", "", ""),
        ("alpha-nominal", "source", "", "", ""),
        ("alpha-nominal", "messenger", "", "", ""),
        ("alpha-nominal", "messenger-or-not-found", "", "", ""),
        ("alpha-nominal", "stance", "", "", ""),
        ("alpha-nominal", "stance-or-not-found", "", "", ""),
        ("alpha-interval", "stance", "", "", ""),
        ("f1", "characters", "", "", ""),
        ("f1", "characters", "t", "", ""),
        ("f1", "characters", "u", "", ""),
        ("alpha-nominal", "presence", "t", "", ""),
        ("alpha-nominal", "presence", "u", "", ""),
        ("kappa", "presence", "", "c1", "c2"),
        ("kappa", "stance", "", "c1", "c2"),
    ]
    assert [field.name for field in fields(Measure)][5:10] == ["units", "value", "low", "high", "reason"]
    with pytest.raises(KeyError):
        found.measure(Coefficient.F1, Dimension.POSITIONS)


def test_the_passages_are_resampled_and_their_claims_come_along() -> None:
    letters = random.Random(3)
    tags = [
        tag(
            coder,
            20 * place,
            20 * place + 10 + (coder == "c2"),
            document=slug,
            passage=passage,
            stance=stance,
        )
        for slug, passages in (("d", 5), ("e", 7))
        for passage in range(1, passages + 1)
        for place in range(letters.randrange(4))
        for coder, stance in zip(TWO, letters.choice(["ss", "ss", "oo", "mm", "so"]), strict=True)
    ]
    documents = document(5, slug="d"), document(7, slug="e")
    found = measured(tags, *documents, draws=60)
    drawn = resample([("d", 5), ("e", 7)], study="study", draws=60)[1:]
    keys = [(each.slug, passage) for each in documents for passage in each.passages]
    places = {key: place for place, key in enumerate(keys)}
    claims = [
        (places[claim.document, claim.passage], [t.stance for t in claim.tags]) for claim in found.claims
    ]
    alphas = [
        naive_alpha([pair for place, pair in claims for _ in range(int(row[place]))], lambda a, b: a != b)
        for row in drawn
    ]
    stance = found.measure(Coefficient.ALPHA_NOMINAL, Dimension.STANCE)
    assert stance.value is not None
    assert stance.value < 1
    expected = np.percentile(np.array(alphas, dtype=float), [2.5, 97.5])
    assert (stance.low, stance.high) == pytest.approx(tuple(expected))
    shares = found.measure(Coefficient.F1, Dimension.CHARACTERS)
    assert shares.value == pytest.approx(20 / 21)
    assert (shares.low, shares.high) == pytest.approx((20 / 21, 20 / 21))


def test_passages_that_nobody_tagged_do_not_make_an_interval() -> None:
    for tagged, reason in ((9, Undefined.FEW_TAGGED_UNITS), (10, Undefined.NONE)):
        positions = measured(said("so", "sm", *["ss"] * (tagged - 2)), document(60), draws=100).primary
        assert (positions.units, positions.reason) == (60, reason)


def test_what_is_rarely_tagged_has_no_interval_however_many_passages_there_are() -> None:
    often, rarely = said("ss", "so", "ss", *["oo"] * 9), said(*["s."] * 2, *["ss"] * 3)
    tags = [*often, *(replace(each, topic="u") for each in rarely)]
    found = measured(tags, document(60), draws=100)
    few = {
        (m.name, m.dimension, m.topic): m.reason is Undefined.FEW_TAGGED_UNITS
        for m in found.measures
        if m.value is not None and m.value < 1
    }
    assert few == {
        (Coefficient.ALPHA_SETS, Dimension.POSITIONS, ""): False,
        (Coefficient.ALPHA_SETS, Dimension.POSITIONS_TAGGED, ""): False,
        (Coefficient.ALPHA_SETS, Dimension.TOPICS, ""): False,
        (Coefficient.ALPHA_NOMINAL, Dimension.STANCE, ""): False,
        (Coefficient.ALPHA_NOMINAL, Dimension.STANCE_OR_NOT_FOUND, ""): False,
        (Coefficient.ALPHA_NOMINAL, Dimension.MESSENGER_OR_NOT_FOUND, ""): False,
        (Coefficient.ALPHA_INTERVAL, Dimension.STANCE, ""): False,
        (Coefficient.ALPHA_NOMINAL, Dimension.PRESENCE, "u"): True,
        (Coefficient.F1, Dimension.CHARACTERS, "u"): True,
        (Coefficient.KAPPA, Dimension.PRESENCE, ""): False,
        (Coefficient.KAPPA, Dimension.STANCE, ""): False,
    }


def test_the_primary_figure_alone_is_the_same() -> None:
    tags, documents = said(*["ss", "so", "mm", "x."] * 4), [document(16)]
    found = measure_reliability(
        study="s", tags=tags, documents=documents, topics=["t"], stances=tuple("smox")
    )
    assert measure_positions(study="s", tags=tags, documents=documents) == found.primary
    assert found.primary.low is not None


CODERS = ("c1", "c2", "c3")
some_tags = st.lists(
    st.builds(
        lambda coder, start, passage, **of: tag(coder, start, start + 5, passage=passage, **of),
        st.sampled_from(CODERS),
        st.integers(0, 8),
        st.integers(1, 3),
        document=st.sampled_from("de"),
        topic=st.sampled_from("tu"),
        source=st.sampled_from("pq"),
        stance=st.sampled_from(sorted(VALUES)),
        reported_by=st.sampled_from([None, "m"]),
    ),
    max_size=25,
)
OPTIONS = {"topics": ("t", "u")}


def documents_of(tags: list[Tag]) -> list[CodedDocument]:
    return [document(3, *CODERS, slug="d"), document(3, "c1", "c3", slug="e")]


def close(found: Reliability) -> list[tuple[object, ...]]:
    return [
        tuple(pytest.approx(x, abs=1e-9) if isinstance(x, float) else x for x in astuple(m))
        for m in found.measures
    ]


@ANY
@given(some_tags, st.randoms(use_true_random=False))
def test_the_order_of_the_tags_does_not_matter(tags: list[Tag], shuffler: random.Random) -> None:
    shuffled = list(tags)
    shuffler.shuffle(shuffled)
    found = measured(tags, *documents_of(tags), **OPTIONS, draws=20)
    again = measured(shuffled, *documents_of(tags), **OPTIONS, draws=20)
    assert [astuple(measure) for measure in again.measures] == close(found)
    assert (again.claims, again.confusions) == (found.claims, found.confusions)


@ANY
@given(some_tags)
def test_coders_names_do_not_matter(tags: list[Tag]) -> None:
    # In the same order: names only decide ties.
    names = {"c1": "ann", "c2": "bob", "c3": "eve"}
    renamed = [replace(each, coder=names[each.coder]) for each in tags]
    documents = [replace(d, finishers=tuple(names[c] for c in d.finishers)) for d in documents_of(tags)]
    found = measured(tags, *documents_of(tags), **OPTIONS)
    again = measured(renamed, *documents, **OPTIONS)
    again_as_before = [
        replace(
            m,
            coder_a={v: k for k, v in names.items()}.get(m.coder_a, ""),
            coder_b={v: k for k, v in names.items()}.get(m.coder_b, ""),
        )
        for m in again.measures
    ]
    assert [astuple(measure) for measure in again_as_before] == close(found)


@ANY
@given(some_tags)
def test_a_value_or_a_reason(tags: list[Tag]) -> None:
    for m in measured(tags, *documents_of(tags), **OPTIONS, draws=20).measures:
        assert m.units <= m.out_of
        assert (m.low is None) == (m.high is None) == (m.reason is not Undefined.NONE)
        if m.value is not None and m.low is not None and m.high is not None:
            assert m.low <= m.value <= m.high
        if m.reason is Undefined.NO_DISAGREEMENT:
            assert m.value == 1.0


@ANY
@given(some_tags)
def test_positions_are_those_of_the_definition(tags: list[Tag]) -> None:
    units = [
        [
            frozenset(
                (t.topic, t.source, t.stance)
                for t in tags
                if (t.document, t.passage, t.coder) == (d.slug, p, c)
            )
            if c in d.finishers
            else None
            for c in CODERS
        ]
        for d in documents_of(tags)
        for p in d.passages
    ]
    found = measured(tags, *documents_of(tags)).primary.value
    assert found == pytest.approx(naive_alpha(units, naive_masi), abs=1e-12)
