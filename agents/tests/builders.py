"""Plans and threads that tests start from: what a planner would say, carried out by the product's own verbs."""

from typing import Any

from agents.models import Run, Thread
from agents.planner.plan import Plan, Step
from agents.selectors.screen import screen_context
from agents.services.authorising import authorised
from agents.services.runs import start_run
from agents.services.threads import start_thread
from agents.services.understanding import Meaning, Said
from gtmos.kernel.actors import Actor


def a_thread(*, actor: Actor) -> Thread:
    return start_thread(actor=actor)


def a_run(
    *steps: tuple[str, dict[str, Any]],
    actor: Actor,
    thread: Thread | None = None,
    text: str = "do it",
    confidence: float = 1.0,
    page: dict[str, Any] | None = None,
    key: str = "",
) -> Run:
    """A run of exactly these steps, as if a planner had understood them."""
    thread = thread or a_thread(actor=actor)
    thread.refresh_from_db()
    plan = Plan("act", tuple(Step(intent, slots) for intent, slots in steps), confidence=confidence)
    context = screen_context(page or {}, thread.context, actor=actor)
    meaning = Meaning(authorised(plan, actor.user.standing), context)
    run = start_run(meaning, Said(text, page or {}), thread=thread, key=key, actor=actor)
    run.refresh_from_db()
    return run
