"""What an address of the curator's queue asks for, and the addresses of everything else in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from annotations.enums import Situation
from annotations.pages.query_words import word_of
from annotations.services.curation_plan import Entry, Status

if TYPE_CHECKING:
    from django.http import QueryDict


class Shown(StrEnum):
    """Which entries are listed; ``todo``: those that are open, and those that changed since."""

    TODO = "todo"
    CHANGED = "changed"
    SETTLED = "settled"
    ALL = "all"


#: The statuses of the entries that are listed.
STATUSES = {
    Shown.TODO: (Status.OPEN, Status.CHANGED),
    Shown.CHANGED: (Status.CHANGED,),
    Shown.SETTLED: (Status.SETTLED,),
    Shown.ALL: tuple(Status),
}


class Names(StrEnum):
    """Whether coders are named."""

    SHOWN = "shown"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. ``item``: the id of one of an entry's tags; ``page`` 0: where it is."""

    study: str
    document: str = ""
    situation: Situation | None = None
    topic: str = ""
    status: Shown = Shown.TODO
    names_hidden: bool = False
    item: str = ""
    page: int = 0

    @classmethod
    def of(cls, study: str, query: QueryDict) -> Asked:
        """The query string, read; raises ``BadRequest`` for an unknown word."""
        page = query.get("page", "")
        return cls(
            study=study,
            document=query.get("document", ""),
            situation=word_of(query, "situation", Situation),
            topic=query.get("topic", ""),
            status=word_of(query, "status", Shown) or Shown.TODO,
            names_hidden=word_of(query, "names", Names) is Names.HIDDEN,
            item=query.get("item", ""),
            page=int(page) if page.isdecimal() and len(page) < 6 else 0,
        )

    @property
    def query(self) -> str:
        """The query string that asks for this, without what holds anyhow."""
        words = {
            "document": self.document,
            "situation": self.situation.value if self.situation else "",
            "topic": self.topic,
            "status": self.status.value if self.status is not Shown.TODO else "",
            "names": Names.HIDDEN.value if self.names_hidden else "",
            "item": self.item,
            "page": str(self.page) if self.page else "",
        }
        return urlencode({name: word for name, word in words.items() if word})

    @property
    def address(self) -> str:
        query = self.query
        base = reverse("curate", args=[self.study])
        return f"{base}?{query}" if query else base

    def without_item(self) -> Asked:
        return replace(self, item="", page=0)

    def lists(self, entry: Entry) -> bool:
        """Whether the entry is among those that are asked for."""
        return (
            self.shows(entry.status)
            and (not self.topic or self.topic == topic_of(entry))
            and (self.situation is None or self.situation in entry.situations)
        )

    def shows(self, status: Status) -> bool:
        """Whether entries of this status are asked for."""
        return status in STATUSES[self.status]


def topic_of(entry: Entry) -> str:
    """The slug of an entry's topic; none where no tag of it counts any more."""
    return entry.item.topic if entry.item else ""
