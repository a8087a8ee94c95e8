"""What a curator decides about an item of the queue, checked and turned into a ruling for the services."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.codebook import Codebook
from annotations.enums import Reason
from annotations.errors import InvalidTagError
from annotations.models import Annotation, Passage
from annotations.models.curation import REASON_CHOICES
from annotations.services.curation_plan import SeenTag
from annotations.services.curation_rules import Kept, Ruling

#: What stays of a claim, where it is not one of its tags.
CHANGED, NONE = "changed", "none"
MOST_CLAIMS = 50
OUT_OF_DATE = gettext_lazy("This form is out of date: open the item again.")
SEEN = re.compile(r"\A[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9]{1,9}\Z")


class ItemForm(forms.Form):
    """One item: for each of its claims a tag to keep as it is, a changed one, or none; a reason; a remark.

    ``tags`` are the tags that may be kept as they are, by public id: the coders', and those of the decisions
    that hold. The fields of claim number n are ``keep_n`` and, for a changed one, ``start_n``, ``end_n``,
    ``quote_n``, ``stance_n``, ``reported_by_n``; ``like_n`` names the tag whose topic and source it has.
    """

    seen = forms.CharField(max_length=10_000)
    replaces = forms.CharField(required=False, max_length=10_000)
    claims = forms.IntegerField(min_value=0, max_value=MOST_CLAIMS)
    reason = forms.ChoiceField(choices=REASON_CHOICES, required=False)
    remark = forms.CharField(required=False, max_length=10_000)

    def __init__(
        self,
        *args: Any,
        codebook: Codebook,
        passage: Passage | None,
        tags: Mapping[str, Annotation],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.codebook = codebook
        self.passage = passage
        self.tags = tags
        asked = str(self.data.get("claims", ""))
        number = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
        for n in range(min(number, MOST_CLAIMS)):
            self.fields[f"keep_{n}"] = forms.CharField(
                error_messages={"required": gettext_lazy("Choose what stays, or “nothing here”.")}
            )
            for name in ("quote", "stance", "reported_by", "like"):
                self.fields[f"{name}_{n}"] = forms.CharField(required=False, max_length=20_000)
            for name in ("start", "end"):
                self.fields[f"{name}_{n}"] = forms.IntegerField(required=False, min_value=0)

    def clean_seen(self) -> tuple[SeenTag, ...]:
        return seen_tags(self.cleaned_data["seen"])

    def clean_replaces(self) -> tuple[uuid.UUID, ...]:
        return decision_ids(self.cleaned_data["replaces"])

    def clean(self) -> dict[str, Any]:
        """Turns the choices into ``kept``."""
        data = super().clean() or {}
        kept = []
        for n in range(data.get("claims") or 0):
            choice = data.get(f"keep_{n}")
            if choice == CHANGED:
                kept.append(self._changed(n, data))
            elif choice and choice != NONE:
                kept.append(self._as_it_is(n, choice))
        data["kept"] = tuple(one for one in kept if one is not None)
        return data

    def _as_it_is(self, n: int, public_id: str) -> Kept | None:
        tag = self.tags.get(public_id)
        if tag is None:
            self.add_error(f"keep_{n}", OUT_OF_DATE)
            return None
        return Kept(tag.start, tag.end, tag.topic, tag.stance, tag.source, tag.reported_by)

    def _changed(self, n: int, data: dict[str, Any]) -> Kept | None:
        like = self.tags.get(data.get(f"like_{n}") or "")
        span = self._span(n, data)
        if like is None:
            self.add_error(f"keep_{n}", OUT_OF_DATE)
        stance = self._entry(n, "stance", data, self._stances())
        messenger = self._entry(n, "reported_by", data, self._sources())
        if stance is None and f"stance_{n}" not in self.errors:
            self.add_error(f"stance_{n}", _("Choose a stance."))
        if like is None or span is None or stance is None or f"reported_by_{n}" in self.errors:
            return None
        return Kept(*span, like.topic, stance, like.source, messenger)

    def _entry(self, n: int, name: str, data: dict[str, Any], entries: Mapping[str, Any]) -> Any:
        slug = data.get(f"{name}_{n}")
        if slug and slug not in entries:
            self.add_error(f"{name}_{n}", _("This is not in the codebook of the study."))
        return entries.get(slug) if slug else None

    def _stances(self) -> dict[str, Any]:
        """Those of the codebook, and those that the tags have: one may be retired by now."""
        return {tag.stance.slug: tag.stance for tag in self.tags.values()} | self.codebook.stances

    def _sources(self) -> dict[str, Any]:
        used = {tag.reported_by.slug: tag.reported_by for tag in self.tags.values() if tag.reported_by}
        return used | self.codebook.sources

    def _span(self, n: int, data: dict[str, Any]) -> tuple[int, int] | None:
        """The words typed say more than the positions that the form was opened with."""
        words = unicodedata.normalize("NFC", data.get(f"quote_{n}") or "")
        start, end = data.get(f"start_{n}"), data.get(f"end_{n}")
        if self.passage is None:
            return None
        if not words and start is not None and end is not None:
            return start, end
        first = self.passage.text.find(words) if words else -1
        if first < 0:
            self.add_error(f"quote_{n}", _("These words are not in the passage. Copy them from it exactly."))
        elif self.passage.text.find(words, first + 1) >= 0:
            self.add_error(
                f"quote_{n}", _("These words occur more than once in the passage. Add a word to them.")
            )
        else:
            return self.passage.start + first, self.passage.start + first + len(words)
        return None

    def refuse(self, error: InvalidTagError) -> None:
        """Show a rule that the services found broken, beside its field where that is certain."""
        field = error.field or ""
        if field not in self.fields:
            field = f"{field}_0" if self.cleaned_data["claims"] == 1 else ""
        self.add_error(field or None, str(error))

    def ruling(self) -> Ruling:
        """What was decided, for the services. Only after ``is_valid()``."""
        data = self.cleaned_data
        return Ruling(data["kept"], Reason(data["reason"]), data["remark"])


class AcceptForm(forms.Form):
    """What "accept all unanimous" counted, and the number under which it is undone."""

    fingerprint = forms.RegexField(r"\A[0-9a-f]{64}\Z")
    batch = forms.UUIDField()


def seen_tags(text: str) -> tuple[SeenTag, ...]:
    """``id:version`` of each tag, space-separated; what is not of this form is left out."""
    return tuple(SeenTag(uuid.UUID(part[:36]), int(part[37:])) for part in text.split() if SEEN.match(part))


def decision_ids(text: str) -> tuple[uuid.UUID, ...]:
    """The ids of decisions, space-separated; what is none is left out."""
    return tuple(uuid.UUID(part) for part in text.split() if SEEN.match(f"{part}:1"))
