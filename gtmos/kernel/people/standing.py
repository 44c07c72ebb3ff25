"""Reading what somebody may do and see: one statement a request, whatever is asked afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection

from gtmos.kernel import clock
from gtmos.kernel.once import hold
from gtmos.kernel.people.roles import Standing, default_scope
from gtmos.kernel.pictures import ONCE

if TYPE_CHECKING:
    from django.db.models import Model

    from gtmos.kernel.people.models import User

# A manager of a territory stands in everything below it; anybody else only in their own.
_STATEMENT = """
WITH RECURSIVE mine (id, goes_down) AS (
    SELECT territory_id, is_manager FROM kernel_territorymember WHERE user_id = %(user)s
    UNION
    SELECT t.id, TRUE FROM kernel_territory t JOIN mine ON t.parent_id = mine.id WHERE mine.goes_down
)
SELECT r.name, r.based_on, r.scope, r.rights, r.fields,
    ARRAY(SELECT team_id FROM kernel_membership WHERE user_id = %(user)s ORDER BY created_at),
    ARRAY(SELECT DISTINCT id FROM mine),
    (SELECT token FROM kernel_schemastate WHERE id = 1),
    c.base_at, c.set_at, c.rate,
    {accounts}
FROM (SELECT 1) one LEFT JOIN kernel_accessrole r ON r.key = %(role)s LEFT JOIN kernel_businessclock c ON c.id = 1
"""
_account_tables: list[str] = []


def opens_accounts(model: type[Model]) -> type[Model]:
    """A table of `user` and `company`: whoever stands in it sees the company and what belongs to it."""
    _account_tables.append(model._meta.db_table)
    return model


def standing_of(user: User) -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(_statement(), {"user": user.pk, "role": user.role})
        name, based_on, scope, rights, fields, teams, territories, token, *moved, accounts = cursor.fetchone()
    # Nearly every request asks for the token of the configuration next, and what time it is.
    hold(ONCE, token)
    clock.hold_read(*moved)
    return Standing(
        role=user.role,
        role_name=name or _name_of(user.role),
        based_on=based_on or user.role,
        scope=scope or default_scope(user.role),
        rights=_plain(rights),
        fields=_plain(fields),
        teams=tuple(teams),
        territories=tuple(territories),
        accounts=tuple(accounts),
        is_superuser=user.is_superuser,
    )


def _statement() -> str:
    parts = [f"SELECT company_id FROM {table} WHERE user_id = %(user)s" for table in _account_tables]  # noqa: S608 -- tables of our own models
    accounts = f"ARRAY({' UNION '.join(parts)})" if parts else "ARRAY[]::uuid[]"
    return _STATEMENT.format(accounts=accounts)


def _plain(value: Any) -> dict[str, Any]:
    """Outside the ORM a JSON column comes as text."""
    return dict(json.loads(value) if isinstance(value, str) else value or {})


def _name_of(role: str) -> str:
    # Imported here because the models read their standing from this module.
    from gtmos.kernel.people.models import Role  # noqa: PLC0415

    return str(Role(role).label) if role in Role.values else role
