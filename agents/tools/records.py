"""Questions about records: lists, counts, sums, means, groups."""

from collections.abc import Callable
from typing import Any

from agents.selectors.records import Answer, query
from agents.selectors.resolving import Call
from agents.services.registry import Slots, ToolResult, tool
from crm.models import Activity, Company, Contact, Deal, Task
from gtmos.kernel import wording
from outreach.models import Campaign

PLURALS = {"company": "companies", "activity": "activities"}
WORDS = {"sum": "Sum", "avg": "Mean"}


@tool(
    "records.query",
    examples=("deals closing this month above 30k", "how many open tasks do I have", "sum of deals by stage"),
)
def query_records(slots: Slots, call: Call) -> ToolResult:
    """List, count, sum or average records, and group them."""
    answer = query(slots, actor=call.actor)
    aggregate = slots.get("aggregate") or "list"
    if answer.groups:
        return ToolResult(_groups_in_words(answer, slots), card={"table": _group_table(answer, slots)})
    if aggregate in WORDS:
        return ToolResult(_figure_in_words(answer, aggregate))
    if aggregate == "count" or not answer.rows:
        return ToolResult(f"{_counted(answer)}.")
    return ToolResult(_list_in_words(answer), card={"table": _table(answer)})


def _counted(answer: Answer) -> str:
    return wording.plural(answer.total, answer.noun, PLURALS.get(answer.noun, ""))


def _list_in_words(answer: Answer) -> str:
    shown = len(answer.rows)
    rest = f", the first {wording.counted(shown)} are shown" if shown < answer.total else ""
    return f"{_counted(answer)}{rest}."


def _figure_in_words(answer: Answer, aggregate: str) -> str:
    if not answer.figure:
        return f"{WORDS[aggregate]}: Not known. {_counted(answer)}, none with an amount."
    money = ", ".join(wording.money(figure, currency) for currency, figure in sorted(answer.figure.items()))
    return f"{WORDS[aggregate]}: {money} (n = {wording.counted(answer.total)})."


def _groups_in_words(answer: Answer, slots: Slots) -> str:
    return f"{_counted(answer)} by {str(slots['group_by']).replace('_', ' ')}."


def _group_table(answer: Answer, slots: Slots) -> dict[str, Any]:
    has_money = any(money for _, _, money in answer.groups)
    columns = [
        str(slots["group_by"]).replace("_", " "),
        "n",
        *([WORDS[slots["aggregate"]]] if has_money else []),
    ]
    return {
        "columns": columns,
        "rows": [
            {"cells": [label, wording.counted(many), *([_money(money)] if has_money else [])]}
            for label, many, money in answer.groups
        ],
    }


def _money(figures: dict[str, Any]) -> str:
    return ", ".join(wording.money(figure, currency) for currency, figure in figures.items()) or "Not known"


def _table(answer: Answer) -> dict[str, Any]:
    columns, cells = LAYOUTS[answer.noun]
    return {
        "columns": columns,
        "rows": [
            {"cells": cells(row), "subject": {"type": answer.noun, "id": str(row.pk)}} for row in answer.rows
        ],
        "total": answer.total,
    }


def _company(row: Company) -> list[str]:
    return [row.name, row.get_customer_state_display(), row.city or "Not known"]


def _contact(row: Contact) -> list[str]:
    return [str(row), row.title or "Not known", str(row.company or "Not known")]


def _deal(row: Deal) -> list[str]:
    close = row.deal_expected_signing_date
    return [
        row.name,
        row.stage.name,
        wording.money(row.deal_amount, row.deal_amount_currency),
        close.isoformat() if close else "Not known",
    ]


def _campaign(row: Campaign) -> list[str]:
    return [row.name, row.get_state_display()]


def _task(row: Task) -> list[str]:
    due = wording.exact(row.due_at) if row.due_at else "Not known"
    return [row.title, "done" if row.done_at else "open", due]


def _activity(row: Activity) -> list[str]:
    return [row.get_type_display(), row.subject, wording.exact(row.happened_at)]


LAYOUTS: dict[str, tuple[list[str], Callable[[Any], list[str]]]] = {
    "company": (["Company", "State", "City"], _company),
    "contact": (["Contact", "Title", "Company"], _contact),
    "deal": (["Deal", "Stage", "Amount", "Close"], _deal),
    "campaign": (["Campaign", "State"], _campaign),
    "task": (["Task", "State", "Due"], _task),
    "activity": (["Activity", "About", "When"], _activity),
}
