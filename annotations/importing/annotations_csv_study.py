"""The words of a study, looked up for the rows of ``annotations.csv``, and the rules a new row must meet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import TypeVar

from django.utils.translation import gettext as _

from annotations.codebook import Codebook
from annotations.enums import Layer
from annotations.importing.annotations_csv_rows import AnnotationRow
from annotations.importing.rows import RowError
from annotations.models import Annotation, Document, Passage, Source, Stance, Study, Topic, User
from annotations.services.retiring import retired_since

Entry = TypeVar("Entry")

#: What makes two active tags one: layer, coder (none in ``curated``), document, start, end, topic, source,
#: messenger (0 for none); as the database's own constraints have it.
Key = tuple[str, int, int, int, int, int, int, int]


def key_of(tag: Annotation) -> Key:
    """The key of a tag. One curated tag is enough, whoever settled it: there the coder is left out."""
    coder = tag.coder_id if tag.layer == Layer.CODED.value else 0
    place = (tag.document_id, tag.start, tag.end)
    return (tag.layer, coder, *place, tag.topic_id, tag.source_id, tag.reported_by_id or 0)


class StudyWords:
    """A study's documents, codebook and members by the names that a file calls them."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.codebook = Codebook.of(study)
        self.retired = retired_since(study)
        self.groups = {topic.slug for topic in study.topics.filter(statement="")}
        self.documents = {document.slug: document for document in study.documents.without_text()}
        members = User.objects.filter(memberships__study=study)
        self.members = {user.username.casefold(): user for user in members}
        self._passages: dict[int, list[Passage]] = {}

    def load_passages(self, documents: Iterable[str]) -> None:
        """Read the passages of these documents (slugs), in the order of the text."""
        wanted = [self.documents[slug] for slug in documents if slug in self.documents]
        for document in wanted:
            self._passages[document.pk] = list(document.passages.order_by("start"))

    def annotation_of(self, file: str, row: AnnotationRow, errors: list[RowError]) -> Annotation | None:
        """The annotation that a row makes, not yet stored; else None, and why in ``errors``."""
        reasons: list[tuple[str, str]] = []
        document = _entry("document", self.documents, row.document, reasons)
        topic = _entry("topic", self.codebook.topics, row.topic, reasons, self.groups)
        stance = _entry("stance", self.codebook.stances, row.stance, reasons)
        source = _entry("source", self.codebook.sources, row.source, reasons)
        reported_by = None
        if row.reported_by:
            reported_by = _entry("reported_by", self.codebook.sources, row.reported_by, reasons)
            if reported_by is not None and reported_by == source:
                reasons.append(
                    ("reported_by", _("The messenger is the source itself: leave the cell empty."))
                )
        named = {"topic": topic, "stance": stance, "source": source, "reported_by": reported_by}
        reasons += self._out_of_use(row, {column: entry for column, entry in named.items() if entry})
        coder = self.members.get(row.coder.casefold())
        if coder is None:
            reasons.append(("coder", _("“%(name)s” is no member of the study.") % {"name": row.coder[:150]}))
        passage = self._passage_of(document, row, reasons) if document is not None else None
        errors += [RowError(file, row.line, column, reason) for column, reason in reasons]
        if reasons or not (document and passage and topic and stance and source and coder):
            return None
        return Annotation(
            public_id=row.public_id,
            study=self.study,
            document=document,
            passage=passage,
            start=row.start,
            end=row.end,
            quote=row.quote,
            topic=topic,
            stance=stance,
            source=source,
            reported_by=reported_by,
            coder=coder,
            layer=row.layer.value,
            uncertain=row.uncertain,
            note=row.note,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )

    def _out_of_use(
        self, row: AnnotationRow, named: Mapping[str, Topic | Stance | Source]
    ) -> Iterable[tuple[str, str]]:
        """A retired entry keeps what was tagged with it before, and takes nothing that was made since."""
        for column, entry in named.items():
            if entry in self.retired and row.created_at > self.retired[entry]:
                reason = _("“%(slug)s” is retired, and takes no annotation that was made since.")
                yield column, reason % {"slug": entry.slug}

    def _passage_of(
        self, document: Document, row: AnnotationRow, reasons: list[tuple[str, str]]
    ) -> Passage | None:
        """The passage that holds the row's position, where the words there are the row's quote."""
        passages = self._passages[document.pk]
        number = bisect_right(passages, row.start, key=lambda passage: passage.start) - 1
        passage = passages[number] if number >= 0 else None
        if passage is None or not row.start < row.end <= passage.end:
            reasons.append(("start", _("The position must lie inside one passage.")))
            return None
        words = passage.text[row.start - passage.start : row.end - passage.start]
        if words != row.quote:
            reasons.append(("quote", _("The text has “%(words)s” there.") % {"words": _short(words)}))
        elif not words.strip():
            reasons.append(("quote", _("The quote has no words in it.")))
        return passage


def _entry(
    column: str,
    entries: Mapping[str, Entry],
    slug: str,
    reasons: list[tuple[str, str]],
    groups: Iterable[str] = (),
) -> Entry | None:
    """The entry of this slug, or None and a reason."""
    if slug in entries:
        return entries[slug]
    if slug in groups:
        reasons.append((column, _("“%(slug)s” only groups other topics: name one of them.") % {"slug": slug}))
    else:
        reasons.append((column, _("The study has no “%(slug)s”.") % {"slug": slug[:64]}))
    return None


def _short(words: str) -> str:
    return words if len(words) <= 80 else f"{words[:79]}…"
