"""A codebook's topics, stances and sources as files (CSV, XLSX), both ways.

Rows are keyed by study and slug; a file creates and changes entries and never deletes any. Every row goes
through ``services.codebook``; text goes through the formula guard; one bad row refuses the whole file.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _
from import_export import resources
from import_export.fields import Field
from import_export.widgets import CharWidget, Widget

from annotations.formula_guard import guard, unguard
from annotations.models import Source, Stance, Study, Topic
from annotations.services.codebook import InvalidEntryError, save_source, save_stance, save_topic

if TYPE_CHECKING:
    from tablib import Dataset

    from annotations.models import User


class GuardedText(CharWidget):  # type: ignore[misc]
    """Text that no spreadsheet runs as a formula, and that comes back as it was."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return unguard(str(super().clean(value, row, **kwargs))).strip()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return guard("" if value is None else str(value))


class Number(Widget):  # type: ignore[misc]
    """A number as Python writes it, in every language alike. An empty cell is no number."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> float | None:
        text = str("" if value is None else value).strip()
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]})
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if kwargs.get("force_native_type"):
            return value
        return "" if value is None else str(value)


class WholeNumber(Number):
    """A number without a fraction."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        number = super().clean(value, row, **kwargs)
        if number is not None and not number.is_integer():
            raise ValueError(_("“%(text)s” is not a whole number.") % {"text": number})
        return None if number is None else int(number)


class StudyBySlug(GuardedText):
    """A study that ``user`` curates or owns, by its slug: another's is not even known."""

    def __init__(self, user: User | None) -> None:
        super().__init__()
        self.studies = Study.objects.curated_by(user) if user is not None else Study.objects.none()

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        slug = super().clean(value, row, **kwargs)
        study = self.studies.filter(slug=slug).first()
        if study is None:
            raise ValueError(_("You curate no study “%(slug)s”.") % {"slug": slug[:64]})
        return study

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return super().render(value.slug if value else "", obj, **kwargs)


class EntryBySlug(GuardedText):
    """Another entry of the row's study, by its slug; it may stand further up in the same file."""

    def __init__(self, model: type[Topic] | type[Source]) -> None:
        super().__init__()
        self.model = model

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        slug = super().clean(value, row, **kwargs)
        if not slug:
            return None
        study = unguard(str(row["study"])).strip()
        entry = self.model._default_manager.filter(study__slug=study, slug=slug).first()
        if entry is None:
            raise ValueError(
                _("There is no “%(slug)s” in the study or further up in the file.") % {"slug": slug[:64]}
            )
        return entry

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return super().render(value.slug if value else "", obj, **kwargs)


def _text(name: str) -> Field:
    return Field(name, name, GuardedText())


class CodebookResource(resources.ModelResource):  # type: ignore[misc]
    """What the three kinds share. ``user`` is who imports, and whose name the history gets."""

    study = Field("study", "study", StudyBySlug(None))
    slug = _text("slug")
    position = Field("position", "position", WholeNumber())
    label = _text("label")

    def __init__(self, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user
        self.fields["study"].widget = StudyBySlug(user)
        self.row_by_key: dict[tuple[str, str], int] = {}

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Columns are known, each is there once, and ``study`` and ``slug`` are among them."""
        headers = [str(header or "") for header in dataset.headers or ()]
        for header in headers:
            if header not in self.fields:
                raise ValueError(_("There is no column “%(name)s”.") % {"name": header[:64]})
            if headers.count(header) > 1:
                raise ValueError(_("The column “%(name)s” is there twice.") % {"name": header})

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """No entry twice in one file."""
        key = (str(row["study"]).strip(), str(row["slug"]).strip())
        first = self.row_by_key.setdefault(key, kwargs["row_number"])
        if first != kwargs["row_number"]:
            raise ValueError(_("“%(slug)s” is in row %(row)s already.") % {"slug": key[1][:64], "row": first})

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        """The row, by the service; its refusal names the column."""
        try:
            self.save_entry(instance)
        except InvalidEntryError as refusal:
            column = f"{refusal.field}: " if refusal.field else ""
            raise ValueError(f"{column}{refusal}") from refusal

    def save_entry(self, entry: Any) -> None:
        raise NotImplementedError

    class Meta:
        import_id_fields = ("study", "slug")
        skip_unchanged = True
        report_skipped = True
        use_transactions = True


def _heads_first(rows: QuerySet[Any], head: str) -> QuerySet[Any]:
    """By study, and in it first those that others refer to: so that a file reads from top to bottom."""
    is_below = ExpressionWrapper(Q(**{f"{head}__isnull": False}), output_field=BooleanField())
    return rows.select_related("study", head).order_by("study_id", is_below, "position", "pk")


class TopicResource(CodebookResource):
    parent = Field("parent", "parent", EntryBySlug(Topic))
    statement = _text("statement")

    def filter_export(self, queryset: QuerySet[Topic], **kwargs: Any) -> QuerySet[Topic]:
        return _heads_first(queryset, "parent")

    def save_entry(self, entry: Topic) -> None:
        save_topic(by=_known(self.user), topic=entry)

    class Meta(CodebookResource.Meta):
        model = Topic
        fields = ("study", "slug", "position", "parent", "label", "statement")


class StanceResource(CodebookResource):
    value = Field("value", "value", Number())
    key = _text("key")
    color = _text("color")

    def filter_export(self, queryset: QuerySet[Stance], **kwargs: Any) -> QuerySet[Stance]:
        return queryset.select_related("study").order_by("study_id", "position", "pk")

    def save_entry(self, entry: Stance) -> None:
        save_stance(by=_known(self.user), stance=entry)

    class Meta(CodebookResource.Meta):
        model = Stance
        fields = ("study", "slug", "position", "label", "value", "key", "color")


class SourceResource(CodebookResource):
    side = _text("side")
    speaks_for = Field("speaks_for", "speaks_for", EntryBySlug(Source))

    def filter_export(self, queryset: QuerySet[Source], **kwargs: Any) -> QuerySet[Source]:
        return _heads_first(queryset, "speaks_for")

    def save_entry(self, entry: Source) -> None:
        save_source(by=_known(self.user), source=entry)

    class Meta(CodebookResource.Meta):
        model = Source
        fields = ("study", "slug", "position", "label", "side", "speaks_for")


def refusals(result: Any) -> list[str]:
    """What is wrong with a file, by row; rows count from 1 under the line of the columns' names."""
    found = [(0, str(error.error)) for error in result.base_errors]
    found += [
        (row.number, f"{row.number}: {error.error}") for row in result.error_rows for error in row.errors
    ]
    for row in result.invalid_rows:
        for column, reasons in row.error.message_dict.items():
            found.append((row.number, f"{row.number}: {column}: {' '.join(reasons)}"))
    return [text for _number, text in sorted(found)]


def _known(user: User | None) -> User:
    if user is None:
        raise TypeError("An import needs the person who imports.")
    return user
