"""What the comparison, topic and source pages show."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.comparison.measures import mean_of, voice_of
from annotations.comparison.values import DocumentOnTopic, TopicComparison
from annotations.enums import AUTHOR, Coverage, Grain, Verdict
from annotations.models import Source, Topic
from annotations.pages.drawing import Scale, Track, draw_scale, draw_track
from annotations.pages.quotes import QuoteShown, facing_by, shown_quotes
from annotations.pages.reading import Compared, quotes_of
from annotations.pages.voice_names import voice_label, voice_labels, voice_places

#: The order in which pages list verdicts: what can be compared first, what is unknown last.
VERDICT_ORDER = (
    Verdict.AGREE,
    Verdict.PARTLY,
    Verdict.DIVERGE,
    Verdict.DIFFERENT_VOICES,
    Verdict.ONLY_A,
    Verdict.ONLY_B,
    Verdict.NO_POSITION,
    Verdict.PENDING,
    Verdict.NOT_RAISED,
)
#: How many voices a row names, and how many messengers a voice.
CHIPS_SHOWN, MESSENGERS_SHOWN = 7, 3
#: The width of an emphasis bar in the drawing's own units.
BAR = 92.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One document's emphasis on a topic, drawn against the largest of the page."""

    letter: str
    name: str
    on_topic: DocumentOnTopic
    width: str
    x: str

    @property
    def is_silent(self) -> bool:
        return self.on_topic.coverage is Coverage.SILENT

    @property
    def is_not_coded(self) -> bool:
        return self.on_topic.coverage is Coverage.NOT_CODED


@dataclass(frozen=True, slots=True)
class Chip:
    """One voice on a topic: who, in which documents, through whom. ``source`` is None above the source."""

    label: str
    slug: str
    in_a: bool
    in_b: bool
    through: tuple[str, ...]
    is_author: bool

    @property
    def through_shown(self) -> tuple[str, ...]:
        """The messengers that a chip has room for."""
        return self.through[:MESSENGERS_SHOWN]

    @property
    def through_more(self) -> int:
        """How many messengers more there are."""
        return max(0, len(self.through) - MESSENGERS_SHOWN)


@dataclass(frozen=True, slots=True)
class Voices:
    """What every row needs of the voices, made once: their labels and places, and by topic and voice the
    labels of the messengers it is heard through, in codebook order."""

    labels: dict[str, str]
    places: dict[str, int]
    through: dict[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One topic of the comparison table."""

    topic: Topic
    compared: TopicComparison
    bars: tuple[Bar, Bar]
    scale: Scale
    chips: tuple[Chip, ...]
    shared: tuple[int, int]
    track: Track | None

    @property
    def chips_shown(self) -> tuple[Chip, ...]:
        """The voices that a row has room for; the topic's page has all."""
        return self.chips[:CHIPS_SHOWN]

    @property
    def chips_more(self) -> int:
        """How many voices more there are."""
        return max(0, len(self.chips) - CHIPS_SHOWN)


@dataclass(frozen=True, slots=True)
class Group:
    """A parent topic with the rows under it, and how many rows there are of each verdict."""

    label: str
    rows: tuple[Row, ...]
    total: int
    counts: tuple[tuple[Verdict, int], ...]


@dataclass(frozen=True, slots=True)
class Messenger:
    """What one messenger (None: the document's own words) brings, both documents side by side."""

    reported_by: Source | None
    a: list[QuoteShown]
    b: list[QuoteShown]


@dataclass(frozen=True, slots=True)
class Section:
    """The quotes of one source (or on one topic), by messenger."""

    heading: Source | Topic
    tags_a: int
    tags_b: int
    scale: Scale
    messengers: tuple[Messenger, ...]


@dataclass(frozen=True, slots=True)
class VoiceShown:
    """A voice with a position in either document: on the scale, and how far apart the two are where both
    have one."""

    label: str
    scale: Scale
    distance: float | None


def under_parents(rows: list[Row], wanted: list[Row]) -> tuple[Group, ...]:
    """The wanted rows under their parents, in codebook order; a group is counted whole."""
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.topic.parent_id or 0, []).append(row)
    shown = {row.topic.pk for row in wanted}
    found = [_group(members, shown) for members in groups.values()]
    return tuple(group for group in found if group.rows)


def _group(rows: list[Row], shown: set[int]) -> Group:
    verdicts = [row.compared.verdict for row in rows]
    return Group(
        label=str(rows[0].topic.parent or ""),
        rows=tuple(row for row in rows if row.topic.pk in shown),
        total=len(rows),
        counts=tuple((verdict, verdicts.count(verdict)) for verdict in VERDICT_ORDER if verdict in verdicts),
    )


def table_rows(compared: Compared) -> list[Row]:
    """Every topic, in codebook order."""
    topics = compared.comparison.topics
    largest = max((on.emphasis or 0.0 for t in topics for on in (t.a, t.b)), default=0.0) or 1.0
    voices = Voices(voice_labels(compared), voice_places(compared), _messengers_by_voice(compared))
    names, declared = (compared.a.short_name, compared.b.short_name), _declared(compared)
    return [
        Row(
            topic=topic,
            compared=result,
            bars=_bars(names, result, largest),
            scale=_scale(declared, result.a, result.b, comparable=result.distance is not None),
            chips=tuple(_chips(compared, result, names, voices)),
            shared=_shared(result),
            track=track_of(compared, result),
        )
        for topic, result in zip(compared.topics, topics, strict=True)
    ]


def track_of(compared: Compared, result: TopicComparison) -> Track | None:
    """The distance with its interval; None where there is none, or nobody drew it."""
    if result.distance is None or result.certainty is None:
        return None
    study = compared.visit.study
    bounds = (study.agree_max, study.diverge_above)
    return draw_track(result.certainty.interval, result.distance, bounds)


def voices_on_scale(compared: Compared, result: TopicComparison) -> list[VoiceShown]:
    """The voices that take a position: first those that a distance is made of, the heaviest first; then those
    of one document, in codebook order."""
    places = voice_places(compared)
    heard = [voice for voice in result.voices if voice.distribution_a or voice.distribution_b]
    heard.sort(
        key=lambda v: (v.distance is None, -min(v.in_a, v.in_b), places.get(v.voice, 0), v.voice),
    )
    declared = _declared(compared)
    return [
        VoiceShown(
            label=voice_label(compared, voice.voice),
            scale=draw_scale(
                declared,
                (mean_of(voice.distribution_a), voice.distribution_a),
                (mean_of(voice.distribution_b), voice.distribution_b),
                comparable=voice.distance is not None,
            ),
            distance=voice.distance,
        )
        for voice in heard
    ]


def bars_of(compared: Compared, result: TopicComparison, largest: float) -> tuple[Bar, Bar]:
    """Both documents' emphasis on a topic, drawn against the ``largest`` of the page."""
    return _bars((compared.a.short_name, compared.b.short_name), result, largest)


def _bars(names: tuple[str, str], result: TopicComparison, largest: float) -> tuple[Bar, Bar]:
    return _bar("a", names[0], result.a, largest), _bar("b", names[1], result.b, largest)


def _bar(letter: str, name: str, on_topic: DocumentOnTopic, largest: float) -> Bar:
    width = (on_topic.emphasis or 0.0) / largest * BAR
    x = BAR - width if letter == "a" else 0.0
    return Bar(letter, name, on_topic, f"{width:.1f}", f"{x:.1f}")


def scale_of(compared: Compared, a: DocumentOnTopic, b: DocumentOnTopic, *, comparable: bool) -> Scale:
    """Both documents on the declared scale."""
    return _scale(_declared(compared), a, b, comparable=comparable)


def _scale(declared: tuple[float, ...], a: DocumentOnTopic, b: DocumentOnTopic, *, comparable: bool) -> Scale:
    return draw_scale(declared, (a.mean, a.distribution), (b.mean, b.distribution), comparable=comparable)


def _declared(compared: Compared) -> tuple[float, ...]:
    return tuple(sorted({s.value for s in compared.stances.values() if s.value is not None}))


def _shared(result: TopicComparison) -> tuple[int, int]:
    """Attributed voices in both documents, out of all attributed voices."""
    both = [voice for voice in result.shared_voices if voice != AUTHOR]
    every = {*result.a.voices, *result.b.voices} - {AUTHOR}
    return len(both), len(every)


def _messengers_by_voice(compared: Compared) -> dict[tuple[str, str], tuple[str, ...]]:
    """(topic, voice) → labels of the messengers it is heard through, in codebook order."""
    in_order = sorted(compared.sources.values(), key=lambda source: source.position)
    grain = compared.reading.grain
    reported = [tag for tag in compared.tallies if tag.reported_by]
    if grain is Grain.SOURCE:
        heard = {(tag.topic, tag.source, tag.reported_by) for tag in reported}
    else:
        heard = {(tag.topic, voice_of(tag, grain), tag.reported_by) for tag in reported}
    found: dict[tuple[str, str], set[str | None]] = {}
    for topic, voice, messenger in heard:
        found.setdefault((topic, voice), set()).add(messenger)
    return {key: tuple(one.label for one in in_order if one.slug in slugs) for key, slugs in found.items()}


def _chips(compared: Compared, result: TopicComparison, names: tuple[str, str], voices: Voices) -> list[Chip]:
    """Shared voices first, then the documents' own, then the rest in codebook order."""
    in_a, in_b = set(result.a.voices), set(result.b.voices)
    places, is_side = voices.places, compared.reading.grain is Grain.SIDE
    chips = []
    for voice in sorted(in_a | in_b, key=lambda v: (not (v in in_a and v in in_b), places.get(v, 0), v)):
        if voice == AUTHOR:
            for is_a, here, name in ((True, voice in in_a, names[0]), (False, voice in in_b, names[1])):
                if here:
                    chips.append(Chip(voice_label(compared, voice, name), voice, is_a, not is_a, (), True))
            continue
        label, messengers = voices.labels.get(voice, voice), voices.through.get((result.topic, voice), ())
        chips.append(Chip(label, "" if is_side else voice, voice in in_a, voice in in_b, messengers, False))
    return chips


def topic_quotes(compared: Compared, topic: Topic) -> tuple[list[QuoteShown], list[QuoteShown]]:
    """The quotes behind one row, of A and of B."""
    return shown_quotes(compared, quotes_of(compared, topic=topic.slug))


def sections_by_source(compared: Compared, topic: Topic) -> list[Section]:
    """One topic: its quotes by who holds the position, then by who reports it."""
    quotes_a, quotes_b = topic_quotes(compared, topic)
    return _sections(compared, quotes_a, quotes_b, "source")


def sections_by_topic(compared: Compared, source: Source) -> list[Section]:
    """One source: what each document lets it say, by topic, then by who reports it."""
    quotes_a, quotes_b = shown_quotes(compared, quotes_of(compared, source=source.slug))
    return _sections(compared, quotes_a, quotes_b, "topic")


def _sections(
    compared: Compared, quotes_a: list[QuoteShown], quotes_b: list[QuoteShown], key: str
) -> list[Section]:
    sections = []
    groups = facing_by(quotes_a, quotes_b, key)
    # Who (or what) is heard in both documents comes first.
    for heading, a, b in sorted(groups, key=lambda group: not (group[1] and group[2])):
        if not isinstance(heading, Source | Topic):
            continue
        messengers = tuple(
            Messenger(entry if isinstance(entry, Source) else None, m_a, m_b)
            for entry, m_a, m_b in facing_by(a, b, "reported_by")
        )
        sections.append(
            Section(
                heading=heading,
                tags_a=sum(quote.tags for quote in a),
                tags_b=sum(quote.tags for quote in b),
                scale=draw_scale(_declared(compared), _balance(a), _balance(b), comparable=True),
                messengers=messengers,
            )
        )
    return sections


def _balance(quotes: list[QuoteShown]) -> tuple[float | None, tuple[tuple[float, float], ...]]:
    """Mean and distribution of the valued quotes of one document; every tag of it weighs the same."""
    weights: dict[float, float] = {}
    for quote in quotes:
        if quote.stance.value is not None:
            weights[quote.stance.value] = weights.get(quote.stance.value, 0.0) + quote.tags
    whole = sum(weights.values())
    if not whole:
        return None, ()
    return sum(value * weight for value, weight in weights.items()) / whole, tuple(sorted(weights.items()))
