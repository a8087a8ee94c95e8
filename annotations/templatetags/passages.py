"""A passage as the workbench draws it: a page has up to eighty of them, and every save draws one.

These are functions, since a template takes far longer over as many small pieces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from annotations.markup import format_html, format_html_join

if TYPE_CHECKING:
    from annotations.highlights import Segment
    from annotations.models import Annotation, Passage, Stance
    from annotations.pages.passages import PassageShown

register = template.Library()

PASSAGE = """\
<div class="passage {kind}{is_current}" id="p{number}"{oob} data-passage="{number}">\
<a class="pno" href="?passage={number}&amp;shown={shown}#panel" hx-get="?passage={number}&amp;shown={shown}" \
hx-target="#panel" hx-swap="outerHTML" aria-label="{label}">{number}</a>\
<p class="run"{role} lang="{language}" dir="auto" data-start="{start}">{text}</p>\
{tally}{words}{acts}{talk}</div>
"""
HEADING = ' role="heading" aria-level="{}"'
OOB = ' hx-swap-oob="{}"'
TALLY = """\
<a class="tally" href="?passage={number}&amp;shown={shown}&amp;hand=empty#tags" \
hx-get="?passage={number}&amp;shown={shown}&amp;hand=empty" hx-target="#tags" hx-select="#tags" \
hx-swap="outerHTML" aria-label="{label}">{counts}</a>"""
ACTS = '<div class="passage-acts" id="acts-{}">{}{}</div>'
NOTHING = """\
<button type="submit" form="acts-form" id="nothing-{number}" name="value" value="{value}" formaction="{at}" \
hx-post="{at}" hx-target="#acts-{number}" hx-swap="outerHTML" data-nothing="{value}" aria-label="{label}">\
{words}</button>"""
TALK = '<div class="talk-of" id="talk-of-{}"{}{}>{}</div>'
COMMENTS = """\
<a href="{talk}" hx-get="{code}?passage={number}&amp;shown={shown}&amp;hand=empty&amp;talk=open" \
hx-target="#panel" hx-swap="outerHTML" aria-label="{label}">{count}</a>"""


@register.simple_tag(takes_context=True)
def passage(
    context: Mapping[str, Any], shown_passage: PassageShown, current: PassageShown | None
) -> SafeString:
    """A passage: its number, which takes it in hand, its text, its tags by stance and in words, and what can
    be said of it. ``current``: the passage that is in hand."""
    bench, one = context["bench"], shown_passage.passage
    # A fragment of passages has no panel: its template knows of none in hand.
    in_hand = bool(current and current.passage.number == one.number)
    return format_html(
        PASSAGE,
        kind=one.kind,
        is_current=" current" if in_hand else "",
        number=one.number,
        oob=format_html(OOB, "true") if context.get("oob") else "",
        shown=bench.shown,
        label=gettext("Take passage %(n)s in hand") % {"n": one.number},
        role=format_html(HEADING, 2) if one.kind == "heading" else "",
        language=bench.document.language,
        start=one.start,
        text=marked_text(shown_passage.segments),
        tally=_tally(shown_passage, str(bench.shown)),
        words=_words(shown_passage, with_coder=bench.shown.names_coders),
        acts=passage_acts(context, one),
        talk=talk_opener(
            context,
            one.number,
            shown_passage.comments,
            bench.document.slug,
            is_kept=shown_passage.keeps_talk,
            oob=False,
        ),
    )


def _tally(shown_passage: PassageShown, shown: str) -> SafeString | str:
    if not shown_passage.tally:
        return ""
    number = shown_passage.passage.number
    words = gettext("Tags in passage %(n)s:") % {"n": number}
    label = format_html("{}{}", words, stance_numbers(shown_passage.tally))
    counts = stance_counts(shown_passage.tally)
    return format_html(TALLY, number=number, shown=shown, label=label, counts=counts)


def _words(shown_passage: PassageShown, *, with_coder: bool) -> SafeString | str:
    if not shown_passage.tags:
        return ""
    return format_html('<ul class="tag-words">{}</ul>', tag_words(shown_passage.tags, with_coder))


@register.simple_tag(takes_context=True)
def passage_acts(context: Mapping[str, Any], one: Passage) -> SafeString:
    """That there is nothing to tag in a passage, or how to say so and to take it back. ``one`` is a passage
    with ``is_tagged`` and ``is_nothing``."""
    bench, said, button = context["bench"], SafeString(""), SafeString("")
    is_nothing = not one.is_tagged and one.is_nothing  # type: ignore[attr-defined]
    if is_nothing:
        said = format_html('<span class="nothing-word">{}</span>', gettext("nothing here"))
    can_be_said = one.kind != "heading" and not one.is_tagged  # type: ignore[attr-defined]
    if (is_nothing or can_be_said) and not bench.is_finished:
        label = (
            gettext("Passage %(n)s, nothing here: take back")
            if is_nothing
            else gettext("Passage %(n)s: nothing here")
        )
        address = [bench.visit.study.slug, bench.document.slug, one.number]
        button = format_html(
            NOTHING,
            number=one.number,
            value="off" if is_nothing else "on",
            at=reverse("passage-nothing", args=address),
            label=label % {"n": one.number},
            words=gettext("take back") if is_nothing else gettext("nothing here"),
        )
    return format_html(ACTS, one.number, said, button)


@register.simple_tag(takes_context=True)
def talk_opener(
    context: Mapping[str, Any], number: int, count: int, document: str, *, is_kept: bool, oob: bool
) -> SafeString:
    """How many comments there are on a passage, which leads to them. ``is_kept``: they were not counted, and
    the page keeps what it has."""
    link: SafeString | str = ""
    if count:
        study = context["visit"].study.slug
        label = ngettext("%(n)s comment on passage %(number)s", "%(n)s comments on passage %(number)s", count)
        link = format_html(
            COMMENTS,
            talk=reverse("passage-talk", args=[study, document, number]),
            code=reverse("document-code", args=[study, document]),
            number=number,
            shown=quote(str(context.get("shown", ""))),
            label=label % {"n": count, "number": number},
            count=count,
        )
    swapped = format_html(OOB, "true") if oob else ""
    return format_html(TALK, number, swapped, " data-kept" if is_kept else "", link)


def marked_text(segments: Sequence[Segment]) -> SafeString:
    """A passage's text with its underlines. The first tag that begins with a mark gives it its id; the others
    have an empty place of their own in it, so that links lead there."""
    return format_html_join("", "{}", ((_mark(one) if one.lanes else one.text,) for one in segments))


def _mark(segment: Segment) -> SafeString:
    over = " ".join(segment.over)
    if not segment.begins:
        return format_html(
            '<mark class="{}" tabindex="-1" data-tags="{}">{}</mark>', segment.css, over, segment.text
        )
    first, *others = segment.begins
    return format_html(
        '<mark class="{}" tabindex="-1" data-tags="{}" id="q-{}" data-marks="{}">{}{}</mark>',
        segment.css,
        over,
        first,
        segment.signs,
        format_html_join("", '<span id="q-{}"></span>', ((key,) for key in others)),
        segment.text,
    )


def tag_words(tags: Sequence[Annotation], with_coder: bool) -> SafeString:
    """What each tag of a passage says, in words: "Support · Minsk · Russia ← Peskov"."""
    return format_html_join(
        "",
        '<li data-tag="{}"><b class="sign s-{}" aria-hidden="true">{}</b> '
        "<span>{} · <strong>{}</strong> · {}{}{}</span></li>",
        (
            (
                tag.public_id,
                tag.stance.slot,
                tag.stance.sign,
                tag.stance.label,
                tag.topic.label,
                tag.source.label,
                via(tag),
                format_html(" · {}", tag.coder) if with_coder else "",
            )
            for tag in tags
        ),
    )


def via(tag: Annotation) -> SafeString | str:
    """Through whom a tag's source is heard; nothing where it speaks itself."""
    if tag.reported_by is None:
        return ""
    return format_html(
        ' <span class="via"><span aria-hidden="true">←</span><span class="vh">, {}</span> {}</span>',
        gettext("reported by"),
        tag.reported_by.label,
    )


def stance_counts(tally: Sequence[tuple[Stance, int]]) -> SafeString:
    """How many tags of each stance a passage has, by their signs."""
    return format_html_join(
        "",
        '<span class="s-{}"><b aria-hidden="true">{}</b>{}</span>',
        ((stance.slot, stance.sign, number) for stance, number in tally),
    )


def stance_numbers(tally: Sequence[tuple[Stance, int]]) -> SafeString:
    """The same in words: " 2 Support 1 Oppose"."""
    return format_html_join("", " {} {}", ((number, stance.label) for stance, number in tally))
