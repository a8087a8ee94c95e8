"""Quotes as evidence: equal tags of several coders are one quote, with its words around it."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.models import Annotation, Document, Source, Stance, Topic
from annotations.pages.reading import Compared

#: How many characters of context stand before and after a quote.
CONTEXT = 48


@dataclass(frozen=True, slots=True)
class QuoteShown:
    """One quote with what it was tagged as. ``coders`` is empty where names are not for the visitor."""

    document: Document
    number: int
    before: str
    quote: str
    after: str
    topic: Topic
    stance: Stance
    source: Source
    reported_by: Source | None
    coders: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    tags: int


def shown_quotes(compared: Compared, tags: list[Annotation]) -> tuple[list[QuoteShown], list[QuoteShown]]:
    """The tags as quotes of document A and of document B, each in the order of its text."""
    groups: dict[tuple[object, ...], list[Annotation]] = {}
    for tag in tags:
        span = (tag.document_id, tag.start, tag.end)
        key = (*span, tag.topic_id, tag.stance_id, tag.source_id, tag.reported_by_id)
        groups.setdefault(key, []).append(tag)
    visit = compared.visit
    shown = {"names_shown": visit.may_code, "notes_shown": visit.role is not None}
    quotes = [quote_of(group, **shown) for group in groups.values()]
    return (
        [quote for quote in quotes if quote.document.pk == compared.a.pk],
        [quote for quote in quotes if quote.document.pk == compared.b.pk],
    )


def quote_of(group: list[Annotation], *, names_shown: bool, notes_shown: bool = True) -> QuoteShown:
    """Equal tags as one quote; ``names_shown``: the visitor may know whose they are; ``notes_shown``:
    and read the notes that coders write for each other."""
    tag = group[0]
    text, offset = tag.passage.text, tag.passage.start
    return QuoteShown(
        document=tag.document,
        number=tag.passage.number,
        before=_tail(text[: tag.start - offset]),
        quote=tag.quote,
        after=_head(text[tag.end - offset :]),
        topic=tag.topic,
        stance=tag.stance,
        source=tag.source,
        reported_by=tag.reported_by,
        coders=tuple(t.coder.get_username() for t in group) if names_shown else (),
        notes=tuple(
            (t.note, t.coder.get_username() if names_shown else "") for t in group if t.note and notes_shown
        ),
        tags=len(group),
    )


def _tail(text: str) -> str:
    """The last words before a quote."""
    if len(text) <= CONTEXT:
        return text
    cut = text[-CONTEXT:]
    return "…" + (cut.split(" ", 1)[1] if " " in cut else cut)


def _head(text: str) -> str:
    """The first words after a quote."""
    if len(text) <= CONTEXT:
        return text
    cut = text[:CONTEXT]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"


def facing_by(
    quotes_a: list[QuoteShown], quotes_b: list[QuoteShown], key: str
) -> list[tuple[object, list[QuoteShown], list[QuoteShown]]]:
    """Both documents' quotes grouped by an attribute (``source``, ``topic``, ``reported_by``), the
    groups in codebook order, None last."""
    groups: dict[object, tuple[list[QuoteShown], list[QuoteShown]]] = {}
    for side, quotes in enumerate((quotes_a, quotes_b)):
        for quote in quotes:
            groups.setdefault(getattr(quote, key), ([], []))[side].append(quote)
    ordered = sorted(groups, key=lambda entry: getattr(entry, "position", 10**9))
    return [(entry, *groups[entry]) for entry in ordered]
