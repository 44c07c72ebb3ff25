"""Every background job, done twice and killed at random lines: the database and the mail server say it happened once."""

import io
import multiprocessing
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from celery import current_app
from django.conf import settings as project
from django.db import connection, connections

from agents.models import Run, Step
from agents.tests.builders import a_run
from benchmarks.outbox import a_running_campaign, due_touches
from crm.models import BulkEdit, Company, Document, ImportBatch, Task
from crm.services.bulk_edits import start_bulk_edit
from crm.services.contacts import opt_out
from crm.services.import_rehearsing import ask_rehearsal
from crm.services.importing import start_import, upload_import
from crm.services.pipelines import ensure_default_pipeline
from crm.tests.approval_builders import a_priced_deal, a_seller_and_a_manager, asked
from crm.tests.builders import a_company, a_deal, a_document
from crm.tests.test_subscribers_workflows import a_task_step
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.approvals.models import Approval, ApprovalStep
from gtmos.kernel.approvals.tests.builders import a_branch, a_policy, above
from gtmos.kernel.events import dispatch
from gtmos.kernel.events.models import Delivery
from gtmos.kernel.notifications.models import NotificationMail
from gtmos.kernel.people.models import Role
from gtmos.kernel.schedule import running as schedule
from gtmos.kernel.tests.builders import a_user, an_actor
from gtmos.kernel.workflows.models import WorkflowStepRun
from gtmos.kernel.workflows.services.workflows import create_workflow, switch_on
from outreach.engine.drain import drain
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
from outreach.models import Enrollment, Experiment, ResearchJob, Touch
from outreach.services.domains import ensure_domain
from outreach.services.inbound import store_mail
from outreach.services.notices import send_waiting_notices
from outreach.services.notifying import send_waiting_notifications
from outreach.services.research import start_research
from outreach.tests.answering import a_bounce, a_reply, a_written_to
from outreach.tests.campaign_builders import a_reader, a_touch, an_approved_campaign, running
from outreach.tests.provider_builders import a_post_that_waits
from outreach.tests.sending import QUICK, Post, a_post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]

KILLS = int(os.environ.get("GTMOS_TEST_KILLS", "3"))  # of each job
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OURS = tuple(str(Path(project.BASE_DIR) / app) for app in ("gtmos", "crm", "outreach", "agents"))
PLAIN = "('character varying', 'text', 'boolean', 'integer', 'smallint', 'numeric', 'date')"
# Names of tries and what was answered to them, of workers and of random keys: they differ between two runs that do the same.
UNLIKE = (
    "attempts", "error", "epoch", "worker", "token", "code", "noted_transaction", "message_id", "idempotency_key", "version", "last_error", "digest",
    "vector_searchable_text", "summary", "provider_ref", "seconds", "path", "rejected_path", "fence", "looks", "tries", "answer",
)  # fmt: skip
# Diaries of tries, counters of tries, and signs of life.
DIARIES = ("outreach_touchattempt", "outreach_mailboxday", "kernel_heartbeat", "kernel_occurrence", "django_")

# Facts about mails are told in batches, and a doubt that was settled was told before: counted mail by mail instead.
BATCHED = "('outreach.touches_sent', 'outreach.touches_in_doubt')"
BUT = {
    "kernel_eventrecord": f"WHERE name NOT IN {BATCHED}",
    "kernel_delivery": f"WHERE event_id NOT IN (SELECT id FROM kernel_eventrecord WHERE name IN {BATCHED})",
}
TOLD = (
    "SELECT coalesce(jsonb_agg(t ORDER BY t), '[]') FROM kernel_eventrecord, "
    "jsonb_array_elements(payload->'touch_ids') t WHERE name = 'outreach.touches_sent'"
)


def _columns(cursor: Any, which: str) -> dict[str, str]:
    cursor.execute(
        "SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY column_name) "
        "FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) "
        f"WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND {which} "
        "AND table_name <> 'django_migrations' GROUP BY 1 ORDER BY 1"
    )
    return dict(cursor.fetchall())


@dataclass
class World:
    """Work for every job, and the way back to how it was before."""

    post: Post
    doubtful: Touch
    jobs: dict[str, Callable[[], object]]
    back: list[str] = field(default_factory=list)
    sums: str = ""

    def keep(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
            self.back = ["SET session_replication_role = replica"]
            for table, columns in _columns(cursor, "is_generated = 'NEVER'").items():
                cursor.execute(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"')
                self.back.append(f'DELETE FROM public."{table}"')
                if cursor.rowcount:
                    self.back.append(
                        f'INSERT INTO public."{table}" ({columns}) SELECT {columns} FROM kept."{table}"'
                    )
            self.back.append("SET session_replication_role = DEFAULT")
            names = ", ".join(f"'{name}'" for name in UNLIKE)
            plain = f"data_type IN {PLAIN} AND column_name NOT IN ('id', {names}) AND column_name !~ '_id$'"
            self.sums = " UNION ALL ".join(
                f"SELECT '{table}', count(*), md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) "
                f'FROM (SELECT {columns} FROM public."{table}" {BUT.get(table, "")}) r'
                for table, columns in _columns(cursor, plain).items()
                if not table.startswith(DIARIES)
            )

    def restore(self) -> None:
        """Without the checks that a whole copy does not need."""
        with connection.cursor() as cursor:
            cursor.execute("; ".join(self.back))
        self.post.sink.accepted.clear()
        self.post.sink.accepted[self.doubtful.message_id] = 1

    def digest(self) -> dict[str, tuple[int, str]]:
        """Of each table the number of rows and the sum of what is plain in them; and which mails were told as sent."""
        with connection.cursor() as cursor:
            cursor.execute(self.sums)
            found = {table: (count, digest) for table, count, digest in cursor.fetchall()}
            cursor.execute(TOLD)
            (told,) = cursor.fetchone()
        return {**found, "told": (len(told), str(told)), "server": (self.post.copies, str(self.post.doubles))}

    def recover(self) -> None:
        """Time passes: leases end, what is in doubt is asked for."""
        Touch.objects.filter(state__in=("claimed", "handing")).update(lease_until=LONG_AGO)
        NotificationMail.objects.filter(state="handing").update(due_at=LONG_AGO)
        ImportBatch.objects.update(lease_until=None)
        ResearchJob.objects.update(lease_until=None)
        Run.objects.filter(state__in=("queued", "running")).update(updated_at=LONG_AGO)
        reap(terms=QUICK)
        Touch.objects.filter(state="in_doubt").update(handed_at=LONG_AGO)
        reconcile(way=self.post.way, terms=QUICK)
        Touch.objects.filter(state="scheduled", attempts__gt=0).update(next_at=LONG_AGO)


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> Iterator[World]:
    settings.MEDIA_ROOT = tmp_path
    with a_post(tmp_path) as post:
        yield _made(post)
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE")


def _made(post: Post) -> World:
    me = an_actor()
    ensure_default_pipeline(actor=SYSTEM)
    ensure_domain("kim@ours.example", actor=SYSTEM)
    _requests_that_are_late()
    _steps_of_workflows()
    a_running_campaign(3, steps=2)
    due = due_touches(6)
    claimed, handing, doubtful = due.touches.order_by("pk")[:3]
    Touch.objects.filter(pk=claimed.pk).update(state="claimed", lease_until=LONG_AGO, epoch=1)
    Touch.objects.filter(pk=handing.pk).update(state="handing", lease_until=LONG_AGO, handed_at=LONG_AGO)
    Touch.objects.filter(pk=doubtful.pk).update(state="in_doubt", handed_at=LONG_AGO)
    _answers()
    a_post_that_waits(*a_written_to(2))
    _a_pause_that_is_over()
    _a_campaign_that_has_ended()
    running(an_approved_campaign(4, ab_element="subject", ab_variants=("One", "Another")))
    Experiment.objects.update(looked_at=None)
    job = _a_search(me)
    batch, looked_at, edit = _a_list(me), _a_look(me), _a_bulk_edit(me)
    a_run(("task.create", {"title": "call Bill"}), actor=me)
    Task.objects.filter(title__icontains="call Bill").delete()
    Step.objects.update(state="planned")
    Run.objects.update(state="queued", updated_at=LONG_AGO)
    opt_out(a_reader(), at=clock.now(), detail="", actor=SYSTEM)
    Document.objects.filter(pk=a_document(me).pk).update(words_read_at=None)
    schedule.note_due()
    tasks = current_app.tasks
    special: dict[str, Callable[[], object]] = {
        "outreach.drain_touches": lambda: drain(
            guard=False, way=post.way, terms=QUICK, connections=2, budget_seconds=5
        ),
        "outreach.send_notices": lambda: (
            send_waiting_notices(way=post.way) + send_waiting_notifications(way=post.way)
        ),
        "outreach.reap_touches": lambda: reap(terms=QUICK),
        "outreach.reconcile_touches": lambda: reconcile(way=post.way, terms=QUICK),
        "outreach.run_research": lambda: tasks["outreach.run_research"](job_id=str(job.pk)),
        "crm.rehearse_imports": lambda: tasks["crm.rehearse_imports"](batch_id=str(looked_at.pk)),
        "crm.work_on_bulk_edit": lambda: tasks["crm.work_on_bulk_edit"](edit_id=str(edit.pk)),
        "crm.run_import": lambda: tasks["crm.run_import"](batch_id=str(batch.pk)),
    }
    return World(post, doubtful, {name: special.get(name, tasks[name]) for name in JOBS})


def _steps_of_workflows() -> None:
    """Three runs with a step that is due, and a deal that starts another one."""
    keeper = Actor.of(a_user(role=Role.REVOPS))
    richer = {"all": [{"field": "deal.deal_amount", "operator": "above", "value": "10"}]}
    steps = [
        {"do": "branch", "with": {"conditions": richer}, "then": [a_task_step("Call {record}")], "else": []},
        {"do": "notify", "with": {"title": "{record}", "to": "owner"}},
        {"do": "ask_approval", "with": {"question": "Go on with {record}?", "to": "owner", "days": 3}},
    ]
    workflow = create_workflow("Deals", event_name="crm.deal_created", steps=steps, actor=keeper)
    switch_on(workflow, actor=keeper)
    for amount in (5, 50, 500):
        a_deal(amount=amount, owner=keeper.user)
    dispatch.dispatch_pending()
    a_deal(amount=5000, owner=keeper.user)


def _requests_that_are_late() -> None:
    """One goes to somebody else, one is over."""
    seller, _ = a_seller_and_a_manager()
    a_user(role=Role.EXECUTIVE)
    a_policy(a_branch(above("0.2"), hours=1, escalate_to="role:executive"))
    late, over = (asked(a_priced_deal(seller), seller) for _ in range(2))
    ApprovalStep.objects.filter(approval=late).update(due_at=LONG_AGO)
    Approval.objects.filter(pk=over.pk).update(expires_at=LONG_AGO)


def _answers() -> None:
    for number, touch in enumerate(a_written_to(3)):
        raw = (
            a_reply(touch, "Very interested, tell me more."),
            a_bounce(touch),
            a_reply(touch, "Unsubscribe"),
        )
        store_mail(raw[number], sender=touch.contact.email, recipients=[touch.mailbox.address])


def _a_pause_that_is_over() -> None:
    (touch,) = a_written_to()
    Enrollment.objects.filter(pk=touch.enrollment_id).update(state="paused", paused_until=LONG_AGO)


def _a_campaign_that_has_ended() -> None:
    campaign = running(an_approved_campaign(1, touches=1))
    a_touch(campaign.enrollments.get(), sent_at=clock.now() - timedelta(days=30))


def _a_search(me: Any) -> ResearchJob:
    for contact in (a_reader(owner=me.user) for _ in range(3)):
        Company.objects.filter(pk=contact.company_id).update(owner=me.user, industry_vertical="Fintech")
    return start_research({"titles": ["CMO"]}, actor=me)


def _a_list(me: Any) -> ImportBatch:
    return start_import(_an_upload(me, 20), actor=me)


def _a_look(me: Any) -> ImportBatch:
    batch = _an_upload(me, 5)
    ask_rehearsal(batch, actor=me)
    return batch


def _a_bulk_edit(me: Any) -> BulkEdit:
    keys = [a_company(actor=me, city="Bonn").pk for _ in range(3)]
    records = Company.objects.filter(pk__in=keys)
    edit = start_bulk_edit("company", records, field="city", value="Berlin", actor=me)
    BulkEdit.objects.filter(pk=edit.pk).update(state="running", done=0, changed=0)
    return edit


def _an_upload(me: Any, people: int) -> ImportBatch:
    rows = "".join(f"Firm {n},firm{n}.example,p{n}@firm{n}.example,no\n" for n in range(people))
    raw = f"Company,Website,Email,Unsubscribed\n{rows}Gone,gone.example,x@gone.example,yes\n"
    return upload_import(file_name="list.csv", content=io.BytesIO(raw.encode()), actor=me)


current_app.loader.import_default_modules()
JOBS = sorted(name for name in current_app.tasks if not name.startswith("celery."))


def test_every_job_of_the_product_is_tried_here() -> None:
    assert len(JOBS) >= 25
    assert {name.partition(".")[0] for name in JOBS} == {"agents", "crm", "kernel", "outreach"}


def test_there_is_work_for_workflows_and_approvals(world: World) -> None:
    """Or killing them would show nothing."""
    del world
    waiting = {"state": "waiting", "due_at__lte": clock.now()}
    late = ApprovalStep.objects.filter(due_at__lte=clock.now(), closed_at=None)
    over = Approval.objects.filter(state="requested", expires_at__lte=clock.now())

    assert WorkflowStepRun.objects.filter(**waiting).count() == 3
    assert Delivery.objects.filter(subscriber__startswith="workflow:", state="waiting").count() == 1
    assert (late.count(), over.count()) == (1, 1)


def test_a_job_done_twice_or_killed_half_way_is_done_once(world: World) -> None:
    world.keep()
    repeated, torn, killings = {}, {}, 0
    for name in JOBS:
        if difference := done_twice(world, name):
            repeated[name] = difference
        for line, difference in done_in_pieces(world, name):
            killings += 1
            if difference:
                torn[name, line] = difference

    assert repeated == {}
    assert torn == {}
    assert killings >= 3 * len(JOBS)
    assert world.post.doubles == 0


Difference = dict[str, tuple[object, object]]


def done_twice(world: World, name: str) -> Difference:
    world.restore()
    world.jobs[name]()
    once = world.digest()
    world.jobs[name]()
    return unlike(once, world.digest())


def done_in_pieces(world: World, name: str) -> Iterator[tuple[int, Difference]]:
    """The job to its end, and then begun anew for each line that it dies at."""
    world.restore()
    lines = killed(world.jobs[name], at=0)
    finish(world, name)
    expected = world.digest()
    dice = random.Random(f"{name} {os.environ.get('GTMOS_TEST_SEED', '1')}")
    for line in sorted(dice.sample(range(1, lines + 1), min(KILLS, lines))):
        world.restore()
        killed(world.jobs[name], at=line)
        finish(world, name)
        yield line, unlike(expected, world.digest())


def unlike(one: dict[str, tuple[int, str]], other: dict[str, tuple[int, str]]) -> Difference:
    return {key: (one[key], other[key]) for key in one if one[key] != other[key]}


def finish(world: World, name: str) -> None:
    """What the schedules do after a crash: recover, ring again, and once more for good measure."""
    for _ in range(2):
        world.recover()
        world.jobs[name]()


def killed(job: Callable[[], object], *, at: int) -> int:
    """Run the job in a process of its own that dies before its line `at`; with 0 it lives and counts its lines."""
    connections.close_all()
    context: Any = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_traced, args=(job, at, there))
    process.start()
    there.close()
    try:
        lines = here.recv() if here.poll(60) else 0
    except EOFError:
        lines = 0
    process.join()
    assert process.exitcode in ({0} if at == 0 else {0, -signal.SIGKILL})
    return lines


def _traced(job: Callable[[], object], at: int, report: Any) -> None:
    seen = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal seen
        if event == "call":
            return trace if frame.f_code.co_filename.startswith(OURS) else None
        if event == "line":
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)
    job()
    sys.settrace(None)
    report.send(seen)
