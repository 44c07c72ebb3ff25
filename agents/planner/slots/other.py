"""The remaining intents: slots by type, then what is particular to each."""

import re
from collections.abc import Callable
from typing import Any

from agents.planner.resolve import need_campaign, need_deal
from agents.planner.scene import Draft, Scene, clean
from agents.planner.slots.generic import after, fill, screen, word
from agents.planner.slots.journeys import contacts_find, journey
from agents.planner.slots.parties import (
    company_create,
    company_update,
    contact_create,
    contact_update,
    dedupe,
)
from agents.planner.text import Span

_PHASES = ("strategy", "pipeline_building", "execution", "analysis")


def _text(draft: Draft, slot: str, found: tuple[str, Span] | None) -> None:
    if found:
        draft.put(slot, found[0], found[1])


def _simple(intent: str, *kinds: str) -> Callable[[Scene], Draft]:
    def run(scene: Scene) -> Draft:
        draft = fill(intent, scene)
        screen(draft, scene, *kinds)
        return draft

    return run


def _campaign(intent: str) -> Callable[[Scene], Draft]:
    def run(scene: Scene) -> Draft:
        draft = fill(intent, scene)
        if "campaign" not in draft.slots:
            need_campaign(draft, scene)
        _OWN[intent](draft, scene)
        return draft

    return run


def _clone(draft: Draft, scene: Scene) -> None:
    quoted = scene.first("quoted")
    draft.put("name", quoted.value if quoted else None, quoted)


def _touch(draft: Draft, scene: Scene) -> None:
    touch = scene.find(
        r"\b(?:touch|step|email|message)\s*#?(\d+)\b|\b(\d)(?:st|nd|rd|th) (?:touch|step|email)\b"
    )
    if touch:
        draft.put("touch", int(touch.group(1) or touch.group(2)), Span("text", *touch.span()))
    day = scene.find(r"\bday (\d+)\b")
    draft.put("day", int(day.group(1)) if day else None, Span("text", *day.span()) if day else None)
    quoted = scene.first("quoted")
    draft.put("subject" if "subject" in scene.low else "body", quoted.value if quoted else None, quoted)
    operation = (
        "remove" if scene.has(r"\b(?:remove|delete|drop)\b") else "add" if scene.has(r"\badd\b") else "update"
    )
    draft.put("op", operation)


def _configure(draft: Draft, scene: Scene) -> None:
    split = scene.first("split")
    draft.put("split", split.value if split else None, split)
    sample = scene.find(
        r"\b(?:min(?:imum)?|at least|sample)\b[^\d]{0,20}(\d+)|(\d+) (?:sends|each|per variant)"
    )
    draft.put("min_sample", int(sample.group(1) or sample.group(2)) if sample else None)
    if scene.has(r"\bauto"):
        draft.slots["auto_promote"] = not scene.has(r"\b(?:off|not|don'?t|disable|stop)\b")


_OWN: dict[str, Callable[[Draft, Scene], None]] = {
    "campaign.clone": _clone,
    "campaign.edit_touch": _touch,
    "ab.configure": _configure,
}


def semantic(scene: Scene) -> Draft:
    draft = fill("search.semantic", scene)
    draft.slots.pop("entity", None)
    _text(
        draft,
        "query",
        after(scene, r"^.*\b(?:about|for|of|on|with|mention(?:ed)?|regarding|say)\b\s+(?:the\s+)?"),
    )
    if "query" not in draft.slots:
        draft.put("query", clean(scene.raw))
    return draft


def issue(intent: str) -> Callable[[Scene], Draft]:
    def run(scene: Scene) -> Draft:
        draft = fill(intent, scene)
        screen(draft, scene, "issue")
        if intent == "issue.resolve":
            _text(draft, "resolution", after(scene, r":\s*|,\s*"))
        if intent == "issue.route" and scene.has(r"\bauto|\brules\b"):
            draft.slots["auto"] = True
        if intent == "issue.update":
            _issue_changes(draft, scene)
        return draft

    return run


def _issue_changes(draft: Draft, scene: Scene) -> None:
    changes: dict[str, Any] = {}
    status = next(
        (s for s in scene.world.issue_status if word(scene, re.escape(s).replace("_", "[ _-]"))), None
    )
    status = status or next(
        (
            v
            for k, v in (("escalate", "escalated"), ("close", "closed"), ("reopen", "open"))
            if word(scene, k)
        ),
        None,
    )
    priority = fill("issue.create", scene).slots.get("priority")
    date, user = scene.first("date"), scene.named("user")
    if status:
        changes["status"] = status
    if priority:
        changes["priority"] = priority
    if date:
        changes["due"] = date.value.coming.isoformat()
    if user.one is not None:
        changes["assignee"] = user.one.key
    draft.put("set", changes)


def issue_create(scene: Scene) -> Draft:
    draft = fill("issue.create", scene)
    _text(
        draft,
        "title",
        after(scene, r":\s*")
        or after(scene, r"\b(?:that|about|,)\s+")
        or after(scene, r"\b(?:issue|ticket|bug)\b\s+"),
    )
    return draft


def project(intent: str) -> Callable[[Scene], Draft]:
    def run(scene: Scene) -> Draft:
        draft = fill(intent, scene)
        quoted = scene.first("quoted")
        if intent == "project.create":
            _text(
                draft,
                "name",
                (quoted.value, quoted) if quoted else after(scene, r"\b(?:called|named|project)\s+"),
            )
            date = scene.first("date")
            draft.slots.pop("start", None)
            draft.slots.pop("target_end", None)
            slot = "start" if scene.has(r"\bstart(?:s|ing)\b") else "target_end"
            draft.put(slot, date.value.coming.isoformat() if date else None, date)
        else:
            _project_changes(draft, scene)
        return draft

    return run


def _project_changes(draft: Draft, scene: Scene) -> None:
    status = next((s for s in scene.world.project_status if word(scene, re.escape(s))), None)
    status = status or ("cancelled" if word(scene, r"cancel\w*") else None)
    date, user = scene.first("date"), scene.named("user")
    changes: dict[str, Any] = {}
    if status:
        changes["status"] = status
    if date:
        changes["target_end"] = date.value.coming.isoformat()
    if user.one is not None:
        changes["owner"] = user.one.key
    draft.put("set", changes)


def approval_list(scene: Scene) -> Draft:
    draft = fill("approval.list", scene)
    if scene.has(r"\b(?:my|for me|i have|needs? me)\b"):
        draft.slots["mine"] = True
    return draft


def decide(scene: Scene) -> Draft:
    draft = fill("approval.decide", scene)
    _text(draft, "reason", after(scene, r"\bbecause\b|,\s*|:\s*"))
    return draft


def tree(intent: str) -> Callable[[Scene], Draft]:
    def run(scene: Scene) -> Draft:
        draft = fill(intent, scene)
        quoted = scene.first("quoted")
        if intent.endswith("update"):
            _text(draft, "text", (quoted.value, quoted) if quoted else after(scene, r":\s*"))
            number = scene.first("number")
            draft.put("index", number.value if number else None, number)
        return draft

    return run


def email_draft(scene: Scene) -> Draft:
    draft = fill("email.draft", scene)
    screen(draft, scene, "contact", "company")
    about = after(scene, r"\b(?:about|regarding|re|concerning|on|that|to say)\b:?\s+")
    if about:
        tone = re.sub(r",?\s*(?:friendly|formal|short|urgent|please)$", "", about[0])
        draft.put("about", tone, about[1])
    draft.slots.pop("deal", None) if draft.slots.get("deal") and "contact" in draft.slots else None
    return draft


def email_send(scene: Scene) -> Draft:
    draft = fill("email.send", scene)
    named = scene.find(r"\bthe (\w+) (?:draft|mail|email)\b")
    draft.put("draft", named.group(1) if named else None)
    screen(draft, scene, "contact")
    return draft


def proposal(scene: Scene) -> Draft:
    draft = fill("proposal.create", scene)
    if "deal" not in draft.slots:
        need_deal(draft, scene)
    return draft


def record(scene: Scene) -> Draft:
    draft = fill("canvas.record", scene)
    draft.slots.pop("decision", None)
    _text(draft, "text", after(scene, r":\s*"))
    return draft


def assumption(scene: Scene) -> Draft:
    draft = fill("canvas.update_assumption", scene)
    _text(draft, "evidence", after(scene, r"(?::\s*|\s-+\s)"))
    return draft


def play(scene: Scene) -> Draft:
    draft = fill("play.run", scene)
    match = scene.find(r"\bphases?\s+(\d)(?:\s*(?:and|,|&|to|-)\s*(\d))?")
    if match:
        first, second = int(match.group(1)), int(match.group(2) or match.group(1))
        numbers = range(first, second + 1) if re.search(r"to|-", match.group()) else sorted({first, second})
        draft.put("phases", [_PHASES[n - 1] for n in numbers if 1 <= n <= 4])
    else:
        draft.put("phases", [p for p in _PHASES if word(scene, p.replace("_", " "))])
    return draft


def agent(intent: str) -> Callable[[Scene], Draft]:
    def run(scene: Scene) -> Draft:
        draft = Draft(intent)
        found = scene.named("agent")
        draft.put("agent", found.names[0] if found.one else None, found.span)
        slot = "task" if intent == "agent.run" else "instruction"
        start = found.span.end if found.span else 0
        rest = re.sub(
            r"^(?:'s instructions|'s|:|\s|to\b|should\b|must\b|has to\b|always\b|shall\b)+",
            "",
            scene.raw[start:],
        )
        rest = re.sub(r"\s*(?:from now on|going forward|in future|now|please)\W*$", "", rest)
        draft.put(slot, clean(rest), Span("text", start, len(scene.raw)))
        return draft

    return run


FILLERS: dict[str, Callable[[Scene], Draft]] = {
    "research.enrich": _simple("research.enrich", "company", "contact"), "contacts.find": contacts_find,
    "campaign.clone": _campaign("campaign.clone"), "campaign.edit_touch": _campaign("campaign.edit_touch"), "ab.configure": _campaign("ab.configure"),
    "company.create": company_create, "company.update": company_update, "contact.create": contact_create, "contact.update": contact_update,
    "records.dedupe": dedupe, "search.semantic": semantic, "score.explain": _simple("score.explain", "deal", "company", "contact"),
    "recommend.next": _simple("recommend.next", "deal", "company", "contact"), "forecast.query": _simple("forecast.query"),
    "journey.query": journey, "report.generate": _simple("report.generate"), "issue.create": issue_create,
    "issue.update": issue("issue.update"), "issue.route": issue("issue.route"), "issue.resolve": issue("issue.resolve"),
    "project.create": project("project.create"), "project.update": project("project.update"), "roadmap.show": _simple("roadmap.show"),
    "approval.list": approval_list, "approval.decide": decide, "approval.request": _simple("approval.request", "deal", "campaign"),
    "message_tree.show": tree("message_tree.show"), "message_tree.update": tree("message_tree.update"),
    "email.draft": email_draft, "email.send": email_send, "email.summarize": _simple("email.summarize"), "proposal.create": proposal,
    "meeting.schedule": _simple("meeting.schedule"), "meeting.update": _simple("meeting.update"),
    "canvas.update_assumption": assumption, "canvas.record": record, "review.daily": _simple("review.daily"), "play.run": play,
    "agent.run": agent("agent.run"), "agent.instruct": agent("agent.instruct"),
}  # fmt: skip
