"""What is recorded of a merge, a split and a retirement, so that each can be undone as one step.

A record is JSON of ids and of a deleted entry's fields: its size goes with the annotations touched, not
with their words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from annotations.enums import CodebookChange
from annotations.models import CodebookAct, Source, Stance, Topic, User
from annotations.services.merge_plan import Entry, MergePreview
from annotations.services.recoding import Recoded

AnyEntry = Topic | Stance | Source

#: The word by which an act names the kind of its entry.
MODELS: dict[str, type[AnyEntry]] = {"topic": Topic, "stance": Stance, "source": Source}

#: What an act has touched: ("annotation", id) or (kind of entry, id).
Touched = set[tuple[str, int]]


def kind_of(entry: AnyEntry) -> str:
    return next(word for word, model in MODELS.items() if isinstance(entry, model))


def record_act(
    *, by: User, entry: AnyEntry, kind: CodebookChange, summary: str, undo: dict[str, Any]
) -> CodebookAct:
    """Keep what was done and how to undo it."""
    return CodebookAct.objects.create(
        study=entry.study, by=by, kind=kind.value, what=kind_of(entry), summary=summary[:500], undo=undo
    )


def merge_record(
    done: MergePreview[Entry], recoded: Iterable[Recoded], *, into_spoke_for_it: bool
) -> dict[str, Any]:
    """A merge deletes an entry: its fields are kept with what has moved."""
    merged = done.merged
    return {
        "entry": {field.attname: getattr(merged, field.attname) for field in merged._meta.concrete_fields},
        "into": done.into.pk,
        "entries": [entry.pk for entry in done.entries],
        "into_spoke_for_it": into_spoke_for_it,
        "annotations": [one.row() for one in recoded],
    }


def split_record(
    entry: AnyEntry, into: AnyEntry, recoded: Iterable[Recoded], *, is_new: bool
) -> dict[str, Any]:
    """A split may have made the entry that annotations moved to."""
    return {
        "left": entry.pk,
        "into": into.pk,
        "is_new": is_new,
        "annotations": [one.row() for one in recoded],
    }


def retirement_record(entries: Iterable[AnyEntry]) -> dict[str, Any]:
    return {"entries": [entry.pk for entry in entries]}


def recoded_by(act: CodebookAct) -> dict[int, Recoded]:
    """The annotations that an act changed, by id."""
    rows = (Recoded.of(row) for row in act.undo.get("annotations", ()))
    return {one.pk: one for one in rows}


def touched_by(act: CodebookAct) -> Touched:
    """Annotations, and entries that were deleted, moved or retired."""
    touched: Touched = {("annotation", pk) for pk in recoded_by(act)}
    touched |= {(act.what, pk) for pk in act.undo.get("entries", ())}
    if "entry" in act.undo:
        touched.add((act.what, act.undo["entry"]["id"]))
    return touched
