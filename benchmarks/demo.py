"""The main job without a screen, three times, with the audience's truth beside our verdict.

    python -m benchmarks.demo [--only small]

Each time a throw-away installation is started whole, as `make run` would, and everything is done by sentences and by the
audience's mails. The last line is JSON.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from gtmos.runtime.ports import free_port
from gtmos.runtime.stores import running

FIND = "Find me CMOs at Series B fintech companies in NYC who are actively hiring for growth teams"
CREATE = (
    "Create a 3-touch hiring-themed campaign for the prospects I just found. "
    "A/B test the subject line between 'Join our growth' and 'Scale with us'"
)
SHOW = "Show me how variant B is performing"
SUBJECTS = ("Join our growth", "Scale with us")
DAYS = 16
PATIENCE_SECONDS = 420.0
WORLDS = {"small": (18, ""), "b_better": (0, "B"), "no_difference": (0, "")}


def main() -> int:
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    worlds = [only] if only else list(WORLDS)
    figures = {name: apart(name) for name in worlds}
    held = all(world.get("ok") for world in figures.values())
    print(json.dumps({**figures, "ok": held}))
    return 0 if held else 1


def apart(name: str) -> dict[str, Any]:
    """In a process of its own, because each has a database of its own."""
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.demo", "--one", name],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = result.stdout.strip().splitlines()
    print("\n".join(lines[:-1]), flush=True)
    try:
        return dict(json.loads(lines[-1]))
    except (IndexError, ValueError):
        return {"ok": False, "short_of": [f"ended with {result.returncode}"]}


def one(name: str) -> dict[str, Any]:
    from outreach.experiments.sample_size import needed_per_arm

    people = WORLDS[name][0] or 2 * needed_per_arm(0.05, 0.10, alpha=0.05, power=0.8).always_valid
    with tempfile.TemporaryDirectory(prefix="gtmos-demo-") as home:
        Path(home).chmod(0o755)
        os.environ |= {
            "GTMOS_HOME": home,
            "PORT": str(free_port()),
            "GTMOS_DEMO_PASSWORD": "only-for-this-run",
        }
        command("seed_demo", "--chiefs", str(people), "--daily-cap", "5000")
        product = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            stdout=subprocess.DEVNULL,
            stderr=(Path(home) / "up.log").open("w"),
        )
        try:
            return walked(name, people, Path(home))
        finally:
            product.send_signal(signal.SIGTERM)
            product.wait(60)


def command(*words: str) -> str:
    """As a person at a terminal would."""
    if words[0] == "seed_demo":
        subprocess.run([sys.executable, "-W", "ignore", "manage.py", "migrate", "-v", "0"], check=True)
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *words], stdout=subprocess.PIPE, text=True, check=True
    )
    return result.stdout


def until(held: Callable[[], Any], what: str, *, seconds: float = PATIENCE_SECONDS) -> Any:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        found = held()
        if found:
            return found
        time.sleep(0.25)
    raise SystemExit(f"gave up waiting: {what}")


def walked(name: str, people: int, home: Path) -> dict[str, Any]:
    addresses = until(lambda: running(home) if (home / "stores.json").exists() else None, "the stores")
    addresses.publish()
    os.environ["DJANGO_SETTINGS_MODULE"] = "gtmos.settings"
    import django

    django.setup()
    from gtmos.workspace.selectors.readiness import readiness

    until(lambda: readiness()["ok"], f"readiness: {readiness()}", seconds=120)
    return Walk(name, people, home).go()


class Walk:
    """One campaign from the first sentence to the verdict."""

    def __init__(self, name: str, people: int, home: Path) -> None:
        from gtmos.kernel.actors import Actor
        from gtmos.kernel.people.models import User

        self.name, self.people, self.home = name, people, home
        self.actor = Actor.of(User.objects.get(email="demo@gtmos.example"), source="command")
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        print(f"[{self.name} {time.monotonic() - self.began:5.0f} s] {text}", flush=True)

    def ask(self, sentence: str) -> Any:
        from agents.selectors.runs import run_report
        from agents.services.runs import confirm, submit
        from agents.services.threads import open_thread

        self.say(f"“{sentence}”")
        run = submit(sentence, thread=open_thread(actor=self.actor), actor=self.actor)
        if run.state == "waiting":
            run = confirm(run, fingerprint=run.plan["fingerprint"], actor=self.actor)
        self.say(f"   {run_report(run)['answer']}")
        return run

    def go(self) -> dict[str, Any]:
        from outreach.models import Campaign, ResearchJob

        self.ask(FIND)
        job = until(lambda: ResearchJob.objects.filter(state="done").first(), "research")
        self.say(
            f"   {job.companies_examined} companies examined, {job.contacts_found} people found, {job.blocked} blocked"
        )
        self.ask(CREATE)
        self.campaign = Campaign.objects.get()
        self.start_audience()
        self.ask("launch it")
        self.campaign.refresh_from_db()
        self.days()
        self.ask(SHOW)
        return self.verdict(job)

    def start_audience(self) -> None:
        from gtmos.kernel import clock

        folder = self.home / "sandbox"
        folder.mkdir(exist_ok=True)
        control = {
            "name": self.name,
            "preset": self.name,
            "seed": 5,
            "pace": 0,
            "started_at": clock.now().isoformat(),
            "subjects": [{"text": text} for text in SUBJECTS],
        }  # fmt: skip -- rows of data
        (folder / "audience.json").write_text(json.dumps(control))
        self.truth_path = folder / f"truth-{self.name}.json"
        until(self.truth_path.exists, "the audience's truth, written before the campaign starts")

    def days(self) -> None:
        from gtmos.kernel import clock

        for _ in range(DAYS * 3):
            # Mails leave some seconds apart, within the reader's day; a jump of two hours and a half lets a part of the day go.
            step = self.next_due() - clock.now()
            clock.advance(max(step, timedelta(0)) + timedelta(minutes=150), actor=self.actor)
            self.settle()
            self.look()
            self.campaign.refresh_from_db()
            if self.campaign.state == "completed":
                return

    def next_due(self) -> Any:
        from gtmos.kernel import clock
        from outreach.models import Touch

        waiting = Touch.objects.filter(state="scheduled", enrollment__state="active")
        touch = waiting.order_by("next_at").first()
        tomorrow = clock.now() + timedelta(days=1)
        return min(touch.next_at, tomorrow) if touch else tomorrow

    def settle(self) -> None:
        """Nothing is due, nothing waits to be read, and the audience has been silent for a moment."""
        from gtmos.kernel import clock
        from outreach.models import InboundMail, Touch

        quiet = {"size": -1, "since": time.monotonic()}

        def still() -> bool:
            due = Touch.objects.filter(
                state__in=["scheduled", "claimed", "handing"],
                enrollment__state="active",  # who is out of office waits for the day after the return
                next_at__lte=clock.now(),
            ).exists()
            waiting = InboundMail.objects.filter(processed_at__isnull=True).exists()
            size = sum(path.stat().st_size for path in (self.home / "sandbox").glob("*.jsonl"))
            if due or waiting or size != quiet["size"]:
                quiet.update(size=size, since=time.monotonic())
                return False
            return time.monotonic() - quiet["since"] > 2.0

        until(still, "the day to settle")

    def look(self) -> None:
        from gtmos.kernel.actors import SYSTEM
        from outreach.services.experiments import look_at

        self.campaign.experiment.refresh_from_db()
        look_at(self.campaign.experiment, actor=SYSTEM)

    def verdict(self, job: Any) -> dict[str, Any]:
        from crm.models import Deal
        from outreach.models import Experiment, Touch
        from outreach.selectors.performance import performance

        experiment = Experiment.objects.select_related("promoted").get(campaign=self.campaign)
        shown = performance(self.campaign, actor=self.actor)
        truth = json.loads(self.truth_path.read_text())
        promoted = experiment.promoted.letter if experiment.promoted else ""
        expected = WORLDS[self.name][1]
        states = sorted(set(Touch.objects.values_list("state", flat=True)))
        self.say(f"verdict: {experiment.state}, promoted: {promoted or 'nobody'}")
        self.say(f"truth:   really better: {truth['best'] or 'none'}; reply rates {truth['subjects']}")
        del shown
        return {
            "prospects": job.contacts_found,
            "enrolled": self.campaign.enrollments.count(),
            "sent": Touch.objects.filter(state="sent").count(),
            "states": states,
            "in_doubt": Touch.objects.filter(state="in_doubt").count(),
            "replied": Touch.objects.filter(replied_at__isnull=False).count(),
            "deals": Deal.objects.count(),
            "verdict": experiment.state,
            "promoted": promoted,
            "truth": truth["best"],
            "evaluation": experiment.evaluation.get("verdict"),
            "campaign": self.campaign.state,
            "seconds": round(time.monotonic() - self.began, 1),
            "ok": promoted == expected and (self.name != "small" or experiment.state == "inconclusive"),
        }  # fmt: skip -- rows of figures


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2])))
    else:
        sys.exit(main())
