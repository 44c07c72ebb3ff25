"""Pages, finding people, fused search and filtered nearest neighbours over a big customer record.

    python -m benchmarks.scale [--quick] [--passages=N]

1,000,000 companies, 3,000,000 contacts, 500,000 deals, 1,000,000 notes; `--quick` takes a hundredth. The filled stores
stay in GTMOS_BENCH_HOME (a directory below the system's own for temporary files) and are used again by the next run.
"""

import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import scale_data as data
from benchmarks.stage import misses, part_of
from gtmos.runtime.stores import Stores

LIST_MS, LIST_STATEMENTS, LIST_CPU_MS, DEPTH_RATIO = 40, 12, 30, 1.3
COMPANY_STATEMENTS, COMPANY_CPU_MS = 20, 40
PREFIX_MS, FRAGMENT_MS, FUSED_MS, RECALL = 20, 100, 250, 0.95
NEEDED_BYTES = 30 * 2**30
SELECTIVITIES = (1.0, 0.1, 0.03, 0.01, 0.001)
VISITS = 40


@contextmanager
def filled_stores(share: int, passages: int) -> Iterator[dict[str, float]]:
    """Kept between runs; another version of the data or of the tables is filled anew."""
    root = Path(os.environ.get("GTMOS_BENCH_HOME") or Path(tempfile.gettempdir()) / "gtmos-scale")
    home = root / f"share-{share}"
    home.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(home).free < NEEDED_BYTES // share:
        raise SystemExit(f"{home} has less than {NEEDED_BYTES // share // 2**20} MB free.")
    stores = Stores(home)
    stores.start()
    os.environ |= {
        "DATABASE_URL": stores.addresses.database_url,
        "REDIS_URL": stores.addresses.redis_url,
        "GTMOS_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "gtmos.settings",
    }
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield _filled(home / "filled", share, passages)
    finally:
        from django.db import connections

        connections.close_all()
        stores.stop()


def _filled(mark: Path, share: int, passages: int) -> dict[str, float]:
    from django.db import connection

    from crm.services.pipelines import ensure_default_pipeline
    from gtmos.kernel.actors import SYSTEM

    if mark.exists() and json.loads(mark.read_text())["passages"] == passages:
        return {}
    stages = [str(each.pk) for each in ensure_default_pipeline(actor=SYSTEM).stages.all()[:4]]
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '3GB'; SET synchronous_commit = off")
        cursor.execute("SET max_parallel_maintenance_workers = 1")
        cursor.execute("TRUNCATE crm_company, crm_contact, crm_deal, crm_activity, kernel_embedding CASCADE")
        data.fill(cursor, share, passages, stages)
        cursor.execute("RESET ALL")
        cursor.execute("VACUUM ANALYZE")
    seconds = time.perf_counter() - began
    mark.write_text(json.dumps({"passages": passages, "seconds": seconds}))
    return {"fill_seconds": round(seconds, 1)}


def measure() -> dict[str, Any]:
    from django.db import connection

    from gtmos.kernel.actors import Actor
    from gtmos.kernel.people.models import Role, User
    from gtmos.kernel.tests.builders import a_user

    user = User.objects.first() or a_user(name="Bench", password=None, role=Role.ADMIN)
    me = Actor.of(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM crm_company ORDER BY created_at DESC LIMIT 1 OFFSET 5000")
        company = cursor.fetchone()[0]
    figures: dict[str, Any] = {}
    parts = {
        "pages": lambda: pages(user, company),
        "contacts": lambda: contacts(me),
        "fused_search": lambda: fused_search(me),
        "neighbours": neighbours,
    }
    for name, part in parts.items():
        figures[name] = part()
        print(f"{name}: {json.dumps(figures[name])}", flush=True)
    return figures


def pages(user: Any, company: Any) -> dict[str, Any]:
    from benchmarks.visits import visited

    return {
        "companies_first": visited(user, "/companies/", VISITS),
        "companies_ten_thousandth": visited(user, f"/companies/?after={deep_cursor('Company')}", VISITS),
        "companies_by_six_conditions": visited(user, f"/companies/?saved={six_conditions(user)}", VISITS),
        "companies_by_name": visited(user, "/companies/?saved=&sort=-name", VISITS),
        "contacts_first": visited(user, "/contacts/", VISITS),
        "contacts_ten_thousandth": visited(user, f"/contacts/?after={deep_cursor('Contact')}", VISITS),
        "company": visited(user, f"/companies/{company}/", VISITS),
    }


def six_conditions(user: Any) -> Any:
    """A saved view, with an industry and a city of the companies that are there."""
    from crm.models import Company
    from gtmos.kernel.actors import Actor
    from gtmos.kernel.lists.filters import Condition, Group, format_filter
    from gtmos.kernel.lists.models import SavedView
    from gtmos.kernel.lists.services.views import create_view

    one = Company.objects.exclude(city="").exclude(industry_vertical="").order_by("created_at")[100]
    parts = (
        Condition("industry_vertical", "is", (one.industry_vertical,)),
        Condition("city", "is", (one.city,)),
        Condition("customer_state", "none_of", ("using", "churned")),
        Condition("domain", "filled"),
        Condition("created_at", "after", ("2000-01-01",)),
        Condition("owner", "is", ("nobody",)),
    )
    where = format_filter(Group("all", parts))
    known = SavedView.objects.filter(owner=user, where=where, deleted_at=None).first()
    return (known or create_view("company", "Six conditions", actor=Actor.of(user), where=where)).pk


def deep_cursor(name: str) -> str:
    """Where the ten-thousandth page begins; in a smaller set, its last tenth."""
    from django.apps import apps

    from gtmos.kernel.paging import newest_first

    rows = apps.get_model("crm", name).objects.all()
    skipped = min(9_999 * 50, int(rows.count() * 0.9))
    at = rows.order_by("-created_at", "-id")[skipped]
    return newest_first(rows.filter(created_at__lte=at.created_at), size=1).next_cursor


def contacts(me: Any) -> dict[str, Any]:
    """The first page of the list as the page asks for it, by beginnings and by fragments that exist."""
    from crm.models import Contact
    from crm.selectors.lists import contacts_matching
    from gtmos.kernel.paging import newest_first

    draw = random.Random(7)
    some = list(Contact.objects.order_by("-created_at").values("name", "last_name", "email")[:50_000:500])
    beginnings = [row[column][: draw.randint(2, 5)] for row in some for column in row]
    inside = [row["last_name"][1:7] for row in some if len(row["last_name"]) > 6]
    inside += [row["email"][4:12] for row in some]

    def ask(text: str) -> None:
        newest_first(contacts_matching(text, actor=me), is_searched=True)

    return {"by_beginning": timed(ask, beginnings), "by_fragment": timed(ask, inside)}


def fused_search(me: Any) -> dict[str, Any]:
    """Every way at once, with a vector that stands in for the reading process."""
    from crm.models import Activity, Company, Contact
    from gtmos.kernel.search import finding
    from gtmos.kernel.search.models import Embedding
    from gtmos.runtime.embedding import Vectors

    draw = random.Random(9)
    names = list(Company.objects.order_by("-created_at").values_list("name", flat=True)[:20_000:500])
    people = list(Contact.objects.order_by("-created_at").values_list("name", flat=True)[:20_000:1000])
    said = [" ".join(each.body.split()[:3]) for each in Activity.objects.order_by("-created_at")[:400:10]]
    asked = [*names, *(name[:3] for name in names), *people, *said, "complained about slow onboarding"]
    stored = [list(each.vector) for each in Embedding.objects.order_by("id")[:50]]
    own, finding.query_vector = (
        finding.query_vector,
        lambda *_: Vectors("synthetic", [tuple(draw.choice(stored))]),
    )
    try:
        return timed(lambda text: finding.find(text, actor=me), asked)
    finally:
        finding.query_vector = own


def timed(work: Callable[[str], object], texts: list[str]) -> dict[str, Any]:
    for text in texts[:5]:
        work(text)
    took = []
    for text in texts:
        began = time.perf_counter()
        work(text)
        took.append((time.perf_counter() - began, text))
    seconds = [each for each, _ in took]
    return {
        "n": len(took),
        "p50_ms": round(part_of(seconds, 0.5) * 1000, 1),
        "p95_ms": round(part_of(seconds, 0.95) * 1000, 1),
        "slowest": max(took)[1],
    }


def neighbours() -> dict[str, Any]:
    """The ten nearest under a filter that leaves a share of the rows: as the product chooses, against comparing all."""
    from crm.models import Activity
    from gtmos.kernel.search.kinds import kinds
    from gtmos.kernel.search.models import Embedding
    from gtmos.kernel.search.nearest import exact, nearest, permitted

    kind = kinds()["activity"]
    queries = [list(row.vector) for row in Embedding.objects.order_by("-id")[:20]]
    passages = Embedding.objects.count()
    answers: dict[str, Any] = {"passages": passages}
    for share in SELECTIVITIES:
        # The newest rows: about as bad for a graph as any other choice, since vectors and time are independent here.
        oldest = Activity.objects.order_by("-created_at")[max(int(passages * share) - 1, 9)].created_at
        visible = Activity.objects.filter(created_at__gte=oldest)
        right = fewer = 0
        took = []
        for query in queries:
            began = time.perf_counter()
            found = nearest(kind, query, model="synthetic", limit=10, visible=visible)
            took.append((time.perf_counter() - began) * 1000)
            mine = permitted(kind, visible, model="synthetic", dimensions=len(query))
            true = exact(mine, query, limit=10)
            right += len({each.subject_id for each in found} & {each.subject_id for each in true})
            fewer += len(found) < len(true)
        recall = right / (10 * len(queries))
        answers[f"{share:.1%}"] = {
            "recall_at_10": round(recall, 3),
            "fewer_rows": fewer,
            "p95_ms": round(part_of(took, 0.95), 1),
        }
    return answers


def limits(figures: dict[str, Any]) -> list[str]:
    checks = []
    for name, page in figures["pages"].items():
        most = COMPANY_STATEMENTS if name == "company" else LIST_STATEMENTS
        cpu = COMPANY_CPU_MS if name == "company" else LIST_CPU_MS
        checks.append((page["statements"] <= most, f"{name}: {page['statements']} of {most} statements"))
        checks.append((page["cpu_ms"] <= cpu, f"{name}: {page['cpu_ms']} of {cpu} ms CPU, database included"))
        if name != "company":
            checks.append((page["p95_ms"] <= LIST_MS, f"{name}: p95 {page['p95_ms']} of {LIST_MS} ms"))
    for name, most_ms in (("by_beginning", PREFIX_MS), ("by_fragment", FRAGMENT_MS)):
        took = figures["contacts"][name]["p95_ms"]
        checks.append((took <= most_ms, f"contacts {name}: p95 {took} of {most_ms} ms"))
    fused_ms = figures["fused_search"]["p95_ms"]
    checks.append((fused_ms <= FUSED_MS, f"fused search: p95 {fused_ms} of {FUSED_MS} ms"))
    for share, each in figures["neighbours"].items():
        if isinstance(each, dict):
            checks.append((each["recall_at_10"] >= RECALL, f"recall at {share}: {each['recall_at_10']}"))
            checks.append((not each["fewer_rows"], f"fewer rows at {share}: {each['fewer_rows']} times"))
    return misses(*checks, *_ratios(figures))


def _ratios(figures: dict[str, Any]) -> list[tuple[bool, str]]:
    """A list of a hundred times as many rows takes as long: against the quick run kept beside, where there is one."""
    return [
        (ratio <= DEPTH_RATIO, f"{name}: {ratio} times as long as with a hundredth of the rows")
        for name, ratio in figures.get("growth", {}).items()
    ]


def _growth(figures: dict[str, Any], share: int) -> dict[str, float]:
    root = Path(os.environ["GTMOS_HOME"]).parent
    small = root / "small.json"
    if share > 1:
        small.write_text(json.dumps(figures["pages"]))
        return {}
    if not small.exists():
        return {}
    before = json.loads(small.read_text())
    names = [name for name in figures["pages"] if name != "company"]
    return {name: round(figures["pages"][name]["p50_ms"] / before[name]["p50_ms"], 2) for name in names}


def main(arguments: list[str]) -> dict[str, Any]:
    share = 100 if "--quick" in arguments else 1
    wanted = [each.partition("=")[2] for each in arguments if each.startswith("--passages=")]
    passages = int(wanted[0]) if wanted else data.NOTES // share
    with filled_stores(share, passages) as filling:
        figures = {**filling, **measure()}
        figures["growth"] = _growth(figures, share)
    short_of = limits(figures)
    return {**figures, "companies": data.COMPANIES // share, "short_of": short_of, "ok": not short_of}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
