"""A study's revision: a number that grows with every change that a reader could see.

A page that was made at a revision is still right at it, so that nothing needs to be added up again for
somebody who has it (``views.unchanged``). Nobody waits for anybody: the number is counted up in the last
statement of a transaction, in a row of its own, which is held for no longer than the commit takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

from annotations.compiled import planned_once
from annotations.models import Document, Study, StudyRevision

P = ParamSpec("P")
R = TypeVar("R")

#: One statement, the first time as well as later, on both databases.
COUNT = """
INSERT INTO annotations_studyrevision (study_id, number) VALUES (%s, 1)
ON CONFLICT (study_id) DO UPDATE SET number = annotations_studyrevision.number + 1
"""

#: The studies that the act which runs now, and the acts within it, have changed.
_changed: ContextVar[set[int] | None] = ContextVar("_changed", default=None)


@contextmanager
def one_change() -> Iterator[None]:
    """Makes what happens within it one transaction, and counts the revisions of the studies that it changed
    up as its last statement.

    What is within another leaves the counting to the outer one: a row that is held early would make every
    coder of the study wait for a long act, and might make the two wait for each other.
    """
    outer = _changed.get()
    changed: set[int] = set()
    token = _changed.set(changed)
    try:
        with transaction.atomic():
            yield
            if outer is None:
                _count(changed)
    finally:
        _changed.reset(token)
    if outer is not None:
        outer |= changed


def changes_study(act: Callable[P, R]) -> Callable[P, R]:
    """Makes a service atomic, and counts its study's revision: that of the first argument that has one."""

    @wraps(act)
    def counted(*args: P.args, **kwargs: P.kwargs) -> R:
        with one_change():
            result = act(*args, **kwargs)
            for pk in _studies_in((*args, *kwargs.values()), act.__name__):
                count_change(pk)
            return result

    return counted


def count_change(study_id: int) -> None:
    """The study has changed: for what is no service of its own. Call it last in the transaction."""
    outer = _changed.get()
    if outer is None:
        _count({study_id})
    else:
        outer.add(study_id)


def count_change_everywhere() -> None:
    """Something has changed that any study may show: a person's name or rights."""
    for pk in Study.objects.values_list("pk", flat=True):
        count_change(pk)


def revision_of(study: Study) -> int:
    """How often the study has changed. Read it before what is to be shown: a page then is never taken for
    newer than it is."""
    return StudyRevision.objects.filter(study=study).values_list("number", flat=True).first() or 0


def _count(studies: Iterable[int]) -> None:
    with planned_once(connection), connection.cursor() as cursor:
        # In one order, so that two transactions that change the same studies do not wait in a circle.
        for pk in sorted(set(studies)):
            cursor.execute(COUNT, [pk])


def _studies_in(values: Iterable[object], act: str) -> set[int]:
    nothing = False
    for value in values:
        if isinstance(value, Study):
            return {value.pk}
        if isinstance(value, list | tuple | QuerySet):
            nothing = nothing or not value
            documents = [one for one in value if isinstance(one, Document)]
            if documents:
                return {one.study_id for one in documents}
            continue
        # What is in a study says so itself, or its document does.
        of = value if hasattr(value, "study_id") else getattr(value, "document", None)
        if of is not None:
            return {of.study_id}
    if nothing:
        return set()
    raise TypeError(f"{act} names no study, document, or what is in one.")
