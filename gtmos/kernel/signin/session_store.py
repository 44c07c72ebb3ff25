"""Where browsers' sessions are kept: in the database, with who is signed in beside them."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gtmos.kernel import once
from gtmos.kernel.signin.models import BrowserSession

USER = "_auth_user_id"
SIGNED_IN = "signed_in_at"
CONFIRMED = "confirmed_at"
SECOND_FACTOR = "second_factor"
NETWORK, BROWSER = "network_address", "browser"


class SessionStore(DatabaseStore):
    """The row that was loaded stays at hand: its times are asked of every request."""

    row: BrowserSession | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def load(self) -> dict[str, Any]:
        """One statement for the session and who is signed in there: every page asks for both."""
        alive = BrowserSession.objects.filter(session_key=self.session_key, expire_date__gt=timezone.now())
        self.row = alive.select_related("user").first()
        if self.row is None:
            self._session_key = None
            return {}
        if self.row.user is not None:
            once.hold(f"user {self.row.user_id}", self.row.user)
        return self.decode(self.row.session_data)

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 -- the framework's signature
        if USER in self and SIGNED_IN not in self:
            self[SIGNED_IN] = timezone.now().isoformat()
        super().save(must_create)

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        row = cast("BrowserSession", super().create_model_instance(data))
        row.user_id = data.get(USER)
        row.signed_in_at = parse_datetime(data.get(SIGNED_IN, ""))
        row.seen_at = timezone.now()
        row.network_address = data.get(NETWORK, "")
        row.browser = data.get(BROWSER, "")
        return row
