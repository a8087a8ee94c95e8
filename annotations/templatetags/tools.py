"""What narrows the comparison's table, as links: drawn by a function, since there are some thirty of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import template
from django.template.defaulttags import querystring
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from annotations.markup import format_html, format_html_join
from annotations.templatetags.summit import stance_mark

if TYPE_CHECKING:
    from django.template import RequestContext

register = template.Library()

TOOL = """\
<div class="tool"><h2 class="tool-name"><span id="by-{name}">{title}</span>{why}</h2>\
<ul aria-labelledby="by-{name}">{choices}</ul></div>
"""
CHOICE = '<li><a href="{}"{}>{}</a></li>'
WHY = ' <a class="meant" href="{}#{}" aria-label="{}"><span aria-hidden="true">?</span></a>'
CURRENT = SafeString(' aria-current="true"')

#: Words, whether they hold now, and what they ask for (None: nothing).
Choice = tuple[object, bool, str | None]


@register.simple_tag(takes_context=True)
def table_filters(context: RequestContext) -> SafeString:
    """Links that narrow the table of topics: by group, stance, side, thinness, distance and gap."""
    asked, table, reading = context["asked"], context["table"], context["reading"]
    a, b = context["a"].short_name, context["b"].short_name
    more = gettext("more in %(name)s")
    return format_html_join(
        "",
        "{}",
        [
            (tool,)
            for tool in (
                _tool(
                    context,
                    ("group", gettext("Topic group"), "", ""),
                    [
                        (gettext("all"), asked.group is None, None),
                        *((one.label, asked.group == one, one.slug) for one in table.parents),
                    ],
                ),
                _tool(
                    context,
                    ("stance", gettext("Somebody in A or B"), "", ""),
                    [
                        (gettext("takes any stance"), asked.stance is None, None),
                        *(
                            (
                                format_html("{} {}", stance_mark(one), one.label),
                                asked.stance == one,
                                one.slug,
                            )
                            for one in table.stances
                        ),
                    ],
                ),
                _tool(
                    context,
                    ("side", gettext("Listen to"), "lens", gettext("listening to one side")),
                    [
                        (gettext("all sides"), reading.side is None, None),
                        *((side, reading.side == side, side) for side in context["compared"].sides),
                    ],
                ),
                _tool(
                    context,
                    ("thin", gettext("Rests on"), "thin", gettext("thin")),
                    [
                        (gettext("any weight"), asked.thin is None, None),
                        (gettext("enough"), asked.thin == "no", "no"),
                        (gettext("little: thin"), asked.thin == "yes", "yes"),
                    ],
                ),
                _tool(
                    context,
                    (
                        "distance",
                        gettext("Distance"),
                        "uncertainty",
                        gettext("the interval of a distance"),
                    ),
                    [
                        (gettext("any or none"), asked.distance is None, None),
                        (gettext("measured"), asked.distance == "measured", "measured"),
                        (
                            gettext("firm: its interval lies within the verdict"),
                            asked.distance == "firm",
                            "firm",
                        ),
                    ],
                ),
                _tool(
                    context,
                    ("gap", gettext("Emphasis"), "emphasis", gettext("the gap in emphasis")),
                    [
                        (gettext("any gap"), asked.gap is None, None),
                        (gettext("stands out"), asked.gap == "out", "out"),
                        (more % {"name": a}, asked.gap == "a", "a"),
                        (more % {"name": b}, asked.gap == "b", "b"),
                    ],
                ),
            )
        ],
    )


def _tool(context: RequestContext, named: tuple[str, str, str, str], choices: Iterable[Choice]) -> SafeString:
    """``named``: the word of the address, what it is called, and the measure that explains it (empty where
    none does) with what is explained."""
    name, title, measure, words = named
    asked: Any = querystring
    return format_html(
        TOOL,
        name=name,
        title=title,
        why=_why(context, measure, words) if measure else "",
        choices=format_html_join(
            "",
            CHOICE,
            [
                (asked(context, **{name: value, "open": None}), CURRENT if is_current else "", said)
                for said, is_current, value in choices
            ],
        ),
    )


def _why(context: RequestContext, measure: str, words: str) -> SafeString:
    """The link to what is meant."""
    label = gettext("What is meant by %(words)s?") % {"words": words}
    return format_html(WHY, reverse("measures", args=[context["visit"].study.slug]), measure, label)
