"""The measures once more, from their definitions: exact fractions, one plain loop after another.

Written apart from ``annotations.comparison``, and in another way wherever there is one, so that one mistake
is not made twice: transport instead of cumulative distributions, counting deals instead of binomials.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import log, sqrt

from annotations.comparison.values import Tag

Weighted = dict[Fraction, Fraction]


class NaiveDocument:
    """One document's counted tags; every tag weighs 1 / ``coders``."""

    def __init__(
        self, slug: str, tags: Iterable[Tag], *, counted: Sequence[str], voice: Callable[[Tag], str]
    ) -> None:
        self.tags = [tag for tag in tags if tag.document == slug and tag.coder in counted]
        self.one = Fraction(1, len(counted))
        self.voice = voice

    def weight(self, topic: str | None = None, voice: str | None = None, *, valued: bool = False) -> Fraction:
        total = Fraction(0)
        for tag in self.tags:
            left_out = valued and tag.value is None
            if topic in (None, tag.topic) and voice in (None, self.voice(tag)) and not left_out:
                total += self.one
        return total

    def voices(self, topic: str) -> set[str]:
        return {self.voice(tag) for tag in self.tags if tag.topic == topic}

    def topics(self) -> set[str]:
        return {tag.topic for tag in self.tags}

    def pairs(self, topic: str | None = None) -> int:
        return len({(tag.passage, tag.topic) for tag in self.tags if topic in (None, tag.topic)})

    def characters(self, topic: str | None = None) -> int:
        tagged: set[int] = set()
        for tag in self.tags:
            if topic in (None, tag.topic):
                tagged |= set(range(tag.start, tag.end))
        return len(tagged)

    def positions(self, topic: str, voice: str) -> Weighted:
        found: Weighted = {}
        for tag in self.tags:
            if tag.topic == topic and self.voice(tag) == voice and tag.value is not None:
                value = Fraction(tag.value)
                found[value] = found.get(value, Fraction(0)) + self.one
        total = sum(found.values())
        return {value: weight / total for value, weight in found.items()}


def transport(a: Weighted, b: Weighted) -> Fraction:
    """The least work that turns one distribution into the other: carry the lowest to the lowest."""
    left = [[value, a[value]] for value in sorted(a)]
    right = [[value, b[value]] for value in sorted(b)]
    work = Fraction(0)
    while left and right:
        moved = min(left[0][1], right[0][1])
        work += moved * abs(left[0][0] - right[0][0])
        left[0][1] -= moved
        right[0][1] -= moved
        left, right = [pile for pile in left if pile[1]], [pile for pile in right if pile[1]]
    return work


def naive_distance(a: NaiveDocument, b: NaiveDocument, topic: str, scale: Sequence[float]) -> Fraction | None:
    above, below = Fraction(0), Fraction(0)
    for voice in a.voices(topic) & b.voices(topic):
        positions_a, positions_b = a.positions(topic, voice), b.positions(topic, voice)
        if positions_a and positions_b:
            shared = min(a.weight(topic, voice, valued=True), b.weight(topic, voice, valued=True))
            span = Fraction(max(scale)) - Fraction(min(scale))
            above += shared * transport(positions_a, positions_b) / span
            below += shared
    return above / below if below else None


def naive_verdict(
    a: NaiveDocument, b: NaiveDocument, topic: str, scale: Sequence[float], finished: tuple[bool, bool]
) -> str:
    raised = [bool(document.voices(topic)) for document in (a, b)]
    if any(not has_tags and not done for has_tags, done in zip(raised, finished, strict=True)):
        return "pending"
    if not all(raised):
        return "only-a" if raised[0] else "only-b" if raised[1] else "not-raised"
    if not a.voices(topic) & b.voices(topic):
        return "different-voices"
    distance = naive_distance(a, b, topic, scale)
    if distance is None:
        return "no-position"
    return "agree" if distance <= Fraction(1, 4) else "diverge" if distance > Fraction(1, 2) else "partly"


def naive_thin(a: NaiveDocument, b: NaiveDocument, topic: str, verdict: str) -> bool | None:
    if verdict in ("pending", "not-raised"):
        return None
    if verdict not in ("agree", "partly", "diverge"):
        return any(0 < document.weight(topic) < 2 for document in (a, b))
    common = [v for v in a.voices(topic) & b.voices(topic) if a.positions(topic, v) and b.positions(topic, v)]
    return any(sum(d.weight(topic, v, valued=True) for v in common) < 2 for d in (a, b))


def naive_emphasis_z(a: NaiveDocument, b: NaiveDocument, topic: str) -> float | None:
    raised = a.topics() | b.topics()
    if topic not in raised or len(raised) == 1 or not a.weight() or not b.weight():
        return None
    alpha = len(raised) * (a.weight(topic) + b.weight(topic)) / (a.weight() + b.weight())
    log_odds, variance = [], Fraction(0)
    for document in (a, b):
        on_topic = document.weight(topic) + alpha
        elsewhere = document.weight() + len(raised) - on_topic
        log_odds.append(log(on_topic) - log(elsewhere))
        variance += 1 / on_topic + 1 / elsewhere
    return (log_odds[0] - log_odds[1]) / sqrt(variance)


def naive_silence_chance(a: NaiveDocument, b: NaiveDocument, topic: str) -> Fraction:
    """The chance that A is dealt every pair on the topic, one pair after another."""
    chance, free, left = Fraction(1), a.pairs(), a.pairs() + b.pairs()
    for _ in range(a.pairs(topic) + b.pairs(topic)):
        chance *= Fraction(max(free, 0), left)
        free, left = free - 1, left - 1
    return chance
