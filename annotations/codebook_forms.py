"""What curators type about the codebook, checked: entries, guidelines, merges and splits.

A form shows what the service would refuse beside its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.errors import SummitError
from annotations.models import Source, Stance, Study, Topic
from annotations.services.act_records import AnyEntry
from annotations.services.codebook import InvalidEntryError, check_entry, last_line
from annotations.services.guidelines import checked_guidelines
from annotations.services.merge_plan import MergePreview, StanceConflict

if TYPE_CHECKING:
    EntryFormBase = forms.ModelForm[Any]
else:
    EntryFormBase = forms.ModelForm

KEEPS_MEANING = gettext_lazy("Only the wording changes, not the meaning")
KEEPS_MEANING_HELP = gettext_lazy(
    "For a slip of the pen. Otherwise this is a new version: annotations made until now are marked, and "
    "their coders look at them again."
)


class EntryForm(EntryFormBase):
    """A topic, stance or source. Its instance has its study, and is not stored by the form."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            check_entry(entry=self.instance)
        except InvalidEntryError as refusal:
            self.refuse(refusal)

    def refuse(self, refusal: SummitError) -> None:
        """Show a refusal beside its field, where the form has it."""
        field = getattr(refusal, "field", None)
        self.add_error(field if field in self.fields else None, str(refusal))


class SeenForm(EntryForm):
    """Beside the entry, the line of its history that the person started from."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = last_line(self.instance) if self.instance.pk else None
        slug = self.fields["slug"]
        slug.help_text = _("Names it in addresses and files: small letters, digits and hyphens.")
        for name in ("parent", "speaks_for"):
            field = self.fields.get(name)
            if isinstance(field, forms.ModelChoiceField):
                rows = type(self.instance)._default_manager.filter(study=self.instance.study_id)
                heads = rows.filter(**{f"{name}__isnull": True}).exclude(pk=self.instance.pk)
                field.queryset = heads.order_by("position")
        if isinstance(self.instance, Source) and self.instance.pk and self.instance.is_author:
            for name in ("slug", "side", "speaks_for"):
                self.fields[name].disabled = True


class TopicForm(SeenForm):
    keeps_meaning = forms.BooleanField(required=False, label=KEEPS_MEANING, help_text=KEEPS_MEANING_HELP)

    class Meta:
        model = Topic
        fields = ("label", "slug", "parent", "statement")
        labels = {"parent": gettext_lazy("Group")}
        widgets = {"statement": forms.Textarea(attrs={"rows": 3, "dir": "auto"})}
        help_texts = {
            "parent": gettext_lazy("A topic in a group has a statement and takes tags; one without groups."),
            "statement": gettext_lazy("What stances are taken towards."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        if isinstance(parent, forms.ModelChoiceField):
            parent.empty_label = _("none: it is a group itself")
            parent.queryset = (parent.queryset or Topic.objects.none()).filter(statement="")
        if not self.instance.pk or not self.instance.statement:
            del self.fields["keeps_meaning"]


class StanceForm(SeenForm):
    class Meta:
        model = Stance
        fields = ("label", "slug", "value", "key", "color")
        help_texts = {
            "value": gettext_lazy("From −1 to 1; empty: raised, no position taken."),
            "key": gettext_lazy("The key that chooses it in the workbench."),
            "color": gettext_lazy("As #rrggbb; may stay empty."),
        }


class SourceForm(SeenForm):
    class Meta:
        model = Source
        fields = ("label", "slug", "side", "speaks_for")
        help_texts = {
            "side": gettext_lazy("The camp it belongs to."),
            "speaks_for": gettext_lazy("The body that it speaks for, if any."),
        }


FORMS: dict[type[AnyEntry], type[SeenForm]] = {Topic: TopicForm, Stance: StanceForm, Source: SourceForm}


class GuidelinesForm(forms.Form):
    """The guidelines, and the line of the study's history that the person started from."""

    text = forms.CharField(
        label=gettext_lazy("Guidelines"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "dir": "auto"}),
    )
    keeps_meaning = forms.BooleanField(required=False, label=KEEPS_MEANING, help_text=KEEPS_MEANING_HELP)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, study: Study) -> None:
        super().__init__(data, initial={"text": study.guidelines, "seen": last_line(study)})
        if not study.guidelines.strip():
            del self.fields["keeps_meaning"]

    def clean_text(self) -> str:
        try:
            return checked_guidelines(self.cleaned_data["text"])
        except InvalidEntryError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class MoveForm(forms.Form):
    """What a merge or a split must be told beside its target: a stance for each conflict, and for topics
    whether the coders are to look again."""

    ask_review = forms.BooleanField(
        required=False,
        label=gettext_lazy("Ask the coders to look at these annotations again"),
        help_text=gettext_lazy(
            "They were made under another statement. They are marked, and stay as they are."
        ),
    )

    def __init__(
        self, *args: Any, conflicts: Sequence[StanceConflict], for_topics: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.conflicts = tuple(conflicts)
        if not for_topics:
            del self.fields["ask_review"]
        for conflict in self.conflicts:
            self.fields[_field(conflict)] = forms.ChoiceField(
                label=str(conflict.kept.quote),
                choices=[(str(stance.pk), stance.label) for stance in conflict.stances],
                widget=forms.RadioSelect,
            )

    def questions(self) -> list[tuple[StanceConflict, forms.BoundField]]:
        """Each conflict with the field that settles it."""
        return [(conflict, self[_field(conflict)]) for conflict in self.conflicts]

    def choices(self) -> dict[int, Stance]:
        """The stance for each annotation that stays."""
        known = {str(stance.pk): stance for conflict in self.conflicts for stance in conflict.stances}
        return {c.kept.pk: known[self.cleaned_data[_field(c)]] for c in self.conflicts}

    def asked(self) -> dict[str, Any]:
        """What the service is told beside the two entries."""
        said: dict[str, Any] = {"stances": self.choices()} if self.conflicts else {}
        return said | ({"ask_review": True} if self.cleaned_data.get("ask_review") else {})


class MergeForm(MoveForm):
    """Which of two entries stays, and which stance is kept where the duplicates differ."""

    into = forms.ChoiceField(label=gettext_lazy("Which one stays?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, previews: Sequence[MergePreview[Any]], **kwargs: Any) -> None:
        first = previews[0]
        for_topics = isinstance(first.into, Topic) and bool(first.into.statement)
        super().__init__(*args, conflicts=first.conflicts, for_topics=for_topics, **kwargs)
        self.previews = {str(preview.into.pk): preview for preview in previews}
        into = self.fields["into"]
        if isinstance(into, forms.ChoiceField):
            into.choices = [(pk, str(preview.into)) for pk, preview in self.previews.items()]
        if len(self.previews) == 1:
            self.initial["into"] = next(iter(self.previews))

    def chosen(self) -> MergePreview[Any]:
        """The direction that was chosen."""
        return self.previews[self.cleaned_data["into"]]

    def seen(self) -> str:
        """The digest of the preview that the person saw, in the direction that was chosen."""
        return str(self.data.get(f"seen_{self.cleaned_data['into']}", ""))


class SplitFilterForm(forms.Form):
    """Which of an entry's annotations a split looks at. What is offered is what they have."""

    prefix = "only"
    document = forms.ChoiceField(required=False, label=gettext_lazy("Document"))
    coder = forms.ChoiceField(required=False, label=gettext_lazy("Coder"))
    topic = forms.ChoiceField(required=False, label=gettext_lazy("Topic"))
    stance = forms.ChoiceField(required=False, label=gettext_lazy("Stance"))
    source = forms.ChoiceField(required=False, label=gettext_lazy("Source"))
    layer = forms.ChoiceField(required=False, label=gettext_lazy("Layer"))
    q = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("In quotes and notes"),
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def __init__(self, data: Any = None, *, offered: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        super().__init__(data)
        for name, choices in offered.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", _("all")), *choices]
            if len(choices) < 2:
                del self.fields[name]

    def asked(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}


class SplitForm(forms.Form):
    """Which annotations move, and where to: to an entry that is there, or to a new one."""

    TICKED, ALL, NEW = "ticked", "all", ""

    which = forms.ChoiceField(choices=[(TICKED, TICKED), (ALL, ALL)])
    into = forms.ChoiceField(required=False, label=gettext_lazy("Where to?"))

    def __init__(self, data: Any = None, *, entry: AnyEntry) -> None:
        super().__init__(data, initial={"which": self.TICKED, "into": self.NEW})
        self.entries = {one.slug: one for one in targets_of(entry)}
        into = self.fields["into"]
        if isinstance(into, forms.ChoiceField):
            into.choices = [
                (self.NEW, _("a new entry")),
                *((slug, one.label) for slug, one in self.entries.items()),
            ]

    def existing(self) -> AnyEntry | None:
        """The entry that was chosen; None for a new one."""
        return self.entries.get(self.cleaned_data["into"])


def partners_of(entry: AnyEntry) -> list[AnyEntry]:
    """The other entries that this one may be merged with, in codebook order."""
    rows = type(entry)._default_manager.filter(study=entry.study_id).exclude(pk=entry.pk)
    return [one for one in rows.order_by("position", "pk") if _is_like(one, entry)]


def targets_of(entry: AnyEntry) -> list[AnyEntry]:
    """The other entries that may take annotations of this one: of its partners those in use."""
    return [one for one in partners_of(entry) if not one.is_retired]


def _is_like(one: AnyEntry, other: AnyEntry) -> bool:
    """Groups are like groups, topics with a statement like their like; ``author`` is like nobody."""
    if isinstance(one, Topic) and isinstance(other, Topic):
        return bool(one.statement) == bool(other.statement)
    return not (isinstance(one, Source) and one.is_author)


def _field(conflict: StanceConflict) -> str:
    return f"stance_{conflict.kept.pk}"
