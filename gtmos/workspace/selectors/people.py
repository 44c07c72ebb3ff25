"""Who works here, who is invited, and which keys somebody has."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.people.models import ApiToken, User
from gtmos.kernel.permissions import allows
from gtmos.kernel.signin.link_services import open_invitations
from gtmos.kernel.signin.models import SignInLink

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def people_here(*, actor: Actor) -> QuerySet[User]:
    """Everybody, also who has left; for those who manage people."""
    if not allows(actor, "kernel.manage_people"):
        return User.objects.none()
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=STRONG)
    return (
        User.objects.annotate(has_factor=Exists(factor))
        .prefetch_related("memberships__team")
        .order_by("-is_active", "name", "email")
    )


def get_person(key: UUID, *, actor: Actor) -> User:
    user = people_here(actor=actor).filter(pk=key).first()
    if user is None:
        raise NotFoundError("There is nobody under this address.", code="person_not_found")
    return user


def invitations(*, actor: Actor) -> QuerySet[SignInLink]:
    if not allows(actor, "kernel.manage_people"):
        return SignInLink.objects.none()
    found: QuerySet[SignInLink] = open_invitations().select_related("invited_by", "team")
    return found.order_by("-created_at")


def get_invitation(key: UUID, *, actor: Actor) -> SignInLink:
    link = invitations(actor=actor).filter(pk=key).first()
    if link is None:
        raise NotFoundError("There is no such invitation.", code="invitation_not_found")
    return link


def is_late(link: SignInLink) -> bool:
    return link.expires_at <= timezone.now()


def keys_of(user: User) -> QuerySet[ApiToken]:
    """Those that still open something, the newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at")
