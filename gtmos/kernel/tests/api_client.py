"""A caller of the API, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.people.services import SCOPES, issue_token


@dataclass
class Api:
    """One token; `one` is a record as the API answers it."""

    key: str
    client: Client = field(default_factory=Client)

    @classmethod
    def of(cls, user: User, *scopes: str) -> Api:
        return cls(issue_token(user, scopes=scopes or SCOPES, actor=Actor.of(user)))

    def again(self) -> Api:
        return Api(self.key)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def get(self, plural: str, key: object = "", **query: str) -> Any:
        return self.client.get(self.path(plural, key), query, headers=self.headers)

    def post(self, plural: str, body: Any, *, key: str | None = None) -> Any:
        headers = self.headers if key is None else {**self.headers, "Idempotency-Key": key}
        return self.client.post(self.path(plural), body, content_type="application/json", headers=headers)

    def patch(self, plural: str, key: object, body: Any, *, match: str | None = "*") -> Any:
        headers = self.headers if match is None else {**self.headers, "If-Match": match}
        return self.client.patch(
            self.path(plural, key), body, content_type="application/json", headers=headers
        )

    def delete(self, plural: str, key: object, *, match: str | None = "*") -> Any:
        headers = self.headers if match is None else {**self.headers, "If-Match": match}
        return self.client.delete(self.path(plural, key), headers=headers)

    def path(self, plural: str, key: object = "") -> str:
        return f"/api/v1/{plural}/{key}/" if key else f"/api/v1/{plural}/"
