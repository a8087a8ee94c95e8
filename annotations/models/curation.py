"""What a curator settled, and what was done to the codebook as a whole."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.enums import CodebookChange, Outcome, Reason, Situation
from annotations.models.coding import Annotation
from annotations.models.documents import Document, Passage
from annotations.models.studies import Study

OUTCOME_CHOICES = [
    (Outcome.ACCEPTED.value, _("accepted")),
    (Outcome.CHANGED.value, _("accepted with changes")),
    (Outcome.NOTHING.value, _("nothing here")),
]
REASON_CHOICES = [
    (Reason.NONE.value, _("no reason given")),
    (Reason.SLIP.value, _("slip")),
    (Reason.JUDGEMENT.value, _("judgement")),
    (Reason.GAP.value, _("gap in the guidelines")),
]
SITUATION_CHOICES = [
    (Situation.UNANIMOUS.value, _("unanimous")),
    (Situation.STANCE.value, _("conflict over stance")),
    (Situation.MESSENGER.value, _("conflict over messenger")),
    (Situation.SOURCE.value, _("conflict over source")),
    (Situation.SOME.value, _("found by some only")),
]


class DecisionQuerySet(models.QuerySet["Decision"]):
    def active(self) -> DecisionQuerySet:
        """Decisions that hold: neither undone nor replaced by a later one."""
        return self.filter(undone_at__isnull=True)


class Decision(models.Model):
    """What a curator decided about one item of the queue: the claims on one topic in one passage.

    The tags it was about are its ``decided_tags``, at the versions seen; the curated tags that came of it
    are ``settled``. A decision is never overwritten: a later one sets its ``undone_at``.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="decisions")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="decisions")
    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="decisions")
    situation = models.CharField(_("situation"), max_length=10, choices=SITUATION_CHOICES)
    outcome = models.CharField(_("outcome"), max_length=8, choices=OUTCOME_CHOICES)
    reason = models.CharField(_("reason"), max_length=9, choices=REASON_CHOICES, blank=True)
    remark = models.TextField(_("remark"), blank=True, max_length=10_000)
    curator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    # One number for all that "accept all unanimous" settled at once, so that it is undone at once.
    batch = models.UUIDField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("decided"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            # The queue and the coders' page: a document's decisions, newest first.
            models.Index(fields=["document", "-created_at"], name="decision_queue"),
            # Undoing a batch.
            models.Index(fields=["batch"], name="decision_batch", condition=Q(batch__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[word.value for word in Outcome]), name="decision_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(situation__in=[word.value for word in Situation]), name="decision_situation_known"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[word.value for word in Reason]), name="decision_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.ACCEPTED.value, situation=Situation.UNANIMOUS.value)
                | ~Q(reason=Reason.NONE.value),
                name="decision_has_a_reason",
                violation_error_message=_("Say why: a slip, a judgement, or a gap in the guidelines."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} · ¶ {self.passage_id}"


class DecidedTag(models.Model):
    """One coder's tag that a decision was about, at the version that the curator saw."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="decided_tags")
    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="decided_in")
    version = models.PositiveIntegerField(_("version"))

    class Meta:
        verbose_name = _("decided tag")
        verbose_name_plural = _("decided tags")
        constraints = [
            models.UniqueConstraint(fields=["decision", "annotation"], name="decided_tag_once_per_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} · {self.annotation_id}"


class CodebookAct(models.Model):
    """One merge, split or retirement in a codebook, with what undoing it as one step needs (``undo``)."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="codebook_acts")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="codebook_acts"
    )
    kind = models.CharField(
        _("kind"), max_length=8, choices=[(word.value, word.value) for word in CodebookChange]
    )
    what = models.CharField(_("what"), max_length=10)
    summary = models.CharField(_("summary"), max_length=500)
    undo = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("done"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("codebook change")
        verbose_name_plural = _("codebook changes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[word.value for word in CodebookChange]), name="codebook_act_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.summary
