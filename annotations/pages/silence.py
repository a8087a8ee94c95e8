"""What one document treats and the other leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.comparison.values import TopicComparison
from annotations.enums import Coverage, Verdict
from annotations.models import Topic
from annotations.pages.comparison import Bar, bars_of
from annotations.pages.reading import Compared


@dataclass(frozen=True, slots=True)
class Silent:
    """One topic that only one document raises."""

    topic: Topic
    result: TopicComparison
    bar: Bar


@dataclass(frozen=True, slots=True)
class Silences:
    """The topics that one document alone raises, the most stressed first, and how many its length alone
    would lead one to expect. While the other document is not finished nothing is known of its silence:
    ``not_coded`` counts the topics that this document raises and that are not coded in it yet."""

    letter: str
    name: str
    other: str
    topics: tuple[Silent, ...]
    expected: float
    other_is_finished: bool
    not_coded: int


def silences_of(compared: Compared) -> tuple[Silences, Silences]:
    """What A alone raises, and what B alone raises; each ranked by emphasis, then in codebook order."""
    by_slug = {topic.slug: topic for topic in compared.topics}
    found: dict[Verdict, list[Silent]] = {Verdict.ONLY_A: [], Verdict.ONLY_B: []}
    largest = (
        max((on.emphasis or 0 for t in compared.comparison.topics for on in (t.a, t.b)), default=0.0) or 1.0
    )
    for result in compared.comparison.topics:
        if result.verdict in found:
            bars = bars_of(compared, result, largest)
            raising = bars[0] if result.verdict is Verdict.ONLY_A else bars[1]
            found[result.verdict].append(Silent(by_slug[result.topic], result, raising))
    comparison, headline = compared.comparison, compared.comparison.headline
    a, b = compared.a.short_name, compared.b.short_name
    not_coded = Coverage.NOT_CODED
    unknown_a = sum(t.a.n > 0 and t.b.coverage is not_coded for t in comparison.topics)
    unknown_b = sum(t.b.n > 0 and t.a.coverage is not_coded for t in comparison.topics)
    alone_a, alone_b = _ranked(found[Verdict.ONLY_A]), _ranked(found[Verdict.ONLY_B])
    return (
        Silences("a", a, b, alone_a, headline.only_a_expected, comparison.b.finished, unknown_a),
        Silences("b", b, a, alone_b, headline.only_b_expected, comparison.a.finished, unknown_b),
    )


def _ranked(silent: list[Silent]) -> tuple[Silent, ...]:
    return tuple(sorted(silent, key=lambda one: -(one.bar.on_topic.emphasis or 0)))
