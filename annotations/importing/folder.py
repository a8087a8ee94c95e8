"""A study folder: all its files are read and checked, then it is written, or compared with what is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from annotations.importing.codings import Declared, ReadDocument, read_codings
from annotations.importing.differences import differences
from annotations.importing.people import spelling_of
from annotations.importing.rows import (
    CODINGS_BYTES,
    DOCUMENT_BYTES,
    FIELD_CHARACTERS,
    STUDY_BYTES,
    FolderErrors,
    RowError,
)
from annotations.importing.segments import split_passages
from annotations.importing.study_toml import read_study_toml
from annotations.importing.text import decode, normalise, read_file
from annotations.importing.toml_tables import TomlLines
from annotations.importing.write import write_study
from annotations.models import Study
from annotations.study_folder.stored import stored_folder
from annotations.study_folder.values import CODINGS_FILE, STUDY_FILE, StudyFolder

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """The study, whether it is new, and where it was there before, how the folder differs from it."""

    study: Study
    created: bool
    differences: tuple[str, ...] = ()


def load_folder(path: Path) -> LoadOutcome:
    """Write the study folder ``path``; a study that exists is compared with it and left as it is.

    Raises ``FolderErrors`` with every fault of the folder's files, and ``StudyRefusedError``; nothing is
    written then.
    """
    folder = _with_spellings(read_folder(path))
    with transaction.atomic():
        study = Study.objects.filter(slug=folder.study.slug).first()
        if study is None:
            return LoadOutcome(write_study(folder), created=True)
        return LoadOutcome(study, created=False, differences=differences(folder, stored_folder(study)))


def read_folder(path: Path) -> StudyFolder:
    """What the folder's files say. Raises ``FolderErrors`` with every fault that can be found at once."""
    if not path.is_dir():
        raise FolderErrors((RowError(str(path), 1, "1", _("There is no such folder.")),))
    errors: list[RowError] = []
    study_text = _read_text(path, STUDY_FILE, STUDY_BYTES, RowError(STUDY_FILE, 1, "1", ""), errors)
    folder = None if study_text is None else read_study_toml(study_text, errors)
    texts = {} if folder is None else _read_documents(path, folder, TomlLines(study_text or ""), errors)
    at = RowError(CODINGS_FILE, 1, "1", "")
    codings_text = _read_text(path, CODINGS_FILE, CODINGS_BYTES, at, errors)
    if folder is not None and codings_text is not None:
        codings = read_codings(codings_text, _declared(folder, texts), errors)
        folder = replace(folder, codings=codings)
    if folder is None or errors:
        raise FolderErrors(tuple(errors))
    documents = (replace(d, text=_text_of(texts[d.slug])) for d in folder.documents)
    return replace(folder, documents=tuple(documents))


def _read_text(path: Path, name: str, limit: int, at: RowError, errors: list[RowError]) -> str | None:
    """One file as it stands, or None and its fault in ``errors``."""
    content = read_file(path, name, limit, at)
    text = content if isinstance(content, RowError) else decode(name, content)
    if isinstance(text, RowError):
        errors.append(text)
        return None
    return text


def _read_documents(
    path: Path, folder: StudyFolder, lines: TomlLines, errors: list[RowError]
) -> dict[str, ReadDocument | None]:
    texts: dict[str, ReadDocument | None] = {}
    for index, document in enumerate(folder.documents):
        texts[document.slug] = None
        if not document.file:
            continue  # its name has been refused
        at = RowError(STUDY_FILE, lines.line_of("document", index, "file"), "file", "")
        raw = _read_text(path, document.file, DOCUMENT_BYTES, at, errors)
        if raw is not None:
            content = normalise(raw)
            passages = split_passages(content.text)
            read = ReadDocument(content, passages, tuple(passage.start for passage in passages))
            faults = _passage_faults(document.file, read)
            errors += faults
            texts[document.slug] = None if faults else read
    return texts


def _passage_faults(file: str, document: ReadDocument) -> list[RowError]:
    if not document.passages:
        return [RowError(file, 1, "1", _("The document has no words in it."))]
    text = document.content.text
    reason = _("A passage may have at most %(limit)s characters.") % {"limit": f"{FIELD_CHARACTERS:,}"}
    return [
        RowError(file, text.count("\n", 0, passage.start) + 1, "1", reason)
        for passage in document.passages
        if passage.end - passage.start > FIELD_CHARACTERS
    ]


def _declared(folder: StudyFolder, texts: dict[str, ReadDocument | None]) -> Declared:
    return Declared(
        documents=texts,
        topics={topic.slug: bool(topic.parent) for topic in folder.topics},
        stances=frozenset(stance.slug for stance in folder.stances),
        sources=frozenset(source.slug for source in folder.sources),
    )


def _text_of(document: ReadDocument | None) -> str:
    # Without a fault every document has been read.
    return document.content.text if document else ""


def _with_spellings(folder: StudyFolder) -> StudyFolder:
    """The folder with each coder's name in one spelling, the account's where there is one, and in order."""
    spelling = spelling_of(folder.coders)
    documents = (
        replace(d, finished=tuple(sorted(spelling[name.lower()] for name in d.finished)))
        for d in folder.documents
    )
    codings = (replace(c, coder=spelling[c.coder.lower()]) for c in folder.codings)
    return replace(
        folder,
        documents=tuple(documents),
        codings=tuple(sorted(codings, key=lambda coding: coding.key)),
    )
