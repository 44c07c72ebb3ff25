"""`manage.py ask`: the command bar without a screen."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.models import Run
from agents.selectors.runs import run_report
from agents.services.runs import submit
from agents.services.threads import open_thread
from agents.services.understanding import Said, understand
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import Role, User
from gtmos.workspace.services.batch import predictions
from gtmos.workspace.services.installation import prepare_new_installation


class Command(BaseCommand):
    help = "Understand one sentence and do it, or only say what it would do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", nargs="?", default="", help="the sentence")
        parser.add_argument("--as", dest="email", default="", help="whose rights apply")
        parser.add_argument("--plan-only", action="store_true", help="change nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--batch", default="", help="JSON lines with id, command, context, role")
        parser.add_argument("--world", default="", help="the workspace of the batch, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        prepare_new_installation()
        try:
            if options["batch"]:
                self._batch(options)
            elif options["text"].strip():
                self._one(options)
            else:
                raise CommandError("Say what to do: manage.py ask “find CMOs in Boston”.")
        except DomainError as error:
            raise CommandError(error.message) from error

    def _batch(self, options: dict[str, Any]) -> None:
        if not options["plan_only"]:
            raise CommandError("A batch only plans. Add --plan-only.")
        world = _json(Path(options["world"])) if options["world"] else {}
        for prediction in predictions(_lines(Path(options["batch"])), world):
            self.stdout.write(json.dumps(prediction, ensure_ascii=False))

    def _one(self, options: dict[str, Any]) -> None:
        actor = Actor.of(_person(options["email"]), source="command")
        if options["plan_only"]:
            meaning = understand(Said(options["text"]), thread_context={}, actor=actor)
            plan = meaning.plan.to_prediction("1")
            self._say(plan, _plan_in_words(plan, meaning.plan.question), as_json=options["json"])
            return
        run = submit(options["text"], thread=open_thread(actor=actor), actor=actor)
        for part in _progress(run):
            self._say(part, str(part["text"]), as_json=options["json"])

    def _say(self, part: dict[str, Any], words: str, *, as_json: bool) -> None:
        self.stdout.write(json.dumps(part, ensure_ascii=False) if as_json else words)


def _person(email: str) -> User:
    """Whoever was named, else the first administrator: whoever has a shell here may be any of them."""
    people = User.objects.filter(is_active=True).order_by("created_at")
    user = people.filter(email__iexact=email).first() if email else people.filter(role=Role.ADMIN).first()
    if user is None:
        raise CommandError(f"Nobody here has the address {email}." if email else "There is nobody here yet.")
    return user


def _progress(run: Run) -> Iterator[dict[str, Any]]:
    report = run_report(run)
    yield {"type": "plan", "text": _plan_in_words(report["plan"], ""), **report["plan"]}
    for step in report["steps"]:
        yield {"type": "step", "text": f"  {step['tool']}: {step['summary'] or step['error']}", **step}
    yield {"type": "result", "text": report["answer"], "state": report["state"], "run": str(run.pk)}


def _plan_in_words(plan: dict[str, Any], question: str) -> str:
    if plan["outcome"] != "act":
        return f"{plan['outcome']}: {question or plan.get('reason') or ', '.join(plan['missing'])}"
    steps = "; ".join(f"{step['intent']} {json.dumps(step['slots'])}" for step in plan["steps"])
    return f"I understood: {steps}"


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as JSON: {error}.") from error
    return content


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as JSON lines: {error}.") from error
