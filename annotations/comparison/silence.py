"""Silence against length: how often a document would leave a topic out merely because it says less."""

from collections import Counter
from collections.abc import Iterable
from math import comb, fsum


def silence_chance(*, k: int, m_raising: int, m_other: int) -> float:
    """The chance that all ``k`` mentions of a topic fall into one document of two: C(m, k) / C(m + m', k).

    ``m_raising``, ``m_other``: the (passage, topic) pairs of the document that raises the topic and of the
    other; ``k``: the pairs on this topic in both. Hypergeometric: the pairs of both documents, dealt out at
    random. A small chance says that length does not explain the silence. A probability, 0 to 1.
    """
    # Whole numbers, divided once: exact, and no overflow however many pairs there are.
    return comb(m_raising, k) / comb(m_raising + m_other, k)


def expected_alone(pairs_by_topic: Iterable[int], *, m_own: int, m_other: int) -> float:
    """The number of topics that only the document with ``m_own`` pairs would raise, from length alone.

    ``pairs_by_topic``: for each topic its (passage, topic) pairs in both documents; topics without a pair are
    raised by nobody and add nothing.
    """
    # Topics with equally many pairs have equal chances: worked out once, since the numbers get long.
    return fsum(
        topics * silence_chance(k=k, m_raising=m_own, m_other=m_other)
        for k, topics in Counter(pairs_by_topic).items()
        if k
    )
