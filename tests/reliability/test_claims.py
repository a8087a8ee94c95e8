"""Which annotations of different coders are one claim, and which claims are one item for the curator."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from annotations.comparison.values import Tag
from annotations.reliability.claims import Claim, Item, match_claims, queue_items
from annotations.reliability.matching import dice, grouped, match_within

from .cases import ANY, tag


def spans(claims: tuple[Claim, ...]) -> list[list[tuple[str, int, int]]]:
    return [[(found.coder, found.start, found.end) for found in claim.tags] for claim in claims]


def test_example_19_the_nearer_quote_is_the_same_finding() -> None:
    claims = match_claims([tag("c1", 0, 100), tag("c2", 0, 40), tag("c2", 50, 100)])
    assert spans(claims) == [[("c2", 0, 40)], [("c1", 0, 100), ("c2", 50, 100)]]


def test_example_19_a_chain_is_not_one_claim() -> None:
    claims = match_claims([tag("c1", 0, 10), tag("c2", 5, 20), tag("c3", 15, 30)])
    assert spans(claims) == [[("c1", 0, 10), ("c2", 5, 20)], [("c3", 15, 30)]]


def test_a_claim_knows_what_it_is_about() -> None:
    (claim,) = match_claims([tag("c2", 3, 20, passage=4), tag("c1", 5, 12, passage=4)])
    assert (claim.document, claim.passage, claim.topic, claim.source) == ("d", 4, "t", "p")
    assert (claim.start, claim.end, claim.coders) == (3, 20, ("c1", "c2"))


def test_quotes_that_only_touch_are_two_claims() -> None:
    assert len(match_claims([tag("c1", 0, 10), tag("c2", 10, 20)])) == 2


def test_one_coder_is_never_twice_in_a_claim() -> None:
    claims = match_claims([tag("c1", 0, 10), tag("c1", 0, 10, reported_by="m"), tag("c2", 0, 9)])
    assert sorted(len(claim.tags) for claim in claims) == [1, 2]


def test_other_documents_passages_topics_and_sources_are_other_claims() -> None:
    one = tag("c1")
    for field, value in {"document": "e", "passage": 2, "topic": "u", "source": "q"}.items():
        other = replace(one, key=one.key + 1000, coder="c2", **{field: value})  # type: ignore[arg-type]
        assert len(match_claims([one, other])) == 2, field


def test_the_least_overlap_decides_which_clusters_merge() -> None:
    # c3 is nearer to c1 (.4) than to c4 (.35), but c1 is with c2 by then, which is farther from c3 (.15).
    claims = match_claims([tag("c1", 0, 100), tag("c2", 0, 80), tag("c3", 70, 120), tag("c4", 105, 140)])
    assert spans(claims) == [[("c2", 0, 80), ("c1", 0, 100)], [("c3", 70, 120), ("c4", 105, 140)]]


def test_ties_go_to_the_earlier_quote_then_to_the_earlier_name() -> None:
    early, late = tag("c1", 0, 10), tag("c1", 10, 20)
    claims = match_claims([late, tag("c2", 5, 15), early])
    assert spans(claims) == [[("c1", 0, 10), ("c2", 5, 15)], [("c1", 10, 20)]]
    same_words = [tag("c2", 0, 5, source="p"), tag("c3", 5, 10), tag("c1", 3, 7)]
    assert spans(match_claims(same_words)) == [[("c2", 0, 5), ("c1", 3, 7)], [("c3", 5, 10)]]


def test_the_same_words_told_by_two_messengers_are_matched_by_messenger() -> None:
    tags = [tag("c1", reported_by="a"), tag("c1", reported_by="b"), tag("c2", reported_by="b")]
    claims = match_claims(tags)
    assert [[found.reported_by for found in claim.tags] for claim in claims if len(claim.tags) > 1] == [
        ["b", "b"]
    ]


def test_matched_whatever_the_source_the_same_source_comes_first() -> None:
    tags = [tag("c1", source="p"), tag("c1", source="q"), tag("c2", source="q")]
    clusters = list(match_within(grouped(tags, "topic")))
    assert [[found.source for found in cluster] for cluster in clusters if len(cluster) > 1] == [["q", "q"]]


def test_claims_are_in_the_order_of_the_documents() -> None:
    tags = [
        tag("c1", 5, 9),
        tag("c1", 0, 9, passage=2),
        tag("c1", 5, 9, topic="s"),
        tag("c1", 0, 4),
        tag("c1", 5, 8, topic="z"),
        tag("c1", 50, 90, document="a", passage=3),
        tag("c1", 5, 9, source="o"),
    ]
    order = [5, 3, 4, 2, 6, 0, 1]
    assert [claim.tags for claim in match_claims(tags)] == [(tags[place],) for place in order]


small_tags = st.lists(
    st.builds(
        lambda coder, start, length, topic, source: tag(
            coder, start, start + length, topic=topic, source=source
        ),
        st.sampled_from(["c1", "c2", "c3", "c4"]),
        st.integers(0, 12),
        st.integers(1, 9),
        st.sampled_from("tu"),
        st.sampled_from("pq"),
    ),
    max_size=14,
)


def naive_claims(tags: list[Tag]) -> list[set[int]]:
    """The rule, word by word: look at all pairs of clusters again after every merge."""
    clusters: list[list[Tag]] = [[each] for each in tags]

    def key(cluster: list[Tag]) -> list[tuple[int, int, str]]:
        return sorted((each.start, each.end, each.coder) for each in cluster)

    while True:
        allowed = []
        for a in clusters:
            for b in clusters:
                same = {(each.topic, each.source) for each in a + b}
                coders = [each.coder for each in a + b]
                least = min(dice(x, y) for x in a for y in b)
                if a is not b and len(same) == 1 and len(set(coders)) == len(coders) and least > 0:
                    allowed.append((-least, *sorted([key(a), key(b)]), a, b))
        if not allowed:
            return [{each.key for each in cluster} for cluster in clusters]
        *_, a, b = min(allowed, key=lambda found: found[:3])
        clusters = [cluster for cluster in clusters if cluster is not a and cluster is not b] + [a + b]


def unlike(tags: list[Tag]) -> list[Tag]:
    """Without a coder's second tag on the same words: whose match is not by place and coder alone."""
    return list({(each.start, each.end, each.coder, each.topic, each.source): each for each in tags}.values())


@ANY
@given(small_tags.map(unlike))
def test_claims_are_those_of_the_rule(tags: list[Tag]) -> None:
    claims = match_claims(tags)
    assert sorted(map(sorted, naive_claims(tags))) == sorted(
        sorted(found.key for found in claim.tags) for claim in claims
    )


@ANY
@given(small_tags, st.randoms(use_true_random=False))
def test_the_order_of_the_tags_does_not_matter(tags: list[Tag], shuffler: random.Random) -> None:
    shuffled = list(tags)
    shuffler.shuffle(shuffled)
    assert match_claims(shuffled) == match_claims(tags)
    assert queue_items(reversed(match_claims(tags))) == queue_items(match_claims(tags))


@ANY
@given(small_tags)
def test_every_tag_is_in_one_claim_and_every_claim_in_one_item(tags: list[Tag]) -> None:
    claims = match_claims(tags)
    assert sorted(found.key for claim in claims for found in claim.tags) == sorted(t.key for t in tags)
    items = queue_items(claims)
    assert sorted(claims, key=id) == sorted((claim for item in items for claim in item.claims), key=id)
    for claim in claims:
        assert len({found.coder for found in claim.tags}) == len(claim.tags)
        assert all(dice(x, y) > 0 for x in claim.tags for y in claim.tags)


def test_overlapping_claims_of_other_sources_are_one_item() -> None:
    by_p, by_q = tag("c1", 0, 10), tag("c2", 9, 30, source="q")
    (item,) = queue_items(match_claims([by_q, by_p]))
    assert item == Item((Claim((by_p,)), Claim((by_q,))))
    assert (item.document, item.passage, item.topic, item.tags) == ("d", 1, "t", (by_p, by_q))


def test_claims_apart_of_one_source_or_on_another_topic_are_items_of_their_own() -> None:
    claim = tag("c1", 0, 10)
    for other in (
        tag("c2", 10, 20, source="q"),
        tag("c2", 0, 10, source="q", topic="u"),
        tag("c2", 0, 10, source="q", passage=2),
        tag("c1", 5, 20),
    ):
        items = queue_items(match_claims([claim, other]))
        assert [item.tags for item in items] == [(claim,), (other,)]


def test_claims_are_linked_through_one_of_another_source() -> None:
    first, second, between = tag("c1", 0, 10), tag("c1", 20, 30), tag("c2", 5, 25, source="q")
    alone = tag("c1", 40, 50)
    items = queue_items(match_claims([first, second, between, alone]))
    assert [item.tags for item in items] == [(first, between, second), (alone,)]
