"""A reading as it is frozen: everything that its page shows, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from annotations.enums import Grain, Lens
from annotations.models import Annotation, Document, FrozenReading
from annotations.pages.figures.words import GRAINS, LENSES
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
            "side": compared.reading.side,
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


def frozen_reading_in_words(content: dict[str, Any]) -> str:
    """The reading that was frozen, as captions say it."""
    reading = content["reading"]
    lens, grain = Lens(reading.get("lens", Lens.ALL)), Grain(reading.get("grain", Grain.SOURCE))
    parts = [_("curated layer"), _(LENSES[lens]), _(GRAINS[grain])]
    if side := reading.get("side"):
        parts.append(_("of %(side)s only") % {"side": side})
    return _("Reading: %(parts)s.") % {"parts": ", ".join(parts)}


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


@dataclass(frozen=True, slots=True)
class FrozenDocument:
    """One document on one topic, as it was."""

    coverage: str
    n: str
    emphasis: float | None
    mean: float | None
    only: tuple[str, ...]
    quotes: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class FrozenRow:
    """One topic as it was: the figures are those of the stored row, and nothing is reckoned anew."""

    topic: dict[str, Any]
    verdict: str
    thin: bool
    distance: float | None
    low: float | None
    high: float | None
    probability: float | None
    p: float | None
    by_coder: str
    silence_chance: float | None
    emphasis_z: float | None
    common: tuple[str, ...]
    documents: tuple[FrozenDocument, FrozenDocument]


def frozen_rows(content: dict[str, Any]) -> list[FrozenRow]:
    """For the page: each topic with its figures and its quotes in either document."""
    topics = {topic["slug"]: topic for topic in content["topics"]}
    sources = {source["slug"]: source["label"] for source in content["sources"]}
    quotes = _frozen_quotes(content, sources)
    return [
        _frozen_row(row, topics[row["topic"]], sources, quotes.get(row["topic"], {}), content["documents"])
        for cells in content["rows"]
        for row in [dict(zip(content["columns"], cells, strict=True))]
    ]


def _frozen_row(
    row: dict[str, str],
    topic: dict[str, Any],
    sources: dict[str, str],
    quotes: dict[str, list[dict[str, Any]]],
    documents: list[dict[str, Any]],
) -> FrozenRow:
    def voices(column: str) -> tuple[str, ...]:
        # A side is called by its name; a body or a source by its label.
        return tuple(sources.get(voice, voice) for voice in row[column].split(";") if voice)

    def on(letter: str, document: dict[str, Any]) -> FrozenDocument:
        return FrozenDocument(
            coverage=row[f"coverage_{letter}"],
            n=row[f"n_{letter}"],
            emphasis=_figure(row[f"emphasis_{letter}"]),
            mean=_figure(row[f"mean_{letter}"]),
            only=voices(f"sources_only_{letter}"),
            quotes=tuple(quotes.get(document["slug"], ())),
        )

    return FrozenRow(
        topic=topic,
        verdict=row["verdict"],
        thin=row["thin"] == "true",
        distance=_figure(row["distance"]),
        low=_figure(row["distance_low"]),
        high=_figure(row["distance_high"]),
        probability=_figure(row["verdict_probability"]),
        p=_figure(row["p_value"]),
        by_coder=row["verdict_by_coder"],
        silence_chance=_figure(row["silence_chance"]),
        emphasis_z=_figure(row["emphasis_z"]),
        common=voices("common_sources"),
        documents=(on("a", documents[0]), on("b", documents[1])),
    )


def _figure(cell: str) -> float | None:
    """A stored figure; an empty cell is an undefined one."""
    return float(cell) if cell else None


def _frozen_quotes(
    content: dict[str, Any], sources: dict[str, str]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """By topic and document: the quotes with the words of their codebook."""
    stances = {stance["slug"]: stance for stance in content["stances"]}
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for quote in content["quotes"]:
        shown = quote | {
            "stance": stances[quote["stance"]],
            "source": sources[quote["source"]],
            "reported_by": sources.get(quote["reported_by"], ""),
        }
        found.setdefault(quote["topic"], {}).setdefault(quote["document"], []).append(shown)
    return found
