"""A curator's work on a settled tag. Coders' own tags are never touched here."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.enums import Layer
from annotations.errors import DuplicateTagError, InvalidTagError, NotAllowedError, StaleVersionError
from annotations.models import Annotation, Source, Stance, Topic, User
from annotations.permissions import may_curate, role_in
from annotations.services.revision import changes_study


@dataclass(frozen=True, slots=True)
class CuratedValues:
    """What a curator may change of a curated tag. Its words, document and layer stay."""

    topic: Topic
    stance: Stance
    source: Source
    reported_by: Source | None = None
    uncertain: bool = False
    note: str = ""


@changes_study
def change_curated_tag(
    *, by: User, annotation: Annotation, version: int, values: CuratedValues
) -> Annotation:
    """Change a curated tag that the person saw at ``version``; returns what is stored.

    Raises ``NotAllowedError``, ``InvalidTagError``, ``DuplicateTagError``, and ``StaleVersionError`` where
    it has changed since, unless what is asked for is already stored.
    """
    current = Annotation.objects.select_for_update(of=("self",)).shown().get(pk=annotation.pk)
    check_curated_change(by=by, annotation=current, version=version, values=values)
    if _values_of(current) == values:
        return current
    for name in CuratedValues.__slots__:
        setattr(current, name, getattr(values, name))
    current.statement_version = values.topic.statement_version
    current.guidelines_version = current.study.guidelines_version
    current.version += 1
    current.updated_at = timezone.now()
    current._history_user = by  # type: ignore[attr-defined]
    current.save()
    return current


def check_curated_change(*, by: User, annotation: Annotation, version: int, values: CuratedValues) -> None:
    """Raise what ``change_curated_tag`` would raise on the stored ``annotation``, and write nothing."""
    if annotation.layer != Layer.CURATED.value:
        raise NotAllowedError(_("Only its coder changes a coded tag."))
    if not may_curate(role_in(by, annotation.study)):
        raise NotAllowedError(_("Only a curator or an owner of the study changes a curated tag."))
    if annotation.withdrawn_at is not None:
        raise StaleVersionError(_("This tag has been withdrawn since you opened it."), annotation)
    if annotation.version != version and _values_of(annotation) != values:
        raise StaleVersionError(_("This tag has changed since you opened it."), annotation)
    _check_values(annotation, values)
    equal = (
        Annotation.objects.active()
        .filter(layer=Layer.CURATED.value, passage=annotation.passage_id, start=annotation.start)
        .filter(end=annotation.end, topic=values.topic, source=values.source, reported_by=values.reported_by)
        .exclude(pk=annotation.pk)
        .first()
    )
    if equal is not None:
        raise DuplicateTagError(_("These words have a curated tag with this topic and these sources."), equal)


def _check_values(annotation: Annotation, values: CuratedValues) -> None:
    for field in ("topic", "stance", "source", "reported_by"):
        entry = getattr(values, field)
        if entry is not None and entry.study_id != annotation.study_id:
            raise InvalidTagError(_("Choose an entry of the same study."), field)
        if entry is not None and entry.is_retired and entry.pk != getattr(annotation, f"{field}_id"):
            raise InvalidTagError(_("This entry of the codebook is retired: choose another."), field)
    if not values.topic.statement:
        raise InvalidTagError(_("Choose a topic with a statement: this one only groups others."), "topic")
    if values.reported_by is not None and values.reported_by.pk == values.source.pk:
        raise InvalidTagError(
            _("The messenger is the source itself: leave “reported by” empty."), "reported_by"
        )


def _values_of(annotation: Annotation) -> CuratedValues:
    return CuratedValues(**{name: getattr(annotation, name) for name in CuratedValues.__slots__})
