"""What a search compares: a text's words without case, accents and marks; and what people type, as terms.

Plain Python, so that both databases search the same words: SQLite and PostgreSQL each fold and split text
in their own way, and differ. A word here is a run of letters or a run of digits, nothing else, which both
read as one word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

#: A search may be this long, in characters, and ask for this many words.
QUERY_CHARACTERS = 200
QUERY_WORDS = 200
#: Longer words are cut: PostgreSQL leaves words of more than 2,046 bytes out of its index.
WORD_CHARACTERS = 100
#: What lies behind this is not searched: PostgreSQL's index of one passage holds at most 1 MB.
FOLDED_CHARACTERS = 200_000

#: Letters that Unicode takes for letters of their own, as people type them who have no such key.
SPELT = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
#: Apostrophes that Unicode takes for letters.
_APOSTROPHES = "\u02b9\u02ba\u02bb\u02bc\u02bd"
#: Letters that were marks when the tables of SQLite's tokenizer were made: it splits words there.
_FORMER_MARKS = {*map(chr, range(0x19B0, 0x19CA)), "\u1cf2", "\u1cf3"}
_ZERO_WIDTH_SPACE = "\u200b"
#: Scripts that put no space between words: each character counts as a word, and a word as a phrase.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u31f0-\u9fff\U00020000-\U0003ffff]"
)
_WORD = re.compile(rf"[0-9]{{1,{WORD_CHARACTERS}}}|[^ 0-9]{{1,{WORD_CHARACTERS}}}")
_QUOTES = '"“”„‟«»'
_TOKEN = re.compile(rf"([-−]?)(?:[{_QUOTES}]([^{_QUOTES}]*)(?:[{_QUOTES}](\*?))?|([^\s{_QUOTES}]+))")


class Unsearchable(StrEnum):
    """Why nothing can be searched for."""

    TOO_LONG = "too-long"
    NO_WORDS = "no-words"
    ONLY_EXCLUDED = "only-excluded"


class QueryError(ValueError):
    """A query that asks for nothing that can be found. ``reason`` says why."""

    def __init__(self, reason: Unsearchable) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word, and where it stands in the text: ``start``–``end`` in code points, half-open."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other. With ``is_prefix`` the last may go on."""

    words: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A passage is found where it holds every one of ``wanted`` and none of ``unwanted``."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]


class _FoldTable(dict[int, str]):
    """Each code point's folded characters: letters, ASCII digits, spaces; nothing for a mark."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = "".join(map(_plain, _spread(chr(code))))
        return folded


def _spread(character: str) -> str:
    """The characters that one is composed of, in one case for every script."""
    composed_of = unicodedata.normalize("NFKD", character)
    # Lower case after folding: Cherokee folds to its capitals, and PostgreSQL lowers them.
    return unicodedata.normalize("NFKD", composed_of.casefold().lower())


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if character in _FORMER_MARKS or character == _ZERO_WIDTH_SPACE:
        return " "
    if category[0] == "M" or category == "Cf":  # marks; soft hyphens, joiners, directions
        return ""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if category[0] != "L" or character in _APOSTROPHES:
        return " "
    return f" {character} " if _UNSPACED.match(character) else SPELT.get(character, character)


_TABLE = _FoldTable()


def _folded_words(text: str) -> list[str]:
    return _WORD.findall(text.translate(_TABLE))


def fold(text: str) -> str:
    """The words of a text, one space between them and around them. Folding twice changes nothing.

    Accents and other marks are gone, capitals are small, ``ł`` is ``l``, ``ё`` is ``е``, every digit is one
    of 0–9, and whatever is neither letter nor digit is a space. Letters and digits part: ``S-400``, ``S400``
    and ``S 400`` are the same two words. At most ``FOLDED_CHARACTERS``.
    """
    folded = f" {' '.join(_folded_words(text))} "
    if len(folded) <= FOLDED_CHARACTERS:
        return folded
    return folded[: folded.rindex(" ", 0, FOLDED_CHARACTERS) + 1]


def words(text: str) -> list[Word]:
    """The words of ``fold(text)``, uncut, each with its place in ``text``. Marks belong to what they mark."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = _TABLE[ord(character)]
        folded.append(plain)
        places += [place] * len(plain)
    found = []
    for match in _WORD.finditer("".join(folded)):
        end = places[match.end() - 1] + 1
        while end < len(text) and not _TABLE[ord(text[end])]:
            end += 1
        found.append(Word(match[0], places[match.start()], end))
    return found


def parse(text: str) -> Query:
    """What somebody typed, as terms: words, ``"phrases"``, ``-without`` and ``begin*``.

    Whatever is neither letter nor digit only parts words, so that no text can break the syntax of a
    database. A word that folds to several is a phrase: ``2021-12-07`` is ``"2021 12 07"``. Raises
    ``QueryError``.
    """
    if len(text) > QUERY_CHARACTERS:
        raise QueryError(Unsearchable.TOO_LONG)
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for sign, phrase, star, word in _TOKEN.findall(text):
        typed = word or phrase
        folded = tuple(_folded_words(typed))
        if folded:
            term = Term(folded, is_prefix=bool(star) or typed.endswith("*"))
            (unwanted if sign else wanted).append(term)
    if sum(len(term.words) for term in (*wanted, *unwanted)) > QUERY_WORDS:
        raise QueryError(Unsearchable.TOO_LONG)
    if not wanted:
        raise QueryError(Unsearchable.ONLY_EXCLUDED if unwanted else Unsearchable.NO_WORDS)
    return Query(tuple(wanted), tuple(unwanted))


def hits(text_words: list[Word], query: Query) -> list[tuple[int, int]]:
    """Where the wanted terms stand in the text, in its order; places that overlap are one."""
    found = sorted(
        (text_words[i].start, text_words[i + len(term.words) - 1].end)
        for term in query.wanted
        for i in range(len(text_words) - len(term.words) + 1)
        if _stands_at(term, text_words, i)
    )
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _stands_at(term: Term, text_words: list[Word], place: int) -> bool:
    *before, last = term.words
    if any(text_words[place + i].text != word for i, word in enumerate(before)):
        return False
    there = text_words[place + len(before)].text
    return there.startswith(last) if term.is_prefix else there == last
