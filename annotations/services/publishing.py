"""Freezing a reading, so that a paper can cite it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotations.errors import NotAllowedError, SummitError
from annotations.models import FrozenReading, Study, User
from annotations.permissions import may_own, role_in
from annotations.services.revision import changes_study

TITLE_LIMIT = 200


class InvalidTitleError(SummitError):
    """A frozen reading needs a title that fits."""


@changes_study
def freeze_reading(
    *, by: User, study: Study, title: str, query: str, content: dict[str, Any]
) -> FrozenReading:
    """Keep ``content`` for good under a link of its own; ``query`` leads to the live page.

    Raises ``NotAllowedError`` for whoever does not own the study, and ``InvalidTitleError``.
    """
    if not may_own(role_in(by, study)):
        raise NotAllowedError(_("Only an owner of the study freezes a reading."))
    title = " ".join(title.split())
    if not title or len(title) > TITLE_LIMIT:
        raise InvalidTitleError(_("Give it a title of at most 200 characters."))
    return FrozenReading.objects.create(study=study, title=title, query=query, content=content, frozen_by=by)
