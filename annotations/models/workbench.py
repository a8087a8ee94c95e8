"""What surrounds a coder's tags: who is to code what, how far they are, what can be undone, and talk."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.enums import Act, Role
from annotations.models.coding import Annotation, Completion
from annotations.models.documents import Document, Passage
from annotations.models.studies import Study

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from annotations.models.accounts import User


class Assignment(models.Model):
    """An owner's word that a coder is to code a document. It guides, and locks nobody out: a coder
    without any assignment in a study is to code all of its documents."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="assignments")
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments")
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("assigned"), default=timezone.now)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(fields=["document", "coder"], name="assignment_once_per_coder"),
        ]

    def __str__(self) -> str:
        return f"{self.coder} · {self.document_id}"


class PassageVisit(models.Model):
    """A coder has had a passage before them; ``nothing_here_at`` is set where they found nothing to tag."""

    # Passage and document begin an index below: one of their own would be written for nothing.
    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="visits", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="visits", db_index=False)
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visits")
    visited_at = models.DateTimeField(_("visited"), default=timezone.now)
    nothing_here_at = models.DateTimeField(_("nothing here"), null=True, blank=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [
            models.UniqueConstraint(fields=["passage", "coder"], name="visit_once_per_coder"),
        ]
        indexes = [
            # The workbench's progress: one coder's visits of a document.
            models.Index(fields=["document", "coder"], name="visit_progress"),
        ]

    def __str__(self) -> str:
        return f"{self.coder} · {self.passage_id}"


class CodingAct(models.Model):
    """One step of a coder on a document that can be undone, and redone.

    ``before`` is the version of the tag that an undo brings back (none for a tag just made), ``after`` the
    one that a redo brings back; both are found in the history. ``top`` is the version of the tag on which
    the next undo or redo of this act rests: where the tag has another by then, somebody else changed it.
    """

    # The document begins the index below.
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="acts", db_index=False)
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="acts")
    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="acts")
    kind = models.CharField(_("kind"), max_length=8, choices=[(act.value, act.value) for act in Act])
    before = models.PositiveIntegerField(null=True, blank=True)
    after = models.PositiveIntegerField()
    top = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        indexes = [
            # Undo and redo in the workbench: the latest step of a coder on a document.
            models.Index(fields=["document", "coder", "-id"], name="act_latest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[act.value for act in Act]), name="act_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.annotation_id}"


class CommentQuerySet(models.QuerySet["Comment"]):
    def active(self) -> CommentQuerySet:
        """Comments that their authors have not taken back."""
        return self.filter(withdrawn_at__isnull=True)

    def visible_to(self, user: User | AnonymousUser, study: Study, role: Role | None) -> CommentQuerySet:
        """The study's comments that a person of this role may see.

        Readers and the public see none. Coders see all; where coding is blind, on a document they have not
        finished they see their own only. Curators and owners see all.
        """
        mine = self.filter(document__study=study)
        if role is None or not role.includes(Role.CODER) or not user.is_authenticated:
            return mine.none()
        if role.includes(Role.CURATOR) or not study.is_blind:
            return mine
        finished = Completion.objects.filter(coder=user, reopened_at__isnull=True).values("document")
        return mine.filter(Q(author=user) | Q(document__in=finished))


class Comment(models.Model):
    """A remark in the thread of a passage or, where ``annotation`` is set, of one of its tags."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="comments")
    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="comments")
    annotation = models.ForeignKey(
        Annotation, on_delete=models.CASCADE, null=True, blank=True, related_name="comments"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(_("text"), max_length=10_000)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    form_token = models.UUIDField(null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [
            # The threads of a passage in the workbench, oldest first.
            models.Index(fields=["passage", "id"], name="comment_thread"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "form_token"], name="comment_form_token_unique_per_author"
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else f"{self.text[:59]}…"
