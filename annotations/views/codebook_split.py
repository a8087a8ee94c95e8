"""Split an entry: choose annotations and where they go, see what will happen, then do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.access import Visit, get_entry_or_404, get_visit_or_404
from annotations.codebook_forms import FORMS, MoveForm, SeenForm, SplitForm
from annotations.enums import Role
from annotations.errors import MergeError, StalePreviewError, SummitError
from annotations.models import Source, Topic
from annotations.models.coding import AnnotationQuerySet
from annotations.pages.codebook import kind_word
from annotations.pages.splitting import TAGS_SHOWN, chosen_tags, filter_form, filtered, known_ids, load_split
from annotations.services.act_records import AnyEntry
from annotations.services.merge_plan import MergePreview
from annotations.services.splitting import (
    check_can_be_split,
    next_position,
    preview_split,
    split_entry,
)

CHOOSE = "annotations/codebook_split.html"
CONFIRM = "annotations/codebook_split_confirm.html"
#: What a new entry takes over from the one it is split from, until somebody says otherwise.
TAKEN_OVER: dict[type[AnyEntry], tuple[str, ...]] = {Topic: ("parent",), Source: ("side", "speaks_for")}


@dataclass(frozen=True, slots=True)
class Sent:
    """What one request says: which annotations, and where to."""

    visit: Visit
    entry: AnyEntry
    filters: Any
    form: SplitForm
    new: SeenForm
    ticked: tuple[str, ...]

    def chosen(self) -> AnnotationQuerySet:
        """The annotations that move."""
        if self.form.cleaned_data["which"] == SplitForm.ALL:
            return filtered(self.entry, self.filters)
        return chosen_tags(self.entry, self.ticked)

    def target(self) -> AnyEntry | None:
        """The entry they move to: there already, or new and not stored yet; None where it is not valid."""
        existing = self.form.existing()
        if existing is not None:
            return existing
        target: AnyEntry | None = self.new.instance if self.new.is_valid() else None
        return target


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def entry_split(request: HttpRequest, study: str, kind: str, entry: str) -> HttpResponse:
    """The choice; after it (POST) what will happen; with ``confirm`` it happens."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    sent = _sent(request, visit, get_entry_or_404(visit, kind, entry))
    try:
        check_can_be_split(sent.entry)
    except MergeError as refusal:
        return _choose(request, sent, status=422 if request.method == "POST" else 200, refusal=refusal)
    if request.method != "POST":
        return _choose(request, sent, status=200)
    into = sent.target() if sent.form.is_valid() else None
    if into is None or "change" in request.POST:
        return _choose(request, sent, status=200 if "change" in request.POST else 422)
    try:
        preview = preview_split(entry=sent.entry, into=into, chosen=sent.chosen())
    except SummitError as refusal:
        return _choose(request, sent, status=422, refusal=refusal)
    for_topics = isinstance(sent.entry, Topic)
    asked = "confirm" in request.POST
    questions = MoveForm(request.POST if asked else None, conflicts=preview.conflicts, for_topics=for_topics)
    questions.initial["ask_review"] = True
    if not asked or not questions.is_valid():
        return _confirm(request, sent, preview, questions, status=422 if asked else 200)
    return _split(request, sent, into, questions)


def _sent(request: HttpRequest, visit: Visit, entry: AnyEntry) -> Sent:
    data = request.POST if request.method == "POST" else None
    new = type(entry)(study=visit.study)
    new.position = next_position(entry)
    taken_over = {name: getattr(entry, name) for name in TAKEN_OVER.get(type(entry), ())}
    needs_new = data is not None and not data.get("into")
    return Sent(
        visit=visit,
        entry=entry,
        filters=filter_form(entry, request.POST if data is not None else request.GET),
        form=SplitForm(data, entry=entry),
        new=FORMS[type(entry)](data if needs_new else None, instance=new, prefix="new", initial=taken_over),
        ticked=tuple(data.getlist("tag")) if data is not None else (),
    )


def _choose(
    request: HttpRequest, sent: Sent, *, status: int, refusal: SummitError | None = None
) -> HttpResponse:
    context = {
        "visit": sent.visit,
        "page": "codebook",
        "entry": sent.entry,
        "kind": kind_word(sent.entry),
        "form": sent.form,
        "new": sent.new,
        "refusal": refusal,
        "most": TAGS_SHOWN,
        "shown": load_split(sent.entry, sent.filters, sent.ticked),
    }
    return render(request, CHOOSE, context, status=status)


def _confirm(
    request: HttpRequest,
    sent: Sent,
    preview: MergePreview[Any],
    questions: MoveForm,
    *,
    status: int,
    refusal: SummitError | None = None,
) -> HttpResponse:
    context = {
        "visit": sent.visit,
        "page": "codebook",
        "entry": sent.entry,
        "kind": kind_word(sent.entry),
        "preview": preview,
        "questions": questions,
        "refusal": refusal,
        "hidden": _carried(sent),
    }
    return render(request, CONFIRM, context, status=status)


def _carried(sent: Sent) -> list[tuple[str, str]]:
    """What was chosen, for the confirmation to send once more."""
    pairs = [(name, str(sent.form.cleaned_data[name])) for name in ("which", "into")]
    pairs += [(f"{sent.filters.prefix}-{name}", value) for name, value in sent.filters.asked().items()]
    if sent.form.cleaned_data["which"] == SplitForm.TICKED:
        pairs += [("tag", str(one)) for one in known_ids(sent.ticked)]
    if sent.new.is_bound:
        pairs += [(field.html_name, str(field.value() or "")) for field in sent.new if field.name != "seen"]
    return pairs


def _split(request: HttpRequest, sent: Sent, into: AnyEntry, questions: MoveForm) -> HttpResponse:
    """Run the service; 409 with what would happen now, where that is something else by now."""
    try:
        done = split_entry(
            by=sent.visit.member,
            entry=sent.entry,
            into=into,
            chosen=sent.chosen(),
            seen=request.POST.get("seen", ""),
            **questions.asked(),
        )
    except StalePreviewError as refusal:
        preview = preview_split(entry=sent.entry, into=into, chosen=sent.chosen())
        fresh = MoveForm(None, conflicts=preview.conflicts, for_topics=isinstance(sent.entry, Topic))
        return _confirm(request, sent, preview, fresh, status=409, refusal=refusal)
    except SummitError as refusal:
        return _choose(request, sent, status=422, refusal=refusal)
    moved = ngettext(
        "%(count)s annotation moved to “%(into)s”.",
        "%(count)s annotations moved to “%(into)s”.",
        done.annotations,
    )
    messages.success(request, moved % {"count": done.annotations, "into": done.into.label})
    return redirect("codebook-acts", study=sent.visit.study.slug)
