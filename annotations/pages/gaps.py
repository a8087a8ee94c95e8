"""The gaps in the guidelines that curators found: one list, with the quotes that showed them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Min, QuerySet

from annotations.access import Visit
from annotations.enums import Reason
from annotations.models import Annotation, DecidedTag, Decision, Study, Topic
from annotations.models.coding import SHOWN_WITH

GAPS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Gap:
    """One decision whose reason was a gap. ``tags`` are the coders' tags it was about; ``topics`` theirs,
    in codebook order. ``answered``: the statement or the guidelines have a newer version since."""

    decision: Decision
    tags: tuple[Annotation, ...]
    topics: tuple[Topic, ...]
    answered: bool


def gaps_of(study: Study) -> QuerySet[Decision]:
    """The decisions that hold and say that the guidelines have a gap, the newest first."""
    rows = Decision.objects.active().filter(study=study, reason=Reason.GAP.value)
    return (
        rows.select_related("document", "passage", "curator")
        .defer("document__text", "passage__folded")
        .order_by("-created_at", "-pk")
    )


def load_gaps(visit: Visit, number: str) -> tuple[Page[Decision], tuple[Gap, ...]]:
    """One page of the list, and what it shows, in a fixed number of queries."""
    page: Page[Decision] = Paginator(gaps_of(visit.study), GAPS_A_PAGE).get_page(number)
    return page, _shown(visit, list(page))


def load_gaps_of_topic(visit: Visit, topic: Topic) -> tuple[Gap, ...]:
    """The gaps that tags of one topic showed, to be read beside its statement; the newest of them."""
    rows = Decision.objects.filter(
        pk__in=DecidedTag.objects.filter(annotation__topic=topic).values("decision")
    )
    return _shown(visit, list(gaps_of(visit.study).filter(pk__in=rows.values("pk"))[:GAPS_A_PAGE]))


def _shown(visit: Visit, decisions: list[Decision]) -> tuple[Gap, ...]:
    tags = _tags(decisions)
    edited = _edited(visit.study, {tag.topic for one in tags.values() for tag in one})
    gaps = []
    for decision in decisions:
        mine = tuple(tags[decision.pk])
        topics = tuple(sorted({tag.topic for tag in mine}, key=lambda topic: topic.position))
        since = [edited.get(pk) for pk in (*(topic.pk for topic in topics), None)]
        gaps.append(
            Gap(
                decision=decision,
                tags=mine,
                topics=topics,
                answered=any(moment is not None and moment > decision.created_at for moment in since),
            )
        )
    return tuple(gaps)


def _tags(decisions: list[Decision]) -> defaultdict[int, list[Annotation]]:
    """The coders' tags of each decision, in the order of the text."""
    rows = DecidedTag.objects.filter(decision__in=decisions)
    shown = rows.select_related(*(f"annotation__{name}" for name in SHOWN_WITH)).defer(
        "annotation__document__text", "annotation__passage__text", "annotation__passage__folded"
    )
    tags: defaultdict[int, list[Annotation]] = defaultdict(list)
    for row in shown.order_by("annotation__start", "annotation__end", "annotation_id"):
        tags[row.decision_id].append(row.annotation)
    return tags


def _edited(study: Study, topics: set[Topic]) -> dict[int | None, datetime]:
    """When the statement of each topic, and under None the guidelines, got their newest version; those that
    still have their first are left out. In two queries."""
    versions = {topic.pk: topic.statement_version for topic in topics if topic.statement_version > 1}
    lines = Topic.history.filter(id__in=versions, statement_version__in=set(versions.values()))
    rows = lines.order_by().values_list("id", "statement_version").annotate(since=Min("history_date"))
    edited: dict[int | None, datetime] = {pk: since for pk, version, since in rows if versions[pk] == version}
    if study.guidelines_version > 1:
        newest = study.history.filter(guidelines_version=study.guidelines_version)
        edited[None] = newest.aggregate(since=Min("history_date"))["since"]
    return edited
