"""The comparison of two documents, put together from the measures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from annotations.comparison.alone import verdicts_of_coders
from annotations.comparison.certainty import Draws, interval_on, with_shuffled
from annotations.comparison.emphasis import emphasis_z, reach_of
from annotations.comparison.positions import mean_of
from annotations.comparison.silence import expected_alone, silence_chance
from annotations.comparison.values import (
    Certainty,
    Comparison,
    Counted,
    DocumentFrame,
    DocumentOnTopic,
    Headline,
    Reach,
    Reading,
    Settings,
    Tag,
    TopicComparison,
    VoiceOnTopic,
)
from annotations.comparison.verdicts import Judgement, coarser_verdicts, judge
from annotations.comparison.weights import (
    CountedTags,
    TopicWeights,
    counted_tags,
    group_tags,
    hears,
    own_tags,
    weigh,
)
from annotations.enums import AUTHOR, Grain, Layer, Verdict


@dataclass(frozen=True, slots=True)
class CountedDocument:
    """One document's counted tags and how far they reach. ``pairs``: its distinct (passage, topic) pairs."""

    tags: CountedTags
    reach: Reach
    weight: float
    pairs: int

    def weight_on(self, topic: str) -> float:
        """The weight of its tags on one topic."""
        number = self.tags.number(topic)
        return number / self.tags.coders if number else 0.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents, counted under one reading.

    ``pairs_by_topic``: the (passage, topic) pairs of both documents, for every topic either of them raises.
    ``alone``: by topic, the verdict that each coder alone gives, of those whose verdicts are counted.
    """

    a: CountedDocument
    b: CountedDocument
    pairs_by_topic: Mapping[str, int]
    alone: Mapping[str, Sequence[Verdict]]
    documents: tuple[str, str]
    reading: Reading
    settings: Settings
    draws: Draws | None

    @property
    def grain(self) -> Grain:
        return self.reading.grain


def compare(
    *,
    a: DocumentFrame,
    b: DocumentFrame,
    tags: Iterable[Tag],
    topics: Sequence[str],
    reading: Reading,
    settings: Settings,
    finishers_of_both: Sequence[str] = (),
    draws: Draws | None = None,
) -> Comparison:
    """Compare two documents on ``topics`` under one reading, from their tags, in any order.

    Tags of other documents, of coders who do not count, and of voices outside the lens stay out. ``draws``:
    asks for each topic's certainty as well, p among it. The rest is as in ``compare_tallies``.
    """
    tags = tuple(tags)
    counted = [_counted(tags, frame, reading) for frame in (a, b)]
    comparison = compare_tallies(
        a=a,
        b=b,
        tallies=tags,
        reaches=(reach_of(counted[0]), reach_of(counted[1])),
        topics=topics,
        reading=reading,
        settings=settings,
        finishers_of_both=finishers_of_both,
        draws=draws,
    )
    if draws is None:
        return comparison
    return with_shuffled(comparison, tags=counted[0] + counted[1], settings=settings, draws=draws)


def _counted(tags: Iterable[Tag], frame: DocumentFrame, reading: Reading) -> list[Tag]:
    """One document's tags that count and that the reading lets speak."""
    return [
        tag
        for tag in tags
        if tag.document == frame.slug
        and (reading.layer is Layer.CURATED or tag.coder in frame.coders)
        and hears(tag, reading.lens, reading.side)
    ]


def compare_tallies(
    *,
    a: DocumentFrame,
    b: DocumentFrame,
    tallies: Iterable[Counted],
    reaches: tuple[Reach, Reach],
    topics: Sequence[str],
    reading: Reading,
    settings: Settings,
    finishers_of_both: Sequence[str] = (),
    draws: Draws | None = None,
) -> Comparison:
    """Compare two documents on ``topics`` under one reading; swapping ``a`` and ``b`` swaps the columns only.

    ``tallies`` are those of the reading's layer, in any order; those of other documents, of coders who do not
    count, and of voices outside the lens stay out. ``reaches``: how far the tags that count reach in A and B.
    ``topics`` decides which rows come back, and so what the headline counts; emphasis, shares and m of a
    document are of all its counted tags, on whatever topic. ``finishers_of_both``: the coders whose own
    verdicts are counted (their tags must be among ``tallies``). ``draws``: asks for intervals as well.
    """
    groups = group_tags(tallies, documents={a.slug, b.slug}, lens=reading.lens, side=reading.side)
    coders = () if reading.layer is Layer.CURATED else sorted(set(finishers_of_both))
    counted_a = _count(counted_tags(groups[a.slug], frame=a, layer=reading.layer), reaches[0])
    counted_b = _count(counted_tags(groups[b.slug], frame=b, layer=reading.layer), reaches[1])
    pair = Pair(
        a=counted_a,
        b=counted_b,
        pairs_by_topic={
            topic: reaches[0].passages.get(topic, 0) + reaches[1].passages.get(topic, 0)
            for topic in reaches[0].passages.keys() | reaches[1].passages.keys()
        },
        alone=verdicts_of_coders(
            [
                (own_tags(groups[a.slug], coder=coder), own_tags(groups[b.slug], coder=coder))
                for coder in coders
            ],
            topics,
            grain=reading.grain,
            settings=settings,
        ),
        documents=(a.slug, b.slug),
        reading=reading,
        settings=settings,
        draws=draws,
    )
    compared = tuple(_compare_topic(pair, topic) for topic in topics)
    return Comparison(reading, a, b, compared, _headline(pair, compared, a, b, reading))


def _count(tags: CountedTags, reach: Reach) -> CountedDocument:
    number = sum(tags.number(topic) for topic in tags.by_topic)
    return CountedDocument(
        tags=tags,
        reach=reach,
        weight=number / tags.coders if number else 0.0,
        pairs=sum(reach.passages.values()),
    )


def _compare_topic(pair: Pair, topic: str) -> TopicComparison:
    weights_a = weigh(pair.a.tags, topic, grain=pair.grain)
    weights_b = weigh(pair.b.tags, topic, grain=pair.grain)
    judgement = judge(weights_a, weights_b, settings=pair.settings)
    coarser = _coarser(pair, topic, judgement.verdict)
    return TopicComparison(
        topic=topic,
        verdict=judgement.verdict,
        provisional=not (pair.a.tags.finished and pair.b.tags.finished),
        thin=judgement.thin,
        distance=judgement.distance,
        a=_document_on_topic(pair.a, topic, weights_a),
        b=_document_on_topic(pair.b, topic, weights_b),
        voices=judgement.voices,
        common_sources=judgement.common,
        shared_voices=tuple(v.voice for v in judgement.voices if v.weight_a and v.weight_b),
        only_a=tuple(v.voice for v in judgement.voices if not v.weight_b),
        only_b=tuple(v.voice for v in judgement.voices if not v.weight_a),
        common_share_a=_share(judgement.common_a, weights_a.together.weight),
        common_share_b=_share(judgement.common_b, weights_b.together.weight),
        emphasis_z=_emphasis_z(pair, topic),
        silence_chance=_silence_chance(pair, topic, judgement.verdict),
        voices_jaccard=voices_jaccard(judgement.voices),
        verdict_by_coder=_verdict_by_coder(pair, topic, judgement),
        by_body=coarser.get(Grain.BODY),
        by_side=coarser.get(Grain.SIDE),
        certainty=_certainty(pair, topic, judgement),
    )


def _certainty(pair: Pair, topic: str, judgement: Judgement) -> Certainty | None:
    if pair.draws is None or not pair.draws.include(topic):
        return None
    return interval_on(
        judgement,
        topic=topic,
        documents=pair.documents,
        reading=pair.reading,
        settings=pair.settings,
        draws=pair.draws,
    )


def _document_on_topic(document: CountedDocument, topic: str, weights: TopicWeights) -> DocumentOnTopic:
    reach, together = document.reach, weights.together
    characters = reach.characters.get(topic, None if weights.n else 0)
    return DocumentOnTopic(
        coverage=weights.coverage,
        n=weights.n,
        weight=together.weight,
        valued_weight=together.valued,
        emphasis=_share(together.weight, document.weight),
        passage_share=_share(reach.passages.get(topic, 0), reach.all_passages),
        character_share=None if characters is None else _share(characters, reach.all_characters),
        mean=mean_of(together.distribution),
        distribution=together.distribution,
        unvalued_weight=together.unvalued,
        voices=tuple(sorted(weights.voices)),
    )


def _share(part: float, whole: float) -> float | None:
    """A share of 0 to 1; None of nothing."""
    # Weights in thirds, summed, can miss their whole by a digit: without the bound a share could exceed 1.
    return min(1.0, part / whole) if whole else None


def _emphasis_z(pair: Pair, topic: str) -> float | None:
    return emphasis_z(
        y_a=pair.a.weight_on(topic),
        y_b=pair.b.weight_on(topic),
        n_a=pair.a.weight,
        n_b=pair.b.weight,
        topics_raised=len(pair.pairs_by_topic),
    )


def _silence_chance(pair: Pair, topic: str, verdict: Verdict) -> float | None:
    """Only a topic that one of two documents leaves out has a silence to explain."""
    if verdict not in (Verdict.ONLY_A, Verdict.ONLY_B):
        return None
    raising, other = (pair.a, pair.b) if verdict is Verdict.ONLY_A else (pair.b, pair.a)
    return silence_chance(k=pair.pairs_by_topic[topic], m_raising=raising.pairs, m_other=other.pairs)


def _coarser(pair: Pair, topic: str, verdict: Verdict) -> Mapping[Grain, Verdict]:
    """Voices that differ by source may be of one body or side: judged again there, and only then."""
    if verdict is not Verdict.DIFFERENT_VOICES:
        return {}
    return coarser_verdicts(pair.a.tags, pair.b.tags, topic, grain=pair.grain, settings=pair.settings)


def _verdict_by_coder(pair: Pair, topic: str, judgement: Judgement) -> tuple[int, int] | None:
    verdicts = pair.alone[topic]
    return (verdicts.count(judgement.verdict), len(verdicts)) if verdicts else None


def voices_jaccard(voices: Sequence[VoiceOnTopic]) -> float | None:
    """Shared out of all attributed voices on a topic, 0 to 1 (Jaccard); None when nobody is quoted.

    ``author`` is left out: the authors of two documents are different people, and no shared voice.
    """
    attributed = [voice for voice in voices if voice.voice != AUTHOR]
    shared = [voice for voice in attributed if voice.weight_a and voice.weight_b]
    return len(shared) / len(attributed) if attributed else None


def _headline(
    pair: Pair, compared: Sequence[TopicComparison], a: DocumentFrame, b: DocumentFrame, reading: Reading
) -> Headline:
    verdicts = [topic.verdict for topic in compared]
    pairs = [pair.pairs_by_topic.get(topic.topic, 0) for topic in compared]
    return Headline(
        counts=tuple((verdict, verdicts.count(verdict)) for verdict in Verdict),
        topics=len(compared),
        only_a_expected=expected_alone(pairs, m_own=pair.a.pairs, m_other=pair.b.pairs),
        only_b_expected=expected_alone(pairs, m_own=pair.b.pairs, m_other=pair.a.pairs),
        provisional=not (a.finished and b.finished),
        share_no_coder=(
            reading.layer is Layer.CODED
            and bool(a.coders and b.coders)
            and set(a.coders).isdisjoint(b.coders)
        ),
    )
