"""A study's codebook: topics, stances and sources, in the order the study declares them."""

from __future__ import annotations

import re

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from annotations.enums import AUTHOR
from annotations.models.studies import Study, slug_field

validate_color = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", _("Write a colour as #rrggbb."), code="invalid_color")


class CodebookState(models.Model):
    """Which state a study's codebook is in: a word drawn at random, by triggers, whenever one of its entries
    is added, changed or removed. No two states ever have the same: what was read in one can be kept."""

    study = models.OneToOneField(
        Study, on_delete=models.CASCADE, primary_key=True, related_name="codebook_state"
    )
    token = models.CharField(max_length=36)

    def __str__(self) -> str:
        return self.token


class TopicQuerySet(models.QuerySet["Topic"]):
    def taggable(self) -> TopicQuerySet:
        """Topics with a statement, in codebook order: the ones that tags are made on."""
        return self.exclude(statement="").select_related("parent").order_by("position")

    def in_order(self) -> TopicQuerySet:
        """All topics in codebook order, with their parents."""
        return self.select_related("parent").order_by("position")


class Topic(models.Model):
    """What is at issue. A child has a ``statement`` that stances are taken towards; a parent groups."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="topics")
    parent = models.ForeignKey(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    position = models.PositiveIntegerField(_("position"))
    slug = slug_field()
    label = models.CharField(_("label"), max_length=200)
    statement = models.TextField(_("statement"), blank=True, max_length=1000)
    # Goes up with each change of the statement: an annotation keeps the one it was made under.
    statement_version = models.PositiveIntegerField(_("version of the statement"), default=1, editable=False)
    is_retired = models.BooleanField(
        _("retired"), default=False, help_text=_("Keeps its annotations, and takes no new ones.")
    )

    history = HistoricalRecords()
    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["study_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "slug"], name="topic_slug_unique_in_study"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(statement=""),
                name="topic_with_parent_has_statement",
                violation_error_message=_("A topic with a parent needs a statement."),
            ),
            models.CheckConstraint(
                condition=~Q(parent=models.F("id")),
                name="topic_not_its_own_parent",
                violation_error_message=_("A topic cannot be its own parent."),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Stance(models.Model):
    """A position towards a topic's statement. ``value`` lies on the study's scale, −1 … 1;
    a stance without a value says "raised, no position taken"."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="stances")
    position = models.PositiveIntegerField(_("position"))
    slug = slug_field()
    label = models.CharField(_("label"), max_length=100)
    value = models.FloatField(
        _("value"), null=True, blank=True, validators=[MinValueValidator(-1.0), MaxValueValidator(1.0)]
    )
    key = models.CharField(_("key"), max_length=1, blank=True)
    color = models.CharField(_("colour"), max_length=7, blank=True, validators=[validate_color])
    is_retired = models.BooleanField(
        _("retired"), default=False, help_text=_("Keeps its annotations, and takes no new ones.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("stance")
        verbose_name_plural = _("stances")
        ordering = ["study_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "slug"], name="stance_slug_unique_in_study"),
            models.UniqueConstraint(
                fields=["study", "key"], condition=~Q(key=""), name="stance_key_unique_in_study"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | (Q(value__gte=-1) & Q(value__lte=1)),
                name="stance_value_on_scale",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def slot(self) -> str:
        """Which of the four strokes and tiles draws it: by value, never by the codebook's colour alone."""
        if self.value is None:
            return "neutral"
        if self.value == 0:
            return "mixed"
        return "support" if self.value > 0 else "oppose"

    @property
    def has_valid_color(self) -> bool:
        """Whether the colour may go into a stylesheet: ``#rrggbb`` and nothing else."""
        return re.fullmatch(r"#[0-9a-fA-F]{6}", self.color) is not None

    @property
    def sign(self) -> str:
        """The sign in the text and the margin."""
        return {"support": "+", "mixed": "±", "neutral": "○", "oppose": "−"}[self.slot]


class Source(models.Model):
    """Who holds a position. ``side`` is the camp it belongs to; ``speaks_for`` the body it speaks for.
    The source ``author`` is each document's own voice."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveIntegerField(_("position"))
    slug = slug_field()
    label = models.CharField(_("label"), max_length=200)
    side = models.CharField(_("side"), max_length=100)
    speaks_for = models.ForeignKey(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="spokespeople",
        verbose_name=_("speaks for"),
    )
    is_retired = models.BooleanField(
        _("retired"), default=False, help_text=_("Keeps its annotations, and takes no new ones.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["study_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "slug"], name="source_slug_unique_in_study"),
            models.CheckConstraint(
                condition=~Q(speaks_for=models.F("id")), name="source_does_not_speak_for_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_author(self) -> bool:
        """Whether this is the document's own voice."""
        return self.slug == AUTHOR
