"""Questions to the records: which kind, which filters, in what order, counted or summed."""

import re
from typing import Any

from agents.planner.scene import Draft, Scene
from agents.planner.slots.filters import Filters
from agents.planner.slots.stages import find_stage
from agents.planner.text import Span

_ENTITIES = (
    ("deals", r"\b(?:deal[sz]?|opps?|opportunit(?:y|ies)|pipeline|quotes|sales|revenue)\b"),
    ("issues", r"\b(?:issues?|tickets?|bugs?|cases?|support requests?|complaints?)\b"),
    ("tasks", r"\b(?:tasks?|to-?dos?|reminders?|action items?|to do list)\b"),
    ("campaigns", r"\b(?:campaigns?|sequences?|cadences?)\b"),
    ("projects", r"\b(?:projects?|initiatives?)\b"),
    ("activities", r"\b(?:activit(?:y|ies)|calls?|meetings?|notes?|emails?|interactions?|touchpoints?)\b"),
    ("contacts", r"\b(?:contacts?|people|persons?|leads?|stakeholders?|champions?|decision makers?|who|everyone|everybody|anyone|anybody)\b"),
    ("companies", r"\b(?:compan(?:y|ies)|accounts?|customers?|clients?|firms?|organi[sz]ations?|businesses|logos)\b"),
)  # fmt: skip
_COUNT = re.compile(
    r"\b(?:how many|count|number of|nr of|no\. of|# of|how much (?:deals|contacts|companies|issues|tasks))\b"
)
_SUM = re.compile(
    r"\b(?:sum|total|how much(?: money| revenue| pipeline| value| is)?|combined|added up|add up|overall value|worth of|value of (?:all|my|our|the)?|altogether)\b"
)
_AVERAGE = re.compile(r"\b(?:average|avg|mean|typical)\b")
_GROUP = re.compile(
    r"\b(?:by|per|grouped by|group by|broken down by|break(?:down)? by|for each|split by|across|each)\s+(?:the\s+)?(?P<field>stage|owner|rep|company|account|product|status|state|priority|type|industry|location|country|segment|month|quarter|week|assignee|person|customer|team|kind|user|sales ?person|channel|region|outcome)s?\b"
)
_SORT = re.compile(
    r"\b(?:sort(?:ed)?(?: it| them)?(?: by)?|order(?:ed)?(?: by)?|rank(?:ed)?(?: by)?|by)\s+(?:the\s+)?(?P<field>amount|value|size|deal size|close date|closing date|close|date|name|due date|due|priority|created|creation date|age|headcount|employees|score|momentum(?: score)?|icp(?: score)?|last activity|updated|revenue|stage|reply rate|open rate)\b"
)
_SORT_FIELDS = {
    "value": "amount", "size": "amount", "deal size": "amount", "close date": "close_date", "closing date": "close_date",
    "close": "close_date", "due date": "due", "created": "created_at", "creation date": "created_at", "age": "created_at",
    "employees": "headcount", "last activity": "last_activity", "updated": "updated_at", "reply rate": "reply_rate", "open rate": "open_rate",
    "momentum score": "momentum", "icp score": "icp",
}  # fmt: skip
_GROUP_FIELDS = {
    "rep": "owner",
    "account": "company",
    "customer": "company",
    "person": "owner",
    "user": "owner",
    "country": "location",
    "salesperson": "owner",
    "sales person": "owner",
    "kind": "type",
    "region": "location",
}
_ASC = re.compile(
    r"\b(?:asc(?:ending)?|smallest|lowest|oldest|earliest|soonest|least|cheapest|from (?:small|low|old)\w*|first to last|a-z|alphabetical\w*|(?:smallest|lowest|oldest|earliest|soonest) first|bottom)\b"
)
_DESC = re.compile(r"\b(?:desc(?:ending)?|(?:biggest|largest|highest|newest|latest) first)\b")
_SUPERLATIVES = (
    (re.compile(r"\b(?:biggest|largest|highest|most valuable|fattest|top|richest|most expensive)\b"), "desc", {"deals": "amount", "companies": "headcount"}),
    (re.compile(r"\b(?:smallest|lowest|cheapest|tiniest)\b"), "asc", {"deals": "amount", "companies": "headcount"}),
    (re.compile(r"\b(?:newest|latest|most recent|recent)\b"), "desc", dict.fromkeys(("deals", "companies", "contacts", "issues", "tasks", "campaigns", "activities", "projects"), "created_at")),
    (re.compile(r"\b(?:oldest|longest open)\b"), "asc", dict.fromkeys(("deals", "companies", "contacts", "issues", "tasks", "campaigns", "activities", "projects"), "created_at")),
)  # fmt: skip
_MOST = re.compile(
    r"\s+(?:biggest|largest|smallest|oldest|newest|latest|highest|lowest|most|top|best|cheapest|next|recent)\b"
)
_LIMIT = re.compile(
    r"\b(?:top|first|last|latest|biggest|largest|smallest|newest|oldest|best|only|limit(?: to)?|up to|max|just|highest|show(?: me)?|list|give me|get(?: me)?)\s+(?:the\s+|my\s+|our\s+)?(?:top |biggest |largest |first )?$"
)


def query(scene: Scene) -> Draft:
    draft = Draft("records.query")
    entity = entity_of(scene)
    if entity is None:
        draft.ask("entity")
        return draft
    draft.put("entity", entity[0], entity[1])
    _put_aggregate(draft, scene)
    _put_grouping(draft, scene)
    _put_order(draft, scene)
    filters = Filters(scene, entity[0]).collect()
    draft.put("filters", filters.rows, *filters.marks)
    for slot, names in filters.questions:
        draft.ask(slot, names)
    return draft


def entity_of(scene: Scene) -> tuple[str, Span | None] | None:
    """The kind of record asked for: the first noun that is not part of a name or of another noun's filter."""
    names = [s for s in scene.sentence.of("name", "quoted") if s.kind == "quoted" or s.value[0].score >= 0.7]
    names += scene.sentence.of("title", "seniority")
    found = []
    for rank, (entity, pattern) in enumerate(_ENTITIES):
        for match in re.finditer(pattern, scene.low):
            if any(n.start <= match.start() < n.end for n in names) or _subordinate(scene, match):
                continue
            found.append((match.start(), rank, entity, Span("text", *match.span())))
    if found:
        best = min(found, key=lambda row: (row[2] == "contacts" and row[3].width == 3, row[0], row[1]))
        return best[2], best[3]
    return _implied(scene)


def _subordinate(scene: Scene, match: re.Match[str]) -> bool:
    """As in "deals of companies in Texas", "companies without open issues", "deals with no activity"."""
    before = scene.low[: match.start()]
    return re.search(
        r"\b(?:without|with no|with|no|of|for|by|from|have|has|had|per|last|any|due to)\s+(?:any |open |recent |an? |our |the |new |logged |by )*$",
        before,
    ) is not None and bool(
        re.search(
            r"\b(?:deals?|opps?|issues?|tickets?|tasks?|campaigns?|projects?|contacts?|companies|accounts|customers|activities|calls|meetings|who|people)\b",
            before,
        )
    )


def _implied(scene: Scene) -> tuple[str, Span | None] | None:
    if scene.has(r"\b(?:clos(?:e|es|ing)|won|lost|worth)\b") or find_stage(scene) is not None:
        return "deals", None
    if scene.has(r"\b(?:overdue|due|on my plate)\b"):
        return "tasks", None
    return None


def _put_aggregate(draft: Draft, scene: Scene) -> None:
    for pattern, value in ((_COUNT, "count"), (_AVERAGE, "avg"), (_SUM, "sum")):
        match = pattern.search(scene.low)
        if match and not (value == "sum" and _COUNT.search(scene.low)):
            is_count = value == "sum" and re.match(
                r"\s+(?:number|count|amount of (?:contacts|companies|issues|tasks))", scene.low[match.end() :]
            )
            draft.put("aggregate", "count" if is_count else value, Span("text", *match.span()))
            return


def _put_grouping(draft: Draft, scene: Scene) -> None:
    match = _GROUP.search(scene.low)
    if match and not re.search(r"\b(?:sort|order|rank)\w*\s*$", scene.low[: match.start()]):
        field = match.group("field")
        draft.put("group_by", _GROUP_FIELDS.get(field, field), Span("text", *match.span()))


def _put_order(draft: Draft, scene: Scene) -> None:
    entity, text = draft.slots["entity"], scene.low
    match = _SORT.search(text)
    if match and "group_by" not in draft.slots:
        field = match.group("field")
        if field == "date":
            field = {"deals": "close_date", "tasks": "due"}.get(entity, "created_at")
        draft.put("sort", _SORT_FIELDS.get(field, field), Span("text", *match.span()))
    if _ASC.search(text) and ("sort" in draft.slots):
        draft.put("order", "asc")
    elif _DESC.search(text):
        draft.put("order", "desc")
    if "sort" not in draft.slots:
        _superlative(draft, scene, entity)
    limit = next(
        (
            s
            for s in scene.sentence.of("number")
            if isinstance(s.value, int) and (_LIMIT.search(text[: s.start]) or _MOST.match(text[s.end :]))
        ),
        None,
    )
    if limit:
        draft.put("limit", limit.value, limit)
    elif re.search(
        r"(?:\b(?:the|my|our|which|what)\b[^,]*\b|^(?:show(?: me)? |find |get )?)(?:biggest|largest|smallest|oldest|newest|highest|lowest)\s+(?:open )?(?:deal|opportunity|issue|ticket|task|company|account|customer|campaign|contact)\b",
        text,
    ):
        draft.put("limit", 1)


def _superlative(draft: Draft, scene: Scene, entity: str) -> None:
    for pattern, order, fields in _SUPERLATIVES:
        match = pattern.search(scene.low)
        if match and entity in fields and not _is_period(scene, match):
            draft.put("sort", fields[entity], Span("text", *match.span()))
            if order == "asc":
                draft.put("order", "asc")
            return


def _is_period(scene: Scene, match: re.Match[str]) -> bool:
    return any(s.start <= match.start() < s.end for s in scene.sentence.of("period", "signal", "funding"))


def export(scene: Scene) -> Draft:
    draft = query(scene)
    form = scene.find(r"\b(csv|xlsx?|excel|spreadsheet|json)\b")
    slots: dict[str, Any] = {key: draft.slots[key] for key in ("entity", "filters") if key in draft.slots}
    result = Draft(
        "records.export",
        slots,
        [(s, p) for s, p in draft.marks if s in slots],
        draft.missing,
        draft.candidates,
    )
    if form:
        result.put(
            "format",
            {"xls": "xlsx", "excel": "xlsx", "spreadsheet": "xlsx"}.get(form.group(1), form.group(1)),
            Span("text", *form.span()),
        )
    return result
