"""``reliability.csv``: numbers, empty cells, and the formula guard."""

from __future__ import annotations

import csv
import io

from annotations.comparison.values import Tag
from annotations.exporting.reliability_csv import COLUMNS, reliability_csv
from annotations.reliability.measures import measure_reliability
from annotations.reliability.values import CodedDocument


def tag(key: int, coder: str, stance: str) -> Tag:
    return Tag(key, "east", 1, 0, 9, "talks", stance, 1.0, "biden", "biden", "US", None, coder)


def test_a_coders_name_is_never_a_formula_and_undefined_is_empty() -> None:
    found = measure_reliability(
        study="talks",
        tags=[tag(1, "+ada", "support"), tag(2, "ben", "oppose")],
        documents=[CodedDocument("east", (1, 2), ("+ada", "ben"))],
        topics=["talks"],
        stances=["support", "oppose"],
        draws=0,
    )
    text = reliability_csv(found)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert text.startswith(",".join(COLUMNS) + "\r\n")
    assert len(rows) == len(found.measures)
    assert {row["coder_a"] for row in rows} == {"", "'+ada"}
    stance = next(row for row in rows if (row["measure"], row["dimension"]) == ("alpha-nominal", "stance"))
    assert list(stance.values())[5:] == ["1", "", "", "", "one-unit"]
    presence = next(row for row in rows if row["topic"] == "talks" and row["dimension"] == "presence")
    assert presence["value"] == "1.000000000"
