"""Emphasis: how much of a document goes to a topic, and how far two documents differ in that."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import log, sqrt

from annotations.comparison.values import Reach, Tag


def reach_of(tags: Sequence[Tag]) -> Reach:
    """How far the counted tags of one document reach."""
    by_topic: defaultdict[str, list[Tag]] = defaultdict(list)
    for tag in tags:
        by_topic[tag.topic].append(tag)
    return Reach(
        passages={topic: len({tag.passage for tag in found}) for topic, found in by_topic.items()},
        all_passages=len({tag.passage for tag in tags}),
        characters={topic: _characters(found) for topic, found in by_topic.items()},
        all_characters=_characters(tags),
    )


def _characters(tags: Sequence[Tag]) -> int:
    return tagged_characters((tag.start, tag.end) for tag in tags)


def tagged_characters(spans: Iterable[tuple[int, int]]) -> int:
    """The number of characters in the union of half-open spans."""
    total = reached = 0
    for start, end in sorted(spans):
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


#: From here on a gap in emphasis "stands out". It is never called significant.
STANDS_OUT = 1.96


def stands_out(z: float | None) -> bool:
    """Whether a gap in emphasis is worth a look."""
    return z is not None and abs(z) >= STANDS_OUT


def emphasis_z(*, y_a: float, y_b: float, n_a: float, n_b: float, topics_raised: int) -> float | None:
    """How strongly A stresses a topic more than B: z of the log-odds, above 0 where A does.

    ``y``: weight on the topic, ``n``: weight of the document, ``topics_raised``: K, the topics that A or B
    raises. Log-odds with an informative Dirichlet prior, α = K × the topic's share of the pooled weight and
    α₀ = K (Monroe, Colaresi & Quinn 2008, "Fightin' Words"); the variance is that of the topic and the rest.

    None where the odds do not exist: neither document raises the topic, one topic has all the weight, or a
    document has no weight at all.
    """
    if not n_a or not n_b or not 0 < y_a + y_b < n_a + n_b:
        return None
    prior = topics_raised * (y_a + y_b) / (n_a + n_b)
    on_a, on_b = y_a + prior, y_b + prior
    rest_a, rest_b = n_a + topics_raised - on_a, n_b + topics_raised - on_b
    # Summed by document, so that swapping A and B changes the sign and not one digit.
    variance = (1 / on_a + 1 / rest_a) + (1 / on_b + 1 / rest_b)
    return (log(on_a / rest_a) - log(on_b / rest_b)) / sqrt(variance)
