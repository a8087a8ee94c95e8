"""What a tag says, and its rules, in words a person can act on. The database holds them for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from annotations.errors import DuplicateTagError, InvalidTagError
from annotations.models import Annotation, Passage, Source, Stance, Topic, User

if TYPE_CHECKING:
    from annotations.models.coding import AnnotationQuerySet

#: The fields that a coder sets, and that an undo brings back.
TAG_FIELDS = ("start", "end", "topic", "stance", "source", "reported_by", "uncertain", "note")
#: The codebook entries that a tag names, and what each is.
ENTRIES: dict[str, type[Topic | Stance | Source]] = {
    "topic": Topic,
    "stance": Stance,
    "source": Source,
    "reported_by": Source,
}


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


def checked_quote(passage: Passage, values: TagValues) -> str:
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


def check_not_retired(values: TagValues, before: TagValues | None = None) -> None:
    """Refuses a retired entry that a tag did not name before: what it named it may keep."""
    for name in ENTRIES:
        entry = getattr(values, name)
        is_new = before is None or getattr(before, name) != entry
        if entry is not None and entry.is_retired and is_new:
            raise InvalidTagError(
                _("“%(entry)s” is retired: it keeps its tags and takes no new ones. Choose another.")
                % {"entry": entry.label},
                name,
            )


def check_no_equal_tag(by: User, passage: Passage, values: TagValues, but: Annotation | None = None) -> None:
    """Refuses a second active tag of the coder on the same words, topic, source and messenger."""
    equal = _equal_tags(by, passage, values)
    if but is not None:
        equal = equal.exclude(pk=but.pk)
    # What it says is read only where there is one: PostgreSQL plans eight joins longer than it finds a row.
    existing = equal.shown().first() if equal.exists() else None
    if existing is not None:
        raise DuplicateTagError(
            _("You have tagged these words with this topic, source and messenger already."), existing
        )


def check_entries_exist(study_id: int, values: TagValues) -> None:
    """Refuses entries that somebody has merged or removed since the form was opened."""
    for name, model in ENTRIES.items():
        entry = getattr(values, name)
        if entry is not None and not model._default_manager.filter(pk=entry.pk, study=study_id).exists():
            raise InvalidTagError(
                _("“%(entry)s” is no longer in the codebook. Choose another.") % {"entry": entry.label}, name
            )


def values_of(annotation: Annotation) -> TagValues:
    """What a stored tag says."""
    return TagValues(**{name: getattr(annotation, name) for name in TAG_FIELDS})


def set_values(annotation: Annotation, values: TagValues, quote: str) -> None:
    """What a tag says from now on. Nothing is stored yet."""
    for name in TAG_FIELDS:
        setattr(annotation, name, getattr(values, name))
    annotation.quote = quote


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
