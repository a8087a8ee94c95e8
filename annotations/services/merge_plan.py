"""What moving annotations from one codebook entry to another would do, worked out before anything is
written: all of them in a merge, the chosen ones in a split."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Q

from annotations.enums import Layer
from annotations.models import Annotation, CodebookAct, Source, Stance, Topic
from annotations.models.coding import AnnotationQuerySet

Entry = TypeVar("Entry", Topic, Stance, Source)

#: What an annotation says: its topic, stance, source and messenger, by id.
Said = tuple[int, int, int, int | None]

#: An entry that is not stored yet has this id in a plan.
NEW = 0


@dataclass(frozen=True, slots=True)
class CoderCount:
    """How many active annotations of one person in one layer move."""

    coder: str
    layer: str
    annotations: int


@dataclass(frozen=True, slots=True)
class StanceConflict:
    """Annotations that become one and differ in stance. ``kept`` is the oldest; ``stances`` are those to
    choose from, that of ``kept`` first."""

    kept: Annotation
    others: tuple[Annotation, ...]
    stances: tuple[Stance, ...]


@dataclass(frozen=True, slots=True)
class MergePreview(Generic[Entry]):
    """What moving annotations of ``merged`` to ``into`` will do, in a merge or a split.

    ``annotations`` active and ``withdrawn`` ones move; ``duplicates`` will be withdrawn, each pointing to
    an older equal one: the ``groups`` of those that become one, the one that stays first; ``emptied`` lose
    a messenger that became their source; ``entries`` (topics under it, sources that speak for it) move too.
    ``act`` is what was recorded, once it is done.
    """

    into: Entry
    merged: Entry
    annotations: int
    withdrawn: int
    emptied: int
    duplicates: int
    counts: tuple[CoderCount, ...]
    conflicts: tuple[StanceConflict, ...]
    entries: tuple[Entry, ...]
    groups: tuple[tuple[Annotation, ...], ...] = ()
    act: CodebookAct | None = None

    @property
    def digest(self) -> str:
        """The same for as long as the preview says the same: a confirmation carries it."""
        groups = [[a.pk for a in group] for group in self.groups]
        stances = [[a.stance_id for a in group] for group in self.groups]
        counts = [[count.coder, count.layer, count.annotations] for count in self.counts]
        entries = [entry.pk for entry in self.entries]
        said = [counts, self.withdrawn, self.emptied, groups, stances, entries]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class MergePlan:
    """All annotations that a merge or split touches, with what each will say, and which become one.

    ``groups``: annotations that will be equal, the oldest, which stays, first.
    """

    moved: tuple[Annotation, ...]
    said: dict[int, Said]
    groups: tuple[tuple[Annotation, ...], ...]

    @property
    def duplicates(self) -> int:
        return sum(len(group) - 1 for group in self.groups)

    @property
    def emptied(self) -> int:
        return sum(a.reported_by_id is not None and self.said[a.pk][3] is None for a in self.moved)

    def conflicts(self) -> tuple[StanceConflict, ...]:
        """The groups whose members differ in stance: somebody must choose."""
        found = []
        for kept, *others in self.groups:
            stances = tuple({a.stance_id: a.stance for a in (kept, *others)}.values())
            if len(stances) > 1:
                found.append(StanceConflict(kept, tuple(others), stances))
        return tuple(found)

    def counts(self) -> tuple[CoderCount, ...]:
        """Active annotations by person and layer, in the order of names."""
        active = Counter((a.coder.username, a.layer) for a in self.moved if a.withdrawn_at is None)
        return tuple(CoderCount(coder, layer, n) for (coder, layer), n in sorted(active.items()))

    def preview(self, into: Entry, merged: Entry, entries: tuple[Entry, ...] = ()) -> MergePreview[Entry]:
        """What a person is told of it."""
        active = sum(annotation.withdrawn_at is None for annotation in self.moved)
        return MergePreview(
            into=into,
            merged=merged,
            annotations=active,
            withdrawn=len(self.moved) - active,
            emptied=self.emptied,
            duplicates=self.duplicates,
            counts=self.counts(),
            conflicts=self.conflicts(),
            entries=entries,
            groups=self.groups,
        )


def plan_merge(
    touched: list[Annotation], neighbours: list[Annotation], say: Callable[[Annotation], Said]
) -> MergePlan:
    """``touched`` refer to the entry they leave; ``neighbours`` are active ones of the entry they move to.

    The final key of each annotation is computed first, so that a messenger that is emptied and makes an
    annotation equal to a third is found in the same pass.
    """
    said = {annotation.pk: say(annotation) for annotation in (*touched, *neighbours)}
    equal: dict[tuple[object, ...], list[Annotation]] = defaultdict(list)
    by_id = {annotation.pk: annotation for annotation in (*touched, *neighbours)}
    for annotation in by_id.values():
        if annotation.withdrawn_at is None:
            equal[key_of(annotation, said[annotation.pk])].append(annotation)
    groups = (tuple(sorted(group, key=_age)) for group in equal.values() if len(group) > 1)
    return MergePlan(tuple(touched), said, tuple(sorted(groups, key=lambda group: _age(group[0]))))


def plan_topic_move(moved: AnnotationQuerySet, into: Topic, rows: AnnotationQuerySet) -> MergePlan:
    """``moved`` get the topic ``into``; ``rows`` are those that may stand in their way."""
    new = into.pk or NEW

    def say(annotation: Annotation) -> Said:
        return (new, annotation.stance_id, annotation.source_id, annotation.reported_by_id)

    return plan_merge(with_coders(moved), with_coders(rows.active().filter(topic=new)), say)


def plan_source_move(
    moved: AnnotationQuerySet, source: Source, into: Source, rows: AnnotationQuerySet
) -> MergePlan:
    """Of ``moved``, those held or reported by ``source`` get ``into`` in its place. A messenger that
    became the source is emptied."""
    new = into.pk or NEW

    def say(annotation: Annotation) -> Said:
        holder = new if annotation.source_id == source.pk else annotation.source_id
        messenger = new if annotation.reported_by_id == source.pk else annotation.reported_by_id
        emptied = None if messenger == holder else messenger
        return (annotation.topic_id, annotation.stance_id, holder, emptied)

    touched = with_coders(moved)
    pks = {annotation.pk for annotation in touched}
    # Whatever becomes equal to one that moves has ``into`` as its source or its messenger.
    neighbours = with_coders(rows.active().filter(Q(source=new) | Q(reported_by=new)))
    return plan_merge(touched, [row for row in neighbours if row.pk not in pks], say)


def plan_stance_move(moved: AnnotationQuerySet, into: Stance) -> MergePlan:
    """``moved`` get the stance ``into``: nothing becomes equal by that."""
    new = into.pk or NEW

    def say(annotation: Annotation) -> Said:
        return (annotation.topic_id, new, annotation.source_id, annotation.reported_by_id)

    return plan_merge(with_coders(moved), [], say)


def with_coders(rows: AnnotationQuerySet) -> list[Annotation]:
    """The annotations with what a preview says of them, in one query and without any document's text."""
    return list(rows.select_related("coder", "stance", "document").defer("document__text").order_by("pk"))


def key_of(annotation: Annotation, said: Said) -> tuple[object, ...]:
    """What may exist once: as ``annotation_coded_unique`` and ``annotation_curated_unique`` have it."""
    topic, _stance, source, messenger = said
    whose = annotation.coder_id if annotation.layer == Layer.CODED.value else None
    return (
        annotation.layer,
        whose,
        annotation.passage_id,
        annotation.start,
        annotation.end,
        topic,
        source,
        messenger,
    )


def _age(annotation: Annotation) -> tuple[object, ...]:
    return (annotation.created_at, annotation.pk)
