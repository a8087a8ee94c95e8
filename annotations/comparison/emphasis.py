"""Emphasis: how much of a document goes to a topic, and how far two documents differ in that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt

from annotations.comparison.values import Tag
from annotations.comparison.weights import CountedTags


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a document, or one topic in it, takes up: weight, and numbers of passages and of characters.

    A character or passage tagged more than once counts once.
    """

    weight: float
    passages: int
    characters: int


def extent_of(tags: Sequence[Tag], *, coders: int) -> Extent:
    """The extent of one document's counted tags, each of weight 1 / ``coders``."""
    return Extent(
        weight=len(tags) / coders if tags else 0.0,
        passages=len({tag.passage for tag in tags}),
        characters=tagged_characters((tag.start, tag.end) for tag in tags),
    )


def extent_of_document(counted: CountedTags) -> Extent:
    """The extent of everything that is tagged in a document, on whatever topic."""
    tags = [tag for of_topic in counted.by_topic.values() for tag in of_topic]
    return extent_of(tags, coders=counted.coders)


def tagged_characters(spans: Iterable[tuple[int, int]]) -> int:
    """The number of characters in the union of half-open spans."""
    total = reached = 0
    for start, end in sorted(spans):
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


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
