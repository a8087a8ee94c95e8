"""Which figures there are, and how each comes about from an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from annotations.access import Visit, get_topic_or_404
from annotations.pages.comparison import topic_quotes
from annotations.pages.figures.of_mediation import mediation
from annotations.pages.figures.of_one_topic import documents_on_topic, stances, timeline
from annotations.pages.figures.of_pairs import pairs
from annotations.pages.figures.of_topics import emphasis, positions
from annotations.pages.figures.of_voices import silence, voices
from annotations.pages.figures.sheet import Body, Figure, NothingToDrawError, caption_of, framed, signed
from annotations.pages.figures.words import document_in_words, reading_of_all_in_words
from annotations.pages.pairs import AllDocuments, load_all_documents
from annotations.pages.query_words import choice_of
from annotations.pages.reading import Compared, NothingToCompareError, load_compared
from annotations.pages.timeline import load_timeline
from annotations.pages.voices import Map

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import QueryDict

    from annotations.models import Topic

#: Figures of two documents over all topics.
OF_TWO: dict[str, Callable[[Compared], Body]] = {
    "positions": positions,
    "emphasis": emphasis,
    "mediation": mediation,
    "silence": silence,
}
#: Figures of two documents on one topic.
OF_A_TOPIC = ("topic", "timeline")
#: Every figure; ``topic``, ``timeline`` and ``documents`` ask for a topic.
FIGURES = (*OF_TWO, "voices", "topic", "timeline", "pairs", "documents")


def draw_figure(visit: Visit, name: str, query: QueryDict) -> Figure:
    """The figure ``name`` with the query string of its page; a fixed number of queries.

    ``topic``, ``timeline`` and ``documents`` take the topic's slug as ``topic``, ``voices`` the page's
    ``map``. Raises ``NothingToDrawError`` where there is nothing to draw, and what ``load_compared`` raises.
    """
    try:
        if name in ("pairs", "documents"):
            return _of_all(visit, name, query)
        topic = get_topic_or_404(visit, query.get("topic", "")) if name in OF_A_TOPIC else None
        which = choice_of(query, "map", Map, Map.DIFFERENCE)
        compared = load_compared(visit, query, with_intervals=name == "positions")
    except NothingToCompareError as reason:
        raise NothingToDrawError(_nothing(str(reason))) from reason
    if name in OF_TWO:
        return of_two(compared, OF_TWO[name])
    if topic is not None:
        return _of_topic(compared, name, topic)
    return framed(voices(compared, which), caption_of(compared))


def _of_topic(compared: Compared, name: str, topic: Topic) -> Figure:
    if name == "timeline":
        body = timeline(topic, load_timeline(compared, *topic_quotes(compared, topic)))
    else:
        body = stances(compared, topic)
    return framed(body, caption_of(compared, by_grain=body.by_grain), topic.statement)


def of_two(compared: Compared, draw: Callable[[Compared], Body]) -> Figure:
    """A figure of two documents with its caption."""
    body = draw(compared)
    return framed(body, caption_of(compared, by_grain=body.by_grain))


def _of_all(visit: Visit, name: str, query: QueryDict) -> Figure:
    topic = get_topic_or_404(visit, query.get("topic", "")) if name == "documents" else None
    found = load_all_documents(visit, query)
    if topic is not None:
        on = found.on(topic)
        body = documents_on_topic(topic, on)
        return framed(body, _caption_of_all(found, topic, sum(one.n for one in on)), topic.statement)
    return framed(pairs(found.documents, found.pairs()), _caption_of_all(found))


def _caption_of_all(found: AllDocuments, topic: Topic | None = None, tags: int | None = None) -> list[str]:
    coders = {coder for frame in found.material.frames.values() for coder in frame.coders}
    counted = sum(tally.n for tally in found.material.counted()) if tags is None else tags
    documents = "; ".join(document_in_words(document) for document in found.documents)
    return [
        documents,
        reading_of_all_in_words(found.reading, len(coders), counted),
        signed(found.visit.study.title),
    ]


def _nothing(reason: str) -> str:
    if reason == "documents":
        return _("The study has fewer than two documents: there is nothing to compare.")
    return _("The study declares fewer than two stance values: there is nothing to compare.")
