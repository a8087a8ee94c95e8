"""What the pages call situations, and where an entry of the curator's queue stands."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from annotations.enums import Situation
from annotations.models.curation import SITUATION_CHOICES

register = template.Library()

SITUATIONS = dict(SITUATION_CHOICES)
STATUSES = {"open": _("open"), "changed": _("changed since"), "settled": _("settled")}
LISTED = {"todo": _("to do"), "changed": _("changed"), "settled": _("settled"), "all": _("all")}


@register.filter
def situation_words(situation: Situation | str) -> str:
    """The situation as the pages call it; without one, all of them."""
    return str(SITUATIONS[str(situation)]) if situation else gettext("all situations")


@register.filter
def status_words(status: str) -> str:
    """Where an entry stands."""
    return gettext(STATUSES[str(status)])


@register.filter
def listed_words(shown: str) -> str:
    """Which entries are listed."""
    return gettext(LISTED[str(shown)])
