"""A study into a folder that loading takes back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from annotations.enums import Layer, Role
from annotations.errors import SummitError
from annotations.exporting.folder_files import folder_files
from annotations.models import Annotation, Comment
from annotations.study_folder.stored import stored_folder
from annotations.study_folder.text import printable
from annotations.study_folder.values import folded, is_plain_file_name

if TYPE_CHECKING:
    from pathlib import Path

    from annotations.models import Study
    from annotations.study_folder.values import StudyFolder


class ExportRefusedError(SummitError):
    """The folder cannot be written; none of its files has been touched."""


@dataclass(frozen=True, slots=True)
class ExportOutcome:
    """What was written, and how much of a study its folder does not carry."""

    files: tuple[str, ...]
    codings: int
    curated: int
    withdrawn: int
    decisions: int
    comments: int
    members: int


def export_folder(study: Study, path: Path, *, force: bool = False) -> ExportOutcome:
    """Write the study's folder. Files that are there are overwritten with ``force`` only, and no others
    are touched. Raises ``ExportRefusedError``."""
    with transaction.atomic():
        folder = stored_folder(study)
        tags = Annotation.objects.filter(study=study)
        curated = tags.active().filter(layer=Layer.CURATED.value).count()
        withdrawn = tags.filter(withdrawn_at__isnull=False).count()
        decisions = study.decisions.count()
        comments = Comment.objects.filter(document__study=study).count()
        members = study.memberships.exclude(role=Role.CODER.value, user__username__in=folder.coders).count()
    _check_file_names(folder)
    files = folder_files(folder)
    _write_files(path, files, force)
    return ExportOutcome(
        files=tuple(files),
        codings=len(folder.codings),
        curated=curated,
        withdrawn=withdrawn,
        decisions=decisions,
        comments=comments,
        members=members,
    )


def _check_file_names(folder: StudyFolder) -> None:
    """A name from the database must not lead out of the folder, or two documents to one file."""
    seen: set[str] = set()
    for document in folder.documents:
        if not is_plain_file_name(document.file) or folded(document.file) in seen:
            raise ExportRefusedError(
                _("The document %(slug)s cannot be written to a file called “%(file)s”.")
                % {"slug": document.slug, "file": printable(document.file)}
            )
        seen.add(folded(document.file))


def _write_files(path: Path, files: dict[str, bytes], force: bool) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        standing = [name for name in files if os.path.lexists(path / name)]
        if standing and not force:
            raise ExportRefusedError(
                _("There are files in %(folder)s already (%(files)s). Use --force to overwrite them.")
                % {"folder": path, "files": ", ".join(standing)}
            )
        for name in standing:
            # A link would lead the writing elsewhere.
            (path / name).unlink()
        for name, content in files.items():
            (path / name).write_bytes(content)
    except OSError as error:
        raise ExportRefusedError(
            _("The folder %(folder)s cannot be written: %(reason)s.")
            % {"folder": path, "reason": error.strerror}
        ) from error
