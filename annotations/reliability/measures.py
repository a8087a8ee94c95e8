"""How far coders agree: everything the page on reliability needs, in one call."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from annotations.comparison.values import Tag
from annotations.reliability.agreement import Agreement
from annotations.reliability.characters import overlaps
from annotations.reliability.claims import Claim, match_claims
from annotations.reliability.confusion import confuse
from annotations.reliability.distances import Floats, Level
from annotations.reliability.intervals import DRAWS, estimate, resample
from annotations.reliability.matching import grouped, match_within, tag_order
from annotations.reliability.shared import (
    SharedReading,
    rate_clusters,
    rate_presence,
    rate_sets,
    read_together,
    tabulate_presence,
    tabulate_stances,
)
from annotations.reliability.values import (
    CodedDocument,
    Coefficient,
    Confusion,
    Dimension,
    Measure,
    Reliability,
)


@dataclass(frozen=True, slots=True)
class _Basis:
    """What is measured, and the draws of it."""

    shared: SharedReading
    claims: tuple[Claim, ...]
    confusions: tuple[Confusion, ...]
    topics: Sequence[str]
    stances: Sequence[str]
    draws: Floats


def measure_reliability(
    *,
    study: str,
    tags: Iterable[Tag],
    documents: Iterable[CodedDocument],
    topics: Sequence[str],
    stances: Sequence[str],
    draws: int = DRAWS,
) -> Reliability:
    """How far the coders agree, on the documents that at least two of them finished.

    ``tags`` are active ones of the coded layer, in any order, those changed after reopening left out; tags
    of other documents and of coders who did not finish stay out. ``topics``: those with a statement, and
    ``stances``: all, both as slugs in codebook order. ``study``: its slug, part of the seed. ``draws``: how
    many; 0 leaves the intervals out. To measure a part (one document, what was tagged up to some day), give
    that part only.
    """
    shared = read_together(tags, documents)
    claims = match_claims(shared.tags)
    pairs = combinations(shared.coders, 2)
    confusions = tuple(confuse(shared, claims, stances, pair) for pair in pairs)
    basis = _Basis(shared, claims, confusions, topics, stances, _draws(shared, study, draws))
    return Reliability(
        documents=tuple(document.slug for document in shared.documents),
        coders=shared.coders,
        passages=len(shared.readers),
        tagged_passages=len({shared.place(tag) for tag in shared.tags}),
        claims=claims,
        matched=sum(len(claim.tags) > 1 for claim in claims),
        measures=tuple(
            measured
            for part in (_of_passages, _of_sources, _of_claims, _of_characters, _of_topics, _of_pairs)
            for measured in part(basis)
        ),
        confusions=confusions,
    )


def measure_positions(
    *, study: str, tags: Iterable[Tag], documents: Iterable[CodedDocument], draws: int = DRAWS
) -> Measure:
    """The primary figure alone, as ``measure_reliability`` gives it."""
    shared = read_together(tags, documents)
    ratings = rate_sets(shared, _position)
    return _measured(ratings, Coefficient.ALPHA_SETS, Dimension.POSITIONS, draws=_draws(shared, study, draws))


def _draws(shared: SharedReading, study: str, draws: int) -> Floats:
    sizes = [(document.slug, len(document.passages)) for document in shared.documents]
    return resample(sizes, study=study, draws=draws)


def _measured(
    agreement: Agreement,
    name: Coefficient,
    dimension: Dimension,
    *,
    draws: Floats,
    topic: str = "",
    pair: tuple[str, str] = ("", ""),
    out_of: int | None = None,
) -> Measure:
    found = estimate(agreement, draws)
    return Measure(
        name=name,
        dimension=dimension,
        topic=topic,
        coder_a=pair[0],
        coder_b=pair[1],
        units=agreement.units,
        value=found.value,
        low=found.low,
        high=found.high,
        reason=found.reason,
        out_of=agreement.units if out_of is None else out_of,
    )


def _position(tag: Tag) -> tuple[str, str, str]:
    return tag.topic, tag.source, tag.stance


def _of_passages(basis: _Basis) -> Iterator[Measure]:
    shared, passages = basis.shared, len(basis.shared.readers)
    for dimension, ratings in (
        (Dimension.POSITIONS, rate_sets(shared, _position)),
        (Dimension.POSITIONS_TAGGED, rate_sets(shared, _position, tagged_only=True)),
        (Dimension.TOPICS, rate_sets(shared, lambda tag: tag.topic)),
        (Dimension.SOURCES, rate_sets(shared, lambda tag: tag.source)),
    ):
        yield _measured(ratings, Coefficient.ALPHA_SETS, dimension, draws=basis.draws, out_of=passages)


def _of_sources(basis: _Basis) -> Iterator[Measure]:
    """Sources of annotations matched by overlap and topic, whoever their sources are."""
    clusters = list(match_within(grouped(sorted(basis.shared.tags, key=tag_order), "topic")))
    ratings = rate_clusters(basis.shared, clusters, lambda tag: tag.source)
    yield _measured(
        ratings, Coefficient.ALPHA_NOMINAL, Dimension.SOURCE, draws=basis.draws, out_of=len(clusters)
    )


def _of_claims(basis: _Basis) -> Iterator[Measure]:
    clusters = [claim.tags for claim in basis.claims]

    def messenger(tag: Tag) -> str:
        return tag.reported_by or ""

    def stance(tag: Tag) -> str:
        return tag.stance

    for says, found, or_not_found in (
        (messenger, Dimension.MESSENGER, Dimension.MESSENGER_OR_NOT_FOUND),
        (stance, Dimension.STANCE, Dimension.STANCE_OR_NOT_FOUND),
    ):
        for dimension in (found, or_not_found):
            ratings = rate_clusters(basis.shared, clusters, says, or_not_found=dimension is or_not_found)
            yield _measured(
                ratings, Coefficient.ALPHA_NOMINAL, dimension, draws=basis.draws, out_of=len(clusters)
            )
    by_value = rate_clusters(basis.shared, clusters, lambda tag: tag.value, level=Level.INTERVAL)
    yield _measured(
        by_value, Coefficient.ALPHA_INTERVAL, Dimension.STANCE, draws=basis.draws, out_of=len(clusters)
    )


def _of_characters(basis: _Basis) -> Iterator[Measure]:
    """F1 of the characters tagged with anything, then with each topic."""
    shared = basis.shared
    tags: defaultdict[str, list[Tag]] = defaultdict(list, {"": list(shared.tags)})
    for tag in shared.tags:
        tags[tag.topic].append(tag)
    for topic in ("", *basis.topics):
        found = overlaps(tags[topic], passages=shared.places, readers=shared.readers)
        yield _measured(
            found,
            Coefficient.F1,
            Dimension.CHARACTERS,
            draws=basis.draws,
            topic=topic,
            out_of=len(shared.readers),
        )


def _of_topics(basis: _Basis) -> Iterator[Measure]:
    for topic in basis.topics:
        ratings = rate_presence(basis.shared, topic)
        yield _measured(
            ratings, Coefficient.ALPHA_NOMINAL, Dimension.PRESENCE, draws=basis.draws, topic=topic
        )


def _of_pairs(basis: _Basis) -> Iterator[Measure]:
    for confusion in basis.confusions:
        pair = confusion.coder_a, confusion.coder_b
        presence = tabulate_presence(basis.shared, basis.topics, pair)
        yield _measured(presence, Coefficient.KAPPA, Dimension.PRESENCE, draws=basis.draws, pair=pair)
        stance = tabulate_stances(basis.shared, basis.claims, basis.stances, pair)
        found = sum(cell.n for row in confusion.rows for cell in row)
        yield _measured(
            stance, Coefficient.KAPPA, Dimension.STANCE, draws=basis.draws, pair=pair, out_of=found
        )
