"""``compare.csv``: the comparison as a table, one row a topic, with the query string of the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from annotations.comparison.values import Certainty, TopicComparison
from annotations.pages.reading import Compared

COLUMNS = (
    "topic",
    "verdict",
    "thin",
    "distance",
    "distance_low",
    "distance_high",
    "verdict_probability",
    "p_value",
    "verdict_by_coder",
    "coverage_a",
    "coverage_b",
    "silence_chance",
    "n_a",
    "n_b",
    "weight_a",
    "weight_b",
    "emphasis_a",
    "emphasis_b",
    "emphasis_z",
    "mean_a",
    "mean_b",
    "common_sources",
    "common_share_a",
    "common_share_b",
    "sources_only_a",
    "sources_only_b",
    "voices_jaccard",
)


def compare_csv(compared: Compared) -> str:
    """The file as text: RFC 4180, CRLF, columns as ``COLUMNS``. Load it ``with_draws``."""
    return rows_as_csv(COLUMNS, compare_rows(compared))


def compare_rows(compared: Compared) -> list[list[str]]:
    """The rows of the file, one a topic, as ``COLUMNS``."""
    return [_row(result) for result in compared.comparison.topics]


def rows_as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A header and rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _row(result: TopicComparison) -> list[str]:
    by_coder = result.verdict_by_coder
    a, b = result.a, result.b
    return [
        result.topic,
        result.verdict.value,
        "" if result.thin is None else str(result.thin).lower(),
        _number(result.distance),
        *_certainty(result.certainty),
        f"{by_coder[0]} of {by_coder[1]}" if by_coder else "",
        a.coverage.value,
        b.coverage.value,
        _number(result.silence_chance),
        str(a.n),
        str(b.n),
        *map(_number, (a.weight, b.weight, a.emphasis, b.emphasis, result.emphasis_z, a.mean, b.mean)),
        ";".join(result.common_sources),
        _number(result.common_share_a),
        _number(result.common_share_b),
        *(_voices(result.only_a), _voices(result.only_b)),
        _number(result.voices_jaccard),
    ]


def _certainty(certainty: Certainty | None) -> list[str]:
    """The interval, the verdict's probability and p; empty where the topic has no distance."""
    if certainty is None:
        return ["", "", "", ""]
    interval = certainty.interval
    p = certainty.shuffled.p if certainty.shuffled else None
    figures = (interval.low, interval.high, interval.verdict_probability, p)
    return [_number(figure) for figure in figures]


def _voices(voices: tuple[str, ...]) -> str:
    return ";".join(sorted(voices))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.9f}"
