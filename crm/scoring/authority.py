"""How much a person decides in a purchase, from 0 to 1.

authority = 0.5 x role + 0.5 x seniority, and 0.1 more where the title names money or purchasing, at most 1.
The role is what we know of the person's part in this purchase; where it is unknown it counts 0.3. The seniority is
that of the title; where it is unknown it counts 0.2. A value that somebody entered replaces the formula.
"""

import re

ROLE = {
    "decision_maker": 1.0,
    "champion": 0.6,
    "blocker": 0.6,
    "influencer": 0.5,
    "user": 0.2,
    "unknown": 0.3,
}
SENIORITY = {
    "founder": 1.0,
    "c_level": 1.0,
    "vp": 0.8,
    "head": 0.7,
    "director": 0.65,
    "manager": 0.45,
    "senior": 0.3,
    "ic": 0.2,
    "": 0.2,
}
HOLDS_MONEY = re.compile(
    r"\b(?:cfo|procurement|purchas\w+|buyer|budget|financ\w+|treasur\w+)\b", re.IGNORECASE
)
FOR_MONEY = 0.1


def authority(*, role: str, seniority: str, title: str, override: float | None = None) -> float:
    if override is not None:
        return override
    score = 0.5 * ROLE.get(role, ROLE["unknown"]) + 0.5 * SENIORITY.get(seniority, SENIORITY[""])
    return round(min(score + (FOR_MONEY if HOLDS_MONEY.search(title) else 0.0), 1.0), 3)


def reason(*, role: str, seniority: str, title: str, override: float | None = None) -> str:
    """Why it is that much, in words."""
    if override is not None:
        return "entered by hand"
    parts = [
        "role not known" if role == "unknown" else role.replace("_", " "),
        seniority.replace("_", " ") or "seniority not known",
        *(["title names money"] if HOLDS_MONEY.search(title) else []),
    ]
    return ", ".join(parts)
