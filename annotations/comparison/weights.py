"""Which tags count under a reading, and what they weigh.

Every tag that counts in a document weighs the same, 1 / (coders of the document). So tags are counted as
whole numbers and divided once: a weight of 2 is exactly 2.0, in whatever order the tags come.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import NamedTuple, TypeVar

from annotations.comparison.values import Counted, Distribution, DocumentFrame
from annotations.enums import AUTHOR, Coverage, Grain, Layer, Lens

#: One document's tags, or their tallies: coder -> topic -> tags.
TagsByCoder = Mapping[str, Mapping[str, Sequence[Counted]]]
Said = TypeVar("Said", bound=Counted)
#: Numbers of tags by stance value; None: the stance takes no position.
Counts = Mapping[float | None, int]


@dataclass(frozen=True, slots=True)
class CountedTags:
    """The tags of one document that count under a reading, by topic; each weighs 1 / ``coders``."""

    finished: bool
    coders: int
    by_topic: Mapping[str, Sequence[Counted]]

    def number(self, topic: str) -> int:
        """How many tags there are on a topic."""
        return sum([tag.n for tag in self.by_topic.get(topic, ())])

    def coverage(self, topic: str) -> Coverage:
        """``covered`` with at least one tag; without, ``silent`` is said of a finished document only."""
        if self.by_topic.get(topic):
            return Coverage.COVERED
        return Coverage.SILENT if self.finished else Coverage.NOT_CODED


class VoiceWeights(NamedTuple):
    """The weight of one or more voices: of all tags, and of those with and without a valued stance."""

    weight: float
    valued: float
    unvalued: float
    distribution: Distribution


NO_WEIGHTS = VoiceWeights(weight=0.0, valued=0.0, unvalued=0.0, distribution=())


@dataclass(frozen=True, slots=True)
class TopicWeights:
    """One document on one topic: annotations ``n``, the weight of all voices together, and of each voice."""

    coverage: Coverage
    n: int
    together: VoiceWeights
    voices: Mapping[str, VoiceWeights]


def counted_coders(
    *, finishers: Iterable[str], annotators: Iterable[str], chosen: str | None
) -> tuple[tuple[str, ...], bool]:
    """The coders who count in a document, sorted, and whether the document is finished.

    These are the coders who finished it, with tags or without; if nobody did, those who annotated it, and
    the document is unfinished. ``chosen`` narrows both to one coder's own reading.
    """
    for coders, finished in ((set(finishers), True), (set(annotators), False)):
        of_reading = coders if chosen is None else coders & {chosen}
        if of_reading:
            return tuple(sorted(of_reading)), finished
    return (), False


def hears(tag: Counted, lens: Lens, side: str | None = None) -> bool:
    """Whether a lens lets this tag's source speak; with ``side``, only that side's."""
    return lets_speak(tag.source, tag.side, lens=lens, only=side)


def heard(tags: Iterable[Said], lens: Lens, side: str | None = None) -> Iterable[Said]:
    """The tags whose source a lens lets speak; with ``side``, only that side's."""
    if lens is Lens.ALL and side is None:
        return tags
    return [tag for tag in tags if hears(tag, lens, side)]


def lets_speak(source: str, side: str, *, lens: Lens, only: str | None) -> bool:
    """Whether a lens, and the choice of ``only`` one side, let this source of this side speak."""
    is_author = source == AUTHOR
    if only is not None and only != (AUTHOR if is_author else side):
        return False
    return lens is Lens.ALL or is_author is (lens is Lens.OWN)


def voice_of(tag: Counted, grain: Grain) -> str:
    """The key of the voice a tag gives word to; ``author`` is a voice of its own at every grain."""
    if tag.source == AUTHOR or grain is Grain.SOURCE:
        return tag.source
    return tag.body if grain is Grain.BODY else tag.side


def group_tags(
    tags: Iterable[Counted], *, documents: Collection[str], lens: Lens, side: str | None = None
) -> Mapping[str, TagsByCoder]:
    """The tags of these documents that lens and side let speak, by document, coder and topic: one pass."""
    groups: dict[str, dict[str, dict[str, list[Counted]]]]
    groups = {document: defaultdict(lambda: defaultdict(list)) for document in documents}
    for tag in heard(tags, lens, side):
        if tag.document in groups:
            groups[tag.document][tag.coder][tag.topic].append(tag)
    # Whoever reads them must not make new ones.
    return {
        document: {coder: dict(topics) for coder, topics in coders.items()}
        for document, coders in groups.items()
    }


def counted_tags(by_coder: TagsByCoder, *, frame: DocumentFrame, layer: Layer) -> CountedTags:
    """The tags that count in a document: all in ``curated``, in ``coded`` those of the frame's coders."""
    counted = by_coder.keys() if layer is Layer.CURATED else frame.coders
    by_topic: dict[str, list[Counted]] = defaultdict(list)
    for coder in counted:
        for topic, tags in by_coder.get(coder, {}).items():
            by_topic[topic].extend(tags)
    coders = 1 if layer is Layer.CURATED else len(frame.coders)
    return CountedTags(finished=frame.finished, coders=coders, by_topic=dict(by_topic))


def own_tags(by_coder: TagsByCoder, *, coder: str) -> CountedTags:
    """One finisher's own tags of a document, each of weight 1."""
    return CountedTags(finished=True, coders=1, by_topic=by_coder.get(coder, {}))


def weigh(counted: CountedTags, topic: str, *, grain: Grain) -> TopicWeights:
    """What a document's counted tags weigh on one topic, together and by voice (keys at ``grain``)."""
    by_voice = count_voices(counted.by_topic.get(topic, ()), grain)
    together: dict[float | None, int] = {}
    for counts in by_voice.values():
        for value, n in counts.items():
            together[value] = together.get(value, 0) + n
    return TopicWeights(
        coverage=counted.coverage(topic),
        n=sum(together.values()),
        together=weights_of(together, counted.coders),
        voices={voice: weights_of(counts, counted.coders) for voice, counts in by_voice.items()},
    )


def count_voices(tags: Iterable[Counted], grain: Grain) -> Mapping[str, Counts]:
    """By voice (keys at ``grain``): how many of the tags have which stance value."""
    # The comparison goes through all tags twice here: no call of ours where none is needed.
    said: Callable[[Counted], tuple[str, float | None]] = attrgetter("source", "value")
    if grain is not Grain.SOURCE:
        said = partial(_said_by, grain=grain)
    numbers: defaultdict[tuple[str, float | None], int] = defaultdict(int)
    for tag in tags:
        numbers[said(tag)] += tag.n
    by_voice: dict[str, dict[float | None, int]] = {}
    for (key, value), n in numbers.items():
        by_voice.setdefault(key, {})[value] = n
    return by_voice


def _said_by(tag: Counted, grain: Grain) -> tuple[str, float | None]:
    return voice_of(tag, grain), tag.value


def weights_of(counts: Counts, coders: int) -> VoiceWeights:
    """Weights from numbers of tags by stance value."""
    if not counts:
        return NO_WEIGHTS
    whole, unvalued = sum(counts.values()), counts.get(None, 0)
    return VoiceWeights(
        weight=whole / coders,
        valued=(whole - unvalued) / coders,
        unvalued=unvalued / coders,
        distribution=distribution_of(counts, coders),
    )


def distribution_of(counts: Counts, coders: int) -> Distribution:
    """The weight of each stance value."""
    return tuple(sorted([(value, n / coders) for value, n in counts.items() if value is not None]))
