"""What the page of a search shows, in the shapes that its components draw."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from crm.enums import EmailStatus, SignalType
from gtmos.kernel import clock, wording
from gtmos.kernel.actors import Actor
from outreach.enums import ProspectState, ResearchState
from outreach.models import Prospect, ResearchJob
from outreach.scoring.chips import chips
from outreach.scoring.formulas import GRADES, grade
from outreach.selectors.prospects import Figures, best_page, figures_of, newest_signals, prospects_of
from outreach.selectors.research import is_running, left_out

S = ResearchState
PAGE = 24
SIGNALS_SHOWN = 8
TONES = {
    S.QUEUED: "",
    S.PROCESSING: "accent",
    S.DONE: "good",
    S.PARTIAL: "warn",
    S.FAILED: "bad",
    S.CANCELLED: "",
}
ICONS = {
    "hiring": "briefcase", "funding": "cash", "layoff": "user-minus", "news": "news", "leadership_change": "user-check",
    "tech_change": "settings", "expansion": "trending-up", "website_visit": "world", "review": "message-circle",
    "product_usage": "chart-bar",
}  # fmt: skip
FRESH = timedelta(days=90)
TIERS = {1: "top 20 %", 2: "next 30 %", 3: "next 30 %", 4: "last 20 %"}
ADDRESS_TONES = {EmailStatus.VERIFIED: "good", EmailStatus.BOUNCED: "bad", EmailStatus.UNAVAILABLE: "bad"}
FILTERS = (
    ("all", "All"),
    ("new", "New since last time"),
    ("selected", "Selected"),
    ("dismissed", "Dismissed"),
    ("blocked", "Cannot be written to"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One prospect as `components/prospect.html` draws it."""

    id: UUID
    name: str
    title: str
    grade: str
    state: str
    blocked: str
    pill: dict[str, str] | None
    company: dict[str, str]
    scores: list[dict[str, Any]]
    signals: list[dict[str, str]] = field(default_factory=list)


def card_of(prospect: Prospect, *, today: date) -> Card:
    person = prospect.contact
    company = prospect.company
    return Card(
        id=prospect.pk,
        name=str(person or company),
        title=(person.title or "Title not known")
        if person
        else (company.industry_vertical or "Industry not known"),
        grade=grade(prospect.priority_score),
        state="open" if prospect.state == ProspectState.NEW else prospect.state,
        blocked=prospect.blocked_reason,
        pill=_pill(prospect),
        company={
            "name": company.name,
            "detail": _company_detail(prospect),
            "url": reverse("crm:company", args=[company.pk]),
        },
        scores=_scores(prospect, today),
        signals=[_signal(signal, today) for signal in prospect.signals[:3]],
    )


def _pill(prospect: Prospect) -> dict[str, str] | None:
    if prospect.contact is None:
        return None
    if prospect.blocked_reason.startswith("Opted out"):
        return {"text": "opted out", "tone": "bad"}
    status = EmailStatus(prospect.contact.email_status)
    return {"text": str(status.label), "tone": ADDRESS_TONES.get(status, "")}


def _company_detail(prospect: Prospect) -> str:
    company = prospect.company
    people = wording.plural(company.employee_size, "person", "people") if company.employee_size else ""
    return ", ".join(filter(None, [people, company.funding_stage, company.city]))


def _scores(prospect: Prospect, today: date) -> list[dict[str, Any]]:
    counted = [signal for signal in prospect.signals if signal["type"] != SignalType.LAYOFF]
    known = prospect.intent_score if counted else None
    tier = f"tier {prospect.tier}, {TIERS[prospect.tier]}" if prospect.tier else "not ranked yet"
    return [
        {"name": "Fit", "value": prospect.fit_score, "reason": _fit_reason(prospect.parts)},
        {"name": "Intent", "value": known, "reason": _intent_reason(counted, today)},
        {"name": "Priority", "value": prospect.priority_score, "reason": tier},
    ]


def _fit_reason(parts: list[dict[str, Any]]) -> str:
    """The weakest parts say why a score is not full; when all are met, how many there are."""
    weak = [part for part in parts if part["value"] is None or part["value"] < 1]
    weak.sort(key=lambda part: (-(part["weight"] * (1 - (part["value"] or 0.5))), part["criterion"]))
    if not weak:
        return f"{len(parts)} of {len(parts)} met"
    return ", ".join(str(part["reason"]) for part in weak[:2])


def _intent_reason(signals: list[dict[str, str]], today: date) -> str:
    if not signals:
        return "no signals known"
    fresh = [signal for signal in signals if today - date.fromisoformat(signal["occurred_on"]) <= FRESH]
    return wording.plural(len(fresh), "fresh signal") if fresh else wording.plural(len(signals), "old signal")


def _signal(signal: dict[str, str], today: date) -> dict[str, str]:
    return {
        "icon": ICONS.get(signal["type"], "bolt"),
        "text": signal_words(signal["type"], signal["detail"]),
        "when": wording.day(date.fromisoformat(signal["occurred_on"]), today),
        "url": safe_url(signal["url"]),
        "source": signal["source"],
    }


def signal_words(kind: str, detail: str) -> str:
    """Hiring: growth analysts. A detail that says its kind itself stands alone."""
    word = str(SignalType(kind).label)
    if not detail:
        return word.capitalize()
    return detail if word[:5] in detail.lower() or kind == "layoff" else f"{word.capitalize()}: {detail}"


def safe_url(url: str) -> str:
    """Imported addresses become links only when they lead to a page."""
    return url if urlsplit(url).scheme in {"http", "https"} else ""


def research_context(job: ResearchJob, *, actor: Actor, show: str = "", cursor: str = "") -> dict[str, Any]:
    """Everything on the page, in a number of statements that does not grow with what was found."""
    now = clock.now()
    figures = figures_of(job, actor=actor)
    show = show if show in dict(FILTERS) else _default_filter(job, figures)
    rows, next_cursor, has_previous = best_page(
        _filtered(prospects_of(job, actor=actor), show), after=cursor, size=PAGE
    )
    return {
        "job": job,
        "is_running": is_running(job),
        "state": state_pill(job, now),
        "chips": chips_of(job, figures),
        "progress": progress(job, figures),
        "cards": [card_of(row, today=timezone.localdate(now)) for row in rows],
        "next_cursor": next_cursor,
        "has_previous": has_previous,
        "show": show,
        "filters": _filters(job, figures),
        "figures": figures,
        "grades": [{"grade": letter, "count": figures.grades[letter]} for letter, _ in GRADES],
        "most": max(figures.grades.values(), default=0),
        "timeline": _timeline(job, actor, timezone.localdate(now)),
        "left_out": left_out(job)[:4],
        "page_context": {"focus": {"type": "research", "id": str(job.pk), "name": job.name}},
    }


def _default_filter(job: ResearchJob, figures: Figures) -> str:
    """A saved search that runs again opens on whom no earlier run found."""
    return "new" if job.saved_search_id and 0 < figures.fresh < figures.total else "all"


def _filtered(prospects: QuerySet[Prospect], show: str) -> QuerySet[Prospect]:
    if show == "blocked":
        return prospects.exclude(blocked_reason="")
    if show == "new":
        return prospects.filter(is_new=True)
    return prospects.filter(state=show) if show in {"selected", "dismissed"} else prospects


def _filters(job: ResearchJob, figures: Figures) -> list[dict[str, Any]]:
    counts = {
        "all": figures.total,
        "new": figures.fresh if job.saved_search_id and figures.fresh < figures.total else 0,
        "selected": figures.selected,
        "dismissed": figures.dismissed,
        "blocked": figures.blocked,
    }
    return [
        {"key": key, "label": label, "count": counts[key]}
        for key, label in FILTERS
        if counts[key] or key == "all"
    ]


def state_pill(job: ResearchJob, now: datetime) -> dict[str, Any]:
    text = str(S(job.state).label).capitalize()
    if job.state == S.PROCESSING and job.started_at:
        text = f"Running, {wording.duration((now - job.started_at).total_seconds())}"
    elif job.state == S.QUEUED:
        text = "Waiting"
    elif job.finished_at and job.started_at and job.state == S.DONE:
        text = f"Done in {wording.duration((job.finished_at - job.started_at).total_seconds())}"
    return {"text": text, "tone": TONES[S(job.state)], "is_live": job.state == S.PROCESSING}


def chips_of(job: ResearchJob, figures: Figures) -> list[dict[str, str]]:
    """Amber where a criterion counts although nothing is known about it for some of the results."""
    return [
        {
            "slot": chip.slot,
            "name": chip.name,
            "value": chip.value,
            "why": f"not known for {figures.unknown[chip.slot]}" if figures.unknown.get(chip.slot) else "",
        }
        for chip in chips(job.criteria)
    ]


def progress(job: ResearchJob, figures: Figures) -> list[dict[str, Any]]:
    """Only rows that were really examined count."""
    examined = f"{wording.counted(job.companies_examined)} of {wording.counted(job.companies_total)} examined"
    strip: list[dict[str, Any]] = [
        {
            "value": wording.counted(job.companies_found),
            "unit": "company found" if job.companies_found == 1 else "companies found",
            "part": job.companies_examined,
            "whole": job.companies_total,
            "note": examined
            if job.companies_total
            else "starting"
            if is_running(job)
            else "nothing to examine",
        }
    ]
    if job.criteria.get("entity") == "people":
        strip.append(
            {
                "value": wording.counted(job.contacts_found),
                "unit": "person found" if job.contacts_found == 1 else "people found",
                "part": job.contacts_found,
                "whole": job.contacts_examined,
                "note": f"of {wording.plural(job.contacts_examined, 'person', 'people')} at these companies",
            }
        )
    grades = ", ".join(f"{letter} {count}" for letter, count in figures.grades.items() if count)
    strip.append(
        {
            "value": wording.counted(figures.total),
            "unit": "graded",
            "part": figures.total,
            "whole": max(job.scored, 1),
            "note": grades or ("none yet" if is_running(job) else "none"),
        }
    )
    if job.criteria.get("entity") == "people":
        strip.append(
            {
                "value": wording.counted(figures.blocked),
                "unit": "cannot be written to",
                "note": figures.blocked_words or "all may be written to",
                "is_level": True,
            }
        )
    return strip


def _timeline(job: ResearchJob, actor: Actor, today: date) -> list[dict[str, str]]:
    return [
        {
            "company": signal.company.name,
            "company_url": reverse("crm:company", args=[signal.company_id]),
            "icon": ICONS.get(signal.type, "bolt"),
            "text": signal_words(signal.type, signal.detail),
            "when": wording.day(signal.occurred_on, today),
            "url": safe_url(signal.url),
            "source": signal.source,
        }
        for signal in newest_signals(job, actor=actor)[:SIGNALS_SHOWN]
    ]
