"""Annotations made under older words: which they are, and the word of a coder that one still holds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.enums import Layer
from annotations.errors import NotAllowedError, StaleVersionError
from annotations.models import Annotation, CodingAct, DecidedTag, Study, User
from annotations.models.coding import AnnotationQuerySet
from annotations.permissions import may_curate, role_in
from annotations.services.revision import changes_study
from annotations.services.turns import hold

#: Made under an earlier version of the topic's statement or of the study's guidelines.
OUTDATED = Q(statement_version__lt=F("topic__statement_version")) | Q(
    guidelines_version__lt=F("study__guidelines_version")
)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How many annotations were confirmed, and which were not, because they have changed meanwhile."""

    confirmed: int
    stale: tuple[Annotation, ...]


def outdated(rows: AnnotationQuerySet) -> AnnotationQuerySet:
    """Of ``rows`` those made under an older statement or older guidelines, which nobody confirmed since."""
    return rows.filter(OUTDATED)


def to_review(study: Study, user: User) -> AnnotationQuerySet:
    """The annotations of a study that this person can confirm: their own, and a curator the curated."""
    mine = Q(layer=Layer.CODED.value, coder=user)
    if may_curate(role_in(user, study)):
        mine |= Q(layer=Layer.CURATED.value)
    return outdated(Annotation.objects.active().filter(mine, study=study))


@changes_study
def confirm_tag(*, by: User, annotation: Annotation, version: int) -> Annotation:
    """Say that an annotation, seen at ``version``, still holds under the words as they are now.

    It says what it said: a finished document stays finished, an undo still brings back what was before, and
    no decision is reopened. Raises ``NotAllowedError`` to all but its coder (a curated one: but curators),
    and ``StaleVersionError`` where it has changed since.
    """
    hold(by)
    current = Annotation.objects.select_for_update(of=("self",)).shown().get(pk=annotation.pk)
    study = Study.objects.only("guidelines_version").get(pk=current.study_id)
    _check_may_confirm(by, current)
    if current.withdrawn_at is not None or current.version != version:
        raise StaleVersionError(_("This tag has changed since you opened it."), current)
    now = (current.topic.statement_version, study.guidelines_version)
    if (current.statement_version, current.guidelines_version) == now:
        return current
    # Without a change of their own: what rests on this version rests on the next one.
    DecidedTag.objects.filter(annotation=current, version=version).update(version=version + 1)
    CodingAct.objects.filter(annotation=current, top=version).update(top=version + 1)
    current.statement_version, current.guidelines_version = now
    current.version += 1
    current.updated_at = timezone.now()
    current._history_user = by  # type: ignore[attr-defined]
    current._change_reason = _("still holds")  # type: ignore[attr-defined]
    current.save()
    return current


@changes_study
def confirm_tags(*, by: User, study: Study, seen: Mapping[uuid.UUID, int]) -> Confirmed:
    """Confirm many annotations at the versions seen; those that have changed since are left, and named.

    Raises ``NotAllowedError`` where one of them is not this person's to confirm.
    """
    rows = Annotation.objects.shown().filter(study=study, public_id__in=list(seen))
    confirmed, stale = 0, []
    for annotation in rows.in_text_order():
        try:
            confirm_tag(by=by, annotation=annotation, version=seen[annotation.public_id])
            confirmed += 1
        except StaleVersionError as error:
            stale.append(error.current)
    return Confirmed(confirmed, tuple(stale))


def _check_may_confirm(by: User, annotation: Annotation) -> None:
    if annotation.layer == Layer.CODED.value:
        allowed = annotation.coder_id == by.pk
    else:
        allowed = may_curate(role_in(by, annotation.study))
    if not allowed:
        raise NotAllowedError(_("Only its coder says that a tag still holds."))
