"""``annotations.csv`` taken back into its study: all of it, or nothing. An import only adds.

A row is already there when its id is in the study (withdrawn or not), or when an equal active tag is. Such
a row is left alone, and named where it differs from what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from annotations.enums import Layer
from annotations.errors import SummitError
from annotations.importing.annotations_csv_rows import AnnotationRow, read_rows
from annotations.importing.annotations_csv_study import Key, StudyWords, key_of
from annotations.importing.rows import RowError
from annotations.models import Annotation, Study, User
from annotations.services.revision import changes_study

ROWS_AT_ONCE = 500

#: What an equal tag can still say otherwise, and what a tag of the same id can.
SAID = ("stance", "coder", "uncertain", "note")
STORED = (
    "document",
    "start",
    "end",
    "quote",
    "topic",
    "stance",
    "source",
    "reported_by",
    "coder",
    "layer",
    "uncertain",
    "note",
    "created_at",
    "updated_at",
    "version",
)


class ImportRefusedError(SummitError):
    """The file has errors, all of which are in ``errors``; nothing was written."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__(_("Nothing was written: the file has errors."))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that was left alone: the tag ``id`` of the study says otherwise in ``columns``."""

    line: int
    id: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        found = {"line": self.line, "id": self.id, "columns": ", ".join(self.columns)}
        return _("line %(line)s: %(id)s differs in %(columns)s") % found


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: rows added, rows already there, and those of them that differ."""

    new: int
    already: int
    differing: tuple[Difference, ...]


@changes_study
def import_annotations(
    *, study: Study, file: str, content: bytes, raw: bool = False, by: User | None = None
) -> ImportReport:
    """Add the file's annotations to the study, with their ids, times and versions.

    ``by`` is the history's user; without one each row's coder is. ``raw``: see ``read_rows``. Raises
    ``ImportRefusedError`` with every error of the file, and writes nothing then.
    """
    # Held until the end: a second import of the same file waits, and finds the rows there.
    Study.objects.select_for_update().get(pk=study.pk)
    rows, errors = read_rows(file, content, study=study.slug, raw=raw)
    errors += _repeated_ids(file, rows)
    by_id = {tag.public_id: tag for tag in _stored(study)}
    words = StudyWords(study)
    known = [row for row in rows if row.public_id in by_id]
    fresh = [row for row in rows if row.public_id not in by_id]
    equal, made, found = _placed(file, words, fresh, by_id.values())
    errors += found + _foreign_ids(file, study, fresh)
    if errors:
        raise ImportRefusedError(sorted(errors, key=lambda error: error.line))
    _write(file, made, by)
    differing = [_difference(row, by_id[row.public_id], STORED) for row in known]
    differing += [_difference(row, tag, SAID) for row, tag in equal]
    named = sorted((one for one in differing if one.columns), key=lambda one: one.line)
    return ImportReport(new=len(made), already=len(known) + len(equal), differing=tuple(named))


def _stored(study: Study) -> Iterable[Annotation]:
    return Annotation.objects.filter(study=study).shown()


def _repeated_ids(file: str, rows: Iterable[AnnotationRow]) -> list[RowError]:
    first: dict[object, int] = {}
    return [
        RowError(
            file, row.line, "id", _("The id is on line %(line)s already.") % {"line": first[row.public_id]}
        )
        for row in rows
        if first.setdefault(row.public_id, row.line) != row.line
    ]


def _foreign_ids(file: str, study: Study, rows: list[AnnotationRow]) -> list[RowError]:
    """Ids that another study's annotations have: an id is one annotation's, wherever it is."""
    lines = {row.public_id: row.line for row in rows}
    taken = []
    ids = list(lines)
    for start in range(0, len(ids), ROWS_AT_ONCE):
        others = Annotation.objects.exclude(study=study)
        found = others.filter(public_id__in=ids[start : start + ROWS_AT_ONCE])
        taken += list(found.values_list("public_id", flat=True))
    reason = _("An annotation outside this study has this id.")
    return [RowError(file, lines[public_id], "id", reason) for public_id in taken]


def _placed(
    file: str, words: StudyWords, rows: list[AnnotationRow], stored: Iterable[Annotation]
) -> tuple[list[tuple[AnnotationRow, Annotation]], list[Annotation], list[RowError]]:
    """Rows whose id is new: those that an active tag equals, what the others make, and their errors."""
    active = {key_of(tag): tag for tag in stored if tag.withdrawn_at is None}
    first: dict[Key, int] = {}
    equal: list[tuple[AnnotationRow, Annotation]] = []
    made: list[Annotation] = []
    errors: list[RowError] = []
    words.load_passages({row.document for row in rows})
    for row in rows:
        tag = words.annotation_of(file, row, errors)
        if tag is None:
            continue
        key = key_of(tag)
        if key in active:
            equal.append((row, active[key]))
        elif first.setdefault(key, row.line) != row.line:
            reason = _("Line %(line)s is the same tag under another id.") % {"line": first[key]}
            errors.append(RowError(file, row.line, "id", reason))
        else:
            made.append(tag)
    return equal, made, errors


def _write(file: str, made: list[Annotation], by: User | None) -> None:
    for tag in made:
        tag._history_user = by or tag.coder  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            bulk_create_with_history(made, Annotation, batch_size=ROWS_AT_ONCE)
    except IntegrityError as error:
        # What was checked held a moment ago: somebody tagged the same words in between.
        reason = _("Somebody changed the study during the import. Nothing was written: try again.")
        raise ImportRefusedError([RowError(file, 1, "1", reason)]) from error


def _difference(row: AnnotationRow, tag: Annotation, columns: Iterable[str]) -> Difference:
    """Where the row and the stored tag part; a tag withdrawn here differs in that, too."""
    says = _said_by(tag)
    differing = [column for column in columns if _said(row, column) != says[column]]
    if tag.withdrawn_at is not None:
        differing.append("withdrawn")
    return Difference(row.line, str(tag.public_id), tuple(differing))


def _said(row: AnnotationRow, column: str) -> object:
    said: object = getattr(row, column)
    return said.casefold() if column == "coder" and isinstance(said, str) else said


def _said_by(tag: Annotation) -> dict[str, object]:
    return {
        "document": tag.document.slug,
        "start": tag.start,
        "end": tag.end,
        "quote": tag.quote,
        "topic": tag.topic.slug,
        "stance": tag.stance.slug,
        "source": tag.source.slug,
        "reported_by": tag.reported_by.slug if tag.reported_by else "",
        "coder": tag.coder.username.casefold(),
        "layer": Layer(tag.layer),
        "uncertain": tag.uncertain,
        "note": tag.note,
        "created_at": tag.created_at,
        "updated_at": tag.updated_at,
        "version": tag.version,
    }
