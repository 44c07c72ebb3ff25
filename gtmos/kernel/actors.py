"""Who is doing something: a person, an agent or a workflow on someone's behalf, or the system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from gtmos.kernel.exceptions import NotPermittedError

if TYPE_CHECKING:
    from gtmos.kernel.people.models import User

Source = Literal["page", "api", "admin", "import", "command", "task", "agent", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Carried into every verb, event, history row and run.

    `user` is whose rights apply. Only the system acts without one.
    """

    kind: Literal["user", "agent", "workflow", "system"]
    label: str
    user: User | None = None
    run_id: UUID | None = None
    source: Source = "page"

    @classmethod
    def of(cls, user: User | AnonymousUser, *, source: Source = "page", run_id: UUID | None = None) -> Actor:
        if isinstance(user, AnonymousUser):
            raise NotPermittedError("Sign in first", code="not_signed_in")
        return cls(kind="user", label=user.name or user.email, user=user, source=source, run_id=run_id)

    @classmethod
    def for_agent(cls, agent: str, user: User, *, run_id: UUID | None = None) -> Actor:
        """An agent never has more rights than the person it acts for."""
        return cls(kind="agent", label=agent, user=user, source="agent", run_id=run_id)

    @classmethod
    def for_workflow(cls, workflow: str, user: User, *, run_id: UUID) -> Actor:
        """A workflow never has more rights than its owner. What it does carries its run, which ends circles."""
        return cls(kind="workflow", label=f"Workflow {workflow}", user=user, source="system", run_id=run_id)

    @classmethod
    def system(cls, label: str, *, source: Source = "system") -> Actor:
        return cls(kind="system", label=label, source=source)

    @property
    def is_system(self) -> bool:
        return self.kind == "system"


SYSTEM = Actor(kind="system", label="system", source="system")
