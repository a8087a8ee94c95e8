"""A study where coding is blind, what ada may know of it, and what ben and the others then do in it.

What the others do says ``SECRET`` wherever they can write, and has distinctive names and ids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern

from annotations import urls
from annotations.enums import Layer, Outcome, Reason, Role, Situation
from annotations.models import (
    Annotation,
    Assignment,
    Comment,
    DecidedTag,
    Decision,
    FrozenReading,
    Source,
    Topic,
    User,
)
from annotations.pages.figures.drawn import FIGURES
from annotations.services.coding import change_tag, finish_document, reopen_document, withdraw_tag
from annotations.services.comments import write_comment
from annotations.services.progress import mark_nothing_here, visit_passages
from annotations.services.retiring import retire_entry
from annotations.services.undoing import undo_last
from tests.bodies import steady
from tests.factories import make_member, make_study, make_tag, values

ADA, BEN, CORA, OLGA = "ada-lovelace", "ben-secret-name", "cora-secret-name", "olga-secret-name"
#: Codes, too: in East she and Ben differ, and both have finished it.
DORA = "dora-secret-name"
#: Stands for an id of something that the others have not made yet.
NOBODYS = "00000000-0000-4000-8000-000000000000"
#: What the others' notes, comments and remarks have in common, and a search may ask for.
WORD = "quokka"
TIME = re.compile(r"<time [^>]*>[^<]*</time>")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class World:
    """The study before the others work in it. Ada has done some of everything that a coder does."""

    def __init__(self, *, is_blind: bool) -> None:
        self.study = make_study(is_blind=is_blind)
        self._add_entries()
        self.ada = make_member(self.study, Role.CODER, ADA)
        self.ben = make_member(self.study, Role.CODER, BEN)
        self.dora = make_member(self.study, Role.CODER, DORA)
        self.cora = make_member(self.study, Role.CURATOR, CORA)
        self.olga = make_member(self.study, Role.OWNER, OLGA)
        self.east, self.west = self.study.documents.order_by("position")
        retire_entry(by=self.cora, entry=self.study.topics.get(slug="old"))
        self._work_of_ada()
        #: By label: ids in addresses. Those of the others are nobody's until they have worked.
        self.ids = {
            "tag of ada": str(self.tag.public_id),
            "comment of ada": str(self.comment.public_id),
            "act": str(self.study.codebook_acts.get().pk),
            "member": str(self.study.memberships.get(user=self.ben).pk),
        }
        for label in ("tag of ben", "withdrawn tag", "curated tag", "comment of ben", "decision", "frozen"):
            self.ids[label] = NOBODYS

    def _add_entries(self) -> None:
        """Entries that only Ben will use, and one that nobody does."""
        group = self.study.topics.get(slug="security")
        for position, slug in ((7, "lonely"), (8, "old")):
            Topic.objects.create(
                study=self.study,
                parent=group,
                slug=slug,
                label=slug.capitalize(),
                statement="So.",
                position=position,
            )
        Source.objects.create(study=self.study, slug="hermit", label="Hermit", side="Woods", position=9)

    def _work_of_ada(self) -> None:
        self.tag = make_tag(self.study, self.ada, "Biden agreed to talk", uncertain=True)
        make_tag(self.study, self.ada, "Kyiv was not", "west", source="author")
        withdraw_tag(by=self.ada, annotation=make_tag(self.study, self.ada, "guarantees"), version=1)
        self.comment = write_comment(by=self.ada, passage=self.tag.passage, text="Mine")[0]
        mark_nothing_here(by=self.ada, passage=self.east.passages.get(number=2))
        visit_passages(by=self.ada, document=self.west, numbers=[1])
        Assignment.objects.create(document=self.west, coder=self.ada, assigned_by=self.olga)
        # The statement has other words since: there is something to look at again.
        self.study.topics.filter(slug="talks").update(statement_version=2)

    def others_work(self) -> None:
        """Ben codes and finishes both documents, and reopens one; Dora differs; Cora settles; Olga freezes
        and assigns."""
        self._work_of_ben()
        self._work_of_dora()
        cora, layer = self.cora, Layer.CURATED.value
        curated = make_tag(self.study, cora, "Putin asked", layer=layer, source="putin", note=note("settled"))
        make_tag(self.study, cora, "Kyiv was", "west", layer=layer, topic="lonely")
        decision = self._decision(curated, self.tag)
        on_ada = write_comment(by=cora, passage=self.tag.passage, text=note("on"), annotation=self.tag)[0]
        Assignment.objects.create(document=self.east, coder=self.ben, assigned_by=self.olga)
        as_user(OLGA).post("/studies/talks/frozen/", {"title": note("title")})
        self.ids |= {
            "curated tag": str(curated.public_id),
            "comment of ben": str(on_ada.public_id),
            "decision": str(decision.public_id),
            "frozen": str(FrozenReading.objects.get().public_id),
        }

    def _work_of_ben(self) -> None:
        ben, study = self.ben, self.study
        equal = make_tag(study, ben, self.tag.quote)
        first = make_tag(study, ben, "Biden agreed", stance="oppose", note=note("one"), uncertain=True)
        make_tag(study, ben, "Putin asked", topic="lonely", source="hermit", reported_by="ushakov")
        make_tag(study, ben, "at the table", "west", source="putin", note=note("two"), topic="guarantees")
        make_tag(study, ben, "Putin asked", "west")
        gone = make_tag(study, ben, "talk. Putin", note=note("gone"))
        withdraw_tag(by=ben, annotation=gone, version=1)
        changed = values(study, "Biden agreed", stance="mixed", note=note("changed"), uncertain=True)[1]
        change_tag(by=ben, annotation=first, version=1, values=changed)
        make_tag(study, ben, "for guarantees")
        undo_last(by=ben, document=self.east)
        write_comment(by=ben, passage=first.passage, text=note("passage"))
        write_comment(by=ben, passage=first.passage, text=note("tag"), annotation=first)
        for document in (self.east, self.west):
            visit_passages(by=ben, document=document, numbers=[1, 2])
        mark_nothing_here(by=ben, passage=self.east.passages.get(number=2))
        for document in (self.east, self.west):
            finish_document(by=ben, document=document)
        reopen_document(by=ben, document=self.west)
        Annotation.objects.filter(coder=ben).update(statement_version=1)
        self.ids |= {"tag of ben": str(equal.public_id), "withdrawn tag": str(gone.public_id)}

    def _work_of_dora(self) -> None:
        """On two topics she has another stance than Ben, through another messenger."""
        made = {"stance": "oppose", "reported_by": "kremlin", "note": note("dora")}
        make_tag(self.study, self.dora, self.tag.quote, **made)
        make_tag(self.study, self.dora, "Putin asked", topic="lonely", source="hermit", **made)
        make_tag(self.study, self.dora, "Kyiv was not", "west", **made)
        for document in (self.east, self.west):
            finish_document(by=self.dora, document=document)

    def _decision(self, curated: Annotation, about: Annotation) -> Decision:
        """On a tag of Ada's, too: she learns of it when she has finished the document."""
        decision = Decision.objects.create(
            study=self.study,
            document=curated.document,
            passage=curated.passage,
            situation=Situation.STANCE.value,
            outcome=Outcome.CHANGED.value,
            reason=Reason.GAP.value,
            remark=note("decided"),
            curator=self.cora,
        )
        for tag in (about, Annotation.objects.get(coder=self.ben, quote="Biden agreed")):
            DecidedTag.objects.create(decision=decision, annotation=tag, version=tag.version)
        Annotation.objects.filter(pk=curated.pk).update(decision=decision)
        return decision

    def anonymous(self, text: str) -> str:
        """The text without ids that nobody could know before: those just made, and those of the others."""
        known = {str(self.tag.public_id), str(self.comment.public_id)}
        return UUID.sub(lambda found: found.group() if found.group() in known else "an id", text)

    def secrets(self) -> set[str]:
        """What no answer to Ada may hold, once the others have worked."""
        theirs: set[object] = {"SECRET", BEN, CORA, DORA, OLGA}
        theirs |= {tag.public_id for tag in Annotation.objects.exclude(coder=self.ada)}
        theirs |= {comment.public_id for comment in Comment.objects.exclude(author=self.ada)}
        theirs |= set(Decision.objects.values_list("public_id", flat=True))
        theirs |= set(FrozenReading.objects.values_list("public_id", flat=True))
        return {str(secret) for secret in theirs}


def note(what: str) -> str:
    return f"{WORD} SECRET {what}"


def as_user(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


# --- every address ----------------------------------------------------------------------------------------

#: What can stand in each place of an address: itself, or the label of an id.
PLACES: dict[str, tuple[str, ...]] = {
    "study": ("talks",),
    "document": ("east", "west"),
    "topic": ("talks", "lonely"),
    "source": ("biden", "hermit"),
    "number": ("1",),
    "tag": ("tag of ada", "tag of ben", "withdrawn tag", "curated tag"),
    "comment": ("comment of ada", "comment of ben"),
    "kind": ("topics", "sources", "stances"),
    "entry": ("lonely", "hermit", "oppose"),
    "act": ("act",),
    "member": ("member",),
    "batch": ("decision",),
    "decision": ("decision",),
    "frozen": ("frozen",),
    "file": ("graphml", "matrix.csv", "edges.csv"),
}
#: What stands for ``file`` in the addresses of other files.
FILES = {
    "frozen-file": ("rows.csv", "reading.json"),
    "figure-file": tuple(f"{figure}.svg" for figure in FIGURES),
}
PATTERNS: dict[str, str] = {
    str(pattern.name): str(pattern.pattern) for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)
}


def places(name: str) -> list[dict[str, str]]:
    """All that an address can be filled with and still be one. A new place needs a line in ``PLACES``."""
    parts = [part.strip("<>").split(":")[1] for part in PATTERNS[name].split("/") if "<" in part]
    said = [FILES[name] if part == "file" and name in FILES else PLACES[part] for part in parts]
    chosen = [dict(zip(parts, values, strict=True)) for values in product(*said)]
    of_kind = dict(zip(PLACES["kind"], PLACES["entry"], strict=True))
    return [
        filled
        for filled in chosen
        if ("entry" not in filled or of_kind[filled["kind"]] == filled["entry"])
        and (filled.keys().isdisjoint({"tag", "comment", "decision"}) or filled["document"] == "east")
    ]


def address(name: str, chosen: dict[str, str], world: World) -> str:
    path = PATTERNS[name]
    for part, value in chosen.items():
        for kind in ("word", "uuid", "int"):
            path = path.replace(f"<{kind}:{part}>", world.ids.get(value, value))
    return f"/{path}"


#: What is asked of every page: nothing, for Ben's tags, and for all that there is.
QUERIES: tuple[dict[str, str], ...] = (
    {},
    {"coder": BEN},
    {"coder": BEN.upper(), "layer": "curated"},
    {"shown": "all", "layer": "curated", "q": WORD, "coder": "*", "whose": "all"},
)
#: What is asked of some pages, too. An id is given by its label.
MORE_QUERIES: dict[str, tuple[dict[str, str], ...]] = {
    "document-code": (
        {"passage": "1", "shown": "all"},
        {"passage": "1", "shown": f"all;coder={BEN}"},
        {"passage": "1", "coder": "*"},
        {"topic": "lonely"},
        {"edit": "tag of ben"},
        {"edit": "tag of ada"},
    ),
    "document-passages": ({"at": "1", "shown": "all"}, {"from": "1", "coder": "*"}),
    "document-map": ({"shown": "all"}, {"passage": "1", "shown": "all"}),
    "document-next": tuple(
        {"want": want, "from": "0", "shown": "all"} for want in ("untagged", "tagged", "tagged-before")
    ),
    "document-codebook": ({"q": WORD},),
    "topic-neighbours": ({"topic": "talks"}, {"topic": "lonely"}, {"topic": "talks", "but": "tag of ben"}),
    "passage-talk": ({"tag": "tag of ada"}, {"tag": "tag of ben"}),
    "tag-review": ({"whose": "all"}, {"whose": BEN}),
    "decision-list": ({"coder": BEN}, {"reason": "gap"}, {"document": "east"}),
    "question-list": ({"coder": ""}, {"coder": BEN, "document": "east"}, {"topic": "lonely", "coder": ""}),
    "study-search": ({"q": WORD}, {"q": "SECRET"}, {"q": "Biden agreed"}),
    "annotation-list": ({"q": WORD}, {"sort": "coder"}, {"topic": "lonely"}, {"uncertain": "true"}),
    "annotation-csv": ({"q": WORD}, {"layer": "curated", "raw": "1"}, {"source": "hermit"}),
    "compare": (
        {"open": "lonely"},
        {"open": "talks", "grain": "side"},
        {"lens": "own"},
        {"sort": "distance", "order": "asc", "open": "talks"},
        {"sort": "gap"},
        {"sort": "verdict", "group": "security"},
        {"sort": "tags", "thin": "yes"},
        {"stance": "oppose", "thin": "no"},
        {"stance": "mixed", "side": "Woods"},
        {"verdict": "only-a", "group": "security", "layer": "curated"},
    ),
    "topic-detail": ({"layer": "curated", "lens": "attributed"}, {"side": "Woods"}),
    "source-detail": ({"layer": "curated"}, {"side": "Woods"}),
    "read": ({"layer": "curated", "topic": "talks"}, {"layer": "coded", "topic": "lonely"}),
    "networks": ({"mode": "two"}, {"layer": "curated"}),
    "network-file": ({"layer": "curated"},),
    "measures": ({"layer": "curated"},),
    "figure-file": ({"topic": "lonely"}, {"topic": "talks", "layer": "curated", "map": "b"}),
    "report": ({"layer": "curated"}, {"lens": "own"}),
    "report-file": ({"layer": "curated"},),
    "study-code": (),
}


def queries(name: str, world: World) -> list[dict[str, str]]:
    asked = (*QUERIES, *MORE_QUERIES.get(name, ()))
    return [{key: world.ids.get(value, value) for key, value in query.items()} for query in asked]


def posts(name: str, world: World) -> list[dict[str, object]]:
    """What may be posted to an address: nothing, and what makes sense there."""
    said = {"passage": "1", "start": "0", "end": "5", "topic": "lonely", "stance": "oppose"}
    said |= {"source": "hermit", "shown": "all"}
    equal = world.study.annotations.filter(coder=world.ben, topic__slug="lonely").first()
    theirs = {"start": str(equal.start), "end": str(equal.end)} if equal else {"start": "22", "end": "33"}
    tag = {"version": "1", "shown": "all"}
    step = {"tag": world.ids["tag of ben"], "version": "1", "shown": "all"}
    asked: dict[str, tuple[dict[str, object], ...]] = {
        # A tag of Ada's own, and one equal to Ben's.
        "tag-create": (said, said | theirs | {"reported_by": "ushakov"}),
        "tag-change": (said | {"version": "1"}, said | {"version": "2"}),
        "tag-withdraw": (tag,),
        "tag-restore": (tag,),
        "document-undo": (step, {"shown": "all"}),
        "document-redo": (step, {"shown": "all"}),
        "document-visits": ({"passage": ["1", "2"]},),
        "passage-nothing": ({"value": "on", "shown": "all"}, {"value": "off", "shown": "all"}),
        "comment-create": ({"text": "Hm"}, {"text": "Hm", "tag": world.ids["tag of ben"]}),
        "tag-review": ({"tag": f"{world.ids['tag of ben']}:1"}, {"all": "1"}),
        "document-finish": ({"anyway": "1"},),
    }
    return [{}, *asked.get(name, ())]


@dataclass(frozen=True)
class Answer:
    """All that an answer tells. Two are equal where nothing tells them apart but ids that are new or were
    asked for; ``told`` is every word of it."""

    status: int
    compared: tuple[str, ...]
    told: str = field(compare=False)

    @classmethod
    def of(cls, response: HttpResponse, world: World) -> Answer:
        # When the answer goes out of date is now, and now is later than before. So are a new comment's times.
        # Where coding is not blind, a page's tag goes with everything that happens in the study.
        left_out = {"Expires"} if world.study.is_blind else {"Expires", "ETag"}
        headers = [f"{name}: {value}" for name, value in response.headers.items() if name not in left_out]
        parts = [*sorted(headers), steady(response)]
        compared = [world.anonymous(part) for part in parts]
        if response.request["REQUEST_METHOD"] == "POST":
            compared = [TIME.sub("a time", part) for part in compared]
        return cls(response.status_code, tuple(compared), "\n".join(parts))
