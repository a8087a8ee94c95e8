"""How far the coders agree on which passages treat a topic: for every row of the comparison, counted by the
database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from annotations.compiled import planned_once
from annotations.enums import Layer, Lens
from annotations.models import Document
from annotations.pages.reading import Compared
from annotations.pages.reliability_figures import Figure
from annotations.reliability.presence import Presence, measure_presence
from annotations.stored_tags import count_finders

#: In words that need not be made for each page.
COUNT_PASSAGES = "SELECT document_id, COUNT(*) FROM annotations_passage WHERE document_id IN ({}) GROUP BY 1"


@dataclass(frozen=True, slots=True)
class RowAgreement:
    """One topic: the coders' agreement on its presence in passages."""

    presence: Figure


def load_presence(compared: Compared) -> dict[str, RowAgreement]:
    """By the topic's slug, over those of the two documents that two coders finished; a fixed number of
    queries, whatever the number of tags.

    Nothing for readers and the public, nor where there is no such document.
    """
    visit, finishers = compared.visit, compared.finishers
    documents = [one for one in (compared.a, compared.b) if len(finishers[one.slug]) > 1]
    if not visit.may_code or not documents:
        return {}
    passages = _passages_of(documents)
    finders = _finders(compared, documents)
    found: dict[str, RowAgreement] = {}
    for topic in compared.topics:
        cells: list[Presence] = []
        for document in documents:
            readers = len(finishers[document.slug])
            counted = finders[document.slug].get(topic.slug, {})
            silent = passages.get(document.pk, 0) - sum(counted.values())
            cells += [Presence(readers, coders, n) for coders, n in counted.items()]
            cells.append(Presence(readers, 0, silent))
        found[topic.slug] = RowAgreement(Figure(measure_presence(topic.slug, cells)))
    return found


def _passages_of(documents: list[Document]) -> dict[int, int]:
    """By document id, how many passages it has."""
    places = ", ".join(["%s"] * len(documents))
    with planned_once(connection), connection.cursor() as cursor:
        cursor.execute(COUNT_PASSAGES.format(places), [document.pk for document in documents])
        return dict(cursor.fetchall())


def _finders(compared: Compared, documents: list[Document]) -> Mapping[str, Mapping[str, Mapping[int, int]]]:
    """By document and topic: in how many passages so many coders found it."""
    reading = compared.reading
    is_of_all = reading.coder is None and reading.lens is Lens.ALL and reading.side is None
    if reading.layer is Layer.CODED and is_of_all:
        # Who counts in a finished document are its finishers: it has been counted for the comparison.
        return {slug: reach.finders for slug, reach in compared.reaches.items()}
    coded = compared.visit.annotations().active().coded()
    tags = [
        coded.filter(document=document, coder__username__in=sorted(compared.finishers[document.slug]))
        for document in documents
    ]
    slugs = {document.pk: document.slug for document in documents}
    topics = {topic.pk: topic.slug for topic in compared.topics}
    found: dict[str, dict[str, dict[int, int]]] = {slug: {} for slug in slugs.values()}
    for document_id, topic, coders, n in count_finders(*tags)[0]:
        # A topic that is not there was made after the codebook was read.
        if topic in topics:
            found[slugs[document_id]].setdefault(topics[topic], {})[coders] = n
    return found
