"""Users, teams and who belongs to which."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, cast

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

from gtmos.kernel.people.roles import Standing
from gtmos.kernel.people.standing import standing_of
from gtmos.kernel.records import Record


class Role(models.TextChoices):
    """What a person does here; permissions are decided by it."""

    ADMIN = "admin", "administrator"
    REVOPS = "revops", "RevOps"
    EXECUTIVE = "executive", "executive"
    AE = "ae", "account executive"
    SDR = "sdr", "sales development"
    MARKETING = "marketing", "marketing"
    CSM = "csm", "customer success"
    VIEWER = "viewer", "viewer"


class MailVisibility(models.TextChoices):
    """Who may read the mails that somebody wrote and received."""

    PRIVATE = "private", "only me"
    TEAM = "team", "my teams"
    ALL = "all", "whoever sees the customer"


class UserManager(BaseUserManager["User"]):
    """What `createsuperuser` and the authentication backend expect."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, role=Role.ADMIN, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=20, default=Role.AE, help_text="The key of a role.")
    time_zone = models.CharField(max_length=64, default="UTC")
    mail_visibility = models.CharField(
        max_length=8, choices=MailVisibility.choices, default=MailVisibility.TEAM
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May open the RevOps desk under /admin/.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("email",)

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def standing(self) -> Standing:
        """Read once for each user in hand; a change of role is noticed, one of teams at the next request."""
        known = self.__dict__.get("_standing")
        if known is None or (known.role, known.is_superuser) != (self.role, self.is_superuser):
            known = self.__dict__["_standing"] = standing_of(self)
        return cast("Standing", known)

    @property
    def role_name(self) -> str:
        return self.standing.role_name

    @property
    def team_ids(self) -> tuple[uuid.UUID, ...]:
        return self.standing.teams

    @property
    def sees_everything(self) -> bool:
        return self.is_superuser or self.standing.sees_everything

    @property
    def may_edit(self) -> bool:
        return self.is_active and (self.is_superuser or self.standing.may_somewhere("edit"))

    @property
    def may_send(self) -> bool:
        return self.is_active and (self.is_superuser or self.standing.may_somewhere("send"))

    @property
    def may_configure(self) -> bool:
        return self.is_active and (self.is_superuser or self.standing.may_somewhere("configure"))


class Team(Record):
    """People who share what they own."""

    name = models.CharField(max_length=100, unique=True)
    manager = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="managed_teams",
        help_text="Asked where something of the team's people needs a decision.",
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Membership(Record):
    """One person in one team."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        ordering = ("created_at",)
        constraints = (models.UniqueConstraint(fields=("user", "team"), name="kernel_membership_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class ApiToken(Record):
    """A key for programs. Only its digest is stored; the key itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, default="API")
    prefix = models.CharField(max_length=16, help_text="The visible beginning, to recognise the key by.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key.")
    scopes = models.JSONField(default=list, help_text="read, write, send, export, admin")
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.user}"
