"""Cards of the boards as text: a board has hundreds, and a template takes ten times as long for each."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from html import escape  # Django's asks of each value first whether it is lazy; here all are texts
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from crm.selectors.board import Card
from gtmos.kernel import wording
from gtmos.kernel.templatetags.gtmos import icon, record_url
from gtmos.kernel.wording import initials

MENU = (
    '<button type="button" class="icon-btn is-small" data-move-menu data-key="m" aria-haspopup="dialog" '
    'aria-label="Move {}">{}</button>'
)


def deal_cards(cards: list[Card], *, today: date) -> SafeString:
    """Every value is escaped here, once."""
    signs = icon("calendar-event", "small"), icon("alert-triangle", "small"), icon("dots", "small")
    deal, move = record_url("crm:deal", _NOBODY), record_url("crm:deal-move", _NOBODY)
    found = [_deal(card, str(card.pk), deal, move, signs, today) for card in cards]
    return mark_safe("".join(found))  # noqa: S308 -- made below of escaped values


_NOBODY: Any = "00000000-0000-0000-0000-000000000000"


def _deal(card: Card, key: str, deal: str, move: str, signs: tuple[Any, ...], today: date) -> str:
    url, name, company = deal.replace(_NOBODY, key), escape(card.name), escape(card.company)
    age = (
        ""
        if card.age_days is None
        else (
            f'<span class="end small num {card.tone or "muted"}" title="Days in this stage">{card.age_days} d</span>'
        )
    )
    return (
        f'<article class="deal" id="deal-{key}" data-row data-href="{url}" tabindex="0" draggable="true" '
        f'data-kept="Move" data-move-url="{move.replace(_NOBODY, key)}"><div class="row">{_mark(card.company, "is-company")}'
        f'<a class="medium clip" href="{url}" title="{name}">{company}</a>{age}{MENU.format(name, signs[2])}</div>'
        f'<div class="row small"><span class="muted clip" title="{name}">{name}</span>'
        f'<span class="end num">{_amount(card)}</span></div>{_step(card, signs, today)}</article>'
    )


@lru_cache(2048)
def _mark(name: str, kind: str) -> str:
    most = 1 if kind == "is-company" else wording.INITIALS_MOST
    return f'<span class="avatar {kind}" aria-hidden="true">{escape(initials(name, most))}</span>'


def _amount(card: Card) -> str:
    if not card.shows_amount:
        return ""
    if card.amount is None:
        return '<span class="muted">Not known</span>'
    return _worth(card.amount, card.currency)


@lru_cache(4096)
def _worth(amount: Decimal, currency: str) -> str:
    return f"<b>{escape(wording.money(amount, currency))}</b>"


def _step(card: Card, signs: tuple[Any, ...], today: date) -> str:
    if not card.is_open:
        return ""
    tone, sign = ("soft", signs[0]) if card.next_step else ("warn", signs[1])
    words = escape(card.next_step or "No next step")
    due = (
        ""
        if card.due_on is None
        else (
            f'<span class="num {"bad" if card.due_on < today else "muted"}">{card.due_on.day} {card.due_on:%b}</span>'
        )
    )
    who = _mark(card.who, "") if card.who else ""
    return (
        f'<div class="row small"><span class="row gap-6 grow {tone}">{sign}<span class="clip" '
        f'title="{escape(card.next_step)}">{words}</span></span>{due}{who}</div>'
    )


def company_cards(rows: list[dict[str, Any]]) -> SafeString:
    sign = icon("dots", "small")
    company, move = record_url("crm:company", _NOBODY), record_url("crm:company-move", _NOBODY)
    return mark_safe("".join(_company(row, company, move, sign) for row in rows))  # noqa: S308 -- as above


def _company(row: dict[str, Any], company: str, move: str, sign: Any) -> str:
    key, name = str(row["pk"]), escape(row["name"])
    url, people = company.replace(_NOBODY, key), row.get("employee_size")
    facts = [row.get("industry_vertical"), row.get("city"), f"{people:,} people" if people else ""]
    who = _mark(row["owner__name"], "") if row.get("owner__name") else ""
    return (
        f'<article class="deal" id="company-{key}" data-row data-href="{url}" tabindex="0" draggable="true" '
        f'data-kept="Move" data-move-url="{move.replace(_NOBODY, key)}"><div class="row">{_mark(row["name"], "is-company")}'
        f'<a class="medium clip" href="{url}" title="{name}">{name}</a><span class="end"></span>'
        f'{MENU.format(name, sign)}</div><div class="row small"><span class="muted clip">'
        f'{escape(" · ".join(filter(None, facts)) or "Nothing known yet")}</span><span class="end">{who}</span></div></article>'
    )
