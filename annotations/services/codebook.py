"""A curator's codebook: save and delete topics, stances and sources, under the rules that hold between them.

``check_*`` raise without writing anything, so that a form can show the refusal beside its field; every
``save_*`` and ``delete_*`` is atomic and leaves a line in the history under the name of ``by``.
"""

from __future__ import annotations

import math
import unicodedata

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.enums import AUTHOR
from annotations.errors import InUseError, NotAllowedError, StaleEntryError, SummitError
from annotations.models import Annotation, Source, Stance, Study, Topic, User
from annotations.permissions import may_curate, role_in
from annotations.services.revision import changes_study

LEAST_STANCE_VALUES = 2

Entry = Topic | Stance | Source

#: What people edit of an entry: two who change any of it at once must hear of each other.
EDITED: dict[type[Entry], tuple[str, ...]] = {
    Topic: ("parent_id", "slug", "label", "statement"),
    Stance: ("slug", "label", "value", "key", "color"),
    Source: ("slug", "label", "side", "speaks_for_id"),
}


class InvalidEntryError(SummitError):
    """A codebook entry that breaks a rule. ``field`` names the form field that the message belongs to."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


@changes_study
def save_topic(*, by: User, topic: Topic, seen: int | None = None, keeps_meaning: bool = False) -> Topic:
    """Create or change a topic. A changed statement is a new version of it, unless it ``keeps_meaning``:
    annotations made under the old one are marked from then on.

    ``seen`` is the line of the history that the person started from. Raises ``NotAllowedError``,
    ``InvalidEntryError``, and ``StaleEntryError`` where somebody has changed it otherwise since.
    """
    check_may_curate(by, topic.study)
    stored = _held(topic, seen)
    check_topic(topic=topic)
    if isinstance(stored, Topic):
        is_new_version = bool(stored.statement) and stored.statement != topic.statement and not keeps_meaning
        topic.statement_version = stored.statement_version + is_new_version
    _save(topic, by)
    return topic


@changes_study
def save_stance(*, by: User, stance: Stance, seen: int | None = None) -> Stance:
    """Create or change a stance. Raises as ``save_topic`` does."""
    check_may_curate(by, stance.study)
    _held(stance, seen)
    check_stance(stance=stance)
    _save(stance, by)
    return stance


@changes_study
def save_source(*, by: User, source: Source, seen: int | None = None) -> Source:
    """Create or change a source. Raises as ``save_topic`` does."""
    check_may_curate(by, source.study)
    _held(source, seen)
    check_source(source=source)
    _save(source, by)
    return source


def save_entry(*, by: User, entry: Entry, seen: int | None = None, keeps_meaning: bool = False) -> None:
    """Save an entry of whichever kind; ``keeps_meaning`` is for a topic's statement."""
    if isinstance(entry, Topic):
        save_topic(by=by, topic=entry, seen=seen, keeps_meaning=keeps_meaning)
    elif isinstance(entry, Stance):
        save_stance(by=by, stance=entry, seen=seen)
    else:
        save_source(by=by, source=entry, seen=seen)


def check_entry(*, entry: Entry) -> None:
    """Check an entry of whichever kind. Raises ``InvalidEntryError``."""
    if isinstance(entry, Topic):
        check_topic(topic=entry)
    elif isinstance(entry, Stance):
        check_stance(stance=entry)
    else:
        check_source(source=entry)


@changes_study
def delete_topic(*, by: User, topic: Topic) -> None:
    """Delete an unused topic. Raises ``NotAllowedError`` and ``InUseError``."""
    check_may_curate(by, topic.study)
    _check_no_annotations(Annotation.objects.filter(topic=topic).count())
    children = topic.children.count()
    if children:
        raise InUseError(
            ngettext(
                "It has %(count)s topic under it: merge it into another group, or move that one first.",
                "It has %(count)s topics under it: merge it into another group, or move those first.",
                children,
            )
            % {"count": children}
        )
    _delete(topic, by)


@changes_study
def delete_stance(*, by: User, stance: Stance) -> None:
    """Delete an unused stance. Raises ``NotAllowedError``, ``InUseError`` and ``InvalidEntryError``."""
    check_may_curate(by, stance.study)
    _check_no_annotations(Annotation.objects.filter(stance=stance).count())
    check_stance_values_remain(study=stance.study, without=stance)
    _delete(stance, by)


@changes_study
def delete_source(*, by: User, source: Source) -> None:
    """Delete an unused source. Raises ``NotAllowedError``, ``InUseError`` and ``InvalidEntryError``."""
    check_may_curate(by, source.study)
    if source.is_author:
        raise InvalidEntryError(_("The source “author” is the documents' own voice, and stays."))
    _check_no_annotations(Annotation.objects.filter(Q(source=source) | Q(reported_by=source)).count())
    spokespeople = source.spokespeople.count()
    if spokespeople:
        raise InUseError(
            ngettext(
                "%(count)s source speaks for it: merge it into another source, or change that one first.",
                "%(count)s sources speak for it: merge it into another source, or change those first.",
                spokespeople,
            )
            % {"count": spokespeople}
        )
    _delete(source, by)


def check_may_curate(by: User, study: Study) -> None:
    """Raises ``NotAllowedError`` where the person may not edit the study's codebook."""
    if not may_curate(role_in(by, study)):
        raise NotAllowedError(_("Only a curator or an owner of the study edits its codebook."))


def hold_codebook(study: Study) -> None:
    """Changes of one codebook wait for each other. Coders go on meanwhile: a tag does not need this lock."""
    Study.objects.select_for_update(no_key=True).only("pk").get(pk=study.pk)


def check_topic(*, topic: Topic) -> None:
    """Two levels; a topic under another has a statement, and only it; a tagged one keeps its statement.
    A group that is retired has no topic in use."""
    _normalise(topic, "slug", "label", "statement")
    stored = _check_fields(topic)
    if topic.parent is not None:
        _check_same_study(topic, topic.parent, "parent")
        if topic.parent.parent_id is not None:
            raise InvalidEntryError(_("Topics have two levels: this parent has a parent itself."), "parent")
        if stored is not None and topic.children.exists():
            raise InvalidEntryError(
                _("Topics have two levels: this one has topics under it itself."), "parent"
            )
        if topic.parent.is_retired and not topic.is_retired:
            raise InvalidEntryError(_("This group is retired: revive it, or choose another."), "parent")
    elif topic.statement:
        raise InvalidEntryError(_("Only a topic with a parent has a statement."), "statement")
    if stored is not None and not topic.statement and topic.annotations.exists():
        raise InvalidEntryError(_("A topic that has been tagged keeps a statement."), "statement")


def check_stance(*, stance: Stance) -> None:
    """The value lies on the scale, and the study keeps at least two different values."""
    _normalise(stance, "slug", "label", "key", "color")
    if stance.value is not None and not math.isfinite(stance.value):
        raise InvalidEntryError(_("Write a number from −1 to 1."), "value")
    if _check_fields(stance) is not None:
        check_stance_values_remain(study=stance.study, without=stance, value=stance.value)


def check_source(*, source: Source) -> None:
    """One level of ``speaks_for``; ``author`` keeps its slug and side, and stands for itself alone."""
    _normalise(source, "slug", "label", "side")
    stored = _check_fields(source)
    if stored is not None:
        _check_author_stays(stored, source)
    body = source.speaks_for
    if body is None:
        return
    _check_same_study(source, body, "speaks_for")
    if source.is_author or body.is_author:
        raise InvalidEntryError(_("The source “author” speaks for itself only."), "speaks_for")
    if body.speaks_for_id is not None:
        raise InvalidEntryError(_("This source speaks for another itself: name a body."), "speaks_for")
    if stored is not None and source.spokespeople.exists():
        raise InvalidEntryError(_("Others speak for this source: it speaks for itself."), "speaks_for")


def check_stance_values_remain(*, study: Study, without: Stance, value: float | None = None) -> None:
    """Refuse what would leave stances in use of fewer than two different values; retired ones do not count.

    ``value`` takes the place of what ``without`` has now. A codebook that is being built up from nothing
    may have fewer: only what makes them fewer is refused.
    """
    stored = dict(Stance.objects.filter(study=study, is_retired=False).values_list("pk", "value"))
    now = set(stored.values()) - {None}
    if without.pk in stored:
        stored[without.pk] = value
    then = set(stored.values()) - {None}
    if len(then) < min(LEAST_STANCE_VALUES, len(now)):
        raise InvalidEntryError(_("A study needs stances of at least two different values."), "value")


def last_line(entry: Entry | Study) -> int:
    """The newest line of an entry's history, by which a form says what it started from."""
    newest = entry.history.order_by("-history_id").values_list("history_id", flat=True).first()
    return int(newest or 0)


def _held(entry: Entry, seen: int | None) -> Entry | None:
    """What is stored of an entry, held until the transaction ends; None for a new one.

    Retiring is an act of its own: it is never changed by saving.
    """
    hold_codebook(entry.study)
    stored: Entry | None = type(entry)._default_manager.select_for_update().filter(pk=entry.pk).first()
    if stored is None:
        return None
    entry.is_retired = stored.is_retired
    names = EDITED[type(entry)]
    if seen is not None and any(getattr(entry, name) != getattr(stored, name) for name in names):
        line = stored.history.filter(history_id=seen).first()
        if seen != last_line(stored) and any(
            line is None or getattr(line, name) != getattr(stored, name) for name in names
        ):
            raise StaleEntryError(_("Somebody has changed this entry since you opened it."), stored)
    return stored


def _normalise(entry: Entry, *fields: str) -> None:
    """Text is stored as Unicode NFC with LF line ends, without blanks around it and without NUL."""
    for field in fields:
        text = str(getattr(entry, field)).replace("\r\n", "\n").replace("\r", "\n").strip()
        if "\x00" in text:
            raise InvalidEntryError(_("Null characters are not allowed."), field)
        setattr(entry, field, unicodedata.normalize("NFC", text))


def _check_fields(entry: Entry) -> Entry | None:
    """What each field and each constraint asks; returns what is stored, or None for a new entry."""
    others = type(entry)._default_manager.filter(study=entry.study_id).exclude(pk=entry.pk)
    if others.filter(slug=entry.slug).exists():
        raise InvalidEntryError(_("Another entry has the slug “%(slug)s”.") % {"slug": entry.slug})
    try:
        entry.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidEntryError(" ".join(messages), None if field == NON_FIELD_ERRORS else field) from error
    stored: Entry | None = type(entry)._default_manager.filter(pk=entry.pk).first()
    if stored is not None and stored.study_id != entry.study_id:
        raise InvalidEntryError(_("A codebook entry stays in its study."), "study")
    return stored


def _check_same_study(entry: Entry, other: Entry, field: str) -> None:
    if entry.study_id != other.study_id:
        raise InvalidEntryError(_("Choose an entry of the same study."), field)


def _check_author_stays(stored: Entry, source: Source) -> None:
    if not isinstance(stored, Source) or AUTHOR not in (stored.slug, source.slug):
        return
    if stored.slug != source.slug:
        raise InvalidEntryError(
            _("“author” is the documents' own voice: it is not renamed, and no other takes its name."), "slug"
        )
    if stored.side != source.side:
        raise InvalidEntryError(_("“author” keeps its side: it is a side of its own."), "side")


def _check_no_annotations(count: int) -> None:
    if count:
        raise InUseError(
            ngettext(
                "%(count)s annotation (withdrawn ones count) uses it: merge it into another entry.",
                "%(count)s annotations (withdrawn ones count) use it: merge it into another entry.",
                count,
            )
            % {"count": count}
        )


def _save(entry: Entry, by: User) -> None:
    entry._history_user = by  # type: ignore[union-attr]
    entry.save()


def _delete(entry: Entry, by: User) -> None:
    entry._history_user = by  # type: ignore[union-attr]
    entry.delete()
