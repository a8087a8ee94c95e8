"""The marks of Summit, and numbers as its pages write them."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.formats import get_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from annotations.codebook import Codebook
from annotations.comparison.measures import stands_out
from annotations.enums import Role, Verdict
from annotations.markup import format_html, format_html_join
from annotations.models import Annotation, Source, Stance, Study, Topic
from annotations.models.studies import ROLE_CHOICES
from annotations.permissions import may_code, may_curate, may_own

register = template.Library()

NAV, NAV_MORE = "annotations/partials/_nav.html", "annotations/partials/_nav_more.html"
VERDICT_WORDS = {
    Verdict.PENDING: _("Pending"),
    Verdict.NOT_RAISED: _("Not raised"),
    Verdict.ONLY_A: _("Only in A"),
    Verdict.ONLY_B: _("Only in B"),
    Verdict.DIFFERENT_VOICES: _("Different voices"),
    Verdict.NO_POSITION: _("No position"),
    Verdict.AGREE: _("Agree"),
    Verdict.PARTLY: _("Partly"),
    Verdict.DIVERGE: _("Diverge"),
}
#: From here on a number may have a sign between its thousands.
GROUPED_FROM = 999
LOUDNESS = {Verdict.PENDING: "v-open", Verdict.NOT_RAISED: "v-open", Verdict.NO_POSITION: "v-open"}


@register.simple_tag
@cache
def doc_mark(letter: str, size: str = "") -> SafeString:
    """The disc of document A or the diamond of document B."""
    return format_html(
        '<svg class="doc doc-{0} {1}" viewBox="0 0 24 24" aria-hidden="true"><use href="#doc-{0}"/></svg>',
        letter,
        size,
    )


@register.simple_tag
@cache
def dot(letter: str) -> SafeString:
    """The small mark of a document, without its letter."""
    return format_html(
        '<svg class="dot doc-{0}" viewBox="0 0 12 12" aria-hidden="true"><use href="#dot-{0}"/></svg>', letter
    )


@register.simple_tag
def stance_mark(stance: Stance, labelled: bool = False) -> SafeString:
    """The tile of a stance with its sign; ``labelled`` where no word stands beside it."""
    if labelled:
        return format_html(
            '<svg class="stance s-{0}" viewBox="0 0 16 16" role="img" aria-label="{1}">'
            '<use href="#st-{0}"/></svg>',
            stance.slot,
            stance.label,
        )
    return format_html(
        '<svg class="stance s-{0}" viewBox="0 0 16 16" aria-hidden="true"><use href="#st-{0}"/></svg>',
        stance.slot,
    )


@register.simple_tag
def verdict_mark(verdict: Verdict, labelled: bool = False) -> SafeString:
    """The dumbbell of a verdict."""
    if labelled:
        return format_html(
            '<svg viewBox="0 0 32 14" role="img" aria-label="{1}"><use href="#v-{0}"/></svg>',
            verdict.value,
            verdict_words(verdict),
        )
    return format_html('<svg viewBox="0 0 32 14" aria-hidden="true"><use href="#v-{}"/></svg>', verdict.value)


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """One of the line icons."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-{}"/></svg>', name
    )


@register.simple_tag(takes_context=True)
def study_nav(context: dict[str, Any], more: bool = False) -> SafeString:
    """The pages of a study, or those that come under "more", with the current one marked. A page has both
    twice, and they are the same for everybody of one role."""
    visit = context["visit"]
    asked = (visit.study.slug, visit.role, context.get("page", ""), more, get_language())
    return _drawn_nav.__wrapped__(*asked) if settings.DEBUG else _drawn_nav(*asked)


@lru_cache(maxsize=512)
def _drawn_nav(slug: str, role: Role | None, page: str, more: bool, language: str | None) -> SafeString:
    visit: dict[str, Any] = {"study": {"slug": slug}, "role": role}
    visit |= {"may_code": may_code(role), "may_curate": may_curate(role), "may_own": may_own(role)}
    return render_to_string(NAV_MORE if more else NAV, {"visit": visit, "page": page})


@register.simple_tag(takes_context=True)
def kept_query(context: dict[str, Any], *chosen: str) -> SafeString:
    """The words of the page's address as hidden fields of a form, but for those that the form chooses."""
    pairs = [(name, value) for name, values in context["request"].GET.lists() for value in values]
    fields = [pair for pair in pairs if pair[0] not in chosen]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


@register.filter
def role_words(role: Role) -> str:
    """The role as the pages call it."""
    return str(dict(ROLE_CHOICES)[role.value])


@register.filter
def verdict_words(verdict: Verdict) -> str:
    """The verdict as the pages call it."""
    return gettext(VERDICT_WORDS[verdict])


@register.filter
def verdict_phrase(verdict: Verdict) -> str:
    """The verdict inside a sentence: "only in A", "agree"."""
    words = verdict_words(verdict)
    return words[:1].lower() + words[1:]


@register.filter
def verdict_css(verdict: Verdict) -> str:
    """How loud the badge is."""
    return LOUDNESS.get(verdict, f"v-{verdict.value}")


@cache
def _separator(language: str | None) -> str:
    """What stands before the decimals in this language; Django's own look-up takes longer than the rest."""
    return str(get_format("DECIMAL_SEPARATOR", language))


def _rounded(value: float, digits: int) -> str:
    # number_format cuts digits off; people expect them rounded.
    text = f"{value:.{digits}f}"
    if abs(value) >= GROUPED_FROM:
        return str(number_format(text, digits))
    # Without thousands there is nothing to group, and number_format would take six times as long.
    return text.replace(".", _separator(get_language()))


@register.filter
def percent(share: float | None, digits: int = 1) -> str:
    """0.054 → "5.4 %"; a dash where undefined."""
    return "–" if share is None else f"{_rounded(share * 100, digits)}\u00a0%"


@register.filter
def balance(value: float | None, digits: int = 2) -> str:
    """A number that may be below 0, with a true minus sign; a dash where undefined."""
    if value is None:
        return "–"
    text = _rounded(abs(value), digits)
    return f"−{text}" if round(value, digits) < 0 else text


@register.filter
def decimals(value: float | None, digits: int = 2) -> str:
    """A number with a fixed count of decimals; a dash where undefined."""
    return "–" if value is None else _rounded(value, digits)


@register.filter
def is_outstanding(z: float | None) -> bool:
    """Whether a gap in emphasis stands out."""
    return stands_out(z)


@register.filter
def item(mapping: dict[Any, Any], key: Any) -> Any:
    """The entry of a mapping, or None."""
    return mapping.get(key)


@register.filter
def topics_for(codebook: Codebook, tag: Annotation | None) -> list[tuple[str, list[Topic]]]:
    """The topics that a tag may get, by group: a retired one only where the tag has it."""
    return codebook.topics_by_group(keep=(tag.topic.slug,) if tag else ())


@register.filter
def stances_for(codebook: Codebook, tag: Annotation | None) -> list[Stance]:
    """The stances that a tag may get: a retired one only where the tag has it."""
    return codebook.stances_offered(keep=(tag.stance.slug,) if tag else ())


@register.filter
def sources_for(codebook: Codebook, tag: Annotation | None) -> list[tuple[str, list[Source]]]:
    """The sources that a tag may get, by side: a retired one only where the tag has it."""
    voices = (tag.source, tag.reported_by) if tag else ()
    return codebook.sources_by_side(keep=[voice.slug for voice in voices if voice is not None])


@register.filter
def outdated_words(tag: Annotation, study: Study) -> str:
    """Under which older words a tag was made; empty where they still stand."""
    if tag.statement_version < tag.topic.statement_version:
        return gettext("made under an older statement")
    return gettext("made under older guidelines") if tag.guidelines_version < study.guidelines_version else ""
