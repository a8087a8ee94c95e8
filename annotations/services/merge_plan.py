"""What a merge of two codebook entries would do, worked out before anything is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from annotations.enums import Layer
from annotations.models import Annotation, Source, Stance, Topic

Entry = TypeVar("Entry", Topic, Stance, Source)

#: What an annotation says after the merge: its topic, stance, source and messenger, by id.
Said = tuple[int, int, int, int | None]


@dataclass(frozen=True, slots=True)
class CoderCount:
    """How many active annotations of one person in one layer refer to the merged entry."""

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
    """What merging ``merged`` into ``into`` will do.

    ``annotations`` active and ``withdrawn`` ones refer to ``merged`` and move; ``duplicates`` will be
    withdrawn, each pointing to an older equal one; ``emptied`` lose a messenger that became their source;
    ``entries`` (topics under it, sources that speak for it) move too.
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


@dataclass(frozen=True, slots=True)
class MergePlan:
    """All annotations that the merge touches, with what each will say, and which become one.

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


def plan_merge(
    touched: list[Annotation], neighbours: list[Annotation], say: Callable[[Annotation], Said]
) -> MergePlan:
    """``touched`` refer to the merged entry; ``neighbours`` are the active ones of the entry that stays.

    The final key of each annotation is computed first, so that a messenger that is emptied and makes an
    annotation equal to a third is found in the same pass.
    """
    said = {annotation.pk: say(annotation) for annotation in (*touched, *neighbours)}
    equal: dict[tuple[object, ...], list[Annotation]] = defaultdict(list)
    by_id = {annotation.pk: annotation for annotation in (*touched, *neighbours)}
    for annotation in by_id.values():
        if annotation.withdrawn_at is None:
            equal[_key(annotation, said[annotation.pk])].append(annotation)
    groups = (tuple(sorted(group, key=_age)) for group in equal.values() if len(group) > 1)
    return MergePlan(tuple(touched), said, tuple(sorted(groups, key=lambda group: _age(group[0]))))


def _key(annotation: Annotation, said: Said) -> tuple[object, ...]:
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
