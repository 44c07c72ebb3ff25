"""What row-level security would cost: the list of people, and finding them, with and without a policy.

300,000 people of 100,000 companies belong to fifty owners in ten teams; a seller sees a tenth of them. Asked are the first
page of the list, names by their beginning and fragments of six letters, as the product asks for them: with the
rule in the query (as it is), with the rule as a policy of PostgreSQL alone, and with both.

    python -m benchmarks.row_security [--people 300000]
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from benchmarks.scale_data import companies, contacts, copied
from benchmarks.stage import fresh_stores, part_of

OWNERS, TEAMS, ASKED = 50, 10, 30
ROLE = "gtmos_reader"
# The rule of `visible_to`, as a policy has to say it: of every part, whether this reader has any or not.
OWN = """owner_id = (SELECT current_setting('gtmos.user')::uuid)
    OR team_id = ANY ((SELECT current_setting('gtmos.teams'))::uuid[]) OR (owner_id IS NULL AND team_id IS NULL)"""
ACCOUNTS, PLACES = (
    "(SELECT current_setting('gtmos.accounts'))::uuid[]",
    "(SELECT current_setting('gtmos.places'))::uuid[]",
)
POLICIES = {
    "crm_company": f"{OWN} OR territory_id = ANY ({PLACES}) OR id = ANY ({ACCOUNTS})",
    "crm_contact": f"{OWN} OR company_id = ANY ({ACCOUNTS}) OR EXISTS (SELECT 1 FROM crm_company account "
    f"WHERE account.id = crm_contact.company_id AND account.territory_id = ANY ({PLACES}))",
}


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=300_000)
    people: int = options.parse_args().people
    with fresh_stores():
        figures = measured(people)
    print(json.dumps(figures))
    return 0


def measured(people: int) -> dict[str, Any]:
    from django.db import connection

    from gtmos.kernel.actors import SYSTEM, Actor

    seller = filled(people)
    beginnings, inside = texts(seller)
    with connection.cursor() as cursor:
        guard(cursor)
    figures: dict[str, Any] = {"people": people}
    for name, actor, is_guarded in (
        ("rule in the query", Actor.of(seller), False),
        ("policy alone", SYSTEM, True),
        ("both", Actor.of(seller), True),
    ):
        with as_reader(seller) if is_guarded else as_owner():
            figures[name] = asked(actor, beginnings, inside)
        print(f"{name}: {json.dumps(figures[name])}", flush=True)
    return figures


def filled(people: int) -> Any:
    from django.db import connection

    from gtmos.kernel.people.models import Membership, Team, User

    teams = [Team.objects.create(name=f"Team {number}") for number in range(TEAMS)]
    owners = [
        User.objects.create_user(f"o{number}@x.example", None, name=f"O {number}") for number in range(OWNERS)
    ]
    for number, owner in enumerate(owners):
        Membership.objects.create(user=owner, team=teams[number % TEAMS])

    def owned(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for number, row in enumerate(rows):
            yield *row, str(owners[number % OWNERS].pk), str(teams[number % TEAMS].pk)

    with connection.cursor() as cursor:
        homes = people // 3
        copied(cursor, "crm_company", "id created_at updated_at name name_key domain industry_vertical city search_text "
               "owner_id team_id", owned(companies(homes)))  # fmt: skip
        copied(cursor, "crm_contact", "id created_at updated_at company_id name first_name last_name email email_key "
               "title search_text owner_id team_id", owned(contacts(people, homes)))  # fmt: skip
        cursor.execute("VACUUM ANALYZE crm_company")
        cursor.execute("VACUUM ANALYZE crm_contact")
    return owners[0]


def guard(cursor: Any) -> None:
    cursor.execute(f"CREATE ROLE {ROLE}")
    cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}")
    for table, rule in POLICIES.items():
        cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        cursor.execute(f"CREATE POLICY seen ON {table} FOR SELECT USING ({rule})")


@contextmanager
def as_owner() -> Iterator[None]:
    """Whom policies do not bind."""
    yield


@contextmanager
def as_reader(user: Any) -> Iterator[None]:
    from django.db import connection

    standing = user.standing
    settings = {
        "user": str(user.pk),
        "teams": [str(key) for key in standing.team_scope],
        "accounts": [str(key) for key in standing.accounts],
        "places": [str(key) for key in standing.territory_scope],
    }
    with connection.cursor() as cursor:
        for name, value in settings.items():
            text = value if isinstance(value, str) else f"{{{','.join(value)}}}"
            cursor.execute("SELECT set_config(%s, %s, false)", [f"gtmos.{name}", text])
        cursor.execute(f"SET ROLE {ROLE}")
        yield
        cursor.execute("RESET ROLE")


def texts(seller: Any) -> tuple[list[str], list[str]]:
    """Out of names that the seller may see, the same for each way."""
    from crm.models import Contact

    draw = random.Random(7)
    own = Contact.objects.filter(owner=seller).order_by("-created_at")
    names = list(own.values_list("last_name", flat=True)[: 50 * ASKED : 50])
    return [each[: draw.randint(3, 5)] for each in names], [each[1:7] for each in names if len(each) > 6]


def asked(actor: Any, beginnings: list[str], inside: list[str]) -> dict[str, Any]:
    from crm.selectors.lists import contacts_matching
    from gtmos.kernel.paging import newest_first
    from gtmos.kernel.search import matching

    matching._since.clear()  # noqa: SLF001 -- who sees how many is another question for each reader

    def ask(text: str) -> int:
        return len(newest_first(contacts_matching(text, actor=actor), is_searched=bool(text)).rows)

    return {
        "list": timed(ask, [""] * ASKED),
        "beginning": timed(ask, beginnings),
        "six_letters": timed(ask, inside),
        "plan_of_six_letters": plan(contacts_matching("", actor=actor), inside[0]),
    }


def timed(ask: Callable[[str], int], texts: list[str]) -> dict[str, Any]:
    ask(texts[0])
    taken, found = [], 0
    for text in texts:
        began = time.perf_counter()
        found += ask(text)
        taken.append((time.perf_counter() - began) * 1000)
    return {"median_ms": round(median(taken), 1), "p95_ms": round(part_of(taken, 0.95), 1), "rows": found}


def plan(records: Any, text: str) -> dict[str, Any]:
    """What the database does for one fragment, and how many rows it reads and throws away."""
    from django.db import transaction

    wanted = (
        records.select_related(None).order_by().values_list("pk", flat=True).filter(search_text__holds=text)
    )
    with transaction.atomic():
        told = json.loads(wanted[:200].explain(format="json", analyze=True))[0]
    nodes = list(_nodes(told["Plan"]))
    return {
        "milliseconds": round(told["Execution Time"], 1),
        "by": [each.get("Index Name", each["Node Type"]) for each in nodes if "Scan" in each["Node Type"]],
        "thrown_away": sum(each.get("Rows Removed by Filter", 0) for each in nodes),
    }


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for each in node.get("Plans", ()):
        yield from _nodes(each)


if __name__ == "__main__":
    sys.exit(main())
