"""All checks of a study, in the order in which their faults explain one another."""

from __future__ import annotations

from collections.abc import Iterator

from annotations.auditing.codebook import (
    check_slugs,
    check_sources,
    check_stances,
    check_study_row,
    check_topics,
)
from annotations.auditing.coding import (
    check_annotations,
    check_completions,
    check_history,
    check_no_equal_annotations,
    check_steps,
    check_versions,
)
from annotations.auditing.curation import check_decisions, check_settled
from annotations.auditing.texts import check_texts
from annotations.auditing.violations import Check, Violation
from annotations.models import Study

CHECKS: tuple[Check, ...] = (
    check_study_row,
    check_slugs,
    check_topics,
    check_stances,
    check_sources,
    check_texts,
    check_annotations,
    check_no_equal_annotations,
    check_history,
    check_versions,
    check_steps,
    check_completions,
    check_decisions,
    check_settled,
)


def check_study(study: Study) -> Iterator[Violation]:
    """Every violation of every rule on the study's stored data."""
    for check in CHECKS:
        yield from check(study)
