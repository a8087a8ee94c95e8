"""Annotations: one tag each, and which coder finished which document."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from annotations.enums import Layer, Role
from annotations.models.codebook import Source, Stance, Topic
from annotations.models.documents import Document, Passage
from annotations.models.studies import Study

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from annotations.models.accounts import User

LAYER_CHOICES = [(Layer.CODED.value, _("Coded")), (Layer.CURATED.value, _("Curated"))]

#: What a page needs beside an annotation, in one query and without any document's text.
SHOWN_WITH = ("document", "passage", "topic__parent", "stance", "source", "reported_by", "coder")


class Completion(models.Model):
    """A coder's word that they are done with a document. Reopening keeps the row and sets
    ``reopened_at``: tags changed after that are marked, and stay out of reliability."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="completions")
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="completions")
    finished_at = models.DateTimeField(_("finished"), default=timezone.now)
    reopened_at = models.DateTimeField(_("reopened"), null=True, blank=True)
    was_reopened = models.BooleanField(_("was reopened"), default=False)

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = [
            models.UniqueConstraint(fields=["document", "coder"], name="completion_once_per_coder"),
        ]

    def __str__(self) -> str:
        return f"{self.coder} · {self.document_id}"

    @property
    def is_finished(self) -> bool:
        return self.reopened_at is None


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def active(self) -> AnnotationQuerySet:
        """Annotations that are not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def coded(self) -> AnnotationQuerySet:
        return self.filter(layer=Layer.CODED.value)

    def shown(self) -> AnnotationQuerySet:
        """With all that a page shows of an annotation, in one query; no document's text is read."""
        return self.select_related(*SHOWN_WITH).defer("document__text", "passage__text", "passage__folded")

    def in_text_order(self) -> AnnotationQuerySet:
        return self.order_by("document__position", "start", "end", "id")

    def visible_to(self, user: User | AnonymousUser, study: Study, role: Role | None) -> AnnotationQuerySet:
        """The study's annotations that a person of this role may see.

        Readers and the public see the curated layer. Coders see every layer; where coding is blind, on a
        document they have not finished they see their own tags only. Curators and owners see all.
        """
        mine = self.filter(study=study)
        if role is None or role is Role.READER or not user.is_authenticated:
            return mine.filter(layer=Layer.CURATED.value)
        if role.includes(Role.CURATOR) or not study.is_blind:
            return mine
        finished = Completion.objects.filter(coder=user, reopened_at__isnull=True).values("document")
        own = Q(layer=Layer.CODED.value, coder=user)
        return mine.filter(own | Q(document__in=finished))


#: What no line of the history is looked up by: a tag has many lines, and each index costs each of them.
NOT_LOOKED_UP = [
    "public_id",
    "document",
    "passage",
    "topic",
    "stance",
    "source",
    "reported_by",
    "coder",
    "merged_into",
    "decision",
]


class Annotation(models.Model):
    """One tag: the quote ``start``–``end`` (code points of the document's text, half-open) in a passage,
    on a topic, with a stance, held by a source, reported by a messenger or by nobody, in one layer."""

    public_id = models.UUIDField(_("id"), default=uuid.uuid4, unique=True, editable=False)
    # Study, document and coder begin an index below: one of their own would be written for nothing.
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="annotations", db_index=False)
    document = models.ForeignKey(
        Document, on_delete=models.RESTRICT, related_name="annotations", db_index=False
    )
    passage = models.ForeignKey(Passage, on_delete=models.RESTRICT, related_name="annotations")
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    quote = models.TextField(_("quote"))
    topic = models.ForeignKey(
        Topic, on_delete=models.RESTRICT, related_name="annotations", verbose_name=_("topic")
    )
    stance = models.ForeignKey(
        Stance, on_delete=models.RESTRICT, related_name="annotations", verbose_name=_("stance")
    )
    source = models.ForeignKey(
        Source, on_delete=models.RESTRICT, related_name="annotations", verbose_name=_("source")
    )
    reported_by = models.ForeignKey(
        Source,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="reported_annotations",
        verbose_name=_("reported by"),
    )
    coder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="annotations",
        verbose_name=_("coder"),
        db_index=False,
    )
    layer = models.CharField(_("layer"), max_length=7, choices=LAYER_CHOICES, default=Layer.CODED.value)
    uncertain = models.BooleanField(_("uncertain"), default=False)
    note = models.TextField(_("note"), blank=True, max_length=10_000)
    # Not auto_now: an import keeps the times of the rows it brings.
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now)
    version = models.PositiveIntegerField(_("version"), default=1)
    changed_after_reopening = models.BooleanField(_("changed after reopening"), default=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged", editable=False
    )
    form_token = models.UUIDField(null=True, blank=True, editable=False)
    # Under which words it was made, or last looked at by its coder.
    statement_version = models.PositiveIntegerField(_("version of the statement"), default=1, editable=False)
    guidelines_version = models.PositiveIntegerField(
        _("version of the guidelines"), default=1, editable=False
    )
    # A curated tag's decision; none where it was imported.
    decision = models.ForeignKey(
        "annotations.Decision",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="settled",
        editable=False,
    )

    # Its lines are looked up by annotation and by study alone.
    history = HistoricalRecords(excluded_fields=["form_token"], no_db_index=NOT_LOOKED_UP)
    objects = AnnotationQuerySet.as_manager()

    class Meta:
        verbose_name = _("annotation")
        verbose_name_plural = _("annotations")
        indexes = [
            # The workbench: one coder's tags of a document, in the order of the text.
            models.Index(fields=["document", "layer", "coder", "start"], name="annotation_workbench"),
            # The comparison, the annotations list and its CSV: one study's layer.
            models.Index(fields=["study", "layer", "document", "start"], name="annotation_comparison"),
            # The comparison's tallies, and the passages of each topic, in the order they are grouped in.
            # Of active tags only: PostgreSQL takes no order from an index after a column that is null.
            models.Index(
                fields=[
                    "study",
                    "layer",
                    "document",
                    "coder",
                    "topic",
                    "stance",
                    "source",
                    "reported_by",
                ],
                condition=Q(withdrawn_at__isnull=True),
                name="annotation_tallies",
            ),
            models.Index(
                fields=[
                    "study",
                    "layer",
                    "document",
                    "topic",
                    "passage",
                    "coder",
                    "source",
                    "changed_after_reopening",
                ],
                condition=Q(withdrawn_at__isnull=True),
                name="annotation_passages",
            ),
            # The workbench's type-ahead: the sources that a coder used last.
            models.Index(fields=["study", "coder", "-id"], name="annotation_recent"),
            # The annotations list, newest change first, and "changed since".
            models.Index(fields=["study", "updated_at"], name="annotation_changed"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="annotation_end_after_start"),
            models.CheckConstraint(
                condition=Q(end=F("start") + Length("quote")), name="annotation_end_is_start_plus_length"
            ),
            models.CheckConstraint(
                condition=Q(reported_by__isnull=True) | ~Q(reported_by=F("source")),
                name="annotation_reported_by_is_not_source",
            ),
            models.CheckConstraint(
                condition=Q(layer__in=[layer.value for layer in Layer]), name="annotation_layer_known"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="annotation_version_from_one"),
            models.UniqueConstraint(
                "coder",
                "passage",
                "start",
                "end",
                "topic",
                "source",
                Coalesce("reported_by", Value(0)),
                condition=Q(layer=Layer.CODED.value, withdrawn_at__isnull=True),
                name="annotation_coded_unique",
            ),
            models.UniqueConstraint(
                "passage",
                "start",
                "end",
                "topic",
                "source",
                Coalesce("reported_by", Value(0)),
                condition=Q(layer=Layer.CURATED.value, withdrawn_at__isnull=True),
                name="annotation_curated_unique",
            ),
            models.UniqueConstraint(
                fields=["coder", "form_token"], name="annotation_form_token_unique_per_coder"
            ),
        ]

    def __str__(self) -> str:
        return self.quote if len(self.quote) <= 60 else f"{self.quote[:59]}…"
