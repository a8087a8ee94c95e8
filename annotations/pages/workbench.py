"""The workbench: what one coder sees of one document, and what stands around the text and the form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.urls import reverse

from annotations.access import Visit
from annotations.codebook import Codebook
from annotations.models import Completion, Document
from annotations.pages.minimap import Block, blocks_of, load_blocks
from annotations.pages.passages import WINDOW, Place, Window, load_window
from annotations.pages.progress import progress_of
from annotations.pages.recent import load_recent
from annotations.pages.shown import Shown, coders_of, shown_asked, shown_from, tags_shown
from annotations.permissions import sees_other_coders
from annotations.services.undoing import steps_of

if TYPE_CHECKING:
    from django.http import QueryDict

LETTERS = "ab"
#: Stands for a passage whose number only the script knows: no document has so many.
ELSEWHERE = {"passage": {"number": 999_999_937}}


@dataclass(frozen=True)
class Workbench:
    """What one coder's acts on a document rest on. What a save does without is looked up when it is asked
    for."""

    visit: Visit
    document: Document
    shown: Shown
    may_see_all: bool

    @cached_property
    def codebook(self) -> Codebook:
        """The study's codebook."""
        return Codebook.of(self.visit.study, state=self.visit.codebook_state)

    @cached_property
    def completion(self) -> Completion | None:
        """The coder's word on the document, given and perhaps taken back."""
        return Completion.objects.filter(document=self.document, coder=self.visit.member).first()

    def found_unfinished(self) -> None:
        """An act was just done, which a finished document refuses: nobody needs to ask again."""
        self.__dict__["is_finished"] = False

    @cached_property
    def is_finished(self) -> bool:
        return self.completion is not None and self.completion.is_finished


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the text: the documents before and after, the map, the filter and its coders.
    ``count`` is the number of tags that a filter lets through, None where none is set."""

    letter: str
    previous: Document | None
    next: Document | None
    blocks: list[Block]
    coders: list[str]
    count: int | None


def load_workbench(visit: Visit, document: Document, asked: str | QueryDict) -> Workbench:
    """The workbench, in a number of queries that does not depend on the document's length.

    ``asked``: the filter as a page's address asks for it, or as the word that a form carried.
    """
    may_see_all = sees_other_coders(visit.user, visit.study, visit.role, document)
    if isinstance(asked, str):
        shown = shown_from(asked, may_see_all=may_see_all)
    else:
        shown = shown_asked(asked, visit=visit, document=document, may_see_all=may_see_all)
    return Workbench(visit=visit, document=document, shown=shown, may_see_all=may_see_all)


def page_address(bench: Workbench, place: Place, *, with_map: bool = False) -> str:
    """The page that shows these passages under the filter in force."""
    asked = {"from": place.first, "to": place.up_to, "at": place.around, "map": int(with_map) or None}
    # The first passages come first anyway.
    if place.around is not None and place.around <= WINDOW:
        del asked["at"]
    words = [f"shown={bench.shown}"] if bench.shown != Shown() else []
    words += [f"{name}={number}" for name, number in asked.items() if number is not None]
    base = reverse("document-code", args=[bench.visit.study.slug, bench.document.slug])
    return f"{base}?{'&'.join(words)}" if words else base


def page_context(bench: Workbench, place: Place, *, with_map: bool = False) -> dict[str, object]:
    """What the whole page shows beside the panel, in a number of queries that does not depend on the
    document's length. ``with_map``: a long document's tags are counted at once, not in another request."""
    window = load_window(bench.visit, bench.document, bench.shown, place)
    return {
        "window": window,
        "frame": load_frame(bench, window, with_map=with_map),
        "progress": progress_of(bench.visit, bench.document),
        "recent": load_recent(bench.visit),
        "steps": steps_of(bench.visit.member, bench.document),
        # What the script makes the talk about another passage from.
        "elsewhere": ELSEWHERE,
    }


def load_frame(bench: Workbench, window: Window, *, with_map: bool = False) -> Frame:
    """What stands around a window."""
    visit, document = bench.visit, bench.document
    documents = list(visit.study.documents.without_text().order_by("position"))
    place = documents.index(document)
    counted = with_map and not window.is_whole
    return Frame(
        letter=LETTERS[place] if place < len(LETTERS) else "",
        previous=documents[place - 1] if place else None,
        next=documents[place + 1] if place + 1 < len(documents) else None,
        blocks=load_blocks(visit, document, bench.shown) if counted else blocks_of(window),
        coders=_other_coders(bench),
        count=tags_shown(visit, document, bench.shown).count() if bench.shown.is_narrowed else None,
    )


def _other_coders(bench: Workbench) -> list[str]:
    """Whose tags the filter offers; nobody's where coding is blind: a name would say that there are some."""
    if not bench.may_see_all:
        return []
    coders = coders_of(bench.visit, bench.document).exclude(pk=bench.visit.member.pk)
    return sorted(coders.values_list("username", flat=True), key=str.casefold)


def paragraphs(text: str) -> list[str]:
    """What stands between empty lines."""
    return [part for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if part]
