"""One entry of the curator's queue: its passage with every coder's quote in place, the values side by side,
what was decided and what changed since, and the form in its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from annotations.codebook import Codebook
from annotations.curation_forms import CHANGED
from annotations.enums import Layer, Situation
from annotations.models import Annotation, Decision, Passage, Source, Stance, Topic
from annotations.pages.curation_changes import Change, CoderNames, changes_since
from annotations.reliability.claims import Claim
from annotations.services.curation_plan import DocumentQueue, Entry, proposed

if TYPE_CHECKING:
    from annotations.curation_forms import ItemForm

#: Underlines lie in lanes, one for each version; from the seventh on they share the lowest.
LANES = 6
#: Keys that the queue has taken: a stance that has one of them is chosen without a key.
TAKEN_KEYS = frozenset("0123456789jkacerldg[]{}?")


@dataclass(frozen=True, slots=True)
class Version:
    """One coder's tag in the item. ``number`` is its mark in the text and its key; ``differs``: the fields in
    which the tags of its claim are not all the same; ``is_kept``: a refused form had it so."""

    number: int
    tag: Annotation
    coder: str
    differs: frozenset[str]
    is_kept: bool


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """One claim (or, where no coder's tag is left, one settled position): its versions, and what a changed
    one starts from."""

    number: int
    versions: tuple[Version, ...]
    like: Annotation
    choice: str
    values: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]]

    @property
    def source(self) -> Source:
        return self.like.source

    @property
    def is_changed(self) -> bool:
        return self.choice == CHANGED

    @property
    def is_kept_as_it_is(self) -> bool:
        """Whether a refused form let the settled position stand."""
        return self.choice == str(self.like.public_id)


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of the passage under the same underlines; ``marks``: the numbers of the versions it begins."""

    text: str
    css: str
    marks: str


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """A decision that holds on the entry, and the curated tags that came of it."""

    decision: Decision
    tags: tuple[Annotation, ...]


@dataclass(frozen=True, slots=True)
class Focus:
    """The entry in focus. ``absent``: coders who count and have no tag in it. ``errors``: messages of a
    refused form by field; those of a claim stand with the claim."""

    entry: Entry
    passage: Passage
    topic: Topic
    segments: tuple[Segment, ...]
    claims: tuple[ClaimShown, ...]
    absent: tuple[str, ...]
    decisions: tuple[DecisionShown, ...]
    changes: tuple[Change, ...]
    stances: tuple[tuple[Stance, str], ...]
    sources: tuple[tuple[str, list[Source]], ...]
    reason: str
    remark: str
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def messages(self) -> list[str]:
        """All that is wrong with a refused form, each once."""
        found = [*self.errors.values(), *(messages for c in self.claims for messages in c.errors.values())]
        return list(dict.fromkeys(message for messages in found for message in messages))

    @property
    def versions(self) -> list[Version]:
        """All versions, in the order of their numbers."""
        return [version for claim in self.claims for version in claim.versions]

    @property
    def seen(self) -> str:
        """For the form: the tags and their versions that are shown."""
        return " ".join(sorted(f"{tag.public_id}:{tag.version}" for tag in self.entry.seen))

    @property
    def replaces(self) -> str:
        """For the form: the decisions that are shown."""
        return " ".join(str(decision.public_id) for decision in self.entry.decisions)

    @property
    def needs_no_reason(self) -> bool:
        """Whether accepting it as it is needs no reason."""
        return self.entry.item is not None and self.entry.situation is Situation.UNANIMOUS

    @property
    def differs(self) -> frozenset[str]:
        """The fields in which the versions of any claim are not all the same."""
        over_source = {"source"} if len({claim.source.pk for claim in self.claims}) > 1 else set()
        return frozenset(over_source).union(*(version.differs for version in self.versions))

    @property
    def has_notes(self) -> bool:
        return any(version.tag.note or version.tag.uncertain for version in self.versions)

    @property
    def has_one_claim(self) -> bool:
        return len(self.claims) == 1

    @property
    def is_deep(self) -> bool:
        """Whether the text needs more room between its lines than three lanes take."""
        return len(self.versions) > 3


def load_focus(
    queue: DocumentQueue,
    entry: Entry,
    codebook: Codebook,
    names: CoderNames,
    sent: ItemForm | None,
) -> Focus:
    """The entry in a number of queries that does not depend on how much there is of anything."""
    tags = _tags_of(entry)
    decisions = _decisions(entry)
    claims = _claims(entry, tags, decisions, names, sent)
    like = claims[0].like if claims else next(iter(tags.values()))
    coders = {tag.coder for tag in entry.item.tags} if entry.item else set(queue.coders)
    used = [*tags.values(), *(tag for shown in decisions for tag in shown.tags)]
    return Focus(
        entry=entry,
        passage=like.passage,
        topic=like.topic,
        segments=tuple(drawn(like.passage, [v for claim in claims for v in claim.versions])),
        claims=claims,
        absent=tuple(sorted(names.of(name) for name in queue.coders if name not in coders)),
        decisions=decisions,
        changes=tuple(changes_since(entry, tags, counted=queue.coders, codebook=codebook, names=names)),
        stances=tuple(
            (stance, _key(stance)) for stance in codebook.stances_offered([tag.stance.slug for tag in used])
        ),
        sources=tuple(
            codebook.sources_by_side([tag.reported_by.slug for tag in used if tag.reported_by is not None])
        ),
        reason=str(sent.data.get("reason", "")) if sent else "",
        remark=str(sent.data.get("remark", "")) if sent else "",
        errors=_form_errors(sent),
    )


def drawn(passage: Passage, versions: Sequence[Version]) -> Iterable[Segment]:
    """The passage's text, cut where a version's words begin or end; the texts join to it exactly."""
    offset, text = passage.start, passage.text
    edges = {offset, offset + len(text)} | {
        edge for version in versions for edge in (version.tag.start, version.tag.end)
    }
    for begin, end in pairwise(sorted(edges)):
        over = [version for version in versions if version.tag.start <= begin < version.tag.end]
        lanes = {min(version.number, LANES) - 1: version.tag.stance.slot for version in over}
        marks = " ".join(str(version.number) for version in over if version.tag.start == begin)
        css = " ".join(["q", "cq", *(f"l{lane}-{slot}" for lane, slot in sorted(lanes.items()))])
        yield Segment(text[begin - offset : end - offset], css if over else "", marks)


def _tags_of(entry: Entry) -> dict[int, Annotation]:
    """The entry's tags and those that its decisions were about, withdrawn ones too, by key."""
    keys = {*entry.tags, *(key for decision in entry.decisions for key in decision.decided)}
    rows = Annotation.objects.filter(pk__in=keys).select_related(
        "document", "passage", "topic__parent", "stance", "source", "reported_by", "coder"
    )
    return {tag.pk: tag for tag in rows.defer("document__text")}


def _decisions(entry: Entry) -> tuple[DecisionShown, ...]:
    pks = [decision.pk for decision in entry.decisions]
    decisions = Decision.objects.filter(pk__in=pks).select_related("curator").order_by("pk")
    tags = Annotation.objects.active().filter(decision__in=pks, layer=Layer.CURATED.value)
    settled = list(
        tags.select_related("document", "passage", "topic__parent", "stance", "source", "reported_by")
        .defer("document__text", "passage__folded")
        .order_by("start", "end", "pk")
    )
    return tuple(
        DecisionShown(decision, tuple(tag for tag in settled if tag.decision_id == decision.pk))
        for decision in decisions
    )


def _claims(
    entry: Entry,
    tags: Mapping[int, Annotation],
    decisions: Sequence[DecisionShown],
    names: CoderNames,
    sent: ItemForm | None,
) -> tuple[ClaimShown, ...]:
    if entry.item is None:
        settled = [tag for shown in decisions for tag in shown.tags]
        return tuple(_claim(n, (), tag, sent) for n, tag in enumerate(settled))
    shown, number = [], 0
    for n, claim in enumerate(entry.item.claims):
        differs = _differing(claim)
        ordered = sorted(claim.tags, key=lambda tag: (_natural(names.of(tag.coder)), tag.start, tag.end))
        versions = []
        for tag in ordered:
            number += 1
            is_kept = _choice(n, sent) == str(tags[tag.key].public_id)
            versions.append(Version(number, tags[tag.key], names.of(tag.coder), differs, is_kept))
        shown.append(_claim(n, tuple(versions), tags[proposed(claim).key], sent))
    return tuple(shown)


def _claim(n: int, versions: tuple[Version, ...], like: Annotation, sent: ItemForm | None) -> ClaimShown:
    data = sent.data if sent else {}
    values = {
        "start": like.start,
        "end": like.end,
        "quote": like.quote,
        "stance": like.stance.slug,
        "reported_by": like.reported_by.slug if like.reported_by else "",
    }
    choice = _choice(n, sent)
    if choice == CHANGED:
        values |= {name: data.get(f"{name}_{n}", "") for name in ("stance", "reported_by")}
        values |= _sent_words(n, sent, like.passage)
    found = sent.errors if sent else {}
    errors = {
        name: [str(error) for error in found.get(f"{name}_{n}", ())]
        for name in ("keep", "quote", "stance", "reported_by")
    }
    return ClaimShown(n, versions, like, choice, values, errors)


def _choice(n: int, sent: ItemForm | None) -> str:
    return str(sent.data.get(f"keep_{n}", "")) if sent else ""


def _sent_words(n: int, sent: ItemForm | None, passage: Passage) -> dict[str, Any]:
    """The words of a refused form, where they are words of the passage."""
    data = sent.cleaned_data if sent else {}
    start, end = data.get(f"start_{n}"), data.get(f"end_{n}")
    if start is None or end is None or not passage.start <= start < end <= passage.end:
        return {}
    return {
        "start": start,
        "end": end,
        "quote": passage.text[start - passage.start : end - passage.start],
        "typed": data.get(f"quote_{n}", ""),
    }


def _natural(name: str) -> tuple[int, str]:
    """Coder 2 before Coder 10."""
    digits = "".join(letter for letter in name if letter.isdigit())
    return (int(digits) if digits else 0, name)


def _differing(claim: Claim) -> frozenset[str]:
    fields: dict[str, set[object]] = {
        "words": {(tag.start, tag.end) for tag in claim.tags},
        "stance": {tag.stance for tag in claim.tags},
        "reported_by": {tag.reported_by for tag in claim.tags},
    }
    return frozenset(name for name, values in fields.items() if len(values) > 1)


def _key(stance: Stance) -> str:
    return "" if stance.key in TAKEN_KEYS else stance.key


def _form_errors(sent: ItemForm | None) -> dict[str, list[str]]:
    if sent is None:
        return {}
    names = {"__all__": "all", "reason": "reason", "remark": "remark"}
    errors = {names.get(name, ""): [str(error) for error in sent.errors[name]] for name in sent.errors}
    return {name: messages for name, messages in errors.items() if name}
