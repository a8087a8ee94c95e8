"""The tag form in its states: an invitation, a quote in hand, a tag being changed, a conflict."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from annotations.errors import StaleVersionError
from annotations.forms import TagForm
from annotations.models import Annotation
from annotations.pages.keys import bench_keys
from annotations.pages.passages import PassageShown, load_passage
from annotations.pages.workbench import Workbench
from annotations.services.tag_rules import TagValues

#: The fields that a conflict offers to choose; those that are equal are sent along.
CHOSEN = ("topic", "stance", "source", "reported_by", "uncertain", "note")


@dataclass(frozen=True, slots=True)
class FormShown:
    """A form as the panel draws it. ``values`` are slugs and texts by field name, ``errors`` messages by
    field name; ``tag`` is set where a stored tag is being changed."""

    passage: PassageShown | None
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    tag: Annotation | None = None
    token: str = ""
    keep_selection: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in hand yet: the panel invites."""
        return self.passage is None or "start" not in self.values

    @property
    def quote(self) -> str:
        """The words in hand."""
        if self.passage is None or self.is_empty:
            return ""
        offset = self.passage.passage.start
        return self.passage.passage.text[self.values["start"] - offset : self.values["end"] - offset]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which what is stored and what the person sent differ. ``stored_changed`` and
    ``mine_changed``: which differs from what the person had seen; where only one does, it is chosen."""

    name: str
    label: str
    stored: str
    stored_value: str
    mine: str
    mine_value: str
    stored_changed: bool = True
    mine_changed: bool = True

    @property
    def takes_stored(self) -> bool:
        return self.stored_changed and not self.mine_changed

    @property
    def takes_mine(self) -> bool:
        return self.mine_changed and not self.stored_changed


def panel_context(bench: Workbench, form: FormShown) -> dict[str, object]:
    """What the panel's template needs, as a fragment and within the page."""
    return {
        "visit": bench.visit,
        "page": "code",
        "bench": bench,
        "shown": bench.shown,
        "form": form,
        "current": form.passage,
        # What a form becomes where the server cannot be reached.
        "fresh": FormShown(passage=None),
        "keys": bench_keys(bench.visit.member, bench.codebook.stances_offered()),
    }


def new_form(
    bench: Workbench,
    number: int | None,
    *,
    in_hand: bool = True,
    words: tuple[int | None, int | None] = (None, None),
) -> FormShown:
    """A fresh form; with a passage number the passage's tags are listed, and it is whole in hand or not.
    ``words``: from where to where it is in hand, if that lies inside it."""
    shown = load_passage(bench.visit, bench.document, number, bench.shown) if number else None
    values: dict[str, Any] = {}
    if shown and in_hand:
        asked = dict(zip(("start", "end"), words, strict=True))
        whole = {"start": shown.passage.start, "end": shown.passage.end}
        values = asked if _is_inside(asked, shown) else whole
    return FormShown(passage=shown, values=values, token=str(uuid.uuid4()))


def empty_form(shown: PassageShown | None) -> FormShown:
    """The invitation, after a save, with the passage's tags below it."""
    return FormShown(passage=shown, token=str(uuid.uuid4()))


def again_form(shown: PassageShown | None, tag: Annotation) -> FormShown:
    """The same words in hand once more, after "Save, tag again"."""
    values = {"start": tag.start, "end": tag.end, "source": tag.source.slug}
    if tag.reported_by:
        values["reported_by"] = tag.reported_by.slug
    return FormShown(passage=shown, values=values, token=str(uuid.uuid4()), keep_selection=True)


def edit_form(bench: Workbench, tag: Annotation) -> FormShown:
    """A stored tag in the form."""
    shown = load_passage(bench.visit, bench.document, tag.passage.number, bench.shown)
    return FormShown(passage=shown, values=values_of(tag), tag=tag)


def refused_form(bench: Workbench, form: TagForm, number: int | None, tag: Annotation | None) -> FormShown:
    """What was sent, with what is wrong with it."""
    shown = load_passage(bench.visit, bench.document, number, bench.shown) if number else None
    values = {name: form.data.get(name, "") for name in form.fields}
    inside = shown is not None and _is_inside(form.cleaned_data, shown)
    for name in ("start", "end"):
        values.pop(name)
        if inside:
            values[name] = form.cleaned_data[name]
        elif shown is not None:
            values[name] = getattr(tag if tag is not None else shown.passage, name)
    errors = {
        "all" if name == "__all__" else name: [str(error) for error in errors]
        for name, errors in form.errors.items()
    }
    # A token that was refused must not be sent again: the next save is another tag.
    sent = None if "form_token" in errors else form.data.get("form_token")
    return FormShown(shown, values, errors, tag, token=str(sent or uuid.uuid4()))


def _is_inside(data: dict[str, Any], shown: PassageShown) -> bool:
    start, end = data.get("start"), data.get("end")
    if start is None or end is None:
        return False
    return bool(shown.passage.start <= start < end <= shown.passage.end)


def values_of(tag: Annotation) -> dict[str, Any]:
    """A stored tag in the form's terms."""
    return {
        "start": tag.start,
        "end": tag.end,
        "topic": tag.topic.slug,
        "stance": tag.stance.slug,
        "source": tag.source.slug,
        "reported_by": tag.reported_by.slug if tag.reported_by else "",
        "uncertain": tag.uncertain,
        "note": tag.note,
    }


def conflict_context(error: StaleVersionError, form: TagForm) -> dict[str, object]:
    """What is stored beside what was sent: the differences to choose from, what is equal, and all of mine."""
    rows = differences(error.current, form)
    sent = [(name, form.data.get(name, "")) for name in CHOSEN]
    differing = {row.name for row in rows}
    span = [(name, form.cleaned_data[name]) for name in ("start", "end")]
    return {
        "error": error,
        "stored": error.current,
        "differences": rows,
        "sent": form.cleaned_data,
        "same": [(name, value) for name, value in sent if name not in differing],
        "same_words": _same_words(error.current, differing),
        "mine": span + sent,
    }


#: The fields of a tag that a person chooses, by what the form calls them; their columns in the history.
COLUMNS = {
    "topic": ("topic_id",),
    "stance": ("stance_id",),
    "source": ("source_id",),
    "reported_by": ("reported_by_id",),
    "uncertain": ("uncertain",),
    "note": ("note",),
    "span": ("start", "end"),
}


def differences(stored: Annotation, form: TagForm) -> list[Difference]:
    """Where a valid form and the stored tag differ, field by field, for a person to choose."""
    mine = form.values()
    pairs: list[tuple[str, str, Any, Any]] = [
        ("topic", _("Topic"), stored.topic, mine.topic),
        ("stance", _("Stance"), stored.stance, mine.stance),
        ("source", _("Source"), stored.source, mine.source),
        ("reported_by", _("Reported by"), stored.reported_by, mine.reported_by),
    ]
    rows = _quote_difference(stored, form) + [
        Difference(name, label, _entry_word(old), _slug(old), _entry_word(new), _slug(new))
        for name, label, old, new in pairs
        if old != new
    ]
    if stored.uncertain != mine.uncertain:
        words, flags = {True: _("uncertain"), False: _("not uncertain")}, {True: "on", False: ""}
        old, new = stored.uncertain, mine.uncertain
        rows.append(Difference("uncertain", _("Uncertain"), words[old], flags[old], words[new], flags[new]))
    if stored.note != mine.note:
        empty = _("no note")
        rows.append(
            Difference("note", _("Note"), stored.note or empty, stored.note, mine.note or empty, mine.note)
        )
    return _as_changed(rows, stored, form)


def _as_changed(rows: list[Difference], stored: Annotation, form: TagForm) -> list[Difference]:
    """Who changed what since the version that the person had seen, by the history."""
    seen = form.cleaned_data.get("version")
    base = stored.history.filter(version=seen).values().first() if seen else None
    if base is None:
        return rows
    mine = form.values()
    return [
        replace(
            row,
            stored_changed=any(getattr(stored, column) != base[column] for column in COLUMNS[row.name]),
            mine_changed=any(_column(mine, column) != base[column] for column in COLUMNS[row.name]),
        )
        for row in rows
    ]


def _column(values: TagValues, column: str) -> object:
    """What a tag of these values would have in a column."""
    value = getattr(values, column.removesuffix("_id"))
    return getattr(value, "pk", value)


def _same_words(stored: Annotation, differing: set[str]) -> list[str]:
    """What is the same in both, in words."""
    said = {"topic": stored.topic.label, "stance": stored.stance.label, "source": stored.source.label}
    return [label for name, label in said.items() if name not in differing]


def _quote_difference(stored: Annotation, form: TagForm) -> list[Difference]:
    """The words in hand, where both are words of the passage and not the same."""
    mine, passage = form.values(), form.passage
    same = (stored.start, stored.end) == (mine.start, mine.end)
    if same or passage is None or not passage.start <= mine.start < mine.end <= passage.end:
        return []
    quote = passage.text[mine.start - passage.start : mine.end - passage.start]
    spans = (f"{stored.start}-{stored.end}", f"{mine.start}-{mine.end}")
    return [Difference("span", _("Quote"), stored.quote, spans[0], quote, spans[1])]


def _entry_word(entry: Any) -> str:
    return str(entry.label) if entry is not None else _("nobody: the source speaks")


def _slug(entry: Any) -> str:
    return str(entry.slug) if entry is not None else ""
