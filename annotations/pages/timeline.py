"""Where in each document's text a topic is treated: a strip from its first passage to its last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from annotations.models import Document, Passage
from annotations.pages.quotes import QuoteShown
from annotations.pages.reading import Compared

#: The strip in the drawing's own units: its width, its ground, the least mark, and what the tallest adds.
WIDTH, GROUND, LEAST, MORE = 600.0, 42.0, 10.0, 30.0
#: A passage of a very long document is still to be hit, and one of a short document does not fill its place.
NARROWEST, WIDEST = 3.0, 16.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One passage that treats the topic, in ``tags`` tags."""

    number: int
    tags: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One document from passage 1 to ``last``, with the passages that treat the topic."""

    letter: str
    document: Document
    last: int
    marks: tuple[Mark, ...]


def load_timeline(
    compared: Compared, quotes_a: Sequence[QuoteShown], quotes_b: Sequence[QuoteShown]
) -> tuple[Strip, Strip]:
    """Both documents' strips, drawn to one height; one query."""
    pair = (compared.a, compared.b)
    found = Passage.objects.filter(document__in=pair).order_by().values_list("document")
    last = dict(found.annotate(last=Max("number")))
    counts = [_by_passage(quotes) for quotes in (quotes_a, quotes_b)]
    most = max((n for of_document in counts for n in of_document.values()), default=1)
    a, b = (
        Strip(letter, document, last.get(document.pk, 0), _marks(of_document, last.get(document.pk, 1), most))
        for letter, document, of_document in zip("ab", pair, counts, strict=True)
    )
    return a, b


def _by_passage(quotes: Sequence[QuoteShown]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for quote in quotes:
        counts[quote.number] += quote.tags
    return counts


def _marks(counts: Counter[int], last: int, most: int) -> tuple[Mark, ...]:
    step = WIDTH / max(1, last)
    width = min(WIDEST, max(NARROWEST, step - 2))
    marks = []
    for number, tags in sorted(counts.items()):
        height = LEAST + MORE * tags / most
        x = max(0.0, min((number - 0.5) * step - width / 2, WIDTH - width))
        sizes = (f"{x:.1f}", f"{GROUND - height:.1f}", f"{width:.1f}", f"{height:.1f}")
        marks.append(Mark(number, tags, *sizes))
    return tuple(marks)
