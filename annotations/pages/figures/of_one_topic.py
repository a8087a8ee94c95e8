"""One topic: the stances that both documents voice, and every document on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.pages.figures.of_topics import HALF, STRETCH, absence, draw_stretched, two_sided
from annotations.pages.figures.shapes import SMALL, Pen, diamond, disc, wrap
from annotations.pages.figures.sheet import Body, key_of_documents
from annotations.pages.figures.verdict_marks import draw_verdict
from annotations.templatetags.summit import balance, decimals, verdict_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotations.comparison.values import DocumentOnTopic
    from annotations.models import Topic
    from annotations.pages.pairs import OnTopic
    from annotations.pages.reading import Compared
    from annotations.pages.timeline import Strip


@dataclass(frozen=True, slots=True)
class StanceRow:
    """One stance value (None: no position taken) with its weight in A and in B, and its share of the weight
    there; a share is None where the document does not raise the topic."""

    value: float | None
    label: str
    weight_a: float
    weight_b: float
    share_a: float | None
    share_b: float | None


def stance_rows(compared: Compared, topic: Topic) -> list[StanceRow]:
    """The distribution of a topic's weight over the declared values, from support to opposition."""
    result = compared.comparison.topic(topic.slug)
    labels: dict[float | None, list[str]] = {}
    for stance in sorted(compared.stances.values(), key=lambda stance: stance.position):
        labels.setdefault(stance.value, []).append(stance.label)
    values = sorted((value for value in labels if value is not None), reverse=True)
    ordered: list[float | None] = [*values, *([None] if None in labels else [])]
    return [
        StanceRow(
            value,
            " / ".join(labels[value]),
            _weight(result.a, value),
            _weight(result.b, value),
            _share(result.a, value),
            _share(result.b, value),
        )
        for value in ordered
    ]


def _weight(on: DocumentOnTopic, value: float | None) -> float:
    return on.unvalued_weight if value is None else dict(on.distribution).get(value, 0.0)


def _share(on: DocumentOnTopic, value: float | None) -> float | None:
    return _weight(on, value) / on.weight if on.weight else None


def stances(compared: Compared, topic: Topic) -> Body:
    """How each document's weight on the topic is spread over the stances."""
    result, rows = compared.comparison.topic(topic.slug), stance_rows(compared, topic)
    pen, middle = Pen(), 210 + HALF + 60
    width = middle + HALF + 70
    y = key_of_documents(pen, compared.a.short_name, compared.b.short_name, width)
    largest = max((share or 0.0 for row in rows for share in (row.share_a, row.share_b)), default=0.0) or 1.0
    for row in rows:
        value = _("no value") if row.value is None else balance(row.value)
        pen.words(wrap(row.label, 190, lines=1)[0], 0, y + 12)
        pen.words(value, 0, y + 26, size=SMALL, fill="soft")
        two_sided(pen, (row.share_a, row.share_b), largest, middle, y + 4)
        y += 36
    for on, x, anchor in ((result.a, middle - 6, "end"), (result.b, middle + 6, "start")):
        text = _weights(on) if on.weight else absence(on)
        pen.words(text, x, y + 14, size=SMALL, anchor=anchor, fill="soft", italic=not on.weight)
    y += 30
    draw_verdict(pen, result.verdict, 0, y)
    distance = (
        "" if result.distance is None else " · " + _("distance %(d)s") % {"d": decimals(result.distance)}
    )
    thin = " · " + _("thin") if result.thin else ""
    pen.words(f"{verdict_words(result.verdict)}{distance}{thin}", 40, y + 11.5)
    described = _(
        "For each stance its share of the weight of A’s tags on the topic (left) and of B’s (right)."
    )
    return Body(f"topic-{topic.slug}", topic.label, described, width, y + 20, pen)


def _weights(on: DocumentOnTopic) -> str:
    return _("n = %(n)s, weight %(weight)s") % {"n": on.n, "weight": decimals(on.weight, 1)}


def timeline(topic: Topic, strips: Sequence[Strip]) -> Body:
    """Where in each document's text the topic is treated: a strip from the first passage to the last."""
    pen, names, y = Pen(), 240.0, 4.0
    for strip in strips:
        pen.path(disc(7, y + 20, 6) if strip.letter == "a" else diamond(7, y + 20, 7), fill=strip.letter)
        pen.lines(wrap(strip.document.short_name, names - 40), 20, y + 18, bold=True)
        counted = ngettext("%(n)s of %(of)s passages", "%(n)s of %(of)s passages", len(strip.marks))
        pen.words(counted % {"n": len(strip.marks), "of": strip.last}, 20, y + 46, size=SMALL, fill="soft")
        pen.line(names, y + 43, names + 600, y + 43, stroke="edge")
        for mark in strip.marks:
            place = (names + float(mark.x), y + float(mark.y), float(mark.width), float(mark.height))
            pen.box(*place, fill=strip.letter)
        pen.words("1", names, y + 57, size=SMALL, fill="soft")
        pen.words(str(strip.last), names + 600, y + 57, size=SMALL, anchor="end", fill="soft")
        y += 76
    described = _(
        "For each document a strip from its first passage to its last; a mark stands where the topic is "
        "treated, the higher the more tags are on it."
    )
    title = _("Where in the text: %(topic)s") % {"topic": topic.label}
    return Body(f"timeline-{topic.slug}", title, described, names + 610, y, pen, by_grain=False)


def documents_on_topic(topic: Topic, found: Sequence[OnTopic]) -> Body:
    """Every document of the study on one scale."""
    pen, names = Pen(), 240.0
    width, y = names + 170 * STRETCH + 160, 4.0
    for on in found:
        rows = wrap(on.document.short_name, names - 12)
        pen.lines(rows, 0, y + (20 if len(rows) == 1 else 13), bold=True)
        draw_stretched(pen, on.scale, names, y + 6)
        x = names + 170 * STRETCH + 6
        pen.words(_told(on), x, y + 20, size=SMALL, fill="soft" if on.mean is None else "ink")
        y += 42
    low, high = (found[0].scale.low, found[0].scale.high) if found else (0.0, 0.0)
    described = _(
        "For each document the balance of positions voiced on the topic, from %(low)s to %(high)s (disc), "
        "and the spread of its weight over the stances (rings)."
    ) % {"low": balance(low), "high": balance(high)}
    return Body(f"documents-{topic.slug}", topic.label, described, width, y, pen)


def _told(on: OnTopic) -> str:
    if on.is_silent:
        return _("silent")
    if on.is_not_coded:
        return _("not coded yet")
    if on.mean is None:
        return _("raised, no position taken")
    return _("%(mean)s (n = %(n)s)") % {"mean": balance(on.mean), "n": on.n}
