"""Seniority and department from a job title, or from the words other systems use for them."""

import re
from functools import lru_cache

from crm.intake.text import fold

SENIORITIES = ("founder", "c_level", "vp", "head", "director", "manager", "senior", "ic")
DEPARTMENTS = (
    "marketing", "sales", "engineering", "product", "operations", "finance", "hr", "it", "executive",
    "customer_success",
)  # fmt: skip

_SHORT_CHIEFS = {
    "ceo": "executive", "cmo": "marketing", "cgo": "marketing", "cro": "sales", "cso": "sales", "cco": "sales",
    "cto": "engineering", "cpo": "product", "cfo": "finance", "coo": "operations", "chro": "hr", "cio": "it",
    "ciso": "it", "cdo": "it",
}  # fmt: skip
_FOUNDER = re.compile(
    r"\b(?:co ?)?founder\b|\bfounding partner\b|\b(?:mit)?grunder(?:in)?\b|\b(?:co)?fundador[a]?\b"
)
_VP = re.compile(
    r"\b(?:s|e|a|g)?vp\b|\b[sea]? ?v p\b|\bvice ?president\b|\bvice president[ea]?\b|\bvicepresident[ea]\b"
)
_CHIEF = re.compile(
    r"\bchief (?!of staff|engineer\b|architect\b|accountant\b)|\b(?:" + "|".join(_SHORT_CHIEFS) + r")\b"
    r"|(?<!vice )\bpresident\b|\bowner\b|\bgeschaftsfuhrer(?:in)?\b|\bmanaging director\b|\bdirector general\b"
)
_NOT_PRODUCT_OWNER = re.compile(r"\b(?:product|process|service|business|system) owner\b")
_LEVELS = (
    (
        "head",
        re.compile(
            r"^(?:global |group |regional )?head\b|\bhead of\b|\bleiter(?:in)?\b|\bjefe|\bresponsable\b"
        ),
    ),
    ("director", re.compile(r"\bdir(?:ector|ectora|ecteur|ectrice|ektor|ettore)?\b")),
    ("manager", re.compile(r"\b(?:manager|mgr|supervisor|gerente|gestionnaire|team ?lead(?:er)?)\b")),
    (
        "senior",
        re.compile(r"\b(?:senior|sr|lead|principal|staff (?=engineer|software|developer|designer))\b"),
    ),
)
_DEPARTMENT_WORDS = (
    ("customer_success", (r"customer (?:success|service|support|care|experience)|client (?:success|services?|support)"
                         r"|chief customer|csm|servicio al cliente|kundenservice|service client")),
    ("product", (r"product (?:manage\w*|owner|lead|director|analyst|strateg\w*|develop\w*)|products?$|of products?\b"
                r"|^(?:\w+ )?(?:vp|head|director|chief) products?\b(?! market)|chief product|vice president products?$")),
    ("operations", r"sales operations|revops|revenue operations|marketing operations manager\b(?!.)|flight operations"),
    ("marketing", (r"marketing|mktg|marketer|brand|demand gen\w*|growth|content|communications?|seo|public relations|pr\b"
                  r"|advertising(?! sales| account| operations)|social media|copywriter|marketeer|kommunikation"
                  r"|comunicacion")),
    ("sales", (r"sales|revenue|account (?:exec\w*|manager|director)|business development|sdr|bdr|ae|partnerships?"
              r"|commercial director|directeur commercial|vertrieb\w*|ventas|verkauf\w*|inside sales|go to market")),
    ("hr", (r"human resources?|hr|people|talent|recruit\w*|payroll|personal\w*leit\w*|recursos humanos"
           r"|ressources humaines|chief happiness")),
    ("finance", (r"financ\w*|account(?:ing|ant)|controller|treasur\w*|bookkeep\w*|fp a|fp&a|audit\w*|tax|buchhalt\w*"
                r"|finanzas|comptab\w*")),
    ("it", (r"it|information (?:technology|security|systems)|(?:cyber|network) ?security|network\w*|help ?desk"
           r"|infrastructure|sysadmin|system administrator|chief information|cybersecurity")),
    ("operations", r"operations?|ops|operating|logistics?|supply chain|procurement|purchasing|betrieb\w*|operaciones"),
    ("engineering", (r"engineer\w*|develop(?:er|ment|ers)|software|technolog\w*|architect\w*|devops|programmer|r d"
                    r"|technical|technik|entwickl\w*|ingenier\w*|data scien\w*|machine learning|qa|full ?stack"
                    r"|back ?end|front ?end|cto")),
    ("executive", (r"chief executive|president|founder|owner|managing director|general manager|chief of staff"
                  r"|geschaftsfuhrer\w*|director general|chairman|board")),
)  # fmt: skip
_DEPARTMENTS = tuple(
    (name, re.compile(rf"(?<![\w])(?:{words})(?![\w])")) for name, words in _DEPARTMENT_WORDS
)
_STATED_SENIORITY = {
    **dict.fromkeys(
        ("c suite", "c level", "clevel", "csuite", "cxo", "executive", "owner", "c_level"), "c_level"
    ),
    **dict.fromkeys(("founder", "cofounder", "co founder"), "founder"),
    **dict.fromkeys(("vp", "vice president", "svp", "evp", "partner"), "vp"),
    **dict.fromkeys(
        ("entry", "ic", "junior", "intern", "training", "individual contributor", "unpaid", "employee"), "ic"
    ),
    "staff": "ic",
    "lead": "senior",
    "principal": "senior",
}
_STATED_DEPARTMENT = {
    **dict.fromkeys(("c suite", "executive", "management", "leadership", "founder"), "executive"),
    **dict.fromkeys(("information technology", "master information technology", "it"), "it"),
    **dict.fromkeys(("human resources", "master human resources", "people", "hr"), "hr"),
    **dict.fromkeys(
        ("support", "customer success", "customer service", "master customer service"), "customer_success"
    ),
    **dict.fromkeys(
        ("engineering technical", "master engineering technical", "engineering", "technical"), "engineering"
    ),
    **dict.fromkeys(("product management", "product", "products"), "product"),
}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w&]+|_", " ", fold(text).replace(".", "" if _dotted(text) else " ")).split())


def _dotted(text: str) -> bool:
    return re.search(r"\b\w\.\w\.", text) is not None


@lru_cache(maxsize=65536)
def seniority_of(title: str) -> str:
    """founder, c_level, vp, head, director, manager, senior or ic; "" without a title."""
    plain = _plain(title)
    if not plain:
        return ""
    if _FOUNDER.search(plain):
        return "founder"
    if _VP.search(plain):
        return "vp"
    if _CHIEF.search(_NOT_PRODUCT_OWNER.sub(" ", plain)):
        return "c_level"
    return next((level for level, pattern in _LEVELS if pattern.search(plain)), "ic")


@lru_cache(maxsize=65536)
def department_of(title: str) -> str:
    """The department a title belongs to, "" when it names none."""
    plain = _plain(title)
    for word in plain.split():
        if word in _SHORT_CHIEFS:
            return _SHORT_CHIEFS[word]
    if "chief operating" in plain:
        return "operations"
    return next((name for name, pattern in _DEPARTMENTS if pattern.search(plain)), "")


@lru_cache(maxsize=1024)
def seniority(cell: str) -> str:
    """The seniority a column states, read in its own words first and as a title otherwise."""
    plain = _plain(cell)
    if plain.replace(" ", "_") in SENIORITIES:
        return plain.replace(" ", "_")
    return _STATED_SENIORITY.get(plain) or (seniority_of(cell) if plain else "")


@lru_cache(maxsize=4096)
def department(cell: str) -> str:
    """The department a column states; of several the first; "" when the words mean none of ours."""
    first = re.split(r"[,;|]", cell, maxsplit=1)[0]
    plain = _plain(first)
    if plain.replace(" ", "_") in DEPARTMENTS:
        return plain.replace(" ", "_")
    return _STATED_DEPARTMENT.get(plain) or department_of(first)
