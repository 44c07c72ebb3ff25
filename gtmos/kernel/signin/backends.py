"""Who is signed in: Django's own way, without asking twice for the person whom the session brought along."""

from typing import Any, cast

from django.contrib.auth.backends import ModelBackend

from gtmos.kernel import once
from gtmos.kernel.people.models import User


class SessionBackend(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        brought = cast("User | None", once.taken(f"user {user_id}"))
        if brought is None:
            return super().get_user(user_id)
        return brought if self.user_can_authenticate(brought) else None
