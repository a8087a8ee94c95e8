"""A study, and who works in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from annotations.enums import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from annotations.models.accounts import User

ROLE_CHOICES = [
    (Role.READER.value, _("Reader")),
    (Role.CODER.value, _("Coder")),
    (Role.CURATOR.value, _("Curator")),
    (Role.OWNER.value, _("Owner")),
]

validate_slug = RegexValidator(
    r"\A[a-z0-9-]+\Z", _("Use small letters a–z, digits and hyphens only."), code="invalid_slug"
)


def slug_field(**kwargs: Any) -> models.CharField[str, str]:
    """A slug as study folders and addresses write it: ``[a-z0-9-]+``, at most 64 characters."""
    return models.CharField(_("slug"), max_length=64, validators=[validate_slug], **kwargs)


class StudyQuerySet(models.QuerySet["Study"]):
    def visible_to(self, user: User | AnonymousUser) -> StudyQuerySet:
        """Studies this person may open: their own, the public ones, and for a superuser all."""
        if user.is_superuser:
            return self.all()
        if not user.is_authenticated:
            return self.filter(is_public=True)
        own = Membership.objects.filter(user=user).values("study")
        return self.filter(Q(is_public=True) | Q(pk__in=own))

    def curated_by(self, user: User | AnonymousUser) -> StudyQuerySet:
        """Studies this person curates or owns: what staff see in the admin."""
        if user.is_superuser:
            return self.all()
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            memberships__user=user, memberships__role__in=[Role.CURATOR.value, Role.OWNER.value]
        )


class Study(models.Model):
    """One event, its documents, its codebook and its members."""

    slug = slug_field(unique=True)
    title = models.CharField(_("title"), max_length=200)
    event_date = models.DateField(_("date of the event"), null=True, blank=True)
    question = models.TextField(_("question"), blank=True, max_length=2000)
    guidelines = models.TextField(_("guidelines"), blank=True, max_length=100_000)
    # Goes up with each change of the guidelines: an annotation keeps the one it was made under.
    guidelines_version = models.PositiveIntegerField(
        _("version of the guidelines"), default=1, editable=False
    )
    agree_max = models.FloatField(
        _("agree up to a distance of"),
        default=0.25,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
    )
    diverge_above = models.FloatField(
        _("diverge above a distance of"),
        default=0.5,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
    )
    is_blind = models.BooleanField(
        _("blind coding"),
        default=False,
        help_text=_("Coders see each other's tags on a document only once they have finished it."),
    )
    is_public = models.BooleanField(
        _("public"),
        default=False,
        help_text=_("Anyone may read the overview, the comparison and its pages; no coder is named."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name = _("study")
        verbose_name_plural = _("studies")
        constraints = [
            models.CheckConstraint(
                condition=Q(agree_max__gte=0)
                & Q(agree_max__lte=models.F("diverge_above"))
                & Q(diverge_above__lte=1),
                name="study_bounds_in_order",
                violation_error_message=_("The bounds must satisfy 0 ≤ agree ≤ diverge ≤ 1."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Membership(models.Model):
    """A person's role in a study."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=ROLE_CHOICES, default=Role.READER.value)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["study", "user"], name="membership_one_role_per_study"),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


class StudyRevision(models.Model):
    """How often a study has changed, as far as a reader could see. It grows, and says nothing else.

    In a row of its own: a form or a service that stores a whole study would set the number back, and who
    waits for the study's row would wait for every coder's save.
    """

    study = models.OneToOneField(Study, on_delete=models.CASCADE, primary_key=True, related_name="revision")
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
