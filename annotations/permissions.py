"""Who may do what in a study. Every write asks here; every read starts from a queryset's ``visible_to``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from annotations.compiled import compiled
from annotations.enums import Layer, Role
from annotations.models import Completion, Document, Membership, Study, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from annotations.models import Annotation


class SummitBackend(ModelBackend):
    """Django's login, but demonstration accounts exist in development only."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        if getattr(user, "is_demo", False) and not settings.DEBUG:
            return False
        return super().user_can_authenticate(user)

    def get_user(self, user_id: Any) -> Any:
        """Ends a demonstration account's session, too, once DEBUG is off."""
        user = next(iter(_user(int(user_id))), None)
        return user if self.user_can_authenticate(user) else None


@compiled(int)
def _user(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


def login_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The name a login attempt is counted under: ``Ada`` and ``ada`` are one person."""
    given = credentials or (request.POST if request else {})
    return str(given.get("username", "")).lower()


def client_address(request: HttpRequest) -> str:
    """The address a login attempt comes from. Behind ``TRUSTED_PROXIES`` proxies it is the one that the
    outermost of them wrote into ``X-Forwarded-For``; what stands before it, anybody may have made up."""
    proxies: int = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(forwarded) >= proxies and forwarded[-proxies]:
        return forwarded[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


def role_in(user: User | AnonymousUser, study: Study) -> Role | None:
    """The person's role, or None for a stranger; a superuser is owner everywhere."""
    if not user.is_authenticated:
        return None
    return role_of(user, None if user.is_superuser else study.memberships.filter(user=user).first())


def role_of(user: User | AnonymousUser, member: Membership | None) -> Role | None:
    """The person's role by their membership; None for a stranger, and for an account that is closed."""
    if not user.is_authenticated or not user.is_active:
        return None
    if user.is_superuser:
        return Role.OWNER
    return Role(member.role) if member else None


def may_code(role: Role | None) -> bool:
    """Annotate, and finish a document: one's own."""
    return role is not None and role.includes(Role.CODER)


def may_curate(role: Role | None) -> bool:
    """Curate, and edit the codebook."""
    return role is not None and role.includes(Role.CURATOR)


def may_own(role: Role | None) -> bool:
    """Members, settings and import."""
    return role is not None and role.includes(Role.OWNER)


def may_change(user: User, annotation: Annotation) -> bool:
    """Only the coder changes a coded tag: nobody's work is changed by another."""
    return annotation.layer == Layer.CODED.value and annotation.coder_id == user.pk


def may_read_layer(role: Role | None, layer: Layer) -> bool:
    """The curated layer is for all who may read the study; the coded layer for coders and above."""
    return layer is Layer.CURATED or may_code(role)


def default_layer(role: Role | None) -> Layer:
    """``coded`` unless asked otherwise; for readers and the public ``curated``."""
    return Layer.CODED if may_code(role) else Layer.CURATED


def sees_other_coders(
    user: User | AnonymousUser, study: Study, role: Role | None, document: Document
) -> bool:
    """Whether other coders' work and progress on a document may be shown to this person."""
    if may_curate(role) or (may_code(role) and not study.is_blind):
        return True
    return (
        may_code(role)
        and Completion.objects.filter(document=document, coder_id=user.pk, reopened_at__isnull=True).exists()
    )
