"""Silence against length: how often a document would leave a topic out merely because it says less."""

from collections import Counter
from collections.abc import Iterable
from math import comb, exp, fsum, lgamma

#: Mentions of a topic up to which the chance is worked out in whole numbers.
EXACT_UP_TO = 200


def silence_chance(*, k: int, m_raising: int, m_other: int) -> float:
    """The chance that all ``k`` mentions of a topic fall into one document of two: C(m, k) / C(m + m', k).

    ``m_raising``, ``m_other``: the (passage, topic) pairs of the document that raises the topic and of the
    other; ``k``: the pairs on this topic in both. Hypergeometric: the pairs of both documents, dealt out at
    random. A small chance says that length does not explain the silence. A probability, 0 to 1.
    """
    pairs = m_raising + m_other
    if k > m_raising:
        return 0.0
    if k <= EXACT_UP_TO:
        # Whole numbers, divided once: exact, and no overflow.
        return comb(m_raising, k) / comb(pairs, k)
    # Beyond, the numbers have thousands of digits: by logarithms, right to eight digits at ten million pairs.
    ways = lgamma(m_raising + 1) - lgamma(m_raising - k + 1)
    return exp(ways - lgamma(pairs + 1) + lgamma(pairs - k + 1))


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
