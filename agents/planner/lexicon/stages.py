"""Names of stages and states, with what people call them."""

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

_STAGE_WORDS: dict[str, tuple[str, ...]] = {
    "won": ("won", "closed won", "closed-won", "close won", "win", "signed", "closed as won", "closed/won"),
    "lost": (
        "lost",
        "closed lost",
        "closed-lost",
        "close lost",
        "dead",
        "loss",
        "closed as lost",
        "closed/lost",
    ),
    "negotiat": (
        "negotiation",
        "negotiations",
        "negotiating",
        "nego",
        "negotiate",
        "negociation",
        "contracting",
    ),
    "propos": ("proposal", "proposals", "proposal sent", "quote", "quoted", "quoting", "proposed"),
    "qualif": ("qualification", "qualified", "qualifying", "qual", "sql"),
    "discover": ("discovery", "disco", "discovering"),
    "demo": ("demo", "demoed", "demonstration"),
    "evaluat": ("evaluation", "evaluating", "eval", "trial"),
    "lead": ("lead", "new lead"),
    "prospect": ("prospecting", "prospect"),
    "commit": ("commit", "committed", "verbal commit", "verbal"),
    "contract": ("contract", "contracting", "contract sent"),
    "legal": ("legal", "legal review"),
}
TYPO_FLOOR = 86


def stage_aliases(stages: Iterable[str]) -> dict[str, str]:
    """Every phrase for the stages this workspace has; a stage's own name wins over an alias."""
    found: dict[str, str] = {}
    names = list(stages)
    for stem, phrases in _STAGE_WORDS.items():
        owner = next((stage for stage in names if stem in stage.lower()), None)
        if owner:
            found |= dict.fromkeys(phrases, owner)
    for stage in names:
        plain = stage.lower().replace("_", " ").replace("-", " ")
        found |= {plain: stage, stage.lower(): stage}
    return found


def match_stage(word: str, stages: Sequence[str]) -> str | None:
    """The stage a word means, a misspelling included."""
    aliases = stage_aliases(stages)
    word = word.strip().lower()
    if word in aliases:
        return aliases[word]
    close = [(fuzz.ratio(word, alias), alias) for alias in aliases if len(alias) > 5]
    best = max(close, default=(0.0, ""))
    return aliases[best[1]] if best[0] >= TYPO_FLOOR else None


def won_stage(stages: Sequence[str]) -> str | None:
    return next((stage for stage in stages if "won" in stage.lower()), None)


def lost_stage(stages: Sequence[str]) -> str | None:
    return next((stage for stage in stages if "lost" in stage.lower()), None)


def next_stage(current: str, stages: Sequence[str]) -> str | None:
    """The stage after this one; a closed stage has none."""
    if current not in stages:
        return None
    after = stages.index(current) + 1
    return stages[after] if after < len(stages) and "lost" not in stages[after] else None
