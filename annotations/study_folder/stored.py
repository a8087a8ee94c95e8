"""A stored study as its folder would say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotations.models import Annotation, Completion
from annotations.study_folder.text import normal
from annotations.study_folder.values import (
    CodingRow,
    DocumentRow,
    SourceRow,
    StanceRow,
    StudyFolder,
    StudyRow,
    TopicRow,
)

if TYPE_CHECKING:
    from annotations.models import Study


def stored_folder(study: Study) -> StudyFolder:
    """What exporting the study writes: settings, documents, codebook and the active coded tags.

    Texts that people typed are made normal, so that loading what was written gives the same again.
    """
    return StudyFolder(
        study=_study_row(study),
        documents=_documents(study),
        stances=tuple(
            StanceRow(s.slug, normal(s.label), s.value, normal(s.key), s.color, s.is_retired)
            for s in study.stances.order_by("position", "id")
        ),
        topics=tuple(
            TopicRow(
                t.slug, normal(t.label), t.parent.slug if t.parent else "", normal(t.statement), t.is_retired
            )
            for t in study.topics.select_related("parent").order_by("position", "id")
        ),
        sources=tuple(
            SourceRow(
                s.slug,
                normal(s.label),
                normal(s.side),
                s.speaks_for.slug if s.speaks_for else "",
                s.is_retired,
            )
            for s in study.sources.select_related("speaks_for").order_by("position", "id")
        ),
        codings=_codings(study),
    )


def _study_row(study: Study) -> StudyRow:
    return StudyRow(
        slug=study.slug,
        title=normal(study.title),
        event_date=study.event_date,
        question=normal(study.question),
        guidelines=normal(study.guidelines),
        agree_max=study.agree_max,
        diverge_above=study.diverge_above,
        is_blind=study.is_blind,
        is_public=study.is_public,
    )


def _documents(study: Study) -> tuple[DocumentRow, ...]:
    finished: dict[int, list[str]] = {}
    completions = Completion.objects.filter(document__study=study, reopened_at__isnull=True)
    for document, coder in completions.values_list("document_id", "coder__username"):
        finished.setdefault(document, []).append(coder)
    return tuple(
        DocumentRow(
            slug=document.slug,
            file=document.file,
            title=normal(document.title),
            publisher=normal(document.publisher),
            country=document.country,
            language=document.language,
            published=document.published,
            finished=tuple(sorted(finished.get(document.pk, ()))),
            text=document.text,
        )
        for document in study.documents.order_by("position")
    )


def _codings(study: Study) -> tuple[CodingRow, ...]:
    rows = (
        Annotation.objects.filter(study=study)
        .active()
        .coded()
        .values_list(
            "coder__username",
            "document__slug",
            "start",
            "end",
            "quote",
            "topic__slug",
            "stance__slug",
            "source__slug",
            "reported_by__slug",
            "note",
            "uncertain",
        )
    )
    codings = (CodingRow(*row[:8], row[8] or "", normal(row[9]), row[10]) for row in rows.iterator())
    return tuple(sorted(codings, key=lambda coding: coding.key))
