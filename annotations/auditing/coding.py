"""Annotations: their words, their place, what they name, and their history."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Max, Min, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from annotations.auditing.violations import BY_SERVER, EDIT, RESTORE, Violation
from annotations.enums import Layer
from annotations.models import Annotation, CodingAct, Completion, Study

#: Rows that are in memory at once.
BATCH = 500
#: What an annotation's history must know.
KNOWN = (
    "version",
    "start",
    "end",
    "quote",
    "topic_id",
    "stance_id",
    "source_id",
    "reported_by_id",
    "layer",
    "coder_id",
    "withdrawn_at",
    "note",
    "uncertain",
)
WITH = ("document", "passage", "topic", "stance", "source", "reported_by")


def _row(annotation: Annotation) -> str:
    return f"annotation {annotation.public_id}"


def check_annotations(study: Study) -> Iterator[Violation]:
    """Each annotation by itself, withdrawn ones too."""
    rows = study.annotations.select_related(*WITH).defer("document__text", "passage__folded")
    for annotation in rows.order_by("pk").iterator(chunk_size=BATCH):
        yield from _words(annotation)
        yield from _place(annotation)
        yield from _entries(annotation)


def _words(annotation: Annotation) -> Iterator[Violation]:
    passage = annotation.passage
    said = passage.text[max(0, annotation.start - passage.start) : max(0, annotation.end - passage.start)]
    if annotation.quote != said:
        wrong = f"its quote is not the text, which says “{said[:80]}”"
        yield Violation("quote-equals-the-text", _row(annotation), wrong, BY_SERVER)
    if annotation.end != annotation.start + len(annotation.quote) or annotation.end <= annotation.start:
        wrong = f"{annotation.start}–{annotation.end} does not fit a quote of {len(annotation.quote)}"
        yield Violation("end-is-start-plus-length", _row(annotation), wrong, BY_SERVER)


def _place(annotation: Annotation) -> Iterator[Violation]:
    passage = annotation.passage
    is_inside = passage.start <= annotation.start and annotation.end <= passage.end
    if passage.document_id != annotation.document_id or not is_inside:
        wrong = f"{annotation.start}–{annotation.end} is not inside passage {passage.number}"
        yield Violation("annotation-lies-inside-its-passage", _row(annotation), wrong, RESTORE)
    if annotation.layer not in [layer.value for layer in Layer]:
        yield Violation("layer-is-known", _row(annotation), f"its layer is {annotation.layer!r}", BY_SERVER)
    if annotation.version < 1:
        yield Violation("version-from-one", _row(annotation), f"version {annotation.version}", BY_SERVER)
    if annotation.merged_into is not None and annotation.merged_into.study_id != annotation.study_id:
        wrong = "it was merged into an annotation of another study"
        yield Violation("merged-within-the-study", _row(annotation), wrong, BY_SERVER)


def _entries(annotation: Annotation) -> Iterator[Violation]:
    for name in ("document", "topic", "stance", "source", "reported_by"):
        entry = getattr(annotation, name)
        if entry is not None and entry.study_id != annotation.study_id:
            wrong = f"its {name.replace('_', ' ')} is of another study"
            yield Violation("annotation-is-of-one-study", _row(annotation), wrong, RESTORE)
    if annotation.reported_by_id is not None and annotation.reported_by_id == annotation.source_id:
        wrong = "its messenger is its source"
        yield Violation("messenger-is-not-the-source", _row(annotation), wrong, "empty “reported by”")
    if not annotation.topic.statement:
        wrong = f"its topic {annotation.topic.slug} has no statement"
        yield Violation("topic-has-a-statement", _row(annotation), wrong, EDIT)
    if annotation.statement_version > annotation.topic.statement_version:
        wrong = f"it was made under version {annotation.statement_version} of a statement that is at "
        wrong += str(annotation.topic.statement_version)
        yield Violation("statement-version-exists", _row(annotation), wrong, BY_SERVER)


def check_no_equal_annotations(study: Study) -> Iterator[Violation]:
    """No two active annotations say the same of the same words: by one coder, or in the curated layer."""
    said = ["passage", "start", "end", "topic", "source", "messenger"]
    for layer, columns in ((Layer.CODED, ["coder", *said]), (Layer.CURATED, said)):
        rows = study.annotations.filter(layer=layer.value, withdrawn_at__isnull=True).order_by()
        rows = rows.annotate(messenger=Coalesce("reported_by", Value(0)))
        doubled = rows.values(*columns).annotate(rows=Count("pk"), first=Min("pk"))
        for group in doubled.filter(rows__gt=1).iterator():
            wrong = f"{group['rows']} active {layer.value} annotations say the same"
            remedy = "withdraw all but one"
            row = _row(study.annotations.get(pk=group["first"]))
            yield Violation("no-equal-annotations", row, wrong, remedy)


def check_history(study: Study) -> Iterator[Violation]:
    """Each annotation's newest line of history has its version and says what it says."""
    newest = Annotation.history.filter(id=OuterRef("pk")).order_by("-history_id")
    lines = {f"line_{name}": Subquery(newest.values(name)[:1]) for name in KNOWN}
    rows = study.annotations.annotate(**lines).values("public_id", *KNOWN, *lines).order_by("pk")
    for row in rows.iterator(chunk_size=BATCH):
        where = f"annotation {row['public_id']}"
        if row["line_version"] is None:
            yield Violation("history-is-complete", where, "it has no history", RESTORE)
            continue
        changed = [name.removesuffix("_id") for name in KNOWN if row[name] != row[f"line_{name}"]]
        if changed:
            wrong = f"its history does not know its {', '.join(changed)}"
            yield Violation("history-is-complete", where, wrong, RESTORE)


def check_versions(study: Study) -> Iterator[Violation]:
    """Versions have no gaps in the history, from the version at which it begins."""
    lines = Annotation.history.filter(study_id=study.pk).order_by().values("id")
    counted = lines.annotate(
        known=Count("version", distinct=True), last=Max("version"), first=Min("version")
    ).filter(known__lt=F("last") - F("first") + 1)
    ids = {line["id"]: line for line in counted.iterator()}
    for pk, public_id in study.annotations.filter(pk__in=ids).values_list("pk", "public_id"):
        line = ids[pk]
        wrong = f"its history has {line['known']} of the versions {line['first']} to {line['last']}"
        yield Violation("versions-have-no-gaps", f"annotation {public_id}", wrong, RESTORE)


def check_steps(study: Study) -> Iterator[Violation]:
    """Each step that can be undone is of its coder's own annotation on its document."""
    rows = CodingAct.objects.filter(document__study=study).select_related("annotation")
    for act in rows.order_by("pk").iterator(chunk_size=BATCH):
        tag = act.annotation
        if tag.coder_id != act.coder_id or tag.document_id != act.document_id:
            wrong = f"it is about annotation {tag.public_id}, which is not its coder's there"
            yield Violation("step-is-of-its-coder", f"step {act.pk}", wrong, "delete the step")


def check_completions(study: Study) -> Iterator[Violation]:
    """A finished document was finished before it was reopened."""
    rows = Completion.objects.filter(document__study=study, reopened_at__lt=F("finished_at"))
    for completion in rows.select_related("document", "coder"):
        row = f"completion of {completion.document.slug} by {completion.coder.get_username()}"
        wrong = "it was reopened before it was finished"
        yield Violation("finished-before-reopened", row, wrong, BY_SERVER)
