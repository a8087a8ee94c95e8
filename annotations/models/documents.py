"""Documents and their passages. Their text never changes after import: a trigger holds that."""

from __future__ import annotations

import re

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from annotations.enums import PassageKind
from annotations.models.search import FoldedTextField, holding
from annotations.models.studies import Study, slug_field
from annotations.search_text import parse

KIND_CHOICES = [
    (PassageKind.HEADING.value, _("Heading")),
    (PassageKind.PARAGRAPH.value, _("Paragraph")),
    (PassageKind.ITEM.value, _("List item")),
]


class DocumentQuerySet(models.QuerySet["Document"]):
    def without_text(self) -> DocumentQuerySet:
        """All but the text, which is large and which only export and check read."""
        return self.defer("text")


class Document(models.Model):
    """One account of the event. ``text`` is Unicode NFC with LF line ends, without BOM or NUL."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="documents")
    position = models.PositiveIntegerField(_("position"))
    slug = slug_field()
    file = models.CharField(_("file"), max_length=200)
    title = models.CharField(_("title"), max_length=500)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=35, default="en")
    published = models.DateField(_("published"), null=True, blank=True)
    text = models.TextField(_("text"))
    characters = models.PositiveIntegerField(_("characters"), editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["study_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "slug"], name="document_slug_unique_in_study"),
            models.UniqueConstraint(fields=["study", "position"], name="document_position_unique_in_study"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def short_name(self) -> str:
        """What tables call the document: its slug's words, spelt as its publisher or title spells them."""
        words = re.findall(r"\w+", f"{self.title} {self.publisher}")
        spelt = {word.lower(): word for word in words if not word.islower()}
        return " ".join(spelt.get(word, word.capitalize()) for word in self.slug.split("-"))


class PassageQuerySet(models.QuerySet["Passage"]):
    def search(self, text: str) -> PassageQuerySet:
        """The passages that hold every word and "phrase" of the text, and none of its -words.

        The same passages on both databases; their order is left as it is. Raises
        ``annotations.search_text.QueryError`` where the text asks for nothing that can be found.
        """
        return holding(self, parse(text))

    def in_text_order(self) -> PassageQuerySet:
        return self.order_by("document__position", "number")


class PassageManager(models.Manager["Passage"]):
    """Passages without their folded text, which only the databases read."""

    def get_queryset(self) -> PassageQuerySet:
        return PassageQuerySet(self.model, using=self._db).defer("folded")

    def search(self, text: str) -> PassageQuerySet:
        return self.get_queryset().search(text)


class Passage(models.Model):
    """A heading, paragraph or list item: the half-open run ``start``–``end`` of its document's text,
    in Unicode code points. Passages keep their number for good: analysts cite them in print."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="passages")
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=KIND_CHOICES)
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    text = models.TextField(_("text"))
    folded = FoldedTextField(of="text", default="")

    objects = PassageManager()

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ["document_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="passage_number_unique_in_document"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="passage_end_after_start"),
            models.CheckConstraint(
                condition=Q(end=F("start") + Length("text")), name="passage_end_is_start_plus_length"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in PassageKind]), name="passage_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"¶ {self.number}"
