"""The draws behind a topic's distance: its interval, its verdict's probability and its p."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from annotations.comparison.permutation import Shares, shuffle_claims
from annotations.comparison.uncertainty import interval_of, seed_of
from annotations.comparison.values import (
    Certainty,
    Comparison,
    Reading,
    Settings,
    Shuffled,
    Tag,
    TopicComparison,
    VoiceOnTopic,
)
from annotations.comparison.verdicts import Judgement
from annotations.comparison.weights import voice_of
from annotations.enums import Layer
from annotations.reliability.claims import match_claims


@dataclass(frozen=True, slots=True)
class Draws:
    """What the draws depend on beside the tags. ``voices``: the keys of the grain in codebook order.
    ``topics``: the topics that are drawn for; None for all."""

    study: str
    voices: tuple[str, ...]
    topics: frozenset[str] | None = None

    def include(self, topic: str) -> bool:
        """Whether this topic's certainty is asked for."""
        return self.topics is None or topic in self.topics


def interval_on(
    judgement: Judgement,
    *,
    topic: str,
    documents: tuple[str, str],
    reading: Reading,
    settings: Settings,
    draws: Draws,
) -> Certainty | None:
    """The interval of a judged topic, from its weights alone; None where it has no distance.

    ``documents`` are A and B. The draws take the document with the smaller slug first, so that swapping A and
    B changes nothing.
    """
    if judgement.distance is None:
        return None
    interval = interval_of(
        _common(judgement.voices, documents, draws),
        distance=judgement.distance,
        verdict=judgement.verdict,
        settings=settings,
        seed=seed_of(study=draws.study, topic=topic, documents=documents, reading=reading),
    )
    return Certainty(interval, None)


def with_shuffled(
    comparison: Comparison, *, tags: Iterable[Tag], settings: Settings, draws: Draws
) -> Comparison:
    """The comparison with p as well, on every topic that has an interval and that ``draws`` include.

    ``tags``: those of both documents that the comparison counts, on these topics at least.
    """
    on: defaultdict[str, dict[str, list[Tag]]] = defaultdict(
        lambda: {comparison.a.slug: [], comparison.b.slug: []}
    )
    for tag in tags:
        on[tag.topic][tag.document].append(tag)
    topics = []
    for found in comparison.topics:
        if found.certainty is not None and draws.include(found.topic):
            shuffled = _shuffled(found, comparison, on[found.topic], settings, draws)
            found = replace(found, certainty=replace(found.certainty, shuffled=shuffled))
        topics.append(found)
    return replace(comparison, topics=tuple(topics))


def _shuffled(
    found: TopicComparison,
    comparison: Comparison,
    tags: Mapping[str, Sequence[Tag]],
    settings: Settings,
    draws: Draws,
) -> Shuffled:
    documents = (comparison.a.slug, comparison.b.slug)
    reading = comparison.reading
    seed = seed_of(study=draws.study, topic=found.topic, documents=documents, reading=reading)
    first, second = sorted(documents)
    common = [voice.voice for voice in _common(found.voices, documents, draws)]
    claims = [_claims(tags[slug], reading, set(common)) for slug in (first, second)]
    in_order = [{voice: of_document[voice] for voice in common} for of_document in claims]
    return _as_asked(shuffle_claims(*in_order, settings=settings, seed=seed), first, documents)


def _common(voices: Sequence[VoiceOnTopic], documents: tuple[str, str], draws: Draws) -> list[VoiceOnTopic]:
    """The common sources in codebook order, the document with the smaller slug first."""
    places = {voice: place for place, voice in enumerate(draws.voices)}
    common = [voice for voice in voices if voice.distance is not None]
    common.sort(key=lambda voice: (places.get(voice.voice, len(places)), voice.voice))
    return common if documents[0] < documents[1] else [_swapped(voice) for voice in common]


def _as_asked(shuffled: Shuffled, first: str, documents: tuple[str, str]) -> Shuffled:
    if first == documents[0]:
        return shuffled
    return replace(shuffled, claims_a=shuffled.claims_b, claims_b=shuffled.claims_a)


def _swapped(voice: VoiceOnTopic) -> VoiceOnTopic:
    return replace(
        voice,
        in_a=voice.in_b,
        in_b=voice.in_a,
        distribution_a=voice.distribution_b,
        distribution_b=voice.distribution_a,
    )


def _claims(tags: Sequence[Tag], reading: Reading, voices: set[str]) -> dict[str, list[Shares]]:
    """By voice: what each claim that takes a position says, its coders weighing the same."""
    by_voice: defaultdict[str, list[Shares]] = defaultdict(list)
    for claim in claims_of(tags, reading.layer):
        voice = voice_of(claim[0], reading.grain)
        values = [tag.value for tag in claim if tag.value is not None]
        if voice in voices and values:
            counts = Counter(values)
            by_voice[voice].append(tuple((value, n / len(values)) for value, n in sorted(counts.items())))
    return by_voice


def claims_of(tags: Iterable[Tag], layer: Layer) -> list[tuple[Tag, ...]]:
    """The claims that tags make, as their tags. In the curated layer each tag is one: it is settled."""
    if layer is Layer.CURATED:
        return [(tag,) for tag in tags]
    return [claim.tags for claim in match_claims(tags)]
