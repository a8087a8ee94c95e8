"""A reading as it is frozen: everything that its page shows, as plain values."""

from __future__ import annotations

from typing import Any

from annotations.models import Annotation, Document
from annotations.pages.reading import Compared, quotes_of

#: Grows when the shape of the content changes; a page can show every format there ever was.
FORMAT = 1


def frozen_content(compared: Compared, columns: tuple[str, ...], rows: list[list[str]]) -> dict[str, Any]:
    """The comparison's rows as compare.csv writes them (``columns``, ``rows``), with its quotes, documents
    and codebook. No coder is named."""
    study = compared.visit.study
    headline = compared.comparison.headline
    return {
        "format": FORMAT,
        "study": {
            "slug": study.slug,
            "title": study.title,
            "event_date": study.event_date.isoformat() if study.event_date else None,
            "question": study.question,
            "guidelines": study.guidelines,
            "agree_max": study.agree_max,
            "diverge_above": study.diverge_above,
        },
        "reading": {
            "a": compared.a.slug,
            "b": compared.b.slug,
            "layer": compared.reading.layer.value,
            "lens": compared.reading.lens.value,
            "grain": compared.reading.grain.value,
        },
        "documents": [_document(compared.a), _document(compared.b)],
        "topics": [
            {
                "slug": topic.slug,
                "label": topic.label,
                "statement": topic.statement,
                "parent": topic.parent.label if topic.parent else "",
            }
            for topic in compared.topics
        ],
        "stances": [
            {"slug": stance.slug, "label": stance.label, "value": stance.value, "slot": stance.slot}
            for stance in compared.stances.values()
        ],
        "sources": [
            {
                "slug": source.slug,
                "label": source.label,
                "side": source.side,
                "speaks_for": source.speaks_for.slug if source.speaks_for else "",
            }
            for source in sorted(compared.sources.values(), key=lambda source: source.position)
        ],
        "tags": len(compared.tags),
        "provisional": headline.provisional,
        "only_a_expected": headline.only_a_expected,
        "only_b_expected": headline.only_b_expected,
        "columns": list(columns),
        "rows": rows,
        "quotes": [_quote(tag) for tag in quotes_of(compared)],
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "slug": document.slug,
        "short_name": document.short_name,
        "title": document.title,
        "publisher": document.publisher,
        "language": document.language,
        "published": document.published.isoformat() if document.published else None,
        "characters": document.characters,
    }


def _quote(tag: Annotation) -> dict[str, Any]:
    return {
        "document": tag.document.slug,
        "passage": tag.passage.number,
        "start": tag.start,
        "end": tag.end,
        "quote": tag.quote,
        "topic": tag.topic.slug,
        "stance": tag.stance.slug,
        "source": tag.source.slug,
        "reported_by": tag.reported_by.slug if tag.reported_by else "",
    }


def frozen_rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    """For the page: each topic with its row by column and its quotes in either document."""
    topics = {topic["slug"]: topic for topic in content["topics"]}
    stances = {stance["slug"]: stance for stance in content["stances"]}
    sources = {source["slug"]: source["label"] for source in content["sources"]}
    slugs = [document["slug"] for document in content["documents"]]
    shown = []
    for cells in content["rows"]:
        row = dict(zip(content["columns"], cells, strict=True))
        quotes = [
            quote
            | {
                "stance": stances[quote["stance"]],
                "source": sources[quote["source"]],
                "reported_by": sources.get(quote["reported_by"], ""),
            }
            for quote in content["quotes"]
            if quote["topic"] == row["topic"]
        ]
        shown.append(
            {
                "topic": topics[row["topic"]],
                "row": row,
                "quotes": [[quote for quote in quotes if quote["document"] == slug] for slug in slugs],
            }
        )
    return shown
