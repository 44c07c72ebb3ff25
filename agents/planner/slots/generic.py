"""Slots by their type alone: what most intents need, before their own rules speak."""

import re

from agents.planner.grammar.periods import as_period
from agents.planner.lexicon.cues import CHANNELS, ELEMENTS, METRICS, SEGMENTS, find_cues
from agents.planner.resolve import find_contact, find_deal, put_record, shown_contact
from agents.planner.scene import Draft, Scene, clean
from agents.planner.schema import REGISTRY
from agents.planner.slots.research import unique
from agents.planner.text import Span

_SYNONYMS: dict[str, dict[str, str]] = {
    "priority": {"urgent": r"urgent|critical|asap|p1|emergency", "high": r"high(?:er|est)?|important|p2", "medium": r"medium|normal|p3", "low": r"low(?:er|est)?|minor|p4"},
    "type": {"bug": r"bugs?|defect|broken|crash\w*", "billing": r"billing|invoice|charged", "feature_request": r"feature[- ]requests?|feature", "access": r"access|login|permission",
             "win_loss": r"win[ /-]loss", "customer_health": r"customer health|health", "campaigns": r"campaigns?", "issues": r"issues?|tickets?", "cs_program": r"cs program|customer success program",
             "marketing_campaign": r"marketing campaign", "product_launch": r"product launch(?:es)?|launch", "sales_initiative": r"sales initiative", "capability": r"capability",
             "pipeline": r"pipeline", "journey": r"journey|funnel", "forecast": r"forecast", "activity": r"activit(?:y|ies)", "question": r"question", "onboarding": r"onboarding"},
    "score": {"momentum": r"momentum", "product_fit": r"product[- ]fit|fit", "icp": r"icp", "engagement": r"engagement", "deal_health": r"deal health|health|at risk|red", "intent": r"intent"},
    "kind": {"discount": r"discounts?|% off|percent off|off", "campaign": r"campaigns?|launch", "refund": r"refunds?", "contract": r"contracts?", "email": r"e?-?mails?", "tool_call": r"tool calls?"},
    "decision": {"approve": r"approve[ds]?|ok|okay|yes|sign off|green ?light|accept|go ahead", "reject": r"reject(?:ed)?|den(?:y|ied)|decline[d]?|turn down|refuse|no"},
    "category": {"commit": r"commit(?:ted)?", "best_case": r"best[- ]case", "pipeline": r"pipeline", "weighted": r"weighted"},
    "node": {"founding_narrative": r"founding (?:narrative|story)", "headline": r"headlines?", "value_props": r"value prop\w*", "demonstrable_value": r"demonstrable value",
             "demonstrable_craftsmanship": r"(?:demonstrable )?craftsmanship", "demonstrable_users": r"demonstrable users?", "technical_specs": r"tech(?:nical)? specs?|specifications?"},
    "tone": {"friendly": r"friendly|warm|casual", "formal": r"formal|official", "short": r"short|brief|concise", "apologetic": r"apolog\w+|sorry", "urgent": r"urgent"},
    "metric": {"conversion_rate": r"conver\w+", "win_rate": r"win rate", "deal_cycle_days": r"(?:deal|sales) cycle|cycle (?:time|length)", "acv": r"acv|contract value", "response_time": r"response time",
               "activation_rate": r"activation(?: rate)?", "arr": r"arr|annual recurring revenue", "nrr": r"nrr|net revenue retention", "renewal_rate": r"renewal(?: rate)?s?", "churn_rate": r"churn(?: rate)?", "paid_rate": r"paid rate|free to paid",
               "upgrade_rate": r"upgrade rate", "leads": r"leads", "opportunity_size": r"(?:opportunity|deal) size", "attach_rate": r"attach rate", "signup_rate": r"sign-?up rate|signups?", "referral_rate": r"referral rate"},
    "want": {"bottleneck": r"bottleneck|where do we lose|stuck|leak\w*", "funnel": r"funnel", "best": r"best|highest|strongest", "worst": r"worst|lowest|weakest", "trend": r"trends?|over time|develop\w*"},
    "journey": {"sales_led": r"sales[- ]led", "self_serve": r"self[- ]serve|plg"},
    "format": {"pdf": r"pdf", "html": r"html", "csv": r"csv", "xlsx": r"xlsx|excel", "json": r"json"},
    "schedule": {"daily": r"daily|every day", "weekly": r"weekly|every week", "monthly": r"monthly|every month"},
    "action": {"cancel": r"cancel\w*|call off|drop", "reschedule": r"reschedul\w*|move|postpone|push|shift|change|delay"},
    "scope": {"all_missing": r"all|every\w*|missing|gaps|incomplete", "approvals": r"approvals?", "decisions": r"decisions?|decide", "alerts": r"alerts?"},
    "status": {"partially_validated": r"partially validated|partly validated", "invalidated": r"invalidat\w*|disprov\w*|refuted", "validated": r"validat\w*|confirmed|proven", "open": r"open"},
    "op": {"add": r"add|append|new|another", "remove": r"remove|delete|drop", "replace": r"replace|swap", "set": r"set|change|update|edit|make|is"},
}  # fmt: skip
_CHANNEL_SLOTS = {
    "video": r"video|zoom|online|teams",
    "phone": r"phone|call",
    "in_person": r"in person|on-?site|face to face|at their office",
}


def fill(intent: str, scene: Scene) -> Draft:
    """Every slot of the intent that its type alone can fill."""
    draft = Draft(intent)
    spec = REGISTRY[intent]
    for slot, kind in spec.slots.items():
        if kind.startswith("entity:") or kind == "list:entity:contact":
            _put_entity(draft, scene, slot, kind.rsplit(":", 1)[1])
    for slot, kind in spec.slots.items():
        _put_typed(draft, scene, slot, kind)
    return draft


def _put_entity(draft: Draft, scene: Scene, slot: str, kind: str) -> None:
    found = find_contact(scene) if kind == "contact" else scene.named(kind)
    if kind == "deal":
        found = scene.named("deal")
        if not found.records and "deal" in {group[0] for group in REGISTRY[draft.intent].needs}:
            found = find_deal(scene)[0]
    if (
        found.span
        and any(found.span.overlaps(span) and draft.slots.get(s) for s, span in draft.marks)
        and kind in {"company", "contact", "user"}
    ):
        return
    if slot == "contacts":
        _put_contacts(draft, scene)
        return
    put_record(draft, slot, found)


def _put_contacts(draft: Draft, scene: Scene) -> None:
    mentions = scene.mentions("contact")
    names, spans = [], []
    for found in mentions:
        if found.one is not None:
            names.append(found.one.key)
            spans.append(found.span)
        else:
            draft.ask("contacts", found.names)
    draft.put("contacts", unique(names), *spans)


def _put_typed(draft: Draft, scene: Scene, slot: str, kind: str) -> None:
    if kind.startswith("enum"):
        _put_enum(draft, scene, slot, kind)
    elif kind == "period" and slot == "period":
        _put_period(draft, scene)
    elif kind == "date":
        span = scene.first("date")
        draft.put(slot, span.value.coming.isoformat() if span else None, span)
    elif kind == "datetime":
        span = next((s for s in scene.sentence.of("date", "time") if s.value.time), None) or scene.first(
            "date"
        )
        draft.put(
            slot,
            span.value.moment()
            if span and span.value.time
            else (span.value.coming.isoformat() if span else None),
            span,
        )
    elif kind == "money":
        span = scene.first("money")
        draft.put(slot, span.value if span else None, span)
    elif kind == "number":
        _put_number(draft, scene, slot)
    elif kind == "list:title":
        spans = scene.sentence.of("title")
        draft.put(slot, unique(v for s in spans for v in s.value), *spans)
    elif kind in {"place", "list:place"}:
        spans = scene.sentence.of("place")
        draft.put(
            slot,
            [s.value for s in spans] if kind.startswith("list") else (spans[0].value if spans else None),
            *spans,
        )


def _put_period(draft: Draft, scene: Scene) -> None:
    spans = scene.sentence.of("period")
    if spans:
        draft.put("period", as_period(spans[0].value), spans[0])
    if len(spans) > 1 and "compare_to" in REGISTRY[draft.intent].slots:
        draft.put("compare_to", as_period(spans[1].value), spans[1])


def _put_enum(draft: Draft, scene: Scene, slot: str, kind: str) -> None:
    if slot in {"channel", "fallback"} and draft.intent.startswith("campaign"):
        found = find_cues(CHANNELS, "channel", scene.low)
        draft.put(slot, found[0].value if found and slot == "channel" else None, *found[:1])
        return
    if slot == "metric" and draft.intent == "ab.configure":
        found = find_cues(METRICS, "metric", scene.low)
        draft.put(slot, found[0].value if found else None, *found[:1])
        return
    if slot in {"element", "segment"}:
        found = find_cues(ELEMENTS if slot == "element" else SEGMENTS, slot, scene.low)
        draft.put(slot, found[0].value if found else None, *found[:1])
        return
    options = kind.removeprefix("enum").strip(":").split("|")
    words = _CHANNEL_SLOTS if slot == "channel" else _SYNONYMS.get(slot, {})
    for option in (
        sorted(words, key=lambda name: options.index(name) if name in options else 99) if words else options
    ):
        pattern = words.get(option, re.escape(option).replace("_", "[ _-]"))
        if (option in options or options == [""]) and (match := word(scene, pattern)):
            draft.put(slot, option, match)
            return


def word(scene: Scene, pattern: str) -> Span | None:
    """A word of the sentence that is not part of a sure name or a quotation."""
    covered = [
        s for s in scene.sentence.of("name", "quoted") if s.kind == "quoted" or s.value[0].score >= 0.8
    ]
    for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", scene.low):
        if not any(c.start <= match.start() < c.end for c in covered):
            return Span("text", *match.span())
    return None


def _put_number(draft: Draft, scene: Scene, slot: str) -> None:
    percent, minutes = scene.first("percent"), scene.first("duration")
    if slot in {"discount_pct", "confidence"} and percent:
        draft.put(slot, percent.value, percent)
    elif slot == "duration_min" and minutes:
        draft.put(slot, minutes.value, minutes)
    elif slot == "term_months" and (match := scene.find(r"\b(\d+)[\s-]*(months?|years?)\b")):
        draft.put(
            slot,
            int(match.group(1)) * (12 if match.group(2).startswith("y") else 1),
            Span("text", *match.span()),
        )
    elif slot == "count":
        number = scene.first("number")
        draft.put(slot, number.value if number else None, number)


def screen(draft: Draft, scene: Scene, *kinds: str) -> None:
    """Take the unsaid record from the screen, the first kind that has one."""
    if any(draft.slots.get(kind) for kind in kinds) or draft.missing or scene.unknown() is not None:
        return
    for kind in kinds:
        found = shown_contact(scene) if kind == "contact" else scene.shown(kind)
        if found.one is not None:
            draft.put(kind, found.one.key)
            return


def after(scene: Scene, pattern: str) -> tuple[str, Span] | None:
    """The text behind a lead, cleaned."""
    match = re.search(pattern, scene.low)
    if match is None or not clean(scene.raw[match.end() :]):
        return None
    return clean(scene.raw[match.end() :]), Span("text", match.end(), len(scene.raw))
