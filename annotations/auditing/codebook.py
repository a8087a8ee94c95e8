"""The codebook: slugs, levels, values, and the source ``author``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotations.auditing.violations import EDIT, Violation
from annotations.enums import AUTHOR
from annotations.models import Study

SLUG = re.compile(r"[a-z0-9-]+")
LEAST_VALUES = 2


def check_slugs(study: Study) -> Iterator[Violation]:
    """Slugs are ``[a-z0-9-]+``."""
    kinds = {
        "topic": study.topics.values_list("slug", flat=True),
        "stance": study.stances.values_list("slug", flat=True),
        "source": study.sources.values_list("slug", flat=True),
        "document": study.documents.values_list("slug", flat=True),
    }
    for kind, slug in ((kind, slug) for kind, slugs in kinds.items() for slug in slugs):
        if not SLUG.fullmatch(slug):
            row = f"{kind} {slug!r}"
            yield Violation("slugs-are-plain", row, "its slug has other characters than a–z, 0–9, -", EDIT)


def check_topics(study: Study) -> Iterator[Violation]:
    """Two levels; a topic with a parent has a statement, and its parent is of the same study."""
    for topic in study.topics.select_related("parent"):
        row = f"topic {topic.slug}"
        if topic.parent is None:
            continue
        if topic.parent.parent_id is not None:
            yield Violation("topics-have-two-levels", row, "its parent has a parent", EDIT)
        if topic.parent.study_id != study.pk:
            yield Violation("topic-parent-is-of-the-study", row, "its parent is of another study", EDIT)
        if not topic.statement:
            yield Violation("topic-with-parent-has-statement", row, "it has no statement", EDIT)


def check_sources(study: Study) -> Iterator[Violation]:
    """One level of ``speaks_for``; ``author`` is there, in use, and speaks for nobody."""
    author = study.sources.filter(slug=AUTHOR).first()
    if author is None or author.is_retired or author.speaks_for_id is not None:
        wrong = "it is missing, retired, or speaks for somebody"
        yield Violation("author-is-there", f"source {AUTHOR}", wrong, EDIT)
    for source in study.sources.select_related("speaks_for"):
        body = source.speaks_for
        if body is None:
            continue
        row = f"source {source.slug}"
        if body.speaks_for_id is not None:
            wrong = f"{body.slug}, for whom it speaks, speaks for another"
            yield Violation("speaks-for-has-one-level", row, wrong, EDIT)
        if body.study_id != study.pk:
            yield Violation("body-is-of-the-study", row, "whom it speaks for is of another study", EDIT)


def check_stances(study: Study) -> Iterator[Violation]:
    """At least two different values among the stances in use, all from −1 to 1."""
    stances = list(study.stances.all())
    values = {stance.value for stance in stances if not stance.is_retired} - {None}
    if len(values) < LEAST_VALUES:
        wrong = f"its stances have {len(values)} different values"
        yield Violation("scale-has-two-values", f"study {study.slug}", wrong, EDIT)
    for stance in stances:
        if stance.value is not None and not -1 <= stance.value <= 1:
            wrong = f"its value is {stance.value}"
            yield Violation("stance-value-on-the-scale", f"stance {stance.slug}", wrong, EDIT)


def check_study_row(study: Study) -> Iterator[Violation]:
    """The bounds are in order."""
    if not 0 <= study.agree_max <= study.diverge_above <= 1:
        wrong = f"its bounds are {study.agree_max} and {study.diverge_above}"
        yield Violation("bounds-are-in-order", f"study {study.slug}", wrong, "correct them in the settings")
