"""A comparison as one document: what can be printed, sent, and read without the site."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from annotations.access import Visit
from annotations.enums import AUTHOR
from annotations.models import Annotation
from annotations.pages.figures.of_mediation import mediation
from annotations.pages.figures.of_topics import emphasis, positions
from annotations.pages.figures.of_voices import voices
from annotations.pages.figures.sheet import Body, Figure, NothingToDrawError, bare
from annotations.pages.figures.words import documents_in_words, reading_in_words
from annotations.pages.quotes import QuoteShown, quote_of
from annotations.pages.reading import Compared, load_compared
from annotations.pages.voice_names import voice_label, voice_places
from annotations.pages.voices import Map

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import QueryDict

    from annotations.comparison.values import TopicComparison
    from annotations.models import Document, Topic

#: How many quotes of a document a report prints on one topic: a study of 5,000 tags stays a document.
QUOTES = 6
#: How many of a source with one stance are looked at for them: several coders tag the same words.
LOOKED_AT = 6

Said = tuple[int, int, int, int, int | None]


@dataclass(frozen=True, slots=True)
class Side:
    """One document on one topic: the quotes that are printed, and how many of its tags are not."""

    letter: str
    name: str
    coverage: str
    quotes: tuple[QuoteShown, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class ReportTopic:
    """One topic with its figures and its evidence."""

    topic: Topic
    result: TopicComparison
    low: float | None
    high: float | None
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    shared: tuple[str, ...]
    sides: tuple[Side, Side]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report prints. ``coders``: how many there are in A and in B; nobody is named."""

    compared: Compared
    reading: str
    documents: tuple[str, ...]
    figures: tuple[Figure, ...]
    topics: tuple[ReportTopic, ...]
    coders: tuple[int, int]
    scale: tuple[tuple[str, float | None], ...]
    quotes: int
    quoted: int


def load_report(visit: Visit, query: QueryDict) -> Report:
    """The report of the comparison in the query string; a fixed number of queries, and of quotes a topic.

    Raises what ``load_compared`` raises.
    """
    compared = load_compared(visit, query, with_draws=True)
    shown = _shown(compared)
    topics = tuple(
        _topic(compared, topic, result, shown)
        for topic, result in zip(compared.topics, compared.comparison.topics, strict=True)
        if result.a.n or result.b.n
    )
    comparison = compared.comparison
    return Report(
        compared=compared,
        reading=reading_in_words(compared),
        documents=tuple(documents_in_words(compared)),
        figures=_figures(compared),
        topics=topics,
        coders=(len(comparison.a.coders), len(comparison.b.coders)),
        scale=tuple((stance.label, stance.value) for stance in compared.stances.values()),
        quotes=QUOTES,
        quoted=sum(len(side.quotes) for topic in topics for side in topic.sides),
    )


def _figures(compared: Compared) -> tuple[Figure, ...]:
    drawings: tuple[Callable[[Compared], Body], ...] = (
        positions,
        emphasis,
        lambda two: voices(two, Map.DIFFERENCE),
        mediation,
    )
    figures = []
    for draw in drawings:
        try:
            figures.append(bare(draw(compared)))
        except NothingToDrawError:
            # An empty study has a report too: it says in words that there is nothing yet.
            continue
    return tuple(figures)


def _shown(compared: Compared) -> dict[tuple[str, str], list[QuoteShown]]:
    """By document and topic: at most ``QUOTES`` quotes in the order of the text, of as many voices and
    stances as there is room for."""
    chosen = _chosen(compared)
    rows = (
        Annotation.objects.filter(pk__in=[pk for pks in chosen for pk in pks])
        .select_related("document", "passage", "topic__parent", "stance", "source", "reported_by", "coder")
        .defer("document__text", "passage__folded")
    )
    tags = {tag.pk: tag for tag in rows}
    shown: defaultdict[tuple[str, str], list[QuoteShown]] = defaultdict(list)
    for pks in chosen:
        quote = quote_of([tags[pk] for pk in pks], names_shown=False, notes_shown=False)
        shown[quote.document.slug, quote.topic.slug].append(quote)
    return shown


def _chosen(compared: Compared) -> list[tuple[int, ...]]:
    """The ids of the tags to print, equal ones together, in the order of the text."""
    rank = Window(
        RowNumber(),
        partition_by=[F("document_id"), F("topic_id"), F("source_id"), F("stance_id")],
        order_by=[F("start").asc(), F("end").asc(), F("pk").asc()],
    )
    rows = compared.annotations.order_by().annotate(rank=rank).filter(rank__lte=LOOKED_AT)
    columns = ("document_id", "topic_id", "source_id", "stance_id", "reported_by_id", "start", "end", "pk")
    topics: defaultdict[tuple[int, int], defaultdict[Said, list[tuple[int, int, list[int]]]]]
    topics = defaultdict(lambda: defaultdict(list))
    for document, topic, source, stance, messenger, start, end, pk in sorted(
        rows.values_list(*columns), key=lambda row: (row[5], row[6], row[7])
    ):
        quotes = topics[document, topic][document, topic, source, stance, messenger]
        if quotes and quotes[-1][:2] == (start, end):
            quotes[-1][2].append(pk)
        else:
            quotes.append((start, end, [pk]))
    return [tuple(pks) for said in topics.values() for _start, _end, pks in _first_of_each(said)]


def _first_of_each(
    said: dict[Said, list[tuple[int, int, list[int]]]],
) -> list[tuple[int, int, list[int]]]:
    """The first quote of each voice and stance, then the second of each, up to ``QUOTES``."""
    rounds = zip_longest(*said.values())
    taken = [quote for quotes in rounds for quote in quotes if quote is not None][:QUOTES]
    return sorted(taken)


def _topic(
    compared: Compared,
    topic: Topic,
    result: TopicComparison,
    shown: dict[tuple[str, str], list[QuoteShown]],
) -> ReportTopic:
    interval = result.certainty.interval if result.certainty else None
    sides = [
        Side(
            letter, document.short_name, on.coverage.value, tuple(quotes), on.n - sum(q.tags for q in quotes)
        )
        for letter, document, on in (("a", compared.a, result.a), ("b", compared.b, result.b))
        for quotes in (shown.get((document.slug, topic.slug), []),)
    ]
    return ReportTopic(
        topic=topic,
        result=result,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        only_a=_only(compared, compared.a, result.a.voices, result.only_a),
        only_b=_only(compared, compared.b, result.b.voices, result.only_b),
        shared=_labels(compared, result.shared_voices),
        sides=(sides[0], sides[1]),
    )


def _only(
    compared: Compared, document: Document, heard: tuple[str, ...], alone: tuple[str, ...]
) -> tuple[str, ...]:
    """The voices of one document alone. Its author is one of them, whether the other's speaks or not: two
    authors are no shared voice."""
    own = (voice_label(compared, AUTHOR, document.short_name),) if AUTHOR in heard else ()
    return own + _labels(compared, alone)


def _labels(compared: Compared, voices: tuple[str, ...]) -> tuple[str, ...]:
    """What readers call the attributed voices, in codebook order."""
    places = voice_places(compared)
    attributed = [voice for voice in voices if voice != AUTHOR]
    ordered = sorted(attributed, key=lambda voice: (places.get(voice, len(places)), voice))
    return tuple(voice_label(compared, voice) for voice in ordered)
