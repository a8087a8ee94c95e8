"""What an owner types about a study: its members, what they are to code, its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.enums import Role
from annotations.errors import InvalidSettingsError, MemberError
from annotations.models import Membership, Study
from annotations.models.studies import ROLE_CHOICES
from annotations.services.members import person_named
from annotations.services.settings import NAMES, Settings

if TYPE_CHECKING:
    from annotations.models import Document, User


class NewMemberForm(forms.Form):
    """A person by user name, typed in full, and the role they get."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": gettext_lazy("Write a user name.")},
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ROLE_CHOICES, initial=Role.CODER.value)

    def clean_username(self) -> User:
        try:
            return person_named(self.cleaned_data["username"])
        except MemberError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class RoleForm(forms.Form):
    """The role that a member is to have."""

    role = forms.ChoiceField(choices=ROLE_CHOICES)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class AssignmentForm(forms.Form):
    """Whether a member is to code a document: the state, never a change of it."""

    document = forms.CharField()
    member = forms.IntegerField(min_value=1)
    value = forms.ChoiceField(choices=[("on", "on"), ("off", "off")])

    def __init__(self, data: Any, study: Study) -> None:
        super().__init__(data)
        self.study = study

    def clean_document(self) -> Document:
        document = self.study.documents.without_text().filter(slug=self.cleaned_data["document"]).first()
        if document is None:
            raise forms.ValidationError(_("The study has no such document."))
        return document

    def clean_member(self) -> Membership:
        members = self.study.memberships.select_related("user")
        membership = members.filter(pk=self.cleaned_data["member"]).first()
        if membership is None:
            raise forms.ValidationError(_("This person is no longer a member."))
        return membership


class SettingsForm(forms.Form):
    """A study's settings. ``seen`` is the line of its history that the page was drawn from."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    question = forms.CharField(
        label=gettext_lazy("Question"),
        help_text=gettext_lazy("What the documents are compared for."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    event_date = forms.DateField(
        label=gettext_lazy("Date of the event"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    agree_max = forms.FloatField(
        label=gettext_lazy("Agree up to a distance of"),
        min_value=0,
        max_value=1,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    diverge_above = forms.FloatField(
        label=gettext_lazy("Diverge above a distance of"),
        min_value=0,
        max_value=1,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    is_blind = forms.BooleanField(label=gettext_lazy("Blind coding"), required=False)
    is_public = forms.BooleanField(label=gettext_lazy("Public"), required=False)
    confirm_public = forms.BooleanField(
        label=gettext_lazy("Yes, everybody may read these pages without a login."), required=False
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.study = study

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("is_public") and not self.study.is_public and not said.get("confirm_public"):
            self.add_error("confirm_public", _("Say that you mean it: from then on everybody can read them."))
        return said

    def values(self) -> Settings:
        """What was typed, once it is valid."""
        return Settings(**{name: self.cleaned_data[name] for name in NAMES})

    def add_problems(self, refusal: InvalidSettingsError) -> None:
        """What the service found, beside the fields it is about."""
        for name, sentences in refusal.problems.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)
