"""What the workbench draws once for each tag, in the text and in the list, and with each save.

These are functions, since a template takes far longer over as many small pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from annotations.markup import conditional_escape, format_html, format_html_join
from annotations.templatetags.passages import OOB, passage, via
from annotations.templatetags.summit import icon, outdated_words, stance_mark

if TYPE_CHECKING:
    from annotations.models import Annotation, Study
    from annotations.pages.minimap import Block, Tick
    from annotations.pages.passages import PassageShown
    from annotations.pages.workbench import Workbench
    from annotations.services.undoing import Step

    Drawer = Callable[[Annotation], SafeString]

register = template.Library()

#: Stands in an address for the id of a tag, which is put in its place.
ANY_TAG = UUID(int=0)

BLOCK = """\
<li id="map-{first}" data-first="{first}" data-last="{last}"{oob}{asks}>\
<a href="{query}#p{first}" aria-label="{label}"><svg viewBox="0 0 64 {height}" width="64" height="{height}" \
preserveAspectRatio="none" aria-hidden="true"><rect class="block" x="4" y=".5" width="56" height="{inside}" \
rx="2"/>{ticks}</svg></a></li>
"""
ASKS = ' hx-get="{}?shown={}&amp;passage={}" hx-trigger="map:stale" hx-swap="outerHTML"'
TICK = '<rect class="f-{}" x="{}" y="{}" width="{}" height="{}"/>'
TAG = """\
<li class="tag s-{slot}">{mark}<div><p class="tag-line"><b>{topic}</b> \
<span class="voice">{source}{via}</span>{remarks}</p>
<a class="tag-quote" href="#q-{key}" data-span="{number}:{start}:{end}" lang="{language}" dir="auto">\
{quote}</a>{note}</div>
{acts}</li>
"""
ACTS = """\
<div class="tag-acts"><a href="?edit={key}&amp;shown={shown}#panel" hx-get="?edit={key}&amp;shown={shown}" \
hx-target="#panel" hx-swap="outerHTML" aria-label="{edit_label}">{edit}</a>
<form method="post" action="{at}" hx-post="{at}" hx-target="#tags" hx-swap="outerHTML" autocomplete="off">\
<input type="hidden" name="csrfmiddlewaretoken" value="{token}">\
<input type="hidden" name="version" value="{version}"><input type="hidden" name="shown" value="{shown}">\
<button type="submit" aria-label="{withdraw_label}">{withdraw}</button></form></div>"""
STEP = """\
<form method="post" action="{at}" hx-post="{at}" hx-target="#tags" hx-swap="outerHTML" autocomplete="off">\
<input type="hidden" name="csrfmiddlewaretoken" value="{token}">\
<input type="hidden" name="tag" value="{tag}">\
<input type="hidden" name="version" value="{version}"><input type="hidden" name="shown" value="{shown}">\
{button}</form>"""
STEP_BUTTON = """\
<button type="submit" class="quiet" data-{way} aria-keyshortcuts="{keys}" title="{label}" \
aria-label="{label}">{icon}</button>"""
STEPS = '<div class="steps" id="undo"{oob}>{undo}{redo}</div>\n'
SECTION = """\
<section class="tags" id="tags" data-passage="{number}" aria-labelledby="tags-h">{before}\
<h2 id="tags-h">{heading} <span>{count}</span></h2>
<ul class="taglist">{tags}</ul></section>
"""
NO_SECTION = '<section class="tags" id="tags"><p class="fine">{}</p></section>\n'
TOAST = """\
<div id="toast" class="toast-slot" role="status"{oob}>{toast}</div>
"""
SAID = """\
<div class="toast"><p>{words}</p>{step}\
<button type="button" class="quiet" data-dismiss aria-label="{close}">{icon}</button></div>"""
NO_STEP = '<button type="button" class="quiet" disabled title="{label}" aria-label="{label}">{icon}</button>'


@dataclass(frozen=True, slots=True)
class Way:
    """The way a step is taken: back or forth."""

    address: str
    keys: str
    keys_shown: str
    word: str
    label: str
    nothing: str


WAYS = {
    "undo": Way("document-undo", "Control+Z", "Ctrl Z", _("Undo"), _("Undo: %(step)s"), _("Nothing to undo")),
    "redo": Way(
        "document-redo",
        "Control+Shift+Z",
        "Ctrl Shift Z",
        _("Redo"),
        _("Redo: %(step)s"),
        _("Nothing to redo"),
    ),
}


@register.simple_tag(takes_context=True)
def map_block(context: Mapping[str, Any], block: Block, oob: bool) -> SafeString:
    """A passage on the map, or a run of them, with its tags. A run of a long document asks for itself when
    the script says that it has changed. ``oob``: it takes the place of the one in the page."""
    bench, asks, query = context["bench"], SafeString(""), SafeString("")
    if block.is_run:
        study, document = bench.visit.study.slug, bench.document.slug
        query = format_html("?shown={}&amp;at={}", bench.shown, block.first)
        asks = format_html(ASKS, reverse("document-map", args=[study, document]), bench.shown, block.first)
    return format_html(
        BLOCK,
        first=block.first,
        last=block.last,
        oob=format_html(OOB, "true") if oob else "",
        asks=asks,
        query=query,
        label=_block_label(block),
        height=block.height,
        inside=block.height - 1,
        ticks=_ticks(block.ticks),
    )


def _block_label(block: Block) -> str:
    place = {"n": block.first, "first": block.first, "last": block.last, "tags": block.tags}
    if not block.is_run:
        words = ngettext("Passage %(n)s, %(tags)s tag", "Passage %(n)s, %(tags)s tags", block.tags or 0)
    elif block.tags is None:
        words = gettext("Passages %(first)s to %(last)s")
    else:
        words = ngettext(
            "Passages %(first)s to %(last)s, %(tags)s tag",
            "Passages %(first)s to %(last)s, %(tags)s tags",
            block.tags,
        )
    return words % place


def _ticks(ticks: Sequence[Tick]) -> SafeString:
    return format_html_join(
        "",
        TICK,
        ((tick.slot, tick.x, f"{tick.y:.1f}", f"{tick.width:.1f}", f"{tick.height:.1f}") for tick in ticks),
    )


@register.simple_tag(takes_context=True)
def saved_parts(context: Mapping[str, Any]) -> SafeString:
    """What an act on a tag changes in the page beside the form: the passage's tags in the list and in the
    text, its place on the map, what can be undone, and the message.

    Each save answers with this alone. It asks for nothing but what its view gives it, so that no template
    stands between.
    """
    current, block = context["current"], context["block"]
    parts = [
        tag_list(context, current, context.get("in_the_way", "")),
        passage(context, current, None) if current else "",
        map_block(context, block, True) if block else "",
        undo_bar(context),
        toast_slot(context),
    ]
    return format_html_join("\n", "{}", ((part,) for part in parts))


@register.simple_tag(takes_context=True)
def tag_list(context: Mapping[str, Any], current: PassageShown | None, before: str = "") -> SafeString:
    """The tags of the passage in view; ``before``, what stands in the way of one of them."""
    if not current:
        return format_html(NO_SECTION, gettext("Choose a passage by its number to list its tags."))
    nothing = format_html('<li class="fine">{}</li>', gettext("No tags here yet."))
    return format_html(
        SECTION,
        number=current.passage.number,
        before=before,
        heading=gettext("Tags in passage %(n)s") % {"n": current.passage.number},
        count=len(current.tags),
        tags=listed_tags(context, current.tags) if current.tags else nothing,
    )


def listed_tags(context: Mapping[str, Any], tags: Sequence[Annotation]) -> SafeString:
    """Tags in the list of their passage: what each says, and what its coder can do."""
    bench, reader = context["bench"], context["user"].pk
    number = context["current"].passage.number
    draw_acts = None if bench.is_finished else _acts_drawer(context)
    return format_html_join("", "{}", ((_listed_tag(tag, bench, number, reader, draw_acts),) for tag in tags))


def _listed_tag(
    tag: Annotation, bench: Workbench, number: int, reader: int, draw_acts: Drawer | None
) -> SafeString:
    is_own = tag.coder_id == reader
    return format_html(
        TAG,
        slot=tag.stance.slot,
        mark=stance_mark(tag.stance, labelled=True),
        topic=tag.topic.label,
        source=tag.source.label,
        via=via(tag),
        remarks=_remarks(tag, bench.visit.study, is_own=is_own),
        key=tag.public_id,
        number=number,
        start=tag.start,
        end=tag.end,
        language=bench.document.language,
        quote=tag.quote,
        note=format_html('<p class="fine tag-note" dir="auto">{}</p>', tag.note) if tag.note else "",
        acts=draw_acts(tag) if is_own and draw_acts else "",
    )


def _remarks(tag: Annotation, study: Study, *, is_own: bool) -> SafeString:
    """What is to be known about a tag, and whose it is where it is not the reader's own."""
    remarks = []
    if tag.uncertain:
        remarks.append(gettext("uncertain"))
    if tag.changed_after_reopening:
        remarks.append(gettext("changed after reopening"))
    said = format_html_join("", ' <span class="fine">{}</span>', ((remark,) for remark in remarks))
    if outdated := outdated_words(tag, study):
        review = reverse("tag-review", args=[study.slug])
        said += format_html(' <a class="fine outdated" href="{}">{}</a>', review, outdated)
    return said if is_own else said + format_html(' <span class="fine">{}</span>', tag.coder)


def _acts_drawer(context: Mapping[str, Any]) -> Drawer:
    """What draws what its coder can do with a tag. What is the same for all of them is looked up once."""
    bench = context["bench"]
    at = reverse("tag-withdraw", args=[bench.visit.study.slug, bench.document.slug, ANY_TAG])
    edit_label, withdraw_label = gettext("Edit the tag %(topic)s"), gettext("Withdraw the tag %(topic)s")
    same = {
        "shown": str(bench.shown),
        "token": str(context["csrf_token"]),
        "edit": gettext("Edit"),
        "withdraw": gettext("Withdraw"),
    }
    same = {name: conditional_escape(words) for name, words in same.items()}

    def draw(tag: Annotation) -> SafeString:
        key, topic = str(tag.public_id), {"topic": tag.topic.label}
        return format_html(
            ACTS,
            **same,
            key=key,
            version=tag.version,
            at=at.replace(str(ANY_TAG), key),
            edit_label=edit_label % topic,
            withdraw_label=withdraw_label % topic,
        )

    return draw


@register.simple_tag(takes_context=True)
def undo_bar(context: Mapping[str, Any]) -> SafeString:
    """What undoes and redoes a step, in the workbench's bar; nothing where one's tags are locked."""
    bench, steps = context["bench"], context["steps"]
    open_ = not bench.is_finished
    return format_html(
        STEPS,
        oob=format_html(OOB, "true") if context.get("oob") else "",
        undo=step_button(context, "undo", steps.undo) if open_ else "",
        redo=step_button(context, "redo", steps.redo) if open_ else "",
    )


@register.simple_tag(takes_context=True)
def toast_slot(context: Mapping[str, Any]) -> SafeString:
    """The message that says what was done, with the step that takes it back: of this act, or those that a
    page before has left."""
    toast, said = context.get("toast"), SafeString("")
    words = [toast.text] if toast else [str(message) for message in context.get("messages") or ()]
    if words:
        way = next((way for way in WAYS if getattr(toast, way, None)), None)
        said = format_html(
            SAID,
            words=" ".join(words),
            step=_toast_step(context, way, getattr(toast, way)) if way else "",
            close=gettext("Close this message"),
            icon=icon("x"),
        )
    return format_html(TOAST, oob=format_html(OOB, "true") if context.get("oob") else "", toast=said)


def step_button(context: Mapping[str, Any], way: str, step: Step | None) -> SafeString:
    """What undoes or redoes (``way``) a step in the workbench's bar; it says where there is none."""
    if step is None:
        return format_html(NO_STEP, label=gettext(WAYS[way].nothing), icon=icon(way))
    label = gettext(WAYS[way].label) % {"step": step.words}
    button = format_html(STEP_BUTTON, way=way, keys=WAYS[way].keys, label=label, icon=icon(way))
    return _step_form(context, way, step, button)


def _toast_step(context: Mapping[str, Any], way: str, step: Step) -> SafeString:
    """The same in the message that says what was done."""
    words = (gettext(WAYS[way].word), WAYS[way].keys_shown)
    button = format_html('<button type="submit">{} <kbd>{}</kbd></button>', *words)
    return _step_form(context, way, step, button)


def _step_form(context: Mapping[str, Any], way: str, step: Step, button: SafeString) -> SafeString:
    bench = context["bench"]
    return format_html(
        STEP,
        at=reverse(WAYS[way].address, args=[bench.visit.study.slug, bench.document.slug]),
        token=str(context["csrf_token"]),
        tag=step.tag,
        version=step.version,
        shown=bench.shown,
        button=button,
    )
