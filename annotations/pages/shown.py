"""Which tags the text shows: whose, and of those only on one topic, of one source, with one stance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from django.core.exceptions import BadRequest
from django.db.models import Exists, OuterRef, Q

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import Annotation, Document, User

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from annotations.models.coding import AnnotationQuerySet

MINE, ALL = "mine", "all"
#: ``coder=*``: everybody's tags. No user name has a star.
EVERYBODY = "*"
#: What a page needs of a tag that stands in its text.
SHOWN_WITH = ("topic", "stance", "source", "reported_by", "coder")
NAMES = ("coder", "topic", "stance", "source")


@dataclass(frozen=True, slots=True)
class Shown:
    """The tags that the text shows. ``whose``: ``mine`` or ``all``; ``coder``: one person's user name;
    the others are slugs. What is empty is not asked.

    ``str()`` of it is one word that links and the tag form carry along, since the form's own fields are
    called topic, stance and source, too. The word needs no quoting in an address, a field or HTML.
    """

    whose: str = MINE
    coder: str = ""
    topic: str = ""
    stance: str = ""
    source: str = ""
    _word: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        said = [f"{name}={_quoted(value)}" for name, value in self._asked()]
        object.__setattr__(self, "_word", ";".join([self.whose, *said]))

    def __str__(self) -> str:
        return self._word

    def _asked(self) -> list[tuple[str, str]]:
        return [(name, value) for name in NAMES if (value := str(getattr(self, name)))]

    @property
    def is_narrowed(self) -> bool:
        """Whether a topic, a stance, a source or one coder is asked for: something may be left out."""
        return bool(self._asked())

    @property
    def names_coders(self) -> bool:
        """Whether each tag says who made it."""
        return self.whose == ALL

    @property
    def chosen_coder(self) -> str:
        """The choice in the filter for whose tags."""
        return self.coder or (EVERYBODY if self.whose == ALL else "")

    def includes(self, tag: Annotation, mine: bool) -> bool:
        """Whether the text shows this tag; ``mine``: it is the person's own."""
        is_theirs = tag.coder.get_username() == self.coder if self.coder else mine or self.whose == ALL
        entries = (
            (self.topic, tag.topic.slug),
            (self.stance, tag.stance.slug),
            (self.source, tag.source.slug),
        )
        return is_theirs and all(asked in ("", found) for asked, found in entries)


def _quoted(value: str) -> str:
    return quote(value, safe="@").replace("~", "%7E").replace("%", "~")


def shown_from(word: str, *, may_see_all: bool) -> Shown:
    """The word that a link or a form carried, as far as it can be understood.

    It never refuses: a save must not fail because a topic was merged while the page was open.
    """
    whose, *parts = word.split(";")
    asked = dict(part.split("=", 1) for part in parts if "=" in part)
    said = {name: unquote(asked[name].replace("~", "%")) for name in NAMES if asked.get(name)}
    if not may_see_all:
        said.pop("coder", None)
    return Shown(ALL if may_see_all and (whose == ALL or "coder" in said) else MINE, **said)


def shown_asked(query: QueryDict, *, visit: Visit, document: Document, may_see_all: bool) -> Shown:
    """The filter that a page's address asks for, over the word that it carries.

    Raises ``BadRequest`` for a word that the study's codebook does not have, or a coder whose tags the
    person may not see: the answer is the same as for a coder who is not there.
    """
    shown = shown_from(query.get("shown", MINE), may_see_all=may_see_all)
    codebook = {"topic": visit.study.topics, "stance": visit.study.stances, "source": visit.study.sources}
    said = {name: getattr(shown, name) for name in codebook}
    for name, entries in codebook.items():
        if slug := query.get(name, ""):
            if not entries.filter(slug=slug).exists():
                raise BadRequest(f"{name}: no such choice.")
            said[name] = slug
        elif name in query:
            said[name] = ""
    whose, coder = shown.whose, shown.coder
    if "coder" in query:
        whose, coder = _whose(query.get("coder", ""), visit, document, may_see_all)
    return Shown(whose, coder, **said)


def _whose(asked: str, visit: Visit, document: Document, may_see_all: bool) -> tuple[str, str]:
    if asked in ("", visit.member.get_username()):
        return MINE, ""
    if asked == EVERYBODY:
        return (ALL, "") if may_see_all else (MINE, "")
    if not may_see_all or not coders_of(visit, document).filter(username=asked).exists():
        raise BadRequest("coder: no such choice.")
    return ALL, asked


def coders_of(visit: Visit, document: Document) -> QuerySet[User]:
    """Everybody who may tag the document or has: whose tags can be asked for by who sees all of them."""
    coding = [role.value for role in Role if role.includes(Role.CODER)]
    members = visit.study.memberships.filter(role__in=coding, user=OuterRef("pk"))
    tags = Annotation.objects.active().coded().filter(document=document, coder=OuterRef("pk"))
    return User.objects.filter(Q(Exists(members)) | Q(Exists(tags)))


def tags_shown(visit: Visit, document: Document, shown: Shown) -> AnnotationQuerySet:
    """The active coded tags of a document that the text shows, of those that the person may see."""
    if not shown.coder and shown.whose != ALL:
        tags = own_tags(visit.member.pk).filter(document=document)
    else:
        tags = visit.annotations().active().coded().filter(document=document)
    if shown.coder:
        tags = tags.filter(coder__username=shown.coder)
    for name in ("topic", "stance", "source"):
        if slug := getattr(shown, name):
            tags = tags.filter(**{f"{name}__slug": slug})
    return in_text(tags).select_related(*SHOWN_WITH)


def own_tags(coder: int) -> AnnotationQuerySet:
    """One's own active coded tags, which one sees always: nothing else has to be asked."""
    return Annotation.objects.active().coded().filter(coder=coder)


def in_text(tags: AnnotationQuerySet) -> AnnotationQuerySet:
    """In the order in which the text of one document has them."""
    return tags.order_by("start", "end", "id")
