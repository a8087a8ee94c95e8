"""A study's guidelines: what coders agreed on, in versions."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotations.errors import StaleEntryError
from annotations.models import Study, User
from annotations.services.codebook import InvalidEntryError, check_may_curate, last_line
from annotations.services.revision import changes_study
from annotations.study_folder.text import normal


@changes_study
def save_guidelines(
    *, by: User, study: Study, text: str, seen: int | None = None, keeps_meaning: bool = False
) -> Study:
    """Store the guidelines. Changed ones are a new version, unless they ``keep the meaning``: annotations
    made under the old ones are marked from then on. What was empty before has no version to be older than.

    ``seen`` is the line of the history that the person started from. Raises ``NotAllowedError``,
    ``InvalidEntryError``, and ``StaleEntryError`` where somebody has changed them otherwise since.
    """
    check_may_curate(by, study)
    stored = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    text = checked_guidelines(text)
    if text == stored.guidelines.strip():
        return stored
    line = stored.history.filter(history_id=seen).first() if seen is not None else None
    if seen not in (None, last_line(stored)) and (line is None or line.guidelines != stored.guidelines):
        raise StaleEntryError(_("Somebody has changed the guidelines since you opened them."), stored)
    if stored.guidelines.strip() and not keeps_meaning:
        stored.guidelines_version += 1
    stored.guidelines = text
    stored._history_user = by  # type: ignore[attr-defined]
    stored.save()
    return stored


def checked_guidelines(text: str) -> str:
    """The text as it is stored: normal, and without white space around it. Raises ``InvalidEntryError``."""
    text = normal(text).strip()
    if "\x00" in text:
        raise InvalidEntryError(_("Null characters are not allowed."), "guidelines")
    limit = Study._meta.get_field("guidelines").max_length or 0
    if len(text) > limit:
        raise InvalidEntryError(_("At most %(limit)s characters.") % {"limit": f"{limit:,}"}, "guidelines")
    return text
