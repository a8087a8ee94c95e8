"""What people type, checked. A form turns slugs into the study's own entries, or says what is wrong."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.codebook import Codebook
from annotations.models import Passage
from annotations.services.coding import TagValues

NOTE_LIMIT = 10_000


class SharedFields(dict[str, forms.Field]):
    """The fields of a form that nobody changes: its instances share them, where Django copies each."""

    def __deepcopy__(self, memo: object) -> SharedFields:
        return self


class TagForm(forms.Form):
    """One tag on one passage. The quote comes as two positions, or as words typed without JavaScript.

    ``passage`` is the passage the words must lie in; ``values()`` gives what the services take.
    """

    start = forms.IntegerField(required=False, min_value=0)
    end = forms.IntegerField(required=False, min_value=0)
    quote = forms.CharField(required=False, strip=True, max_length=20_000)
    # Which words to keep, where a conflict offered two: "start-end".
    span = forms.RegexField(r"\A[0-9]{1,9}-[0-9]{1,9}\Z", required=False)
    topic = forms.CharField(error_messages={"required": gettext_lazy("Choose a topic.")})
    stance = forms.CharField(error_messages={"required": gettext_lazy("Choose a stance.")})
    source = forms.CharField(error_messages={"required": gettext_lazy("Choose who holds the position.")})
    reported_by = forms.CharField(required=False)
    uncertain = forms.BooleanField(required=False)
    note = forms.CharField(required=False, max_length=NOTE_LIMIT)
    form_token = forms.UUIDField(required=False)
    version = forms.IntegerField(required=False, min_value=1)

    def __init__(self, *args: Any, codebook: Codebook, passage: Passage | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codebook = codebook
        self.passage = passage

    def clean_topic(self) -> Any:
        return self._entry("topic", self.codebook.topics)

    def clean_stance(self) -> Any:
        return self._entry("stance", self.codebook.stances)

    def clean_source(self) -> Any:
        return self._entry("source", self.codebook.sources)

    def clean_reported_by(self) -> Any:
        return self._entry("reported_by", self.codebook.sources) if self.cleaned_data["reported_by"] else None

    def clean_note(self) -> str:
        return unicodedata.normalize("NFC", self.cleaned_data["note"]).replace("\r\n", "\n")

    def _entry(self, name: str, entries: Any) -> Any:
        entry = entries.get(self.cleaned_data[name])
        if entry is None:
            raise forms.ValidationError(_("This is not in the codebook of the study."))
        return entry

    def clean(self) -> dict[str, Any]:
        """Finds the quote: by position, by the words typed, or the whole passage."""
        data = super().clean() or {}
        if self.passage is None:
            self.add_error("quote", _("Select words in the text, or choose a passage."))
            return data
        if data.get("span"):
            data["start"], data["end"] = map(int, data["span"].split("-"))
        # Words that were typed say more than the positions the form was opened with.
        if data.get("quote") or data.get("start") is None or data.get("end") is None:
            self._find_typed_quote(self.passage, data)
        return data

    def _find_typed_quote(self, passage: Passage, data: dict[str, Any]) -> None:
        words = unicodedata.normalize("NFC", data.get("quote") or "") or passage.text
        first = passage.text.find(words)
        if first < 0:
            self.add_error("quote", _("These words are not in the passage. Copy them from it exactly."))
        elif passage.text.find(words, first + 1) >= 0:
            self.add_error("quote", _("These words occur more than once in the passage. Add a word to them."))
        else:
            data["start"] = passage.start + first
            data["end"] = data["start"] + len(words)

    def values(self) -> TagValues:
        """What was said, for the services. Only after ``is_valid()``."""
        data = self.cleaned_data
        names = ("start", "end", "topic", "stance", "source", "reported_by", "uncertain", "note")
        return TagValues(**{name: data[name] for name in names})


TagForm.base_fields = SharedFields(TagForm.base_fields)
