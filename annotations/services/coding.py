"""A coder's work: tag, change, withdraw, restore, undo, finish, reopen.

Each function is atomic, refuses by raising an error of ``annotations.errors``, and leaves a line in the
history under the name of ``by``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.errors import (
    DocumentFinishedError,
    DuplicateTagError,
    InvalidTagError,
    NotAllowedError,
    StaleVersionError,
)
from annotations.models import Annotation, Completion, Document, Passage, Source, Stance, Topic, User
from annotations.permissions import may_change

if TYPE_CHECKING:
    from annotations.models.coding import AnnotationQuerySet

#: The fields that a coder sets, and that an undo brings back.
TAG_FIELDS = ("start", "end", "quote", "topic", "stance", "source", "reported_by", "uncertain", "note")

#: The codebook entries that a tag names: one of an earlier version may be gone by now.
ENTRIES = (
    (Topic, "topic_id"),
    (Stance, "stance_id"),
    (Source, "source_id"),
    (Source, "reported_by_id"),
)


@dataclass(frozen=True, slots=True)
class TagValues:
    """What a coder says with one tag. ``start`` and ``end`` are code points of the document's text."""

    start: int
    end: int
    topic: Topic
    stance: Stance
    source: Source
    reported_by: Source | None = None
    uncertain: bool = False
    note: str = ""


@transaction.atomic
def tag_passage(
    *, by: User, passage: Passage, values: TagValues, form_token: uuid.UUID | None = None
) -> tuple[Annotation, bool]:
    """Make a coded tag; returns it and whether it is new.

    A repeated ``form_token`` answers with the tag that its first use made. Raises ``InvalidTagError``,
    ``DuplicateTagError`` and ``DocumentFinishedError``.
    """
    _hold(by)
    if form_token is not None:
        stored = Annotation.objects.shown().filter(coder=by, form_token=form_token).first()
        if stored is not None:
            return stored, False
    _check_unfinished(by, passage.document_id)
    quote = _checked_quote(passage, values)
    _check_no_equal_tag(by, passage, values)
    annotation = Annotation(
        study_id=passage.document.study_id,
        document_id=passage.document_id,
        passage=passage,
        coder=by,
        quote=quote,
        form_token=form_token,
        changed_after_reopening=_was_reopened(by, passage.document_id),
    )
    _set_values(annotation, values, quote)
    _save(annotation, by)
    return annotation, True


@transaction.atomic
def change_tag(*, by: User, annotation: Annotation, version: int, values: TagValues) -> Annotation:
    """Change a tag that the person saw at ``version``.

    Raises ``StaleVersionError`` where it has changed since, unless what is asked for is already stored.
    """
    current = _locked(by, annotation)
    if current.withdrawn_at is not None:
        raise StaleVersionError(_("This tag has been withdrawn since you opened it."), current)
    if _says_the_same(current, values):
        return current
    if current.version != version:
        raise StaleVersionError(_("This tag has changed since you opened it."), current)
    quote = _checked_quote(current.passage, values)
    _check_no_equal_tag(by, current.passage, values, but=current)
    _set_values(current, values, quote)
    return _save_next_version(current, by)


@transaction.atomic
def withdraw_tag(*, by: User, annotation: Annotation, version: int) -> Annotation:
    """Take a tag back. It stays stored, and ``restore_tag`` brings it back."""
    current = _locked(by, annotation)
    if current.withdrawn_at is not None:
        return current
    if current.version != version:
        raise StaleVersionError(_("This tag has changed since you opened it."), current)
    current.withdrawn_at = timezone.now()
    return _save_next_version(current, by)


@transaction.atomic
def restore_tag(*, by: User, annotation: Annotation) -> Annotation:
    """Bring a withdrawn tag back. Raises ``DuplicateTagError`` where an equal tag exists by then."""
    current = _locked(by, annotation)
    if current.withdrawn_at is None:
        return current
    _check_no_equal_tag(by, current.passage, _values_of(current), but=current)
    current.withdrawn_at = None
    current.merged_into = None
    return _save_next_version(current, by)


@transaction.atomic
def undo_change(*, by: User, annotation: Annotation, version: int) -> Annotation:
    """Bring back what the tag said before ``version``, as a new version.

    Raises ``StaleVersionError`` where it has changed since, ``InvalidTagError`` where there is nothing
    before it or what it said names an entry that the codebook no longer has.
    """
    current = _locked(by, annotation)
    if current.withdrawn_at is not None:
        raise StaleVersionError(_("This tag has been withdrawn since you opened it."), current)
    if current.version != version:
        raise StaleVersionError(_("This tag has changed since you opened it."), current)
    before = current.history.filter(version=version - 1).order_by("-history_id").first()
    if before is None:
        raise InvalidTagError(_("There is no earlier version of this tag."))
    for model, name in ENTRIES:
        pk = getattr(before, name)
        if pk is not None and not model.objects.filter(pk=pk, study=current.study_id).exists():
            raise InvalidTagError(_("The codebook has changed since: edit the tag instead."))
    values = _values_of(before.instance)
    quote = _checked_quote(current.passage, values)
    _check_no_equal_tag(by, current.passage, values, but=current)
    _set_values(current, values, quote)
    return _save_next_version(current, by)


@transaction.atomic
def finish_document(*, by: User, document: Document) -> Completion:
    """Say that ``by`` is done with the document, which locks their tags on it."""
    _hold(by)
    completion, created = Completion.objects.get_or_create(document=document, coder=by)
    if not created and completion.reopened_at is not None:
        completion.finished_at = timezone.now()
        completion.reopened_at = None
        completion.save(update_fields=["finished_at", "reopened_at"])
    return completion


@transaction.atomic
def reopen_document(*, by: User, document: Document) -> None:
    """Unlock the coder's tags on a document; what changes from now on is marked."""
    _hold(by)
    Completion.objects.filter(document=document, coder=by, reopened_at__isnull=True).update(
        reopened_at=timezone.now(), was_reopened=True
    )


def _hold(by: User) -> None:
    """One coder's acts wait for each other: two requests of a double click see one another's tag, and
    none slips in while the document is being finished. Coders never wait for other coders."""
    User.objects.select_for_update().only("pk").get(pk=by.pk)


def _locked(by: User, annotation: Annotation) -> Annotation:
    """The stored row, held until the transaction ends, where ``by`` may change it now."""
    _hold(by)
    current = Annotation.objects.select_for_update(of=("self",)).shown().get(pk=annotation.pk)
    if not may_change(by, current):
        raise NotAllowedError(_("Only its coder changes a tag."))
    _check_unfinished(by, current.document_id)
    return current


def _check_unfinished(by: User, document_id: int) -> None:
    if Completion.objects.filter(document=document_id, coder=by, reopened_at__isnull=True).exists():
        raise DocumentFinishedError(
            _("You have finished this document, which locks your tags. Reopen it to change them.")
        )


def _was_reopened(by: User, document_id: int) -> bool:
    return Completion.objects.filter(document=document_id, coder=by, was_reopened=True).exists()


def _checked_quote(passage: Passage, values: TagValues) -> str:
    """The words at the position, where every rule of a tag holds."""
    if not passage.start <= values.start < values.end <= passage.end:
        raise InvalidTagError(_("The quote must lie inside one passage."), "quote")
    if values.reported_by is not None and values.reported_by.pk == values.source.pk:
        raise InvalidTagError(
            _("The messenger is the source itself: leave “reported by” empty."), "reported_by"
        )
    if not values.topic.statement:
        raise InvalidTagError(_("Choose a topic with a statement: this one only groups others."), "topic")
    quote = passage.text[values.start - passage.start : values.end - passage.start]
    if not quote.strip():
        raise InvalidTagError(_("The quote has no words in it."), "quote")
    return quote


def _check_no_equal_tag(by: User, passage: Passage, values: TagValues, but: Annotation | None = None) -> None:
    equal = _equal_tags(by, passage, values)
    if but is not None:
        equal = equal.exclude(pk=but.pk)
    existing = equal.shown().first()
    if existing is not None:
        raise DuplicateTagError(
            _("You have tagged these words with this topic, source and messenger already."), existing
        )


def _equal_tags(by: User, passage: Passage, values: TagValues) -> AnnotationQuerySet:
    return (
        Annotation.objects.active()
        .coded()
        .filter(
            coder=by,
            passage=passage,
            start=values.start,
            end=values.end,
            topic=values.topic,
            source=values.source,
            reported_by=values.reported_by,
        )
    )


def _values_of(annotation: Annotation) -> TagValues:
    return TagValues(
        start=annotation.start,
        end=annotation.end,
        topic=annotation.topic,
        stance=annotation.stance,
        source=annotation.source,
        reported_by=annotation.reported_by,
        uncertain=annotation.uncertain,
        note=annotation.note,
    )


def _says_the_same(annotation: Annotation, values: TagValues) -> bool:
    return _values_of(annotation) == values


def _set_values(annotation: Annotation, values: TagValues, quote: str) -> None:
    for name in TAG_FIELDS:
        if name != "quote":
            setattr(annotation, name, getattr(values, name))
    annotation.quote = quote


def _save_next_version(annotation: Annotation, by: User) -> Annotation:
    annotation.version += 1
    annotation.updated_at = timezone.now()
    annotation.changed_after_reopening = annotation.changed_after_reopening or _was_reopened(
        by, annotation.document_id
    )
    _save(annotation, by)
    return annotation


def _save(annotation: Annotation, by: User) -> None:
    annotation._history_user = by  # type: ignore[attr-defined]
    annotation.save()
