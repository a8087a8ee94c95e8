"""Undo and redo: a coder's own steps on a document, one after the other, across reloads and windows.

A tag is never set back: an undo or a redo is its next version, which says what an earlier one said. A step
that can never be undone again, because somebody else has changed the tag since, is forgotten once that has
been said, so that it does not stand before the steps that can.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.enums import Act
from annotations.errors import InvalidTagError, NoStepError, StaleVersionError, SummitError
from annotations.models import Annotation, CodingAct, Document, User
from annotations.services.coding import check_version, locked, save_next_version
from annotations.services.revision import changes_study
from annotations.services.tag_rules import (
    ENTRIES,
    TAG_FIELDS,
    TagValues,
    check_no_equal_tag,
    check_not_retired,
    set_values,
    values_of,
)
from annotations.services.turns import hold

#: Which step a page offered: the public id of its tag, and the version of the tag that the step rested on.
Seen = tuple[uuid.UUID, int]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a page offers to undo or to redo."""

    act: Act
    tag: uuid.UUID
    version: int
    topic: str

    @property
    def words(self) -> str:
        """What the step was: "tag Minsk"."""
        words = {
            Act.CREATE: _("tag %(topic)s"),
            Act.CHANGE: _("change of %(topic)s"),
            Act.WITHDRAW: _("withdrawal of %(topic)s"),
            Act.RESTORE: _("return of %(topic)s"),
        }
        return words[self.act] % {"topic": self.topic}


@dataclass(frozen=True, slots=True)
class Steps:
    """What a coder can undo and redo on a document now."""

    undo: Step | None = None
    redo: Step | None = None


def steps_of(by: User, document: Document) -> Steps:
    """What can be undone and redone now, in one query."""
    mine = _mine(by, document)
    last = mine.filter(undone_at__isnull=True).order_by("-id").values("pk")[:1]
    after = Coalesce(Subquery(last), 0)
    first = mine.filter(undone_at__isnull=False, pk__gt=after).order_by("id").values("pk")[:1]
    found = {act.undone_at is None: act for act in mine.filter(Q(pk__in=last) | Q(pk__in=first))}
    return Steps(_offered(found.get(True)), _offered(found.get(False)))


def step_made(annotation: Annotation, act: Act) -> Steps:
    """What can be undone and redone right after this step: nothing needs to be looked up."""
    return Steps(undo=Step(act, annotation.public_id, annotation.version, annotation.topic.label))


def undo_last(*, by: User, document: Document, seen: Seen | None = None) -> CodingAct:
    """Take back the coder's last step on a document; with ``seen`` only that one, and only once.

    Returns the step with its tag. Raises ``NoStepError``, ``DocumentFinishedError``, ``DuplicateTagError``
    where an equal tag exists by now, ``StaleVersionError`` where somebody else has changed the tag since,
    and ``InvalidTagError`` where it named an entry that the codebook has no longer.
    """
    return _or_raise(_undo(by, document, seen))


def redo_last(*, by: User, document: Document, seen: Seen | None = None) -> CodingAct:
    """Do again what was undone last; with ``seen`` only that step, and only once. Raises as ``undo_last``."""
    return _or_raise(_redo(by, document, seen))


@changes_study
def _undo(by: User, document: Document, seen: Seen | None) -> CodingAct | SummitError:
    hold(by)
    mine = _mine(by, document)
    act = _last_done(mine)
    if act is None or not _is(act, seen):
        done = seen and mine.filter(undone_at__isnull=False, annotation__public_id=seen[0], after=seen[1])
        return (done and done.first()) or _no_step(act, _("There is nothing to undo."))
    rested = act.before
    moved = _moved(by, act, rested)
    if isinstance(moved, SummitError):
        return moved
    # What was undone before this step was made cannot be redone after it.
    mine.filter(undone_at__isnull=False, pk__lt=act.pk).delete()
    if rested is not None:
        mine.filter(annotation=moved, top=rested).exclude(pk=act.pk).update(top=moved.version)
    act.after, act.top, act.undone_at = act.top, moved.version, timezone.now()
    act.save(update_fields=["after", "top", "undone_at"])
    return act


@changes_study
def _redo(by: User, document: Document, seen: Seen | None) -> CodingAct | SummitError:
    hold(by)
    mine = _mine(by, document)
    act = _first_undone(mine, _last_done(mine))
    if act is None or not _is(act, seen):
        done = seen and mine.filter(undone_at__isnull=True, annotation__public_id=seen[0], before=seen[1])
        return (done and done.first()) or _no_step(act, _("There is nothing to redo."))
    rested = act.after
    moved = _moved(by, act, rested)
    if isinstance(moved, SummitError):
        return moved
    # Undone steps of the same tag that come after this one rest on what it has brought back.
    mine.filter(annotation=moved, top=rested, pk__gt=act.pk).update(top=moved.version)
    act.before, act.after, act.top, act.undone_at = act.top, moved.version, moved.version, None
    act.save(update_fields=["before", "after", "top", "undone_at"])
    return act


def _moved(by: User, act: CodingAct, version: int | None) -> Annotation | SummitError:
    """The step's tag as it was at ``version``, stored; or why it cannot be, and the step is forgotten."""
    try:
        current = locked(by, act.annotation)
        check_version(current, act.top)
        _bring(current, by, version)
    except (StaleVersionError, InvalidTagError) as refused:
        act.delete()
        return refused
    act.annotation = current
    return current


def _bring(current: Annotation, by: User, version: int | None) -> None:
    """Make a tag say what it said at a version; None: what it was before it was made, withdrawn."""
    if version is None:
        current.withdrawn_at = timezone.now()
        save_next_version(current, by)
        return
    was = current.history.filter(version=version).order_by("-history_id").first()
    if was is None:
        raise InvalidTagError(_("There is no earlier version of this tag."))
    values = _values_at(was, current)
    check_not_retired(values, values_of(current))
    if was.withdrawn_at is None:
        check_no_equal_tag(by, current.passage, values, but=current)
    set_values(current, values, was.quote)
    current.withdrawn_at = was.withdrawn_at and timezone.now()
    current.merged_into = was.merged_into_id and Annotation.objects.filter(pk=was.merged_into_id).first()
    # Under which words it was said, then.
    current.statement_version, current.guidelines_version = was.statement_version, was.guidelines_version
    save_next_version(current, by)


def _values_at(was: Annotation, current: Annotation) -> TagValues:
    """What a line of the history said, with entries that the codebook still has."""
    said = {name: getattr(was, name) for name in TAG_FIELDS if name not in ENTRIES}
    for name, model in ENTRIES.items():
        pk = getattr(was, f"{name}_id")
        if pk is None or pk == getattr(current, f"{name}_id"):
            said[name] = pk and getattr(current, name)
            continue
        said[name] = model._default_manager.filter(pk=pk, study=current.study_id).first()
        if said[name] is None:
            raise InvalidTagError(_("The codebook has changed since: edit the tag instead."))
    return TagValues(**said)


def _mine(by: User, document: Document) -> QuerySet[CodingAct]:
    mine = CodingAct.objects.filter(document=document, coder=by)
    return mine.select_related("annotation__topic", "annotation__passage").defer("annotation__passage__text")


def _last_done(mine: QuerySet[CodingAct]) -> CodingAct | None:
    return mine.filter(undone_at__isnull=True).order_by("-id").first()


def _first_undone(mine: QuerySet[CodingAct], done: CodingAct | None) -> CodingAct | None:
    """What a redo takes: of the steps undone since the last one that stands, the first."""
    return mine.filter(undone_at__isnull=False, pk__gt=done.pk if done else 0).order_by("id").first()


def _is(act: CodingAct, seen: Seen | None) -> bool:
    return seen is None or (act.annotation.public_id, act.top) == seen


def _offered(act: CodingAct | None) -> Step | None:
    if act is None:
        return None
    return Step(Act(act.kind), act.annotation.public_id, act.top, act.annotation.topic.label)


def _no_step(other: CodingAct | None, nothing: str) -> NoStepError:
    if other is None:
        return NoStepError(nothing)
    return NoStepError(_("You have done something else since this page was drawn: nothing was changed."))


def _or_raise(outcome: CodingAct | SummitError) -> CodingAct:
    """Raises what was refused, now that what follows from it is stored."""
    if isinstance(outcome, SummitError):
        raise outcome
    return outcome
