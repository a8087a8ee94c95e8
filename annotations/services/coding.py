"""A coder's work: tag, change, withdraw, restore, finish, reopen.

Each function is atomic, refuses by raising an error of ``annotations.errors``, and leaves a line in the
history under the name of ``by``. What a coder does to a tag is a step that ``undoing`` takes back.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.compiled import CompiledInsert, compiled
from annotations.enums import Act
from annotations.errors import (
    InvalidTagError,
    NotAllowedError,
    StaleVersionError,
    SummitError,
)
from annotations.models import Annotation, CodingAct, Completion, Document, Passage, User
from annotations.permissions import may_change
from annotations.services.progress import clear_nothing_here
from annotations.services.revision import changes_study
from annotations.services.tag_rules import (
    ENTRIES,
    TAG_FIELDS,
    check_entries_exist,
    check_no_equal_tag,
    check_not_retired,
    checked_quote,
    set_values,
    values_of,
)
from annotations.services.tag_rules import TagValues as TagValues
from annotations.services.turns import check_unfinished, hold

if TYPE_CHECKING:
    from annotations.models.coding import AnnotationQuerySet

#: What a save stores: the tag, the first line of its history, and the step that can be undone.
HistoryLine: Any = Annotation.history.model
_store_tag = CompiledInsert(Annotation)
_store_line = CompiledInsert(HistoryLine)
_store_step = CompiledInsert(CodingAct)


def tag_passage(
    *, by: User, passage: Passage, values: TagValues, form_token: uuid.UUID | None = None
) -> tuple[Annotation, bool]:
    """Make a coded tag; returns it and whether it is new.

    A repeated ``form_token`` answers with the tag that its first use made. Raises ``InvalidTagError``,
    ``DuplicateTagError``, ``DocumentFinishedError``, and ``StaleVersionError`` where the token's tag says
    something else by now than what is sent.
    """
    try:
        return _make_tag(by, passage, values, form_token), True
    except (SummitError, IntegrityError) as refused:
        # Looked up only now: nearly every form is sent once, and the database itself refuses a second tag.
        stored = _made_before(by, passage, values, form_token)
        if stored is not None:
            return stored, False
        if isinstance(refused, SummitError):
            raise
        check_no_equal_tag(by, passage, values)
        check_entries_exist(passage.document.study_id, values)
        raise


@changes_study
def change_tag(
    *, by: User, annotation: Annotation, version: int, values: TagValues, bring_back: bool = False
) -> Annotation:
    """Change a tag that the person saw at ``version``; with ``bring_back`` a withdrawn one, too.

    Raises ``StaleVersionError`` where it has changed since, unless what is asked for is already stored.
    """
    current = locked(by, annotation)
    if current.withdrawn_at is not None and not bring_back:
        raise StaleVersionError(_("This tag has been withdrawn since you opened it."), current)
    said = values_of(current)
    if said == values and current.withdrawn_at is None:
        return current
    check_version(current, version)
    quote = checked_quote(current.passage, values)
    check_not_retired(values, said)
    check_no_equal_tag(by, current.passage, values, but=current)
    current.withdrawn_at = current.merged_into = None
    set_values(current, values, quote)
    current.statement_version = values.topic.statement_version
    current.guidelines_version = current.study.guidelines_version
    return _save_step(current, by, Act.CHANGE)


@changes_study
def withdraw_tag(*, by: User, annotation: Annotation, version: int) -> Annotation:
    """Take a tag back. It stays stored, and ``restore_tag`` brings it back."""
    current = locked(by, annotation)
    if current.withdrawn_at is not None:
        return current
    check_version(current, version)
    current.withdrawn_at = timezone.now()
    return _save_step(current, by, Act.WITHDRAW)


@changes_study
def restore_tag(*, by: User, annotation: Annotation, version: int | None = None) -> Annotation:
    """Bring a withdrawn tag back. Raises ``DuplicateTagError`` where an equal tag exists by then, and
    ``StaleVersionError`` where a ``version`` is given and the tag has changed since."""
    current = locked(by, annotation)
    if current.withdrawn_at is None:
        return current
    if version is not None:
        check_version(current, version)
    check_no_equal_tag(by, current.passage, values_of(current), but=current)
    current.withdrawn_at = None
    current.merged_into = None
    return _save_step(current, by, Act.RESTORE)


@changes_study
def finish_document(*, by: User, document: Document) -> Completion:
    """Say that ``by`` is done with the document, which locks their tags on it."""
    hold(by)
    completion, created = Completion.objects.get_or_create(document=document, coder=by)
    if not created and completion.reopened_at is not None:
        completion.finished_at = timezone.now()
        completion.reopened_at = None
        completion.save(update_fields=["finished_at", "reopened_at"])
    return completion


@changes_study
def reopen_document(*, by: User, document: Document) -> None:
    """Unlock the coder's tags on a document; what changes from now on is marked."""
    hold(by)
    Completion.objects.filter(document=document, coder=by, reopened_at__isnull=True).update(
        reopened_at=timezone.now(), was_reopened=True
    )


# --- what the coder's acts rest on, here and in ``undoing`` ----------------------------------------------


def locked(by: User, annotation: Annotation) -> Annotation:
    """The stored row, held until the transaction ends, where ``by`` may change it now."""
    hold(by)
    (current,) = _held(annotation.pk)
    if not may_change(by, current):
        raise NotAllowedError(_("Only its coder changes a tag."))
    if check_unfinished(by, current.document_id):
        current.changed_after_reopening = True
    return current


@compiled(int)
def _held(tag: int) -> AnnotationQuerySet:
    rows = Annotation.objects.shown().select_related("study").defer("study__guidelines")
    return rows.filter(pk=tag).select_for_update(of=("self",))


def check_version(current: Annotation, seen: int) -> None:
    """Refuses a change of a tag that has changed since the person saw it."""
    if current.version != seen:
        raise StaleVersionError(_("This tag has changed since you opened it."), current)


def save_next_version(annotation: Annotation, by: User) -> Annotation:
    """Store a changed tag as its next version."""
    annotation.version += 1
    annotation.updated_at = timezone.now()
    _save(annotation, by)
    if annotation.withdrawn_at is None:
        clear_nothing_here(by=by, passage=annotation.passage)
    return annotation


@changes_study
def _make_tag(by: User, passage: Passage, values: TagValues, form_token: uuid.UUID | None) -> Annotation:
    hold(by)
    was_reopened = check_unfinished(by, passage.document_id)
    quote = checked_quote(passage, values)
    check_not_retired(values)
    annotation = Annotation(
        study_id=passage.document.study_id,
        document_id=passage.document_id,
        passage=passage,
        coder=by,
        quote=quote,
        form_token=form_token,
        changed_after_reopening=was_reopened,
        statement_version=values.topic.statement_version,
        guidelines_version=passage.document.study.guidelines_version,
    )
    set_values(annotation, values, quote)
    _store_tag(annotation)
    _store_first_line(annotation, by)
    clear_nothing_here(by=by, passage=passage)
    _add_step(annotation, by, Act.CREATE, before=None)
    return annotation


def _made_before(
    by: User, passage: Passage, values: TagValues, form_token: uuid.UUID | None
) -> Annotation | None:
    """The tag that this form made when it was first sent, or None.

    What is sent again answers with it, however it has changed since. Where something else is sent under
    the same token (a form reached by the back button, say), nobody knows what is meant: the person is asked.
    """
    if form_token is None:
        return None
    stored = Annotation.objects.shown().filter(coder=by, form_token=form_token).first()
    if stored is None:
        return None
    if stored.passage_id != passage.pk:
        raise InvalidTagError(
            _("This form has made a tag in another place already. Save again to make this one, too."),
            "form_token",
        )
    if stored.withdrawn_at is not None:
        raise StaleVersionError(_("This form made a tag, which you have withdrawn since."), stored)
    if values_of(stored) == values or _first_said(stored) == _said(values):
        return stored
    raise StaleVersionError(_("This form has been saved already, saying something else."), stored)


def _said(values: TagValues) -> dict[str, object]:
    """Values as the history's columns hold them."""
    return {
        f"{name}_id" if name in ENTRIES else name: getattr(value, "pk", value)
        for name in TAG_FIELDS
        for value in [getattr(values, name)]
    }


def _first_said(stored: Annotation) -> dict[str, object] | None:
    columns = [f"{name}_id" if name in ENTRIES else name for name in TAG_FIELDS]
    first: dict[str, object] | None = stored.history.filter(version=1).values(*columns).first()
    return first


def _save_step(annotation: Annotation, by: User, act: Act) -> Annotation:
    """Store the next version, as a step that can be undone."""
    before = annotation.version
    save_next_version(annotation, by)
    _add_step(annotation, by, act, before=before)
    return annotation


def _add_step(annotation: Annotation, by: User, act: Act, *, before: int | None) -> None:
    _store_step(
        CodingAct(
            document_id=annotation.document_id,
            coder=by,
            annotation=annotation,
            kind=act.value,
            before=before,
            after=annotation.version,
            top=annotation.version,
        )
    )


def _store_first_line(annotation: Annotation, by: User) -> None:
    """What the history's own signal stores where a tag is made by ``save()``."""
    said = {field.attname: getattr(annotation, field.attname) for field in HistoryLine.tracked_fields}
    _store_line(HistoryLine(history_date=timezone.now(), history_type="+", history_user=by, **said))


def _save(annotation: Annotation, by: User) -> None:
    annotation._history_user = by  # type: ignore[attr-defined]
    annotation.save()
