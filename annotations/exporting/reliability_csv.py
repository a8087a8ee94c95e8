"""``reliability.csv``: one row a measure."""

from __future__ import annotations

from annotations.exporting.compare_csv import rows_as_csv
from annotations.formula_guard import guard
from annotations.reliability.values import Measure, Reliability

COLUMNS = (
    "measure",
    "dimension",
    "topic",
    "coder_a",
    "coder_b",
    "units",
    "value",
    "low",
    "high",
    "reason",
)


def reliability_csv(found: Reliability) -> str:
    """The file as text: RFC 4180, CRLF, columns as ``COLUMNS``; an undefined number is an empty cell."""
    return rows_as_csv(COLUMNS, (_row(measure) for measure in found.measures))


def _row(measure: Measure) -> list[str]:
    return [
        measure.name.value,
        measure.dimension.value,
        *map(guard, (measure.topic, measure.coder_a, measure.coder_b)),
        str(measure.units),
        *map(_number, (measure.value, measure.low, measure.high)),
        measure.reason.value,
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.9f}"
