"""Invitations and new passwords by mail: links that are signed, work once, and end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from gtmos.kernel import events, history, jobs
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotFoundError
from gtmos.kernel.people import services as people
from gtmos.kernel.people.access_services import check_role
from gtmos.kernel.people.models import Role, Team, User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.signin import limit_services as limits
from gtmos.kernel.signin.events import InvitationAccepted, PersonInvited
from gtmos.kernel.signin.models import LinkKind, MailState, SignInLink

LASTS = {LinkKind.INVITATION: timedelta(days=7), LinkKind.RESET: timedelta(hours=1)}
KEPT = timedelta(days=90)
JOB = "outreach.send_notices"
GONE = "This link has been used, has been taken back, or has ended. Ask for a new one."


@transaction.atomic
def invite(email: str, *, role: str, actor: Actor, name: str = "", team: Team | None = None) -> SignInLink:
    """A mail with a link; the person is there once the link has been used. Inviting anew ends earlier links."""
    require(actor, "kernel.manage_people")
    email = _checked_address(email)
    check_role(role)
    if role == Role.ADMIN:
        require(actor, "kernel.make_administrators")
    if User.objects.filter(email__iexact=email).exists():
        raise InvalidInputError(f"{email} already belongs to somebody here.", code="email_taken")
    for earlier in open_invitations().filter(email=email):
        revoke_invitation(earlier, actor=actor)
    link = _new(
        LinkKind.INVITATION, email, role=role, name=name.strip()[:150], team=team, invited_by=actor.user
    )
    history.record_creation(link, actor=actor, values={"role": role})
    events.publish(PersonInvited(invitation_id=link.pk, role=role), subject=link, actor=actor)
    return link


def _checked_address(email: str) -> str:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise InvalidInputError("Write a whole e-mail address.", code="bad_address") from error
    return email.strip().lower()


def open_invitations() -> Any:
    return SignInLink.objects.filter(kind=LinkKind.INVITATION, used_at=None, revoked_at=None)


@transaction.atomic
def resend_invitation(link: SignInLink, *, actor: Actor) -> SignInLink:
    """A new link with a new end; the earlier one opens nothing."""
    require(actor, "kernel.manage_people")
    link = _open(link)
    before = link.serial
    link.serial += 1
    link.expires_at = timezone.now() + LASTS[LinkKind.INVITATION]
    link.mail_state, link.mail_tries, link.mail_answer = MailState.WAITING, 0, ""
    link.mail_next_at = timezone.now()
    save_changes(link, "serial", "expires_at", "mail_state", "mail_tries", "mail_answer", "mail_next_at")
    history.record(
        link,
        before={"sent": before},
        after={"sent": link.serial},
        actor=actor,
        category="INVITATION",
        summary="Sent anew",
    )
    jobs.enqueue(JOB)
    return link


@transaction.atomic
def revoke_invitation(link: SignInLink, *, actor: Actor) -> SignInLink:
    require(actor, "kernel.manage_people")
    link = _open(link)
    link.revoked_at = timezone.now()
    link.mail_state = MailState.NONE if link.mail_state == MailState.WAITING else link.mail_state
    save_changes(link, "revoked_at", "mail_state")
    history.record(
        link,
        before={"revoked": None},
        after={"revoked": link.revoked_at},
        actor=actor,
        category="INVITATION",
        summary="Taken back",
    )
    return link


def _open(link: SignInLink) -> SignInLink:
    found: SignInLink | None = open_invitations().select_for_update().filter(pk=link.pk).first()
    if found is None:
        raise DomainError("This invitation has been used or taken back.", code="invitation_closed")
    return found


def ask_for_password(email: str) -> None:
    """The same row and the same bell for every address: whether somebody has it is decided where nobody waits."""
    if not limits.count_try(limits.MAILS, email):
        return
    with transaction.atomic():
        _new(LinkKind.RESET, email.strip().lower()[:254])


def _new(kind: LinkKind, email: str, **fields: Any) -> SignInLink:
    now = timezone.now()
    link = SignInLink.objects.create(
        kind=kind, email=email, expires_at=now + LASTS[kind], mail_next_at=now, **fields
    )
    jobs.enqueue(JOB)
    return link


# The link itself


def token_of(link: SignInLink) -> str:
    return signing.dumps([str(link.pk), link.serial], salt=f"gtmos.signin.{link.kind}")


def link_of(token: str, kind: LinkKind, *, lock: bool = False) -> SignInLink:
    """One refusal for a forged, an old, a used and an unknown link."""
    try:
        key, serial = signing.loads(token, salt=f"gtmos.signin.{kind.value}", max_age=LASTS[kind])
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotFoundError(GONE, code="link_gone") from error
    links = SignInLink.objects.select_for_update(of=("self",)) if lock else SignInLink.objects.all()
    link = links.filter(
        pk=UUID(key), kind=kind, serial=serial, used_at=None, revoked_at=None, expires_at__gt=timezone.now()
    ).first()
    if link is None or not _still_meant(link):
        raise NotFoundError(GONE, code="link_gone")
    return link


def _still_meant(link: SignInLink) -> bool:
    """An invitation of somebody who has left, or a new password of somebody who has, opens nothing."""
    meant = link.invited_by if link.kind == LinkKind.INVITATION else link.user
    if meant is None:
        return link.kind == LinkKind.INVITATION
    return meant.is_active and (link.kind == LinkKind.RESET or meant.may_configure)


@transaction.atomic
def accept_invitation(token: str, *, name: str, password: str, time_zone: str) -> User:
    """The person is there from now on, with the role and team that they were invited to."""
    link = link_of(token, LinkKind.INVITATION, lock=True)
    people.check_password(password)
    door = Actor.system("invitation")
    user = people.create_user(link.email, name=name.strip(), role=link.role, password=password, actor=door)
    user = people.update_user(user, changes={"time_zone": time_zone}, actor=door)
    if link.team is not None:
        people.add_member(link.team, user, actor=door)
    _use(link, user, actor=Actor.of(user))
    events.publish(
        InvitationAccepted(invitation_id=link.pk, user_id=user.pk), subject=user, actor=Actor.of(user)
    )
    return user


@transaction.atomic
def set_new_password(token: str, password: str) -> User:
    """Ends every session of this person; the second factor is asked for as before."""
    link = link_of(token, LinkKind.RESET, lock=True)
    assert link.user is not None
    user = people.set_password(link.user, password, actor=Actor.of(link.user))
    _use(link, user, actor=Actor.of(user))
    limits.forget_tries(limits.PASSWORD, user.email)
    return user


def _use(link: SignInLink, user: User, *, actor: Actor) -> None:
    link.used_at = timezone.now()
    link.user = user
    save_changes(link, "used_at", "user")
    history.record(
        link,
        before={"used": None},
        after={"used": link.used_at},
        actor=actor,
        category="INVITATION",
        summary=f"Used by {user}",
    )
    others = SignInLink.objects.filter(kind=LinkKind.RESET, user=user, used_at=None).exclude(pk=link.pk)
    others.update(revoked_at=link.used_at)


# What the mailer does


def next_to_send() -> SignInLink | None:
    """The next one whose mail waits, locked; who gets it is decided here, not where somebody asked."""
    now = timezone.now()
    waiting = SignInLink.objects.select_for_update(skip_locked=True, of=("self",))
    return (
        waiting.filter(mail_state=MailState.WAITING, mail_next_at__lte=now)
        .order_by("mail_next_at", "pk")
        .first()
    )


def decide_reader(link: SignInLink) -> bool:
    """False when there is nobody to write to."""
    if link.kind == LinkKind.RESET and link.user_id is None:
        link.user = User.objects.filter(email__iexact=link.email, is_active=True).first()
    if (
        link.expires_at <= timezone.now()
        or link.revoked_at
        or (link.kind == LinkKind.RESET and not link.user)
    ):
        link.email = link.email if link.user or link.kind == LinkKind.INVITATION else ""
        note_mail(link, MailState.NONE)  # and an address that is nobody's here is not kept
        return False
    return True


def note_mail(link: SignInLink, state: MailState, *, answer: str = "", wait: timedelta | None = None) -> None:
    link.mail_state, link.mail_answer = state, answer[:300]
    if wait is not None:
        link.mail_next_at = timezone.now() + wait
    save_changes(link, "mail_state", "mail_answer", "mail_next_at", "mail_tries", "user", "email")


def forget_links() -> int:
    """What was asked for and is long over. Invitations that were used stay in the history."""
    return SignInLink.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()[0]
