"""The rows of the comparison, drawn by a function: a template would take twice as long over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django import template
from django.template import Engine
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from annotations.markup import conditional_escape, format_html, format_html_join
from annotations.templatetags.cells import (
    NOTHING,
    coders_presence,
    emphasis_bar,
    emphasis_gap,
    row_opener,
    scale_drawing,
    verdict_cell,
    voice_chips,
)

if TYPE_CHECKING:
    from django.template import Context

    from annotations.pages.comparison import Row
    from annotations.pages.table import RowLinks

register = template.Library()

DETAIL = "annotations/partials/_compare_detail.html"
ROW = """\
<tr id="t-{slug}" class="topic" role="row"><th scope="row" role="rowheader">{opener}\
<a class="topic-name" href="{page}">{label}</a>{group}<p class="statement">{statement}</p></th>
<td role="cell" data-label="{emphasis}"><div class="ems">{bars}</div>{gap}</td>
<td role="cell" data-label="{positions}">{scale}</td>
<td role="cell" data-label="{voices}">{chips}</td>
<td role="cell" data-label="{verdict}">{judged}{presence}</td></tr>
{detail}
"""
CLOSED = """\
<tr class="detail" id="d-{slug}" role="row" hidden><td colspan="5" role="cell"></td></tr>"""
GROUP = ' <span class="of-group">{}</span>'
SCALE_LINK = '<a class="cell-link" href="{opens}{slug}#t-{slug}" data-opens="d-{slug}">{scale}</a>'
NO_SCALE = '<p class="fine">{}</p>'


@register.simple_tag(takes_context=True)
def compare_rows(context: Context, rows: Sequence[Row], with_parent: bool = False) -> SafeString:
    """Rows of topics, each with what it opens into; one of them may be open. ``with_parent``: they do not
    stand under their parents, and name them."""
    links, opened, agreements = context["links"], context["opened"], context["agreements"]
    names = (context["a"].short_name, context["b"].short_name)
    reliability = reverse("reliability", args=[context["visit"].study.slug])
    # What is the same in every row is looked up and escaped once.
    heads = {
        "emphasis": gettext("Emphasis"),
        "positions": gettext("Balance of positions voiced"),
        "voices": gettext("Voices"),
        "verdict": gettext("Verdict"),
    }
    heads = {name: conditional_escape(words) for name, words in heads.items()}
    no_scale = format_html(NO_SCALE, gettext("no position voiced"))
    drawn = [
        format_html(
            ROW,
            **heads,
            slug=slug,
            page=page,
            opener=row_opener(topic, links, opened),
            label=topic.label,
            group=format_html(GROUP, topic.parent.label) if with_parent and topic.parent else NOTHING,
            statement=topic.statement,
            bars=format_html_join("", "{}", [(emphasis_bar(bar, topic, page),) for bar in row.bars]),
            gap=emphasis_gap(row.compared.emphasis_z),
            scale=_scale(row, links, names) or no_scale,
            chips=voice_chips(row, page),
            judged=verdict_cell(row.compared, row.track, links, slug),
            presence=coders_presence(agreements.get(slug), slug, reliability),
            detail=_opened(context) if topic == opened else format_html(CLOSED, slug=slug),
        )
        for row in rows
        for topic in [row.topic]
        for slug in [topic.slug]
        for page in [links.pages[slug]]
    ]
    return SafeString("".join(drawn))


def _scale(row: Row, links: RowLinks, names: tuple[str, str]) -> SafeString | None:
    """The positions on the scale, which open the quotes; None where nobody takes one."""
    if not row.scale.is_drawn:
        return None
    scale = scale_drawing(row.scale, *names)
    return format_html(SCALE_LINK, opens=links.opens, slug=row.topic.slug, scale=scale)


def _opened(context: Context) -> SafeString:
    """The quotes of the open row."""
    return Engine.get_default().get_template(DETAIL).render(context)
