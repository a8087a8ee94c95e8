"""The draws behind a topic's distance: its interval, its verdict's probability and its p."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from annotations.comparison.permutation import Shares, shuffle_claims
from annotations.comparison.uncertainty import interval_of, seed_of
from annotations.comparison.values import Certainty, Reading, Settings, Shuffled, Tag, VoiceOnTopic
from annotations.comparison.verdicts import Judgement
from annotations.comparison.weights import voice_of
from annotations.enums import Layer
from annotations.reliability.claims import match_claims


@dataclass(frozen=True, slots=True)
class Draws:
    """What the draws depend on beside the tags. ``voices``: the keys of the grain in codebook order."""

    study: str
    voices: tuple[str, ...]


def certainty_of(
    judgement: Judgement,
    *,
    topic: str,
    tags: Mapping[str, Sequence[Tag]],
    documents: tuple[str, str],
    reading: Reading,
    settings: Settings,
    draws: Draws,
) -> Certainty | None:
    """The certainty of a judged topic; None where it has no distance.

    ``documents`` are A and B; ``tags`` the counted tags of each on the topic. The draws take the document
    with the smaller slug first, so that swapping A and B changes nothing.
    """
    if judgement.distance is None:
        return None
    seed = seed_of(study=draws.study, topic=topic, documents=documents, reading=reading)
    first, second = sorted(documents)
    common = [voice for voice in _in_order(judgement, draws) if voice.distance is not None]
    if (first, second) != documents:
        common = [_swapped(voice) for voice in common]
    names = {voice.voice for voice in common}
    claims = [_claims(tags[slug], reading, names) for slug in (first, second)]
    in_order = [{voice.voice: of_document[voice.voice] for voice in common} for of_document in claims]
    return Certainty(
        interval=interval_of(
            common, distance=judgement.distance, verdict=judgement.verdict, settings=settings, seed=seed
        ),
        shuffled=_as_asked(shuffle_claims(*in_order, settings=settings, seed=seed), first, documents),
    )


def _as_asked(shuffled: Shuffled, first: str, documents: tuple[str, str]) -> Shuffled:
    if first == documents[0]:
        return shuffled
    return replace(shuffled, claims_a=shuffled.claims_b, claims_b=shuffled.claims_a)


def _in_order(judgement: Judgement, draws: Draws) -> list[VoiceOnTopic]:
    places = {voice: place for place, voice in enumerate(draws.voices)}
    return sorted(judgement.voices, key=lambda voice: (places.get(voice.voice, len(places)), voice.voice))


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
