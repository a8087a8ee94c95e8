"""The comparison of two documents, put together from the measures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from annotations.comparison.certainty import Draws, certainty_of
from annotations.comparison.emphasis import Extent, emphasis_z, extent_of, extent_of_document
from annotations.comparison.positions import mean_of
from annotations.comparison.silence import expected_alone, silence_chance
from annotations.comparison.values import (
    Certainty,
    Comparison,
    DocumentFrame,
    DocumentOnTopic,
    Headline,
    Reading,
    Settings,
    Tag,
    TopicComparison,
    VoiceOnTopic,
)
from annotations.comparison.verdicts import Judgement, coarser_verdicts, judge, verdicts_of_coders
from annotations.comparison.weights import (
    CountedTags,
    TopicWeights,
    counted_tags,
    group_tags,
    own_tags,
    weigh,
)
from annotations.enums import AUTHOR, Grain, Layer, Verdict


@dataclass(frozen=True, slots=True)
class CountedDocument:
    """One document's counted tags with their extents. ``pairs``: its distinct (passage, topic) pairs."""

    tags: CountedTags
    extent: Extent
    by_topic: Mapping[str, Extent]
    pairs: int

    def on(self, topic: str) -> Extent:
        """The extent of one topic in this document."""
        return self.by_topic.get(topic, Extent(weight=0.0, passages=0, characters=0))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents, counted under one reading.

    ``pairs_by_topic``: the (passage, topic) pairs of both documents, for every topic either of them raises.
    ``by_coder``: each coder's own tags of A and of B, for those whose verdicts are counted.
    """

    a: CountedDocument
    b: CountedDocument
    pairs_by_topic: Mapping[str, int]
    by_coder: tuple[tuple[CountedTags, CountedTags], ...]
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
    """Compare two documents on ``topics`` under one reading; swapping ``a`` and ``b`` swaps the columns only.

    ``tags`` are those of the reading's layer, in any order; tags of other documents, of coders who do not
    count, and of voices outside the lens stay out. ``topics`` decides which rows come back, and so what the
    headline counts; emphasis, shares and m of a document are of all its counted tags, on whatever topic.
    ``finishers_of_both``: the coders whose own verdicts are counted (their tags must be among ``tags``).
    ``draws``: asks for each topic's certainty as well, which takes longer than all the rest.
    """
    groups = group_tags(tags, documents={a.slug, b.slug}, lens=reading.lens)
    coders = () if reading.layer is Layer.CURATED else sorted(set(finishers_of_both))
    counted_a = _count(counted_tags(groups[a.slug], frame=a, layer=reading.layer))
    counted_b = _count(counted_tags(groups[b.slug], frame=b, layer=reading.layer))
    pair = Pair(
        a=counted_a,
        b=counted_b,
        pairs_by_topic={
            topic: counted_a.on(topic).passages + counted_b.on(topic).passages
            for topic in counted_a.by_topic.keys() | counted_b.by_topic.keys()
        },
        by_coder=tuple(
            (own_tags(groups[a.slug], coder=coder), own_tags(groups[b.slug], coder=coder)) for coder in coders
        ),
        documents=(a.slug, b.slug),
        reading=reading,
        settings=settings,
        draws=draws,
    )
    compared = tuple(_compare_topic(pair, topic) for topic in topics)
    return Comparison(reading, a, b, compared, _headline(pair, compared, a, b, reading))


def _count(tags: CountedTags) -> CountedDocument:
    by_topic = {topic: extent_of(found, coders=tags.coders) for topic, found in tags.by_topic.items()}
    return CountedDocument(
        tags=tags,
        extent=extent_of_document(tags),
        by_topic=by_topic,
        pairs=sum(extent.passages for extent in by_topic.values()),
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
    if pair.draws is None:
        return None
    a, b = pair.documents
    return certainty_of(
        judgement,
        topic=topic,
        tags={a: pair.a.tags.by_topic.get(topic, ()), b: pair.b.tags.by_topic.get(topic, ())},
        documents=pair.documents,
        reading=pair.reading,
        settings=pair.settings,
        draws=pair.draws,
    )


def _document_on_topic(document: CountedDocument, topic: str, weights: TopicWeights) -> DocumentOnTopic:
    extent, whole, together = document.on(topic), document.extent, weights.together
    return DocumentOnTopic(
        coverage=weights.coverage,
        n=weights.n,
        weight=together.weight,
        valued_weight=together.valued,
        emphasis=_share(extent.weight, whole.weight),
        passage_share=_share(extent.passages, whole.passages),
        character_share=_share(extent.characters, whole.characters),
        mean=mean_of(together.distribution),
        distribution=together.distribution,
        unvalued_weight=together.unvalued,
        voices=tuple(sorted(weights.voices)),
        coders=tuple(sorted({tag.coder for tag in document.tags.by_topic.get(topic, ())})),
    )


def _share(part: float, whole: float) -> float | None:
    """A share of 0 to 1; None of nothing."""
    # Weights in thirds, summed, can miss their whole by a digit: without the bound a share could exceed 1.
    return min(1.0, part / whole) if whole else None


def _emphasis_z(pair: Pair, topic: str) -> float | None:
    return emphasis_z(
        y_a=pair.a.on(topic).weight,
        y_b=pair.b.on(topic).weight,
        n_a=pair.a.extent.weight,
        n_b=pair.b.extent.weight,
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
    verdicts = verdicts_of_coders(pair.by_coder, topic, grain=pair.grain, settings=pair.settings)
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
