"""Real objects for tests, small enough to read. Everything goes through the models and services."""

from __future__ import annotations

from itertools import count
from typing import Any

from annotations.enums import Layer, PassageKind, Role
from annotations.models import (
    Annotation,
    Document,
    Membership,
    Passage,
    Source,
    Stance,
    Study,
    Topic,
    User,
)
from annotations.services.coding import TagValues, tag_passage

PASSWORD = "a long enough password"
_numbers = count(1)

FIRST = "Biden agreed to talk. Putin asked for guarantees."
SECOND = "Kyiv was not at the table."


def make_user(username: str | None = None, **fields: Any) -> User:
    return User.objects.create_user(username or f"user-{next(_numbers)}", password=PASSWORD, **fields)


def make_member(study: Study, role: Role, username: str | None = None) -> User:
    user = make_user(username)
    Membership.objects.create(study=study, user=user, role=role.value)
    return user


def make_document(study: Study, slug: str, *texts: str, position: int | None = None) -> Document:
    """A document whose passages are ``texts``, two line ends apart."""
    texts = texts or (FIRST, SECOND)
    text = "\n\n".join(texts) + "\n"
    document = Document.objects.create(
        study=study,
        slug=slug,
        position=study.documents.count() if position is None else position,
        file=f"{slug}.txt",
        title=f"Account {slug}",
        publisher=f"Publisher of {slug}",
        text=text,
        characters=len(text),
    )
    start = 0
    for number, passage in enumerate(texts, start=1):
        Passage.objects.create(
            document=document,
            number=number,
            kind=PassageKind.PARAGRAPH.value,
            start=start,
            end=start + len(passage),
            text=passage,
        )
        start += len(passage) + 2
    return document


def make_study(slug: str = "talks", **fields: Any) -> Study:
    """A study with two documents (``east``, ``west``), topics ``talks`` and ``guarantees`` under
    ``security``, the four usual stances, and the sources author, biden, putin, ushakov, kremlin."""
    study = Study.objects.create(slug=slug, title=fields.pop("title", f"Study {slug}"), **fields)
    group = Topic.objects.create(study=study, slug="security", label="Security", position=0)
    for position, name in enumerate(("talks", "guarantees"), start=1):
        Topic.objects.create(
            study=study,
            parent=group,
            slug=name,
            label=name.capitalize(),
            statement=f"There should be {name}.",
            position=position,
        )
    for position, (name, value, key, color) in enumerate(
        (
            ("support", 1.0, "s", "#0b7a6e"),
            ("mixed", 0.0, "m", "#7a3fc0"),
            ("neutral", None, "n", "#3f3b33"),
            ("oppose", -1.0, "o", "#c62c17"),
        )
    ):
        Stance.objects.create(
            study=study,
            slug=name,
            label=name.capitalize(),
            value=value,
            key=key,
            color=color,
            position=position,
        )
    kremlin = None
    for position, (name, side) in enumerate(
        (
            ("author", "Author"),
            ("biden", "United States"),
            ("kremlin", "Russia"),
            ("putin", "Russia"),
            ("ushakov", "Russia"),
        )
    ):
        source = Source.objects.create(
            study=study,
            slug=name,
            label=name.capitalize(),
            side=side,
            position=position,
            speaks_for=kremlin if name == "ushakov" else None,
        )
        kremlin = source if name == "kremlin" else kremlin
    make_document(study, "east")
    make_document(study, "west")
    return study


def values(study: Study, quote: str, document: str = "east", **fields: Any) -> tuple[Passage, TagValues]:
    """The passage of ``document`` that holds ``quote``, and values with slugs looked up."""
    passage = next(
        p for p in Passage.objects.filter(document__study=study, document__slug=document) if quote in p.text
    )
    start = passage.start + passage.text.index(quote)
    reported_by = fields.get("reported_by")
    return passage, TagValues(
        start=start,
        end=start + len(quote),
        topic=study.topics.get(slug=fields.get("topic", "talks")),
        stance=study.stances.get(slug=fields.get("stance", "support")),
        source=study.sources.get(slug=fields.get("source", "biden")),
        reported_by=study.sources.get(slug=reported_by) if reported_by else None,
        uncertain=fields.get("uncertain", False),
        note=fields.get("note", ""),
    )


def make_tag(
    study: Study, coder: User, quote: str = "Biden agreed to talk", document: str = "east", **fields: Any
) -> Annotation:
    """A tag made by the service; ``layer="curated"`` stores a curated one, which no service makes yet."""
    layer = fields.pop("layer", Layer.CODED.value)
    passage, said = values(study, quote, document, **fields)
    if layer == Layer.CODED.value:
        return tag_passage(by=coder, passage=passage, values=said)[0]
    return Annotation.objects.create(
        study=study,
        document=passage.document,
        passage=passage,
        coder=coder,
        layer=layer,
        quote=quote,
        start=said.start,
        end=said.end,
        topic=said.topic,
        stance=said.stance,
        source=said.source,
        reported_by=said.reported_by,
        uncertain=said.uncertain,
        note=said.note,
    )
