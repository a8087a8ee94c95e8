"""A reading in words, for captions and reports. No coder is ever named: files leave the study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from annotations.enums import AUTHOR, Grain, Layer, Lens

if TYPE_CHECKING:
    from annotations.comparison.values import Reading
    from annotations.models import Document
    from annotations.pages.reading import Compared

LENSES = {
    Lens.ALL: gettext_noop("all voices"),
    Lens.OWN: gettext_noop("the documents’ own voice"),
    Lens.ATTRIBUTED: gettext_noop("attributed voices"),
}
GRAINS = {
    Grain.SOURCE: gettext_noop("by source"),
    Grain.BODY: gettext_noop("by body"),
    Grain.SIDE: gettext_noop("by side"),
}


def reading_in_words(compared: Compared, *, by_grain: bool = True) -> str:
    """Layer, coders as a number, lens, grain (where it says anything), and how many tags there are in each
    document."""
    reading, comparison = compared.reading, compared.comparison
    coders = (len(comparison.a.coders), len(comparison.b.coders))
    n = tags_of_both(compared)
    parts = [*_choices(reading, coders, by_grain=by_grain), _tags(*n)]
    return _("Reading: %(parts)s") % {"parts": ", ".join(parts)}


def tags_of_both(compared: Compared) -> tuple[int, int]:
    """How many tags of A and of B the comparison counts."""
    topics = compared.comparison.topics
    return sum(topic.a.n for topic in topics), sum(topic.b.n for topic in topics)


def reading_of_all_in_words(reading: Reading, coders: int, tags: int) -> str:
    """The same for a figure of more than two documents."""
    parts = _choices(reading, (coders, coders))
    parts.append(ngettext("%(n)s tag", "%(n)s tags", tags) % {"n": tags})
    return _("Reading: %(parts)s.") % {"parts": ", ".join(parts)}


def _choices(reading: Reading, coders: tuple[int, int], *, by_grain: bool = True) -> list[str]:
    parts = [_layer(reading, coders), _(LENSES[reading.lens])]
    if by_grain:
        parts.append(_(GRAINS[reading.grain]))
    if reading.side is not None:
        side = _("the documents themselves") if reading.side == AUTHOR else reading.side
        parts.append(_("of %(side)s only") % {"side": side})
    return parts


def _layer(reading: Reading, coders: tuple[int, int]) -> str:
    if reading.layer is Layer.CURATED:
        return _("curated layer")
    if reading.coder is not None:
        return _("coded layer, one coder’s own reading")
    a, b = coders
    if a == b:
        return ngettext("coded layer, %(n)s coder", "coded layer, %(n)s coders", a) % {"n": a}
    return _("coded layer, coders: %(a)s in A, %(b)s in B") % {"a": a, "b": b}


def _tags(a: int, b: int) -> str:
    counted = ngettext("%(n)s tag", "%(n)s tags", a + b) % {"n": a + b}
    return _("%(tags)s (%(a)s in A, %(b)s in B)") % {"tags": counted, "a": a, "b": b}


def documents_in_words(compared: Compared) -> list[str]:
    """One line for A, one for B: title, publisher, day."""
    return [f"A: {document_in_words(compared.a)}", f"B: {document_in_words(compared.b)}"]


def document_in_words(document: Document) -> str:
    """“Title” (publisher, day)."""
    parts = [document.publisher] if document.publisher else []
    if document.published:
        parts.append(date_format(document.published, "j F Y"))
    return f"{document.title} ({', '.join(parts)})" if parts else document.title
