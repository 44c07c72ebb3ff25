"""One campaign from the lead list to the verdict, by sentences and by what its audience answers.

Imported only after Django is set up on the stores of a running installation.
"""

import json
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Min, Q

from agents.models import Run
from agents.selectors.runs import run_report
from agents.services.runs import confirm, submit
from agents.services.threads import open_thread
from benchmarks.waiting import until
from crm.models import Deal, ImportBatch, Task
from crm.services.importing import start_import, upload_import
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from outreach.models import Campaign, ChannelAddress, Enrollment, Experiment, InboundMail, ResearchJob, Touch
from outreach.selectors.performance import performance
from outreach.services.experiments import look_at

FIND = "Find me CMOs at Series B fintech companies in NYC who are actively hiring for growth teams"
CREATE = (
    "Create a 3-touch hiring-themed campaign for the prospects I just found. "
    "A/B test the subject line between 'Join our growth' and 'Scale with us'"
)
SHOW = "Show me how variant B is performing"
SUBJECTS = ("Join our growth", "Scale with us")
LEADS = (
    b"Company,Website,City,Contact,Email\n"
    b"Contoso,contoso.example,Berlin,Ada Stern,ada@contoso.example\n"
    b"Contoso,https://www.contoso.example/,Berlin,Ada Stern,ADA@contoso.example\n"
    b"Northwind,northwind.example,Oslo,Kari Dahl,kari@northwind.example\n"
    b"Fabrikam,fabrikam.example,Lyon,Luc Petit,no address\n"
)
LONGEST = timedelta(days=150)
# Mails leave some seconds apart, within the reader's day; a jump of two hours and a half lets a part of the day go.
JUMP = timedelta(minutes=150)
QUIET_SECONDS = 1.0
UNDERWAY = Q(state__in=("scheduled", "claimed", "handing"), enrollment__state="active")


class Walk:
    """`better` is the letter that the audience's truth prefers, empty where none is."""

    def __init__(self, name: str, home: Path, *, better: str) -> None:
        self.name, self.home, self.better = name, home, better
        self.actor = Actor.of(User.objects.get(email="demo@gtmos.example"), source="command")
        self.began = time.monotonic()

    def go(self) -> dict[str, Any]:
        self.import_leads()
        self.ask(FIND)
        job = until(lambda: ResearchJob.objects.filter(state="done").first(), "research")
        self.say(
            f"   {job.companies_examined} companies examined, {job.contacts_found} people found, {job.blocked} blocked"
        )
        self.ask(CREATE)
        self.campaign = Campaign.objects.get()
        self.start_audience()
        self.ask("launch it")
        self.days()
        self.ask(SHOW)
        return self.verdict(job)

    def say(self, text: str) -> None:
        print(f"[{self.name} {time.monotonic() - self.began:5.0f} s] {text}", flush=True)

    def ask(self, sentence: str) -> Run:
        self.say(f"“{sentence}”")
        run = submit(sentence, thread=open_thread(actor=self.actor), actor=self.actor)
        if run.state == "waiting":
            run = confirm(run, fingerprint=run.plan["fingerprint"], actor=self.actor)
        self.say(f"   {run_report(run)['answer']}")
        return run

    def import_leads(self) -> None:
        folder = self.home / "leads.csv"
        folder.write_bytes(LEADS)
        with folder.open("rb") as content:
            batch = upload_import(file_name="leads.csv", content=content, actor=self.actor)
        start_import(batch, actor=self.actor)
        finished = ImportBatch.objects.filter(pk=batch.pk, state__in=("done", "failed"))
        result = until(finished.first, "the import").result
        kinds = ("created", "updated", "unchanged", "rejected")
        self.say(f"leads.csv: {', '.join(f'{kind} {result.get(kind)}' for kind in kinds)}")

    def start_audience(self) -> None:
        """The audience writes down what is true before the first mail leaves."""
        folder = self.home / "sandbox"
        folder.mkdir(exist_ok=True)
        control = {
            "name": self.name,
            "preset": self.name,
            "seed": 5,
            "pace": 0,
            "started_at": clock.now().isoformat(),
            "subjects": [{"text": text} for text in SUBJECTS],
        }
        (folder / "audience.json").write_text(json.dumps(control))
        self.truth_path = folder / f"truth-{self.name}.json"
        until(self.truth_path.exists, "the audience's truth")

    def days(self) -> None:
        """Until the campaign has ended by itself; the last answers are waited for."""
        started_at = clock.now()
        while clock.now() - started_at < LONGEST:
            wait = max(self.next_due() - clock.now(), timedelta(0))
            clock.advance(wait + JUMP, actor=self.actor)
            self.settle()
            look_at(Experiment.objects.get(campaign=self.campaign), actor=self.actor)
            self.campaign.refresh_from_db()
            self.say_figures((clock.now() - started_at).days)
            if self.campaign.state == "completed":
                return

    def next_due(self) -> datetime:
        """The next mail, or a day further; with nobody left but who asked for a later mail, the day they named."""
        touch = Touch.objects.filter(UNDERWAY).order_by("next_at").first()
        tomorrow = clock.now() + timedelta(days=1)
        if touch:
            return min(touch.next_at, tomorrow)
        left = self.campaign.enrollments.exclude(state="finished")
        later = left.aggregate(at=Min("paused_until"))["at"]
        return later if later and not left.filter(state="active").exists() else tomorrow

    def settle(self) -> None:
        """Nothing is due, nothing waits to be read, and the audience has been silent for a moment."""
        quiet = {"size": -1, "since": time.monotonic()}

        def still() -> bool:
            due = Touch.objects.filter(UNDERWAY, next_at__lte=clock.now()).exists()
            waiting = InboundMail.objects.filter(processed_at__isnull=True).exists()
            size = sum(path.stat().st_size for path in (self.home / "sandbox").glob("*.jsonl"))
            if due or waiting or size != quiet["size"]:
                quiet.update(size=size, since=time.monotonic())
                return False
            return time.monotonic() - quiet["since"] > QUIET_SECONDS

        until(still, "the day to settle")

    def say_figures(self, day: int) -> None:
        figures = performance(self.campaign, actor=self.actor).total
        self.say(
            f"day {day}: {figures.sent} sent, {figures.bounced} bounced, {figures.opened} opened"
            f" (+{figures.machine_opened} by machines), {figures.clicked} clicked, {figures.replied} replied,"
            f" {figures.out_of_office} out of office, {figures.unsubscribed} unsubscribed"
        )

    def verdict(self, job: ResearchJob) -> dict[str, Any]:
        experiment = Experiment.objects.select_related("promoted").get(campaign=self.campaign)
        truth = json.loads(self.truth_path.read_text())
        promoted = experiment.promoted.letter if experiment.promoted else ""
        evaluation = experiment.evaluation
        self.say(
            f"verdict: {experiment.state}, promoted: {promoted or 'nobody'}. {evaluation.get('title', '')}"
        )
        self.say(f"truth:   really better: {truth['best'] or 'none'}; reply rates {truth['subjects']}")
        figures = performance(self.campaign, actor=self.actor).total
        expected = promoted == self.better and (self.name != "small" or experiment.state == "inconclusive")
        clean = figures.in_doubt == figures.failed == 0 and self.campaign.state == "completed"
        return {
            "prospects": job.contacts_found,
            "enrolled": self.campaign.enrollments.count(),
            "touches": dict(Counter(Touch.objects.values_list("state", flat=True))),
            "sent": figures.sent,
            "opened": figures.opened,
            "opened_by_machines": figures.machine_opened,
            "clicked": figures.clicked,
            "replied": figures.replied,
            "bounced": figures.bounced,
            "unsubscribed": figures.unsubscribed,
            "paused": Enrollment.objects.filter(state="paused").count(),
            "suppressed": ChannelAddress.objects.filter(suppressed_at__isnull=False).count(),
            "deals_opened": Deal.objects.filter(created_at__gt=self.campaign.created_at).count(),
            "tasks_opened": Task.objects.filter(created_at__gt=self.campaign.created_at).count(),
            "looks": experiment.evaluation.get("looks"),
            "verdict": experiment.state,
            "verdict_in_words": evaluation.get("title"),
            "always_valid_p": evaluation.get("sequential", {}).get("p_value"),
            "one_look_p": evaluation.get("p_value"),
            "promoted": promoted,
            "truth": truth["best"],
            "campaign": self.campaign.state,
            "seconds": round(time.monotonic() - self.began, 1),
            "ok": expected and clean,
        }
