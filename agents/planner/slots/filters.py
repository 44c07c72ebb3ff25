"""Filters of a question: stages, states, people, places, amounts and dates, each on its own field."""

import datetime as dt
import re
from typing import Any

from agents.planner.grammar.periods import as_period
from agents.planner.scene import Scene
from agents.planner.slots.stages import find_stage
from agents.planner.text import Span

_DATE_FIELDS = {
    "deals": "close_date",
    "tasks": "due",
    "issues": "created_at",
    "activities": "when",
    "projects": "target_end",
    "campaigns": "created_at",
    "companies": "created_at",
    "contacts": "created_at",
}
_CREATED = re.compile(r"\b(?:created|added|opened|entered|logged|made|new|since|reported|filed|started)\b")
_CLOSING = re.compile(r"\b(?:clos\w*|due|end(?:ing|s)?|won|lost|sign\w*|expected|deadline)\b")
_PRIORITY = re.compile(r"\b(low|medium|high|urgent|critical)(?:[- ]?(?:priority|prio))?\b")
_TYPES = {
    "bug": "bug",
    "billing": "billing",
    "question": "question",
    "feature request": "feature_request",
    "onboarding": "onboarding",
    "access": "access",
}
_ACTIVITY = {"call": "call", "meeting": "meeting", "note": "note", "email": "email"}
_CAMPAIGN_STATES = (
    "draft",
    "running",
    "paused",
    "completed",
    "archived",
    "scheduled",
    "active",
    "finished",
    "live",
)
_SAME = {"live": "running", "active": "running", "finished": "completed"}
_IDLE = re.compile(
    r"\b(?:no|without|not|haven'?t|hasn'?t|untouched|idle|stale|inactive|silent|quiet|stuck|nothing|cold)\b[^,;]*?\b(?:in|for|since|over|more than)?\s*(?:the\s+)?(?:last\s+|past\s+|over\s+)?(?P<n>\d+)\s+(?P<unit>days?|weeks?|months?)\b"
)
_OLDER = re.compile(
    r"\b(?:older than|open (?:for )?(?:more than|over|longer than)|open longer than|for more than|over)\s+(?P<n>\d+)\s+(?P<unit>days?|weeks?|months?)(?:\s+old)?\b"
)
_MINE = re.compile(r"\b(?:my|mine|i (?:have|own|am|got)|do i|assigned to me|owned by me|am i|i'm)\b")


class Filters:
    """Collects filters for one kind of record; a name that fits two records becomes a question."""

    def __init__(self, scene: Scene, entity: str) -> None:
        self.scene = scene
        self.entity = entity
        self.rows: list[dict[str, Any]] = []
        self.marks: list[Span] = []
        self.questions: list[tuple[str, list[str]]] = []

    def collect(self) -> "Filters":
        self._state()
        self._people()
        self._company()
        self._terms()
        self._amounts()
        if not self._idle():
            self._dates()
        self._products()
        return self

    def _add(self, field: str, op: str, value: Any, *spans: Span | None) -> None:
        if not any(row["field"] == field and row["op"] == op for row in self.rows):
            self.rows.append({"field": field, "op": op, "value": value})
            self.marks += [span for span in spans if span is not None]

    def _word(self, pattern: str) -> Span | None:
        """A word of the sentence outside names and quotes."""
        covered = [
            s
            for s in self.scene.sentence.of("name", "quoted")
            if s.kind == "quoted" or s.value[0].score >= 0.7
        ]
        for match in re.finditer(pattern, self.scene.low):
            if not any(c.start <= match.start() < c.end for c in covered):
                return Span("text", *match.span())
        return None

    def _state(self) -> None:
        {
            "deals": self._deal_state, "companies": self._company_state, "campaigns": self._campaign_state,
            "issues": self._issue_state, "projects": self._project_state, "tasks": self._task_state, "activities": self._activity_type,
        }.get(self.entity, lambda: None)()  # fmt: skip

    def _deal_state(self) -> None:
        stage = find_stage(self.scene)
        won, lost = self._word(r"\b(?:won|win|closed won)\b"), self._word(r"\b(?:lost|lose|closed lost)\b")
        stages = self.scene.world.deal_stages
        if stage is not None and not self._is_group_word(stage):
            self._add("stage", "=", stage.value, stage)
        elif lost and (name := next((s for s in stages if "lost" in s), None)):
            self._add("stage", "=", name, lost)
        elif won and (name := next((s for s in stages if "won" in s), None)):
            self._add("stage", "=", name, won)
        elif opened := self._word(r"\bopen\b"):
            self._add("status", "=", "open", opened)

    def _is_group_word(self, span: Span) -> bool:
        """As in "lead" and "leads" are people as often as a stage."""
        word = self.scene.low[span.start : span.end]
        return (
            word == "lead"
            and re.search(r"\b(?:in|at|stage)\s+(?:the\s+)?$", self.scene.low[: span.start]) is None
            and "stage" not in self.scene.low
        )

    def _one_of(self, field: str, names: tuple[str, ...]) -> None:
        for name in names:
            span = self._word(rf"\b{re.escape(name).replace('_', '[ _-]')}(?:ed)?\b")
            if span:
                self._add(field, "=", _SAME.get(name, name) if self.entity == "campaigns" else name, span)
                return

    def _company_state(self) -> None:
        self._one_of("state", self.scene.world.customer_states)

    def _campaign_state(self) -> None:
        self._one_of("state", _CAMPAIGN_STATES)

    def _project_state(self) -> None:
        self._one_of("status", self.scene.world.project_status)

    def _issue_state(self) -> None:
        names = sorted(self.scene.world.issue_status, key=lambda name: name == "open")
        self._one_of("status", tuple(names))
        if not self.rows and (span := self._word(r"\bunresolved\b")):
            self._add("status", "=", "open", span)
        priority = _PRIORITY.search(self.scene.low)
        if priority:
            self._add(
                "priority",
                "=",
                priority.group(1).replace("critical", "urgent"),
                Span("text", *priority.span()),
            )
        for word, kind in _TYPES.items():
            span = self._word(rf"\b{word}s?\b")
            if span:
                self._add("type", "=", kind, span)

    def _task_state(self) -> None:
        overdue = self._word(r"\b(?:overdue|past due|late|missed)\b")
        if overdue:
            self._add("due", "<", self.scene.today.isoformat(), overdue)
        done = self._word(r"\b(?:done|completed|finished|open)\b")
        if done:
            word = self.scene.low[done.start : done.end]
            self._add("status", "=", "open" if word == "open" else "done", done)

    def _activity_type(self) -> None:
        for word, kind in _ACTIVITY.items():
            span = self._word(rf"\b{word}s?\b")
            if span:
                self._add("type", "=", kind, span)
                return

    def _people(self) -> None:
        field = "assignee" if self.entity in {"tasks", "issues"} else "owner"
        user = self.scene.named("user")
        contact = self.scene.named("contact")
        if user.span and contact.span and user.span.overlaps(contact.span) and self.entity == "activities":
            user = type(user)()
        if user.one is not None:
            self._add(field, "=", user.one.key, user.span)
        elif user.records:
            self.questions.append(("filters", user.names))
        elif (mine := _MINE.search(self.scene.low)) and self.scene.world.me and self.entity != "contacts":
            self._add(field, "=", self.scene.world.me, Span("text", *mine.span()))
        if contact.records and not (contact.span and user.span and contact.span.overlaps(user.span)):
            self._record("contact", contact)

    def _record(self, field: str, found: Any) -> None:
        if found.one is not None:
            self._add(field, "=", found.one.key, found.span)
        else:
            self.questions.append((field, found.names))

    def _company(self) -> None:
        company = self.scene.named("company")
        if company.records and self.entity != "companies":
            inside = any(
                m.span and company.span and m.span.overlaps(company.span) and r["field"] == "contact"
                for m in self.scene.mentions("contact")
                for r in self.rows
            )
            if not inside:
                self._record("company", company)

    def _terms(self) -> None:
        if self.entity in {"companies", "contacts", "deals"}:
            for kind, field in (("industry", "industry"), ("place", "location"), ("segment", "segment")):
                for span in self.scene.sentence.of(kind)[:1]:
                    self._add(field, "=", span.value, span)
        if self.entity == "contacts":
            for span in self.scene.sentence.of("title")[:1]:
                self._add("title", "=", span.value[0], span)
        team = self.scene.named("team")
        if team.one is not None and self.scene.score(team, "team") >= 0.9:
            self._add("team", "=", team.one.key, team.span)

    def _amounts(self) -> None:
        sizes = self.scene.sentence.of("headcount") if self.entity == "companies" else []
        for span in sizes:
            self._range("headcount", span)
        if self.entity != "deals":
            return
        for span in self.scene.sentence.of("range", "money_range", "revenue"):
            self._range("amount", span)

    def _range(self, field: str, span: Span) -> None:
        low, high = span.value["min"], span.value["max"]
        if low is not None and high is not None:
            self._add(field, "between", {"min": low, "max": high}, span)
        elif low is not None:
            self._add(field, ">", low, span)
        else:
            self._add(field, "<", high, span)

    def _idle(self) -> bool:
        match = _IDLE.search(self.scene.low) if self.entity in {"deals", "companies", "contacts"} else None
        field, older = (
            "last_activity",
            _OLDER.search(self.scene.low) if self.entity in {"issues", "tasks", "deals"} else None,
        )
        if match is None and older:
            match, field = older, "created_at"
        if match is None:
            return False
        days = int(match.group("n")) * {"d": 1, "w": 7, "m": 30}[match.group("unit")[0]]
        day = self.scene.today - dt.timedelta(days=min(days, 20000))
        self._add(field, "<", day.isoformat(), Span("text", *match.span()))
        return True

    def _dates(self) -> None:
        field = _DATE_FIELDS[self.entity]
        closing = _CLOSING.search(self.scene.low)
        if _CREATED.search(self.scene.low) and not (
            closing and self.entity in {"deals", "tasks", "projects"}
        ):
            field = "when" if self.entity == "activities" else "created_at"
        for span in self.scene.sentence.of("period"):
            self._add(field, "between", as_period(span.value), span)
            return
        for span in self.scene.sentence.of("date"):
            self._day(field, span)
            return

    def _day(self, field: str, span: Span) -> None:
        day = span.value.past if self.entity == "activities" or field == "created_at" else span.value.coming
        before = self.scene.low[: span.start]
        if re.search(r"\b(?:before|by|until|till|earlier than|prior to)\s+(?:the\s+)?$", before):
            self._add(field, "<", day.isoformat(), span)
        elif re.search(r"\b(?:after|since|from|later than)\s+(?:the\s+)?$", before):
            self._add(field, ">", day.isoformat(), span)
        else:
            self._add(field, "=", day.isoformat(), span)

    def _products(self) -> None:
        product = self.scene.named("product")
        if product.one is not None and self.entity in {"deals", "issues"}:
            self._add("product", "=", product.one.key, product.span)
