"""Decisions, and the curated tags that came of them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Q

from annotations.auditing.violations import BY_SERVER, Violation
from annotations.enums import Layer, Outcome
from annotations.models import DecidedTag, Decision, Study

UNDO = "undo the decision in the admin, and decide again"


def check_decisions(study: Study) -> Iterator[Violation]:
    """A decision is about coded tags of its own passage; what holds shares no tag with another."""
    for decided in DecidedTag.objects.filter(decision__study=study).exclude(
        annotation__passage=F("decision__passage"), annotation__layer=Layer.CODED.value
    ):
        row, wrong = f"decision {decided.decision_id}", "a tag it is about is not a coded one of its passage"
        yield Violation("decision-is-about-its-passage", row, wrong, UNDO)
    held = DecidedTag.objects.filter(decision__study=study, decision__undone_at__isnull=True).order_by()
    for group in held.values("annotation__public_id").annotate(n=Count("pk")).filter(n__gt=1):
        row, wrong = f"annotation {group['annotation__public_id']}", f"{group['n']} decisions that hold"
        yield Violation("one-decision-for-a-tag", row, f"it is in {wrong}", UNDO)
    ahead = DecidedTag.objects.filter(decision__study=study, version__gt=F("annotation__version"))
    for decided in ahead.select_related("annotation"):
        wrong = f"it was decided at version {decided.version}, and is at {decided.annotation.version}"
        yield Violation(
            "decided-version-exists", f"annotation {decided.annotation.public_id}", wrong, BY_SERVER
        )


def check_settled(study: Study) -> Iterator[Violation]:
    """A decision that holds has active curated tags, unless it is “nothing here”; an undone one has none."""
    rows = Decision.objects.filter(study=study).annotate(
        active=Count("settled", filter=Q(settled__withdrawn_at__isnull=True)),
        coded=Count("settled", filter=Q(settled__layer=Layer.CODED.value)),
    )
    for decision in rows.order_by("pk").values("pk", "outcome", "undone_at", "active", "coded").iterator():
        row = f"decision {decision['pk']}"
        if decision["coded"]:
            yield Violation("settled-is-curated", row, "a tag that came of it is not curated", BY_SERVER)
        is_nothing = decision["outcome"] == Outcome.NOTHING.value
        if decision["undone_at"] is None and decision["active"] == 0 and not is_nothing:
            yield Violation("decision-has-its-tag", row, "the tag that came of it is withdrawn", UNDO)
        if decision["active"] and (decision["undone_at"] is not None or is_nothing):
            wrong = "it has an active tag, and is undone or “nothing here”"
            yield Violation("ended-decision-has-no-tag", row, wrong, "withdraw the tag in the admin")
