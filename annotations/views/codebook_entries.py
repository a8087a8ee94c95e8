"""Editing the codebook's words: a new entry, an entry, the guidelines."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.access import Visit, get_entry_kind_or_404, get_entry_or_404, get_visit_or_404
from annotations.codebook_forms import FORMS, GuidelinesForm, SeenForm
from annotations.enums import Role
from annotations.errors import StaleEntryError, SummitError
from annotations.models import Study, Topic
from annotations.pages.codebook import kind_word
from annotations.pages.gaps import load_gaps, load_gaps_of_topic
from annotations.pages.word_diff import word_diff
from annotations.services.act_records import AnyEntry
from annotations.services.codebook import InvalidEntryError, last_line, save_entry
from annotations.services.guidelines import save_guidelines
from annotations.services.splitting import next_position

ENTRY_PAGE = "annotations/codebook_entry.html"
GUIDELINES_PAGE = "annotations/guidelines_edit.html"

editing = require_http_methods(["GET", "HEAD", "POST"])


@editing
@never_cache
def entry_add(request: HttpRequest, study: str, kind: str) -> HttpResponse:
    """Make a topic, stance or source, at the end of its kind."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    entry = get_entry_kind_or_404(kind)(study=visit.study)
    entry.position = next_position(entry)
    return _edited(request, visit, entry)


@editing
@never_cache
def entry_edit(request: HttpRequest, study: str, kind: str, entry: str) -> HttpResponse:
    """Change an entry, if it is still what the person saw; a changed statement is a new version of it."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    return _edited(request, visit, get_entry_or_404(visit, kind, entry))


def _edited(request: HttpRequest, visit: Visit, entry: AnyEntry) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = FORMS[type(entry)](data, instance=entry)
    if data is None or not form.is_valid():
        return _entry_page(request, visit, form, status=200 if data is None else 422)
    try:
        save_entry(
            by=visit.member,
            entry=form.instance,
            seen=form.cleaned_data["seen"] if entry.pk else None,
            keeps_meaning=form.cleaned_data.get("keeps_meaning", False),
        )
    except StaleEntryError as error:
        return _entry_conflict(request, visit, form, error)
    except InvalidEntryError as refusal:
        form.refuse(refusal)
        return _entry_page(request, visit, form, status=422)
    messages.success(request, _("Saved: %(entry)s.") % {"entry": entry.label})
    return redirect("codebook", study=visit.study.slug)


def _entry_page(
    request: HttpRequest, visit: Visit, form: SeenForm, *, status: int, **more: Any
) -> HttpResponse:
    # The form has written what was typed into its instance: the page names the entry as it is stored.
    entry = form.instance
    stored = type(entry)._default_manager.filter(pk=entry.pk).first() if entry.pk else None
    context = {
        "visit": visit,
        "page": "codebook",
        "form": form,
        "kind": kind_word(entry),
        "stored": stored,
        "seen": form["seen"].value(),
        "gaps": load_gaps_of_topic(visit, stored) if isinstance(stored, Topic) else (),
    }
    return render(request, ENTRY_PAGE, context | more, status=status)


def _entry_conflict(
    request: HttpRequest, visit: Visit, form: SeenForm, error: StaleEntryError
) -> HttpResponse:
    """409: what is stored beside what was typed, field by field. Saving once more is a choice, then."""
    stored = FORMS[type(form.instance)](instance=error.current)
    rows = [
        (form[name].label, _words(stored[name]), _words(form[name]))
        for name in form.fields
        if name not in ("seen", "keeps_meaning") and _words(stored[name]) != _words(form[name])
    ]
    seen = last_line(error.current)
    return _entry_page(request, visit, form, status=409, conflict=error, differences=rows, seen=seen)


def _words(field: Any) -> str:
    """A field's value as a person reads it: of a choice, its words."""
    value = field.value()
    choices = {str(key): str(words) for key, words in getattr(field.field, "choices", ())}
    return choices.get(str(value or ""), str(value if value is not None else ""))


@editing
@never_cache
def guidelines_edit(request: HttpRequest, study: str) -> HttpResponse:
    """Change the guidelines, if they are still what the person saw, with the gaps beside them."""
    visit = get_visit_or_404(request, study, at_least=Role.CURATOR)
    data = request.POST if request.method == "POST" else None
    form = GuidelinesForm(data, study=visit.study)
    if data is None or not form.is_valid():
        return _guidelines_page(request, visit, form, status=200 if data is None else 422)
    try:
        save_guidelines(
            by=visit.member,
            study=visit.study,
            text=form.cleaned_data["text"],
            seen=form.cleaned_data["seen"],
            keeps_meaning=form.cleaned_data.get("keeps_meaning", False),
        )
    except StaleEntryError as error:
        return _guidelines_conflict(request, visit, form, error)
    except SummitError as refusal:
        form.add_error("text", str(refusal))
        return _guidelines_page(request, visit, form, status=422)
    messages.success(request, _("The guidelines are saved."))
    return redirect("codebook", study=visit.study.slug)


def _guidelines_page(
    request: HttpRequest, visit: Visit, form: GuidelinesForm, *, status: int, **more: Any
) -> HttpResponse:
    _found, gaps = load_gaps(visit, "1")
    context = {"visit": visit, "page": "codebook", "form": form, "gaps": gaps, "seen": form["seen"].value()}
    return render(request, GUIDELINES_PAGE, context | more, status=status)


def _guidelines_conflict(
    request: HttpRequest, visit: Visit, form: GuidelinesForm, error: StaleEntryError
) -> HttpResponse:
    """409: the stored text, what was typed, and where they differ. Saving once more is a choice, then."""
    current = Study.objects.get(pk=visit.study.pk)
    typed = form.cleaned_data["text"]
    more = {
        "seen": last_line(current),
        "conflict": error,
        "stored_text": current.guidelines,
        "pieces": word_diff(current.guidelines, typed),
    }
    return _guidelines_page(request, visit, form, status=409, **more)
