"""What the codebook's page shows, and the list of its changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count

from annotations.access import ENTRY_KINDS, Visit
from annotations.enums import Reason
from annotations.models import Annotation, CodebookAct, Decision, Source, Study, Topic
from annotations.services.act_records import AnyEntry
from annotations.services.reviewing import to_review

ACTS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class EntryShown:
    """One entry. ``uses``: the active annotations that refer to it, where the visitor may know; ``acts``:
    what the visitor may do with it, the last words of the addresses."""

    entry: AnyEntry
    kind: str
    uses: int | None
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under a heading: the topic that groups them, or a side."""

    label: str
    head: EntryShown | None
    entries: tuple[EntryShown, ...]


@dataclass(frozen=True, slots=True)
class CodebookShown:
    """The page. ``to_review`` counts the visitor's own tags made under older words, ``gaps`` what curators
    found missing in the guidelines, for those who may know."""

    topics: tuple[Group, ...]
    stances: tuple[EntryShown, ...]
    sources: tuple[Group, ...]
    counts: CareCounts


@dataclass(frozen=True, slots=True)
class CareCounts:
    """What waits for this person on the pages of codebook care; None: that page is not for them."""

    to_review: int | None
    gaps: int | None


def load_codebook(visit: Visit) -> CodebookShown:
    """The whole codebook, retired entries too, in a fixed number of queries."""
    study = visit.study
    topics = list(study.topics.order_by("position", "pk"))
    uses = _uses(study) if visit.may_curate else None

    def shown(entry: AnyEntry) -> EntryShown:
        kind = kind_word(entry)
        count = None if uses is None else uses[kind, entry.pk]
        return EntryShown(entry, kind, count, _acts(entry) if visit.may_curate else ())

    return CodebookShown(
        topics=tuple(_topic_groups([shown(topic) for topic in topics])),
        stances=tuple(shown(stance) for stance in study.stances.order_by("position", "pk")),
        sources=tuple(
            _sides([shown(s) for s in study.sources.select_related("speaks_for").order_by("position", "pk")])
        ),
        counts=care_counts(visit),
    )


def care_counts(visit: Visit) -> CareCounts:
    """What the tabs over the pages of codebook care count, in two queries at most."""
    return CareCounts(
        to_review=to_review(visit.study, visit.member).count() if visit.may_code else None,
        gaps=_gaps(visit.study) if visit.may_curate else None,
    )


def load_acts(visit: Visit, number: str) -> Page[CodebookAct]:
    """Merges, splits and retirements, the newest first, without the records that undo them."""
    acts = CodebookAct.objects.filter(study=visit.study).select_related("by", "undone_by").defer("undo")
    return Paginator(acts.order_by("-pk"), ACTS_A_PAGE).get_page(number)


def kind_word(entry: AnyEntry) -> str:
    """The kind of an entry as addresses write it."""
    return next(word for word, model in ENTRY_KINDS.items() if isinstance(entry, model))


def _gaps(study: Study) -> int:
    return Decision.objects.active().filter(study=study, reason=Reason.GAP.value).count()


def _acts(entry: AnyEntry) -> tuple[str, ...]:
    if isinstance(entry, Source) and entry.is_author:
        return ("edit",)
    is_group = isinstance(entry, Topic) and not entry.statement
    split = () if is_group else ("split",)
    return ("edit", "merge", *split, "revive" if entry.is_retired else "retire")


def _uses(study: Study) -> Counter[tuple[str, int]]:
    """Active annotations of all layers by kind and id of entry, in four queries."""
    rows = Annotation.objects.active().filter(study=study).order_by()
    counts: Counter[tuple[str, int]] = Counter()
    fields = (("topics", "topic"), ("stances", "stance"), ("sources", "source"), ("sources", "reported_by"))
    for kind, field in fields:
        for pk, count in rows.values_list(field).annotate(count=Count("pk")):
            counts[kind, pk] += count
    return counts


def _topic_groups(topics: list[EntryShown]) -> Iterable[Group]:
    """Groups with their topics; a group stands where the first of its topics stands."""
    heads = {one.entry.pk: one for one in topics if isinstance(one.entry, Topic) and not one.entry.statement}
    below: dict[int, list[EntryShown]] = {}
    for one in topics:
        if one.entry.pk not in heads:
            below.setdefault(getattr(one.entry, "parent_id", 0) or 0, []).append(one)
    for pk in (*below, *(pk for pk in heads if pk not in below)):
        head = heads.get(pk)
        yield Group(head.entry.label if head else "", head, tuple(below.get(pk, ())))


def _sides(sources: list[EntryShown]) -> Iterable[Group]:
    sides: dict[str, list[EntryShown]] = {}
    for one in sources:
        if isinstance(one.entry, Source):
            sides.setdefault(one.entry.side, []).append(one)
    return (Group(side, None, tuple(entries)) for side, entries in sides.items())
