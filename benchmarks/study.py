"""A study of any size, made up, for measuring and for looking at: its words mean nothing."""

from __future__ import annotations

import random

from django.utils import timezone

from annotations.models import (
    Annotation,
    Completion,
    Document,
    Membership,
    Passage,
    Source,
    Stance,
    Study,
    Topic,
    User,
)

WORDS = (
    "talks", "border", "treaty", "envoy", "summit", "pledge", "troops", "gas", "pipeline", "sanction",
    "ally", "round", "table", "draft", "offer", "threat", "line", "speech", "answer", "clause",
    "guarantee", "missile", "visit", "call", "report", "statement",
)  # fmt: skip


NAMES = ("one", "two")


def build_study(
    slug: str, *, passages: int, annotations: int, coders: int = 4, documents: int = 2, seed: int = 1
) -> Study:
    """One or two documents of ``passages`` passages each, ``annotations`` tags in all, by ``coders`` coders
    who all finished them; 24 topics under 4 parents, 4 stances, 12 sources on 4 sides."""
    dice = random.Random(seed)
    study = Study.objects.create(slug=slug, title=f"A made-up study of {annotations:,} annotations")
    topics, stances, sources = make_codebook(study)
    people = [User.objects.get_or_create(username=f"{slug}-coder-{n}")[0] for n in range(1, coders + 1)]
    Membership.objects.bulk_create(Membership(study=study, user=user, role="coder") for user in people)
    texts = [
        _document(study, name, position, passages, dice) for position, name in enumerate(NAMES[:documents])
    ]
    rows = {}
    while len(rows) < annotations:
        tag = _tag(study, dice, dice.choice(texts), topics, stances, sources, dice.choice(people))
        rows[(tag.coder_id, tag.passage_id, tag.start, tag.end, tag.topic_id, tag.source_id)] = tag
    Annotation.objects.bulk_create(rows.values(), batch_size=1000)
    Completion.objects.bulk_create(
        Completion(document=text, coder=user) for text, _passages in texts for user in people
    )
    return study


def make_codebook(study: Study) -> tuple[list[Topic], list[Stance], list[Source]]:
    topics = []
    for group in range(4):
        parent = Topic.objects.create(
            study=study, slug=f"group-{group}", label=f"Group {group + 1}", position=group * 10
        )
        topics += [
            Topic.objects.create(
                study=study,
                parent=parent,
                slug=f"topic-{group}-{n}",
                label=f"Topic {group + 1}.{n + 1}",
                statement=f"Statement {n + 1} of group {group + 1} holds.",
                position=group * 10 + n + 1,
            )
            for n in range(6)
        ]
    scale = (("support", 1.0, "s"), ("mixed", 0.0, "m"), ("neutral", None, "n"), ("oppose", -1.0, "o"))
    stances = [
        Stance.objects.create(
            study=study, slug=slug, label=slug.capitalize(), value=value, key=key, position=n
        )
        for n, (slug, value, key) in enumerate(scale)
    ]
    sources = [
        Source.objects.create(
            study=study,
            slug="author" if n == 0 else f"source-{n}",
            label="The document itself" if n == 0 else f"Source {n}",
            side="Author" if n == 0 else f"Side {n % 3 + 1}",
            position=n,
        )
        for n in range(12)
    ]
    return topics, stances, sources


def _document(
    study: Study, name: str, position: int, passages: int, dice: random.Random
) -> tuple[Document, list[Passage]]:
    texts = [" ".join(dice.choices(WORDS, k=dice.randint(30, 90))) + "." for _ in range(passages)]
    text = "\n\n".join(texts) + "\n"
    document = Document.objects.create(
        study=study,
        slug=f"document-{name}",
        position=position,
        file=f"{name}.txt",
        title=f"Document {name}",
        publisher=f"Publisher {name}",
        text=text,
        characters=len(text),
    )
    rows, start = [], 0
    for number, words in enumerate(texts, start=1):
        rows.append(
            Passage(
                document=document,
                number=number,
                kind="paragraph",
                start=start,
                end=start + len(words),
                text=words,
            )
        )
        start += len(words) + 2
    return document, Passage.objects.bulk_create(rows, batch_size=1000)


def _tag(
    study: Study,
    dice: random.Random,
    text: tuple[Document, list[Passage]],
    topics: list[Topic],
    stances: list[Stance],
    sources: list[Source],
    coder: User,
) -> Annotation:
    document, passages = text
    passage = dice.choice(passages)
    words = passage.text.split(" ")
    first = dice.randrange(len(words) - 6)
    length = dice.randint(3, 6)
    start = passage.start + sum(len(word) + 1 for word in words[:first])
    quote = " ".join(words[first : first + length])
    source = dice.choice(sources)
    messenger = dice.choice([None, None, *sources[1:]])
    return Annotation(
        study=study,
        document=document,
        passage=passage,
        start=start,
        end=start + len(quote),
        quote=quote,
        topic=dice.choice(topics),
        stance=dice.choice(stances),
        source=source,
        reported_by=None if messenger == source else messenger,
        coder=coder,
        created_at=timezone.now(),
    )
