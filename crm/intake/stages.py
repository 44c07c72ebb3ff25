"""Funding stages, deal states and e-mail states in one spelling each."""

import re
from functools import lru_cache

from crm.intake.text import BLANKS, fold

_FUNDING = {
    **dict.fromkeys(("preseed", "preseedround", "angel", "angelround", "friendsandfamily"), "Pre-Seed"),
    **dict.fromkeys(("seed", "seedround", "seedfunding", "seedangelfunding", "seedstage"), "Seed"),
    **dict.fromkeys(("privateequity", "privateequityround", "pe", "buyout"), "Private Equity"),
    **dict.fromkeys(
        ("postipo", "ipo", "public", "publiclytraded", "listed", "postipoequity", "postipodebt"), "Public"
    ),
    **dict.fromkeys(("bootstrapped", "selffunded", "selffinanced", "nofunding"), "Bootstrapped"),
    **dict.fromkeys(("acquired", "mergeracquisition", "acquisition"), "Acquired"),
    **dict.fromkeys(("subsidiary",), "Subsidiary"),
    **dict.fromkeys(("debtfinancing", "debtfunding", "debt"), "Debt"),
    **dict.fromkeys(("grant",), "Grant"),
    **dict.fromkeys(("convertiblenote", "convertible"), "Convertible Note"),
    **dict.fromkeys(("crowdfunding", "equitycrowdfunding"), "Crowdfunding"),
    **dict.fromkeys(("venture", "ventureroundunknown", "ventureround", "seriesunknown"), "Venture"),
}
_SERIES = re.compile(r"(?:series|round|serie)?([a-k])(?:\d|i{1,3}|extension|round)?")
_WON = frozenset(
    ["won", "closedwon", "closewon", "gewonnen", "ganado", "cierreganado", "gagne", "chiuso", "vinto"]
)
_LOST = frozenset(
    [
        "lost",
        "closedlost",
        "closelost",
        "verloren",
        "abandoned",
        "deleted",
        "perdido",
        "cierreperdido",
        "perdu",
        "disqualified",
        "rejected",
    ]
)
_EMAIL_STATES = {
    **dict.fromkeys(("verified", "valid", "deliverable", "safe", "ok", "likelytoengage"), "verified"),
    **dict.fromkeys(("extrapolated", "guessed", "likely", "unverified", "pattern"), "extrapolated"),
    **dict.fromkeys(("catchall", "acceptall", "risky"), "catch_all"),
    **dict.fromkeys(("unavailable", "notfound", "invalid", "undeliverable"), "unavailable"),
    **dict.fromkeys(("bounced", "hardbounced", "bounce", "hardbounce"), "bounced"),
}
_ROLES = {
    **dict.fromkeys(("champion", "coach"), "champion"),
    **dict.fromkeys(("decisionmaker", "economicbuyer", "budgetholder", "executivesponsor"), "decision_maker"),
    **dict.fromkeys(("influencer", "evaluator", "technicalbuyer", "legalandcompliance"), "influencer"),
    **dict.fromkeys(("user", "enduser", "businessuser"), "user"),
    **dict.fromkeys(("blocker", "gatekeeper"), "blocker"),
}


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


@lru_cache(maxsize=4096)
def funding_stage(cell: str) -> str:
    """Series B, Seed, Public …; "" where the file says it does not know; other words stay as they are."""
    text = cell.strip()
    key = _letters(text)
    if not key or fold(text) in BLANKS:
        return ""
    if key in _FUNDING:
        return _FUNDING[key]
    match = _SERIES.fullmatch(key)
    return f"Series {match[1].upper()}" if match else text[:40]


def deal_state(stage: str, status: str = "", *, closed: bool | None = None, won: bool | None = None) -> str:
    """open, won or lost: flags first, then the status column, then the name of the stage."""
    if won:
        return "won"
    if closed is not None:
        return "lost" if closed else "open"
    return _state_word(status) or _state_word(stage) or "open"


@lru_cache(maxsize=4096)
def _state_word(text: str) -> str:
    key = _letters(text)
    if key in _WON or key.endswith("closedwon") or key.startswith("closedwon"):
        return "won"
    if key in _LOST or key.endswith("closedlost") or key.startswith("closedlost"):
        return "lost"
    return "open" if key in {"open", "offen", "abierto", "ouvert"} else ""


@lru_cache(maxsize=1024)
def email_status(cell: str) -> str:
    return _EMAIL_STATES.get(_letters(cell), "unknown")


@lru_cache(maxsize=1024)
def influence_role(cell: str) -> str:
    return _ROLES.get(_letters(cell), "unknown")
