"""A reading as it is frozen: everything that its page shows, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from annotations.models import Annotation, Document, FrozenReading
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
        "tags": compared.n,
        "provisional": headline.provisional,
        "only_a_expected": headline.only_a_expected,
        "only_b_expected": headline.only_b_expected,
        "columns": list(columns),
        "rows": rows,
        "quotes": [_quote(tag) for tag in quotes_of(compared)],
    }


@dataclass(frozen=True, slots=True)
class Citation:
    """How to cite a frozen reading: as a line of text, and as an entry for a bibliography."""

    text: str
    bibtex: str


def citation_of(frozen: FrozenReading, address: str) -> Citation:
    """Made of what was frozen, so that it never changes: the title, the study, the day, the link."""
    study = frozen.content["study"].get("title", "")
    day = timezone.localtime(frozen.frozen_at)
    said = _("Summit, frozen reading of %(day)s.") % {"day": date_format(day, "j F Y")}
    fields = {
        "title": f"{{{for_bibtex(frozen.title)}}}",
        "howpublished": f"{{{for_bibtex(study)}. Summit, frozen reading}}",
        "year": f"{{{day.year}}}",
        "month": day.strftime("%b").lower(),
        "url": f"{{{address}}}",
    }
    lines = "".join(f"  {name} = {value},\n" for name, value in fields.items())
    key = f"summit-{str(frozen.public_id)[:8]}"
    return Citation(
        text=f"{frozen.title}. {study}. {said} {address}",
        bibtex=f"@misc{{{key},\n{lines}}}",
    )


#: What LaTeX reads as a command.
_COMMANDS = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
    | {letter: f"\\{letter}" for letter in "&%$#_"}
)


def for_bibtex(text: str) -> str:
    """Text as LaTeX prints it letter for letter."""
    return text.translate(_COMMANDS)


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
