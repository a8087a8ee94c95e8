"""What pages call the voices of a comparison, and in which order they stand."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotations.enums import AUTHOR, Grain
from annotations.pages.reading import Compared


def voice_label(compared: Compared, voice: str, document: str = "") -> str:
    """What a page calls a voice; the author is named after its document."""
    if voice == AUTHOR:
        return _("%(document)s itself") % {"document": document} if document else _("The analyses themselves")
    return voice_labels(compared).get(voice, voice)


def voice_labels(compared: Compared) -> dict[str, str]:
    """What a page calls the voices that have another name than their key, all but the author at once."""
    if compared.reading.grain is Grain.SIDE:
        return {}
    return {source.slug: source.label for source in compared.sources.values()}


def voice_places(compared: Compared) -> dict[str, int]:
    """Where a voice stands in the codebook; a side stands where its first source does."""
    sources = sorted(compared.sources.values(), key=lambda source: source.position)
    is_side = compared.reading.grain is Grain.SIDE
    keys = [source.side if is_side and not source.is_author else source.slug for source in sources]
    return {key: place for place, key in enumerate(dict.fromkeys(keys))}
