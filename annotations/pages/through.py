"""Who speaks for a source in each document: its own words, its own side, or another side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.models import Document, Source
from annotations.pages.reading import Compared

WORDS = {
    "words": _("told by the document itself"),
    "own": _("through its own side"),
    "other": _("through another side"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way for a source's positions to reach the reader: how many tags, and through whom."""

    words: str | Promise
    tags: int
    messengers: tuple[tuple[Source, int], ...]


@dataclass(frozen=True, slots=True)
class Through:
    """The ways of one document."""

    letter: str
    document: Document
    ways: tuple[Way, ...]


def through_whom(compared: Compared, source: Source) -> tuple[Through, Through]:
    """Both documents on one source, counted in tags; nothing is looked up."""
    a, b = (
        Through(letter, document, _ways(compared, source, document))
        for letter, document in (("a", compared.a), ("b", compared.b))
    )
    return a, b


def _ways(compared: Compared, source: Source, document: Document) -> tuple[Way, ...]:
    by_slug = {entry.slug: entry for entry in compared.sources.values()}
    counts: dict[str, Counter[str]] = {name: Counter() for name in WORDS}
    for tally in compared.tallies:
        if tally.document != document.slug or tally.source != source.slug:
            continue
        if not tally.reported_by:
            counts["words"][""] += tally.n
        else:
            is_own = by_slug[tally.reported_by].side == source.side
            counts["own" if is_own else "other"][tally.reported_by] += tally.n
    return tuple(
        Way(
            words=words,
            tags=sum(counts[name].values()),
            messengers=_most_first([(by_slug[slug], n) for slug, n in counts[name].items() if slug]),
        )
        for name, words in WORDS.items()
    )


def _most_first(messengers: list[tuple[Source, int]]) -> tuple[tuple[Source, int], ...]:
    """Whoever brings most first; of equals, in codebook order."""
    return tuple(sorted(messengers, key=lambda pair: (-pair[1], pair[0].position)))
