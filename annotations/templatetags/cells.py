"""What stands in the cells of the comparison: its drawings, and the voices. A page has hundreds of them, so
they are functions: a template would take five times as long."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from annotations.comparison.measures import stands_out
from annotations.enums import Verdict
from annotations.markup import conditional_escape, format_html, format_html_join
from annotations.templatetags.summit import (
    balance,
    decimals,
    dot,
    icon,
    percent,
    verdict_css,
    verdict_mark,
    verdict_phrase,
    verdict_words,
)

if TYPE_CHECKING:
    from annotations.comparison.values import TopicComparison
    from annotations.models import Topic
    from annotations.pages.comparison import Bar, Chip, Row
    from annotations.pages.drawing import Scale, Track
    from annotations.pages.presence import RowAgreement
    from annotations.pages.table import RowLinks

register = template.Library()

BAR = """\
<div class="em em-{letter}"><span class="em-n"><span class="vh">{name}: </span>\
<span>{share}</span> <a href="{address}" aria-label="{label}">{n}</a></span>\
<svg class="bar" viewBox="0 0 92 12" preserveAspectRatio="none" aria-hidden="true">\
<rect class="p{letter}" x="{x}" y="0" width="{width}" height="12"/></svg></div>"""
SILENT = """\
<div class="em em-{letter} is-silent"><span class="em-n"><span class="vh">{name}: </span>{words}</span>\
<svg class="bar" viewBox="0 0 92 12" preserveAspectRatio="none" aria-hidden="true">\
<path class="nought" d="M0 6H92"/></svg></div>"""
NOT_CODED = """\
<div class="em em-{letter} is-uncoded"><span class="em-n"><span class="vh">{name}: </span>{words}</span>\
<svg class="bar" viewBox="0 0 92 12" preserveAspectRatio="none" aria-hidden="true">\
<rect class="hatched" width="92" height="12" fill="url(#hatch)"/></svg></div>"""
SCALE = """\
<div class="pos"><svg class="scale" viewBox="0 0 170 34" role="img" aria-label="{label}">\
<path class="axis" d="M14 17H156{ticks}"/>{rings_a}{rings_b}{bell}{mark_a}{mark_b}</svg>\
<p class="means" aria-hidden="true"><span>{mean_a}</span> <span>{mean_b}</span></p></div>"""
RING_A = '<circle class="ghost g-a" cx="{}" cy="9" r="{}"/>'
RING_B = '<circle class="ghost g-b" cx="{}" cy="25" r="{}"/>'
BELL = '<path class="bell" d="M{} 9L{} 25"/>'
MARK_A = '<circle class="pa" cx="{}" cy="9" r="5.5"/>'
MARK_B = '<path class="pb" d="M{} 25m0-6.5l6.5 6.5l-6.5 6.5l-6.5-6.5z"/>'
ONE = """\
<svg class="scale one" viewBox="0 0 170 18" role="img" aria-label="{label}">\
<path class="axis" d="M14 9H156{ticks}"/>{rings}{mark}</svg>"""
RING = '<circle class="ghost" cx="{}" cy="9" r="{}"/>'
MARK = '<circle class="at" cx="{}" cy="9" r="5"/>'
OPENER = """\
<a class="opener" href="{opens}{slug}#t-{slug}" role="button" aria-expanded="false" \
aria-controls="d-{slug}" hx-get="{quotes}{slug}" hx-target="#d-{slug}" hx-swap="outerHTML" \
hx-trigger="load-row" aria-label="{label}">{icon}</a>"""
OPENED = """\
<a class="opener" href="{opens}{slug}#t-{slug}" role="button" aria-expanded="true" \
aria-controls="d-{slug}" aria-label="{label}">{icon}</a>"""
VERDICT = """\
<div class="verdict">{badge}{alone}
{track}
<p class="fine">{thin}{basis}</p></div>"""
BADGE_LINK = """\
<a class="cell-link" href="{opens}{slug}#t-{slug}" data-opens="d-{slug}">{badge}\
<span class="vh">: {quotes}</span></a>"""
THIN = '<span class="thin-word">{}</span>'
PRESENCE = """\
<p class="fine coders-alpha"><a href="{address}#topic-{slug}">\
{words} α {alpha}</a></p>"""
CHIP = '<li><a class="chip{kind}" href="{page}#{slug}">{in_a}{in_b}{label}{via}</a></li>'
CHIP_WITHOUT_PLACE = '<li><span class="chip{kind}">{in_a}{in_b}{label}{via}</span></li>'
VIA = '<span class="via"> <span aria-hidden="true">←</span><span class="vh">{}</span> {}</span>'
NOTHING = SafeString()
OWN, BOTH = format_html("{}", " own"), format_html("{}", " both")
TRACK = """\
<svg class="track" viewBox="0 0 150 16" role="img" aria-label="{label}">\
<path class="axis" d="M4 8H146M4 5v6M146 5v6"/>\
<path class="bound" d="M{agree_x} 3v10M{diverge_x} 3v10"/>\
<rect class="band" x="{low_x}" y="6" width="{width}" height="4" rx="2"/>\
<circle class="at" cx="{x}" cy="8" r="4"/></svg>"""


@dataclass(frozen=True, slots=True)
class Words:
    """What most rows say, in one language. Those with places are for ``str.__mod__``."""

    quotes_on: str
    position: str
    reported_by: SafeString
    in_a: SafeString
    in_b: SafeString
    shared: str
    nobody: str
    quotes: str
    alone_title: str
    alone: str
    alone_verdict: str
    measured: str
    draws: str
    gap: str
    stands_out: str


def words() -> Words:
    """In the language of the page."""
    return _words_in(get_language())


@cache
def _words_in(language: str | None) -> Words:
    # Looked up for each row, they would take longer than drawing it.
    return Words(
        quotes_on=gettext("Quotes on %(topic)s"),
        position=gettext(
            "Balance of positions voiced, from %(low)s to %(high)s: "
            "%(name_a)s %(mean_a)s; %(name_b)s %(mean_b)s"
        ),
        reported_by=format_html("{}", gettext("reported by")),
        in_a=format_html('{}<span class="vh">{}</span>', dot("a"), gettext("in A")),
        in_b=format_html('{}<span class="vh">{}</span>', dot("b"), gettext("in B")),
        shared=gettext("%(n)s of %(of)s voices shared"),
        nobody=gettext("nobody else"),
        quotes=gettext("quotes"),
        alone_title=gettext("Coders who alone give this verdict"),
        alone=gettext("%(n)s of %(of)s coders"),
        alone_verdict=gettext("alone give the same verdict"),
        measured=gettext("distance %(distance)s, on %(share_a)s of A, %(share_b)s of B"),
        draws=gettext("this verdict in %(share)s of draws"),
        gap=gettext("gap: z %(z)s"),
        stands_out=gettext("stands out"),
    )


def row_opener(topic: Topic, links: RowLinks, opened: Topic | None) -> SafeString:
    """What opens the row of a topic, and says whether it is open."""
    is_open = topic == opened
    return format_html(
        OPENED if is_open else OPENER,
        opens=links.opens,
        quotes=links.quotes,
        slug=topic.slug,
        label=words().quotes_on % {"topic": topic.label},
        icon=icon("more"),
    )


def emphasis_bar(bar: Bar, topic: Topic, address: str) -> SafeString:
    """A document's emphasis on a topic in words, its number of tags as a link to ``address``, and the bar."""
    if bar.is_silent:
        return format_html(SILENT, letter=bar.letter, name=bar.name, words=gettext("silent"))
    if bar.is_not_coded:
        return format_html(NOT_CODED, letter=bar.letter, name=bar.name, words=gettext("not coded yet"))
    n = bar.on_topic.n
    label = ngettext("%(n)s tag of %(name)s on %(topic)s", "%(n)s tags of %(name)s on %(topic)s", n) % {
        "n": n,
        "name": bar.name,
        "topic": topic.label,
    }
    return format_html(
        BAR,
        letter=bar.letter,
        name=bar.name,
        share=percent(bar.on_topic.emphasis),
        address=address,
        label=label,
        n=n,
        x=bar.x,
        width=bar.width,
    )


def emphasis_gap(z: float | None) -> SafeString:
    """How far the two documents differ in emphasis, and whether that stands out; nothing where undefined."""
    if z is None:
        return NOTHING
    said = words()
    out = format_html(" <b>{}</b>", said.stands_out) if stands_out(z) else NOTHING
    return format_html('<p class="fine gap">{}{}</p>', said.gap % {"z": balance(z)}, out)


@register.simple_tag
def scale_drawing(scale: Scale, name_a: str, name_b: str) -> SafeString:
    """The balance of positions voiced in both documents, on the study's scale, and both in numbers."""
    mean_a, mean_b = balance(scale.mean_a), balance(scale.mean_b)
    label = words().position % {
        "low": balance(scale.low),
        "high": balance(scale.high),
        "name_a": name_a,
        "name_b": name_b,
        "mean_a": mean_a,
        "mean_b": mean_b,
    }
    return format_html(
        SCALE,
        label=label,
        ticks="".join([f"M{x} 14v6" for x in scale.ticks]),
        rings_a=format_html_join("", RING_A, [(ring.x, ring.radius) for ring in scale.rings_a]),
        rings_b=format_html_join("", RING_B, [(ring.x, ring.radius) for ring in scale.rings_b]),
        bell=format_html(BELL, scale.mean_a_x, scale.mean_b_x) if scale.bar else "",
        mark_a=format_html(MARK_A, scale.mean_a_x) if scale.mean_a_x else "",
        mark_b=format_html(MARK_B, scale.mean_b_x) if scale.mean_b_x else "",
        mean_a=mean_a,
        mean_b=mean_b,
    )


@register.simple_tag
def one_on_scale(scale: Scale, name: str) -> SafeString:
    """One document of several on the scale that all of them share, with no mark of A or B."""
    label = gettext("Balance of positions voiced, from %(low)s to %(high)s: %(name)s %(mean)s") % {
        "low": balance(scale.low),
        "high": balance(scale.high),
        "name": name,
        "mean": balance(scale.mean_a),
    }
    return format_html(
        ONE,
        label=label,
        ticks="".join([f"M{x} 6v6" for x in scale.ticks]),
        rings=format_html_join("", RING, [(ring.x, ring.radius) for ring in scale.rings_a]),
        mark=format_html(MARK, scale.mean_a_x) if scale.mean_a_x else NOTHING,
    )


def track_drawing(track: Track) -> SafeString:
    """A distance on the way from 0 to 1, with the interval of the draws and the bounds of the verdicts."""
    label = gettext(
        "Distance %(distance)s on the way from 0 to 1; 95 %% of the draws lie between %(low)s and %(high)s. "
        "Up to %(agree)s the two agree, above %(diverge)s they diverge."
    ) % {
        "distance": decimals(track.distance),
        "low": decimals(track.low),
        "high": decimals(track.high),
        "agree": decimals(track.agree_max),
        "diverge": decimals(track.diverge_above),
    }
    return format_html(
        TRACK,
        label=label,
        agree_x=track.agree_x,
        diverge_x=track.diverge_x,
        low_x=track.low_x,
        width=track.width,
        x=track.x,
    )


def voice_chips(row: Row, address: str) -> SafeString:
    """Who is heard on a topic, in which documents and through whom, and how many of them both documents
    share. ``address``: the topic's page, where each voice has its place."""
    # What is the same in every chip is escaped once.
    page, said = conditional_escape(address), words()
    chips = SafeString()
    for chip in row.chips_shown:
        kind = OWN if chip.is_author else BOTH if chip.in_a and chip.in_b else NOTHING
        chips += format_html(
            CHIP if chip.slug else CHIP_WITHOUT_PLACE,
            kind=kind,
            page=page,
            slug=chip.slug,
            in_a=said.in_a if chip.in_a else NOTHING,
            in_b=said.in_b if chip.in_b else NOTHING,
            label=chip.label,
            via=format_html(VIA, said.reported_by, _messengers(chip)) if chip.through else NOTHING,
        )
    return format_html('<ul class="chips">{}{}{}</ul>', chips, _more(row, page), _shared(row))


def _messengers(chip: Chip) -> str:
    """The messengers that a chip has room for, and how many there are beside them."""
    named = ", ".join(chip.through_shown)
    if not chip.through_more:
        return named
    return f"{named} {gettext('and %(n)s more') % {'n': chip.through_more}}"


def _more(row: Row, address: str) -> SafeString | str:
    n = row.chips_more
    if not n:
        return ""
    more = ngettext("%(n)s voice more", "%(n)s voices more", n) % {"n": n}
    return format_html('<li><a class="chip" href="{}">{}</a></li>', address, more)


def _shared(row: Row) -> SafeString | str:
    n, of = row.shared
    if not of and not row.chips:
        return ""
    said = words().shared % {"n": n, "of": of} if of else words().nobody
    return format_html('<li class="fine">{}</li>', said)


@register.simple_tag
def verdict_cell(
    result: TopicComparison, track: Track | None, links: RowLinks | None = None, slug: str = ""
) -> SafeString:
    """The verdict on a topic, how many coders alone give it, and what it rests on. In a row, which has
    ``links`` and its topic's ``slug``, it opens the quotes."""
    badge = _badge(result)
    if links:
        badge = format_html(BADGE_LINK, opens=links.opens, slug=slug, badge=badge, quotes=words().quotes)
    basis = _basis(result, track)
    return format_html(
        VERDICT,
        badge=badge,
        alone=_same_alone(result),
        track=track_drawing(track) if track else NOTHING,
        thin=format_html(THIN, gettext("thin")) if result.thin else NOTHING,
        basis=f" · {basis}" if result.thin and basis else basis,
    )


def _badge(result: TopicComparison) -> SafeString:
    """The verdict with its mark, as loud as it is."""
    verdict = result.verdict
    return format_html(
        '<span class="badge {}{}">{}{}</span>',
        verdict_css(verdict),
        " thin" if result.thin else NOTHING,
        verdict_mark(verdict),
        verdict_words(verdict),
    )


def coders_presence(agreed: RowAgreement | None, slug: str, address: str) -> SafeString:
    """How far the coders agree on where a topic is present, as a link to the page of reliability at
    ``address``; empty where that is not known."""
    if agreed is None:
        return NOTHING
    return format_html(
        PRESENCE,
        address=address,
        slug=slug,
        words=gettext("coders’ presence:"),
        alpha=balance(agreed.presence.measure.value),
    )


def _same_alone(result: TopicComparison) -> SafeString:
    """How many of the coders alone give the verdict found; nothing where none finished both documents."""
    if result.verdict_by_coder is None:
        return NOTHING
    n, of = result.verdict_by_coder
    said = words()
    return format_html(
        ' <span class="by" title="{}">{}<span class="vh"> {}</span></span>',
        said.alone_title,
        said.alone % {"n": n, "of": of},
        said.alone_verdict,
    )


def _basis(result: TopicComparison, track: Track | None) -> str:
    """What a verdict rests on, and how sure it is."""
    basis = _measured(result)
    if track:
        basis += " · " + words().draws % {"share": percent(track.probability, 0)}
    if result.provisional and result.verdict is not Verdict.PENDING:
        basis += " · " + gettext("provisional")
    return basis


def _measured(result: TopicComparison) -> str:
    if result.distance is not None:
        return words().measured % {
            "distance": decimals(result.distance),
            "share_a": percent(result.common_share_a, 0),
            "share_b": percent(result.common_share_b, 0),
        }
    if result.silence_chance is not None:
        return gettext("from length alone: %(chance)s") % {"chance": decimals(result.silence_chance)}
    if result.by_side is None:
        return gettext("a document is not finished") if result.verdict is Verdict.PENDING else ""
    side = verdict_phrase(result.by_side)
    if result.by_body is None:
        return gettext("by side: %(side)s") % {"side": side}
    return gettext("by body: %(body)s; by side: %(side)s") % {
        "body": verdict_phrase(result.by_body),
        "side": side,
    }
