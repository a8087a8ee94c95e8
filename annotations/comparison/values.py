"""What a comparison is made from, and what it is made of: frozen values; slugs stand for codebook entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from annotations.enums import Coverage, Grain, Layer, Lens, Verdict

#: A weighted distribution over stance values: (value, weight) pairs, ascending by value, weights above 0.
Distribution = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Tag:
    """One annotation as the measures see it.

    ``key`` is its database id. ``start`` and ``end`` are code points of the document's text, half-open.
    ``passage`` is the passage's number in its document. ``value`` is None where the stance takes no position.
    ``body`` is whom the source speaks for, or the source itself; ``side`` is the side's name.
    """

    key: int
    document: str
    passage: int
    start: int
    end: int
    topic: str
    stance: str
    value: float | None
    source: str
    body: str
    side: str
    reported_by: str | None
    coder: str

    @property
    def n(self) -> int:
        """A tag is a tally of one."""
        return 1


class Tally(NamedTuple):
    """Tags that differ in nothing but their place in the text, counted: all that weights are made of.

    ``n`` says how many they are; the rest is as in ``Tag``. There are as many tallies as there are different
    things said, however many tags say them.
    """

    document: str
    coder: str
    topic: str
    stance: str
    value: float | None
    source: str
    body: str
    side: str
    reported_by: str | None
    n: int


#: What weights are added up from: tags one by one, or counted.
Counted = Tag | Tally


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the counted tags of one document reach; a passage or character tagged twice counts once.

    ``passages``, ``characters``: by topic, and ``all_passages``, ``all_characters`` of all topics together.
    A topic without characters was not asked for them, and has no share of them either. ``finders``: by topic,
    in how many passages so many coders found it, tags that were changed after reopening apart; empty where
    nobody counted that.
    """

    passages: Mapping[str, int]
    all_passages: int
    characters: Mapping[str, int]
    all_characters: int
    finders: Mapping[str, Mapping[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentFrame:
    """A document under a reading: whether it is finished, and the coders who count in it.

    In the curated layer nobody is counted: ``coders`` is empty, and every tag weighs 1.
    """

    slug: str
    finished: bool
    coders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a study declares: its distinct stance values, and the bounds of the verdicts (distances, 0 to 1).

    ValueError when the scale has fewer than two different values: distances are shares of its range.
    """

    scale: tuple[float, ...]
    agree_max: float = 0.25
    diverge_above: float = 0.5

    def __post_init__(self) -> None:
        if len(set(self.scale)) < 2:
            raise ValueError("A scale needs at least two different stance values.")


@dataclass(frozen=True, slots=True)
class Reading:
    """Which annotations are looked at, and how finely voices are told apart.

    ``coder``: the one coder whose own reading this is; None for all who count. ``side``: only voices of this
    side are let speak (``author`` is a side of its own); None for all sides.
    """

    layer: Layer
    coder: str | None
    lens: Lens
    grain: Grain
    side: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentOnTopic:
    """What one document says on one topic, under a reading.

    - ``n``: annotations; ``weight``, ``valued_weight``, ``unvalued_weight``: their weight, and its two parts.
    - ``emphasis``: this topic's share of the document's weight.
    - ``passage_share``: passages that raise this topic, out of the document's tagged passages.
    - ``character_share``: characters tagged with this topic, out of the document's tagged characters.
      The three shares are None where nothing in the document is tagged, and the share of characters also
      where it was not asked for: it alone needs every tag's place, and stands on the topic's page only.
    - ``mean``: the balance of positions voiced, over all voices of the reading; None without a valued stance.
    - ``voices``: keys at the reading's grain, sorted.
    """

    coverage: Coverage
    n: int
    weight: float
    valued_weight: float
    emphasis: float | None
    passage_share: float | None
    character_share: float | None
    mean: float | None
    distribution: Distribution
    unvalued_weight: float
    voices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoiceOnTopic:
    """One voice on one topic in both documents.

    ``in_a`` and ``in_b`` are the weights of its valued stances, ``weight_a`` and ``weight_b`` of all its
    tags. A distribution is empty where the voice takes no position in that document; ``distance`` (0 the
    same position, 1 opposite poles) is None unless it takes one in both.
    """

    voice: str
    in_a: float
    in_b: float
    weight_a: float
    weight_b: float
    distribution_a: Distribution
    distribution_b: Distribution
    distance: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """What the draws say of one topic.

    ``low``–``high``: the middle 95 % of the drawn distances, widened to contain the distance found.
    ``verdict_probability``: the share of the draws whose distance lies in the band of the verdict found.
    """

    low: float
    high: float
    verdict_probability: float


@dataclass(frozen=True, slots=True)
class Shuffled:
    """The permutation test of one topic.

    ``p``: the share of the arrangements whose distance is at least the one found; None where no arrangement
    could have reached 0.05, or there is nothing to shuffle. ``least``: the smallest p that any arrangement
    could reach. ``arrangements``: how many there are. ``claims_a``, ``claims_b``: what was shuffled.
    """

    p: float | None
    least: float | None
    arrangements: int
    claims_a: int
    claims_b: int


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure the distance and the verdict on a topic are. ``shuffled`` is None where the test was not
    asked for: it needs the claims, the interval needs weights alone."""

    interval: Interval
    shuffled: Shuffled | None


@dataclass(frozen=True, slots=True)
class TopicComparison:
    """How two documents relate on one topic.

    - ``thin``: whether the verdict rests on little; None where nothing is judged (not-raised, pending).
    - ``distance``: 0 to 1; None without a common source that takes a position in both.
    - ``common_sources``: the voices the distance is measured on. ``shared_voices``: all that occur in both
      documents, with a position or without, ``author`` among them. ``only_a``, ``only_b``: the others.
    - ``common_share_a``, ``common_share_b``: the common sources' valued weight out of the document's weight
      on the topic; None where the document does not raise it.
    - ``emphasis_z``: above 0 where A stresses the topic more; None where undefined (see ``emphasis_z``).
    - ``silence_chance``: only for only-a and only-b, else None.
    - ``voices_jaccard``: shared out of all attributed voices (without ``author``); None when there are none.
    - ``verdict_by_coder``: (coders who alone give this verdict, coders who finished both documents); None
      when there are no such coders, and in the curated layer.
    - ``by_body``, ``by_side``: the verdict at each coarser grain, only where the verdict is different-voices.
    - ``certainty``: only where it was asked for and there is a distance.
    """

    topic: str
    verdict: Verdict
    provisional: bool
    thin: bool | None
    distance: float | None
    a: DocumentOnTopic
    b: DocumentOnTopic
    voices: tuple[VoiceOnTopic, ...]
    common_sources: tuple[str, ...]
    shared_voices: tuple[str, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    common_share_a: float | None
    common_share_b: float | None
    emphasis_z: float | None
    silence_chance: float | None
    voices_jaccard: float | None
    verdict_by_coder: tuple[int, int] | None
    by_body: Verdict | None
    by_side: Verdict | None
    certainty: Certainty | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """The comparison in a few numbers.

    ``counts`` has every verdict once, out of ``topics``. ``only_a_expected`` and ``only_b_expected``: how
    many topics one document alone would raise from length alone, to print beside the number it does.
    ``share_no_coder``: in the coded layer, nobody coded both documents, so they differ by coder as well.
    """

    counts: tuple[tuple[Verdict, int], ...]
    topics: int
    only_a_expected: float
    only_b_expected: float
    provisional: bool
    share_no_coder: bool

    def count(self, verdict: Verdict) -> int:
        """How many topics have this verdict."""
        return dict(self.counts)[verdict]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two documents under one reading; ``topics`` in the order they were asked for."""

    reading: Reading
    a: DocumentFrame
    b: DocumentFrame
    topics: tuple[TopicComparison, ...]
    headline: Headline

    def topic(self, slug: str) -> TopicComparison:
        """The comparison on one topic; KeyError when it was not compared."""
        for compared in self.topics:
            if compared.topic == slug:
                return compared
        raise KeyError(slug)
