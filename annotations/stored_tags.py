"""From stored annotations to what the measures take: tags one by one, or counted by the database. No query
reads a document's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, Max, Q, QuerySet, RowRange, Window

from annotations.codebook import Codebook
from annotations.comparison.values import Reach, Tag, Tally
from annotations.models import Document, User

if TYPE_CHECKING:
    from annotations.models.coding import AnnotationQuerySet

#: The columns that ``tag_of`` reads, in its order.
TAG_COLUMNS = (
    "pk",
    "document__slug",
    "passage__number",
    "start",
    "end",
    "topic__slug",
    "stance__slug",
    "stance__value",
    "source__slug",
    "source__speaks_for__slug",
    "source__side",
    "reported_by__slug",
    "coder__username",
)


def tag_of(row: tuple[Any, ...]) -> Tag:
    """One row of ``TAG_COLUMNS`` as a tag; what follows these columns is left aside."""
    return Tag(
        key=row[0],
        document=row[1],
        passage=row[2],
        start=row[3],
        end=row[4],
        topic=row[5],
        stance=row[6],
        value=row[7],
        source=row[8],
        body=row[9] or row[8],
        side=row[10],
        reported_by=row[11],
        coder=row[12],
    )


def load_tags(annotations: AnnotationQuerySet) -> list[Tag]:
    """The annotations as tags, in one query, in no order."""
    return [tag_of(row) for row in annotations.order_by().values_list(*TAG_COLUMNS)]


def load_tallies(
    annotations: AnnotationQuerySet,
    documents: Sequence[Document],
    codebook: Codebook,
    known: Mapping[int, str],
) -> tuple[list[Tally], dict[str, int]]:
    """The annotations of these documents, counted, in no order; and the coders' ids by name. One query, and
    another where somebody has tagged whose name is not ``known`` by their id.

    What is tagged with an entry that the codebook does not have yet was stored after it was read, and is
    left out: the page is of the moment before.
    """
    # By ids, named afterwards: a join for each annotation costs more than the counting itself.
    counted = (
        annotations.filter(document__in=documents)
        .order_by()
        .values_list("document_id", "coder_id", "topic_id", "stance_id", "source_id", "reported_by_id")
        .annotate(n=Count("*"))
    )
    rows = _fetched("{found}", counted)
    found = {row[1] for row in rows}
    coders = {pk: known[pk] for pk in found & known.keys()}
    if others := found - known.keys():
        coders |= User.objects.filter(pk__in=others).values_list("pk", "username")
    slugs = {document.pk: document.slug for document in documents}
    topics = {topic.pk: topic.slug for topic in codebook.topics.values()}
    stances = {stance.pk: (stance.slug, stance.value) for stance in codebook.stances.values()}
    voices: dict[int | None, str | None] = {None: None}
    voices |= {source.pk: source.slug for source in codebook.sources.values()}
    sources = {
        source.pk: (
            source.slug,
            source.speaks_for.slug if source.speaks_for else source.slug,
            source.side,
        )
        for source in codebook.sources.values()
    }

    def named(rows: Sequence[tuple[Any, ...]]) -> list[Tally]:
        # Thousands of them: made without a call of ours for each.
        return [
            make((slugs[place], coders[who], topics[topic], *stances[stance], *sources[by], voices[via], n))
            for place, who, topic, stance, by, via, n in rows
        ]

    make = Tally._make
    try:
        tallies = named(rows)
    except KeyError:
        tallies = named(
            [
                row
                for row in rows
                if row[2] in topics and row[3] in stances and row[4] in sources and row[5] in voices
            ]
        )
    return tallies, {name: pk for pk, name in coders.items()}


def load_reaches(
    counted: Mapping[Document, AnnotationQuerySet],
    codebook: Codebook,
    *,
    characters_on: str | None = None,
) -> dict[str, Reach]:
    """By document: how far its ``counted`` annotations reach. One query; two more for the characters that are
    tagged with the topic ``characters_on`` and in all."""
    topics = {topic.pk: topic.slug for topic in codebook.topics.values()}
    finders: dict[int, dict[str, dict[int, int]]] = {document.pk: {} for document in counted}
    found, together = count_finders(*counted.values())
    for document, topic, coders, passages in found:
        # A topic that is not there was made after the codebook was read.
        if topic in topics:
            finders[document].setdefault(topics[topic], {})[coders] = passages
    of_topic: dict[int, int] = {}
    of_all: dict[int, int] = {}
    if characters_on is not None:
        of_topic = tagged_characters_of(
            *[tags.filter(topic__slug=characters_on) for tags in counted.values()]
        )
        of_all = tagged_characters_of(*counted.values())
    return {
        document.slug: Reach(
            passages={topic: sum(found.values()) for topic, found in finders[document.pk].items()},
            all_passages=together.get(document.pk, 0),
            characters={} if characters_on is None else {characters_on: of_topic.get(document.pk, 0)},
            all_characters=of_all.get(document.pk, 0),
            finders=finders[document.pk],
        )
        for document in counted
    }


ADD_UP = """
SELECT document_id, SUM(
    CASE WHEN reached IS NULL OR reached <= "start" THEN "end" - "start"
         WHEN "end" > reached THEN "end" - reached
         ELSE 0 END)
FROM ({found}) AS found GROUP BY document_id
"""


def tagged_characters_of(*annotations: AnnotationQuerySet) -> dict[int, int]:
    """By document id: the number of characters in the union of the annotations' spans, in one query.
    Annotations given apart are of different documents.

    A span adds what lies behind the furthest end of the spans that begin before it.
    """
    spans = [
        found.order_by()
        .annotate(
            reached=Window(
                Max("end"),
                partition_by=["document_id"],
                order_by=["start", "end"],
                frame=RowRange(start=None, end=-1),
            )
        )
        .values_list("document_id", "start", "end", "reached")
        for found in annotations
    ]
    return {document: int(characters) for document, characters in _fetched(ADD_UP, *spans)}


COUNT_AGAIN = """
WITH found AS ({found})
SELECT document_id, topic_id, finders, COUNT(*) FROM found GROUP BY 1, 2, 3
UNION ALL
SELECT document_id, NULL, NULL, COUNT(DISTINCT passage_id) FROM found GROUP BY 1
"""


def count_finders(
    *annotations: AnnotationQuerySet,
) -> tuple[list[tuple[int, int, int, int]], dict[int, int]]:
    """(document id, topic id, coders, passages): in how many passages so many coders found the topic; and by
    document id, how many passages are tagged at all. One query. Annotations given apart are of different
    documents.

    Tags that were changed after reopening find nothing: their passages may count with 0 coders.
    """
    by_passage = [
        found.order_by()
        .values_list("document_id", "topic_id", "passage_id")
        .annotate(finders=Count("coder_id", distinct=True, filter=Q(changed_after_reopening=False)))
        for found in annotations
    ]
    rows = _fetched(COUNT_AGAIN, *by_passage)
    together = {document: n for document, topic, _coders, n in rows if topic is None}
    return [(row[0], row[1], row[2], row[3]) for row in rows if row[1] is not None], together


#: SQLite puts at most 500 queries together.
TOGETHER = 400


def _fetched(sql: str, *found: QuerySet[Any, Any]) -> list[Any]:
    """The rows of a query, or of a query over it: ``sql`` names its place. Django cannot add up or group what
    a window or a group gives, and converts thousands of numbers one by one. The inner query is its own; its
    values stay parameters.

    Several are put one behind the other, ``TOGETHER`` of them in a statement. PostgreSQL finds one
    document's tags in the order of an index; those of several at once it would sort, every one of them.
    """
    if len(found) > TOGETHER:
        some = [found[start : start + TOGETHER] for start in range(0, len(found), TOGETHER)]
        return [row for part in some for row in _fetched(sql, *part)]
    first, *others = found
    inner = first.union(*others, all=True) if others else first
    try:
        query, params = inner.query.get_compiler(inner.db).as_sql()
    except EmptyResultSet:
        # Nothing can be in it: Django would not ask, either.
        return []
    with connections[inner.db].cursor() as cursor:
        cursor.execute(sql.format(found=query), params)
        return list(cursor.fetchall())
