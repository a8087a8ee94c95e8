"""What narrows the comparison's table, as links: drawn by a function, since there are some thirty of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from django import template
from django.template.defaulttags import querystring
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from annotations.markup import format_html, format_html_join
from annotations.templatetags.summit import stance_mark

if TYPE_CHECKING:
    from django.template import RequestContext

    from annotations.pages.reading import Compared
    from annotations.pages.table import Asked, Table

register = template.Library()

TOOL = """\
<div class="tool"><h2 class="tool-name"><span id="by-{name}">{title}</span>{why}</h2>\
<ul aria-labelledby="by-{name}">{choices}</ul></div>
"""
CHOICE = '<li><a href="{}"{}>{}</a></li>'
WHY = ' <a class="meant" href="{}#{}" aria-label="{}"><span aria-hidden="true">?</span></a>'
CURRENT = SafeString(' aria-current="true"')


class Filter(NamedTuple):
    """One row of links. ``name``: the word of the address; ``now``: what it asks for; ``choices``: the links'
    words by what they ask for, None for nothing; ``measure``: the section that explains it, with ``meaning``
    for what is explained."""

    name: str
    title: str
    now: str | None
    choices: Mapping[str | None, str]
    measure: str = ""
    meaning: str = ""


@register.simple_tag(takes_context=True)
def table_filters(context: RequestContext) -> SafeString:
    """Links that narrow the table of topics: by group, stance, side, thinness, distance and gap."""
    filters = _filters(context["asked"], context["table"], context["compared"])
    return format_html_join("", "{}", [(_drawn(context, one),) for one in filters])


def _filters(asked: Asked, table: Table, compared: Compared) -> tuple[Filter, ...]:
    more = gettext("more in %(name)s")
    return (
        Filter(
            "group",
            gettext("Topic group"),
            asked.group.slug if asked.group else None,
            {None: gettext("all")} | {one.slug: one.label for one in table.parents},
        ),
        Filter(
            "stance",
            gettext("Somebody in A or B"),
            asked.stance.slug if asked.stance else None,
            {None: gettext("takes any stance")}
            | {one.slug: format_html("{} {}", stance_mark(one), one.label) for one in table.stances},
        ),
        Filter(
            "side",
            gettext("Listen to"),
            compared.reading.side,
            {None: gettext("all sides")} | {side: side for side in compared.sides},
            "lens",
            gettext("listening to one side"),
        ),
        Filter(
            "thin",
            gettext("Rests on"),
            asked.thin,
            {None: gettext("any weight"), "no": gettext("enough"), "yes": gettext("little: thin")},
            "thin",
            gettext("thin"),
        ),
        Filter(
            "distance",
            gettext("Distance"),
            asked.distance,
            {
                None: gettext("any or none"),
                "measured": gettext("measured"),
                "firm": gettext("firm: its interval lies within the verdict"),
            },
            "uncertainty",
            gettext("the interval of a distance"),
        ),
        Filter(
            "gap",
            gettext("Emphasis"),
            asked.gap,
            {
                None: gettext("any gap"),
                "out": gettext("stands out"),
                "a": more % {"name": compared.a.short_name},
                "b": more % {"name": compared.b.short_name},
            },
            "emphasis",
            gettext("the gap in emphasis"),
        ),
    )


def _drawn(context: RequestContext, one: Filter) -> SafeString:
    # Django's tag has no types of its own.
    link_to: Any = querystring
    choices = [
        (link_to(context, **{one.name: value, "open": None}), CURRENT if value == one.now else "", words)
        for value, words in one.choices.items()
    ]
    return format_html(
        TOOL,
        name=one.name,
        title=one.title,
        why=_why(context, one) if one.measure else "",
        choices=format_html_join("", CHOICE, choices),
    )


def _why(context: RequestContext, one: Filter) -> SafeString:
    """The link to what is meant."""
    label = gettext("What is meant by %(words)s?") % {"words": one.meaning}
    return format_html(WHY, reverse("measures", args=[context["visit"].study.slug]), one.measure, label)
