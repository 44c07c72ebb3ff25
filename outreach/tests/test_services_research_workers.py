"""Searches are carried out once: leases, stops, kills and who takes over."""

import os
import subprocess
import sys
import textwrap
from datetime import timedelta

import pytest
from django.utils import timezone

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.tests.builders import an_actor
from gtmos.kernel.tests.processes import database_address
from outreach.enums import ResearchState
from outreach.models import Prospect, ResearchJob
from outreach.services import researching
from outreach.services.research import cancel_research, resume_research, run_research, start_research
from outreach.tests.research_builders import CMOS, many_companies


@pytest.mark.django_db
def test_a_second_worker_leaves_a_search_to_the_first():
    many_companies(3, every=1)
    job = start_research(CMOS, actor=an_actor())
    first = researching.claim(job.pk)

    second = researching.claim(job.pk)

    assert second is None
    assert first.step() is True
    assert first.step() is False
    assert ResearchJob.objects.get(pk=job.pk).contacts_found == 3


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_changes_nothing_any_more():
    many_companies(3, every=1)
    job = start_research(CMOS, actor=an_actor())
    slow = researching.claim(job.pk)
    ResearchJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

    done = run_research(job.pk)
    went_on = slow.step()

    assert went_on is False
    assert (done.state, done.fence, done.contacts_found) == (ResearchState.DONE, 2, 3)
    assert Prospect.objects.filter(job=job).count() == 3


@pytest.mark.django_db
def test_a_cancelled_search_stops_and_keeps_what_it_found(monkeypatch):
    monkeypatch.setattr(researching, "SET", 10)
    many_companies(25, every=1)
    actor = an_actor()
    job = start_research(CMOS, actor=actor)
    run = researching.claim(job.pk)
    run.step()

    cancel_research(job, actor=actor)

    assert run.step() is False
    job = run_research(job.pk)
    assert (job.state, job.companies_examined, job.prospects.count()) == (ResearchState.CANCELLED, 10, 10)
    with pytest.raises(DomainError, match="cannot be cancelled"):
        cancel_research(job, actor=actor)


@pytest.mark.django_db
def test_a_search_that_was_interrupted_too_often_ends_with_what_it_has(monkeypatch):
    monkeypatch.setattr(researching, "SET", 10)
    many_companies(25, every=1)
    some, none = (start_research(CMOS, actor=an_actor()) for _ in range(2))
    researching.claim(some.pk).step()
    ResearchJob.objects.filter(pk__in=[some.pk, none.pk]).update(
        lease_until=timezone.now() - timedelta(seconds=1), fence=researching.MOST_TRIES
    )

    ends = [run_research(job.pk) for job in (some, none)]

    assert [end.state for end in ends] == [ResearchState.PARTIAL, ResearchState.FAILED]
    assert set(ends[0].prospects.values_list("tier", flat=True)) == {1, 2, 3, 4}
    assert ends[0].error == "The search was interrupted 5 times. Start it again."


@pytest.mark.django_db
def test_the_sweep_finds_searches_that_nobody_works_on():
    actor = an_actor()
    lost, died, alive, fresh = (start_research(CMOS, actor=actor) for _ in range(4))
    ResearchJob.objects.filter(pk=lost.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    for job in (died, alive):
        researching.claim(job.pk)
    ResearchJob.objects.filter(pk=died.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

    found = resume_research()

    assert found == 2
    assert fresh.state == ResearchState.QUEUED


WORKER = """
    import django, sys
    django.setup()
    from django.db import transaction
    from outreach.services import researching
    researching.SET = 100
    run = researching.claim(sys.argv[1])
    run.step()
    with transaction.atomic():
        run.step()
        print("in the middle", flush=True)
        sys.stdin.readline()
"""


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_is_taken_over_and_each_row_counts_once(monkeypatch):
    monkeypatch.setattr(researching, "SET", 100)
    many_companies(1_000, every=10)
    job = start_research(CMOS, actor=an_actor())
    environ = {**os.environ, "DATABASE_URL": database_address(), "DJANGO_SETTINGS_MODULE": "gtmos.settings"}
    worker = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(WORKER), str(job.pk)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ,
    )  # fmt: skip
    try:
        assert worker.stdout.readline() == "in the middle\n"
    finally:
        worker.kill()
        worker.communicate()
    job.refresh_from_db()
    assert job.companies_examined == 100
    ResearchJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

    done = run_research(job.pk)

    assert (done.state, done.fence) == (ResearchState.DONE, 2)
    assert (done.companies_total, done.companies_examined, done.companies_found) == (1_000, 1_000, 1_000)
    assert (done.contacts_examined, done.contacts_found, done.scored) == (100, 100, 100)
    assert done.prospects.count() == 100
