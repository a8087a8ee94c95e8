"""A checked study folder into the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from annotations.enums import Role
from annotations.importing.rows import StudyRefusedError
from annotations.importing.segments import passage_index, split_passages
from annotations.models import (
    Annotation,
    Completion,
    Document,
    Membership,
    Passage,
    Source,
    Stance,
    Study,
    Topic,
    User,
)
from annotations.services.revision import count_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model

    from annotations.study_folder.values import DocumentRow, StudyFolder, StudyRow

ROWS_A_QUERY = 1000
T = TypeVar("T", bound="Model")


def write_study(folder: StudyFolder) -> Study:
    """Create the study with all that the folder says: documents and passages, the codebook, the coders'
    accounts (without a password) and memberships, who finished what, and the tags. All or nothing.

    An account whose name differs in case only is used as it is. Every entry and tag begins a history, the
    tags in their coders' names. Raises ``StudyRefusedError`` where the database refuses.
    """
    try:
        with transaction.atomic():
            return _write(folder)
    except DatabaseError as error:
        # Somebody may have made the same study or account between our look and our writing.
        reason = str(error).split("\n")[0]
        raise StudyRefusedError(
            _("The database refused the study, and nothing was written: %(reason)s") % {"reason": reason}
        ) from error


@dataclass(frozen=True, slots=True)
class _Written:
    """A stored document and its passages, in order."""

    document: Document
    passages: list[Passage]
    starts: list[int]

    def passage_at(self, position: int) -> Passage:
        return self.passages[passage_index(self.starts, position)]


def _write(folder: StudyFolder) -> Study:
    study = _write_settings(folder.study)
    coders = _write_coders(study, folder.coders)
    documents = {
        row.slug: _write_document(study, position, row, coders)
        for position, row in enumerate(folder.documents)
    }
    stances = _write_stances(study, folder)
    topics = _write_topics(study, folder)
    sources = _write_sources(study, folder)
    annotations = [
        Annotation(
            study=study,
            document=documents[row.document].document,
            passage=documents[row.document].passage_at(row.start),
            start=row.start,
            end=row.end,
            quote=row.quote,
            topic=topics[row.topic],
            stance=stances[row.stance],
            source=sources[row.source],
            reported_by=sources.get(row.reported_by),
            coder=coders[row.coder],
            note=row.note,
            uncertain=row.uncertain,
        )
        for row in folder.codings
    ]
    for annotation in annotations:
        annotation._history_user = annotation.coder  # type: ignore[attr-defined]
    _create_with_history(Annotation, annotations)
    count_change(study.pk)
    return study


def _write_settings(row: StudyRow) -> Study:
    return Study.objects.create(
        slug=row.slug,
        title=row.title,
        event_date=row.event_date,
        question=row.question,
        guidelines=row.guidelines,
        agree_max=row.agree_max,
        diverge_above=row.diverge_above,
        is_blind=row.is_blind,
        is_public=row.is_public,
    )


def _write_coders(study: Study, names: Sequence[str]) -> dict[str, User]:
    coders = {user.username: user for user in User.objects.filter(username__in=names)}
    for name in names:
        if name not in coders:
            coders[name] = User.objects.create_user(name)
        Membership.objects.create(study=study, user=coders[name], role=Role.CODER.value)
    return coders


def _write_document(study: Study, position: int, row: DocumentRow, coders: dict[str, User]) -> _Written:
    document = Document.objects.create(
        study=study,
        position=position,
        slug=row.slug,
        file=row.file,
        title=row.title,
        publisher=row.publisher,
        country=row.country,
        language=row.language,
        published=row.published,
        text=row.text,
        characters=len(row.text),
    )
    passages = [
        Passage(document=document, number=s.number, kind=s.kind.value, start=s.start, end=s.end, text=s.text)
        for s in split_passages(row.text)
    ]
    Passage.objects.bulk_create(passages, batch_size=ROWS_A_QUERY)
    Completion.objects.bulk_create(
        [Completion(document=document, coder=coders[name]) for name in row.finished]
    )
    return _Written(document, passages, [passage.start for passage in passages])


def _write_stances(study: Study, folder: StudyFolder) -> dict[str, Stance]:
    stances = [
        Stance(
            study=study,
            position=i,
            slug=s.slug,
            label=s.label,
            value=s.value,
            key=s.key,
            color=s.color,
            is_retired=s.is_retired,
        )
        for i, s in enumerate(folder.stances)
    ]
    _create_with_history(Stance, stances)
    return {stance.slug: stance for stance in stances}


def _write_topics(study: Study, folder: StudyFolder) -> dict[str, Topic]:
    topics = {
        row.slug: Topic(
            study=study,
            position=i,
            slug=row.slug,
            label=row.label,
            statement=row.statement,
            is_retired=row.is_retired,
        )
        for i, row in enumerate(folder.topics)
    }
    # Parents first: a child points at a stored row.
    _create_with_history(Topic, [topics[row.slug] for row in folder.topics if not row.parent])
    for row in folder.topics:
        topics[row.slug].parent = topics.get(row.parent)
    _create_with_history(Topic, [topics[row.slug] for row in folder.topics if row.parent])
    return topics


def _write_sources(study: Study, folder: StudyFolder) -> dict[str, Source]:
    sources = {
        row.slug: Source(
            study=study,
            position=i,
            slug=row.slug,
            label=row.label,
            side=row.side,
            is_retired=row.is_retired,
        )
        for i, row in enumerate(folder.sources)
    }
    # Bodies first: who speaks for one points at a stored row.
    _create_with_history(Source, [sources[row.slug] for row in folder.sources if not row.speaks_for])
    for row in folder.sources:
        sources[row.slug].speaks_for = sources.get(row.speaks_for)
    _create_with_history(Source, [sources[row.slug] for row in folder.sources if row.speaks_for])
    return sources


def _create_with_history(model: type[T], rows: list[T]) -> None:
    """Store the rows, which gives them their ids, and the first line of each one's history."""
    if rows:
        bulk_create_with_history(rows, model, batch_size=ROWS_A_QUERY)
