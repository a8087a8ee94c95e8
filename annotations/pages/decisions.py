"""What was decided about one coder's tags, and why: what the coder reads, document by document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.http import Http404
from django.urls import reverse

from annotations.access import Visit
from annotations.enums import Layer, Outcome, Reason
from annotations.models import Annotation, Completion, DecidedTag, Decision, Document, User

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

ROWS_A_PAGE = 50
LETTERS = "ab"
#: The reasons that can be asked for.
REASONS = tuple(reason for reason in Reason if reason is not Reason.NONE)


@dataclass(frozen=True, slots=True)
class DecidedShown:
    """One tag of the coder's and the decision on it. ``fate``: ``kept`` as it was, ``changed`` or
    ``dropped``; ``settled``: what stands instead; ``is_other_since``: the coder has changed it since."""

    tag: Annotation
    decision: Decision
    settled: tuple[Annotation, ...]
    fate: str
    is_other_since: bool


@dataclass(frozen=True, slots=True)
class DocumentDecided:
    """A document with the coder's tags on it that were decided; ``is_open`` once the rules of blind coding
    let the visitor see it."""

    document: Document
    letter: str
    is_open: bool
    rows: tuple[DecidedShown, ...]


@dataclass(frozen=True, slots=True)
class DecisionList:
    """The page. ``coders``: whose pages a curator may look at; empty for a coder."""

    coder: User
    is_mine: bool
    documents: tuple[DocumentDecided, ...]
    choices: tuple[Document, ...]
    coders: tuple[str, ...]
    document: str
    reason: str
    pages: Page[DecidedTag]
    address: str

    @property
    def found(self) -> int:
        return self.pages.paginator.count

    @property
    def page_before(self) -> str:
        return self._turned(self.pages.number - 1) if self.pages.has_previous() else ""

    @property
    def page_after(self) -> str:
        return self._turned(self.pages.number + 1) if self.pages.has_next() else ""

    def _turned(self, page: int) -> str:
        return f"{self.address}&page={page}"


def load_decisions(visit: Visit, query: QueryDict) -> DecisionList:
    """The page in a fixed number of queries.

    Raises ``PermissionDenied`` where a coder asks for another's page, ``Http404`` for a coder or document
    that is not there, ``BadRequest`` for an unknown reason.
    """
    documents = list(visit.study.documents.without_text().order_by("position"))
    coder = _coder(visit, query.get("coder", ""))
    open_to_me = _open(visit, documents)
    slug, reason = _document(documents, query.get("document", "")), _reason(query.get("reason", ""))
    wanted = [d for d in documents if d.pk in open_to_me and slug in ("", d.slug)]
    rows = _decided(coder, wanted, reason)
    page = query.get("page", "")
    pages = Paginator(rows, ROWS_A_PAGE).get_page(page if page.isdecimal() and len(page) < 6 else 1)
    asked = {"coder": coder.get_username(), "document": slug, "reason": reason}
    return DecisionList(
        coder=coder,
        is_mine=coder.pk == visit.member.pk,
        documents=_by_document(documents, open_to_me, slug, [_shown(row) for row in pages]),
        choices=tuple(documents),
        coders=_coders(visit) if visit.may_curate else (),
        document=slug,
        reason=reason,
        pages=pages,
        address=f"{reverse('decision-list', args=[visit.study.slug])}?"
        + urlencode({name: word for name, word in asked.items() if word}),
    )


def _coder(visit: Visit, name: str) -> User:
    me = visit.member
    if not name or name.lower() == me.get_username().lower():
        return me
    if not visit.may_curate:
        raise PermissionDenied
    known = Annotation.objects.filter(study=visit.study, layer=Layer.CODED.value).values("coder")
    coder = User.objects.filter(pk__in=known, username__iexact=name).first()
    if coder is None:
        raise Http404("No such coder.")
    return coder


def _coders(visit: Visit) -> tuple[str, ...]:
    decided = DecidedTag.objects.filter(decision__study=visit.study, decision__undone_at__isnull=True)
    names = User.objects.filter(pk__in=decided.values("annotation__coder")).values_list("username", flat=True)
    return tuple(sorted(names))


def _open(visit: Visit, documents: Sequence[Document]) -> set[int]:
    """The documents on which the visitor may see others' work, by id."""
    if visit.may_curate or not visit.study.is_blind:
        return {document.pk for document in documents}
    mine = Completion.objects.filter(
        document__in=documents, coder=visit.member, reopened_at__isnull=True
    ).values_list("document_id", flat=True)
    return set(mine)


def _document(documents: Sequence[Document], slug: str) -> str:
    if slug and slug not in {document.slug for document in documents}:
        raise Http404("No such document.")
    return slug


def _reason(word: str) -> str:
    if word and word not in {reason.value for reason in REASONS}:
        raise BadRequest("reason: no such choice.")
    return word


def _decided(coder: User, documents: Sequence[Document], reason: str) -> QuerySet[DecidedTag]:
    """The coder's tags that decisions on these documents are about, in the order of the text."""
    settled = Annotation.objects.active().filter(layer=Layer.CURATED.value)
    rows = (
        DecidedTag.objects.filter(
            annotation__coder=coder,
            annotation__layer=Layer.CODED.value,
            decision__document__in=documents,
            decision__undone_at__isnull=True,
        )
        .select_related(
            "decision__curator",
            "annotation__document",
            "annotation__passage",
            "annotation__topic",
            "annotation__stance",
            "annotation__source",
            "annotation__reported_by",
        )
        .defer("annotation__document__text", "annotation__passage__text", "annotation__passage__folded")
        .prefetch_related(
            Prefetch(
                "decision__settled",
                settled.select_related("topic", "stance", "source", "reported_by").order_by("start", "pk"),
                to_attr="settled_tags",
            )
        )
    )
    rows = rows.order_by("annotation__document__position", "annotation__start", "annotation__end", "pk")
    return rows.filter(decision__reason=reason) if reason else rows


def _shown(row: DecidedTag) -> DecidedShown:
    settled: list[Annotation] = row.decision.settled_tags  # type: ignore[attr-defined]
    return DecidedShown(
        tag=row.annotation,
        decision=row.decision,
        settled=tuple(settled),
        fate=fate_of(row.annotation, row.decision, settled),
        is_other_since=row.annotation.version != row.version,
    )


def fate_of(tag: Annotation, decision: Decision, settled: Sequence[Annotation]) -> str:
    """What became of a tag: ``kept`` where a settled one says all that it says, ``changed`` where one has
    its topic and source, else ``dropped``."""
    if decision.outcome == Outcome.NOTHING.value:
        return "dropped"
    alike = [one for one in settled if (one.topic_id, one.source_id) == (tag.topic_id, tag.source_id)]
    says = ("start", "end", "stance_id", "reported_by_id")
    if any(all(getattr(one, name) == getattr(tag, name) for name in says) for one in alike):
        return "kept"
    return "changed" if alike else "dropped"


def _by_document(
    documents: Sequence[Document], open_to_me: set[int], slug: str, rows: Sequence[DecidedShown]
) -> tuple[DocumentDecided, ...]:
    return tuple(
        DocumentDecided(
            document=document,
            letter=LETTERS[n] if n < len(LETTERS) else "",
            is_open=document.pk in open_to_me,
            rows=tuple(row for row in rows if row.tag.document_id == document.pk),
        )
        for n, document in enumerate(documents)
        if slug in ("", document.slug)
    )
