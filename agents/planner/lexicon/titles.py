"""Job titles: whole ones, and those built of a rank and a function ("VPs of Sales or Marketing", "plant managers")."""

import re
from functools import cache

from agents.planner.lexicon.phrases import lines_of, phrase_key, table
from agents.planner.text import Span, Text, Token

ACRONYMS = frozenset(
    [
        "ceo", "cfo", "cto", "cmo", "coo", "cio", "ciso", "cro", "cpo", "chro", "cdo", "cco", "cso", "clo",
        "cxo", "cao",
    ]
)  # fmt: skip
_RANKS = {
    "vp": "VP", "vps": "VP", "v.p": "VP", "svp": "SVP", "svps": "SVP", "evp": "EVP", "evps": "EVP", "avp": "AVP",
    "avps": "AVP", "head": "Head", "heads": "Head", "director": "Director", "directors": "Director",
    "dir": "Director", "manager": "Manager", "managers": "Manager", "mgr": "Manager", "mgrs": "Manager", "lead": "Lead", "leads": "Lead",
    "leader": "Leader", "leaders": "Leader", "chief": "Chief", "chiefs": "Chief", "executive": "Executive",
    "executives": "Executive", "specialist": "Specialist", "specialists": "Specialist", "analyst": "Analyst",
    "analysts": "Analyst", "coordinator": "Coordinator", "coordinators": "Coordinator", "engineer": "Engineer",
    "engineers": "Engineer", "buyer": "Buyer", "buyers": "Buyer", "officer": "Officer", "officers": "Officer",
    "supervisor": "Supervisor", "supervisors": "Supervisor", "architect": "Architect", "architects": "Architect",
    "consultant": "Consultant", "administrator": "Administrator", "administrators": "Administrator",
}  # fmt: skip
_BEFORE_ONLY = frozenset(
    [
        "Leader", "Executive", "Specialist", "Analyst", "Coordinator", "Engineer", "Buyer", "Officer",
        "Supervisor", "Architect", "Consultant", "Administrator", "Lead",
    ]
)  # fmt: skip
_SENIORITY = {
    "vp": "vp", "vps": "vp", "director": "director", "directors": "director", "manager": "manager",
    "managers": "manager", "founder": "founder", "founders": "founder", "cofounder": "founder",
    "cofounders": "founder", "executives": "c_level", "execs": "c_level", "chiefs": "c_level",
}  # fmt: skip
_SENIOR_PHRASES = re.compile(
    r"\b(?:(?P<c>c[- ](?:level|suite)(?:s)?(?:\s+(?:executives?|execs?|people|leaders?))?|top executives?|executive level)"
    r"|(?P<vp>vp[- ]level|vice[- ]presidents?(?!\s+(?:of|for|,?\s*[a-z&]+ing\b))|vps? and (?:above|up))"
    r"|(?P<director>director[- ]level|directors? and (?:above|up))|(?P<manager>manager[- ]level)"
    r"|(?P<founder>co-?founders?|founders?))\b"
)
_KEEP_UPPER = frozenset(["it", "hr", "pr", "r&d", "fp&a", "bi", "ai", "ml", "sre", "ux", "esg", "l&d"])
_SHORTENED = {"eng": "Engineering", "engg": "Engineering", "mktg": "Marketing", "mktng": "Marketing"}
_SMALL = frozenset(["of", "and", "the", "for", "&"])
_LONGEST = 4


@cache
def functions() -> frozenset[str]:
    return frozenset(phrase_key(row[0]) for row in lines_of("titles.txt")) | _SHORTENED.keys()


@cache
def whole_titles() -> dict[str, str]:
    found = {}
    for name, *aliases in lines_of("roles.txt"):
        for alias in (name, *aliases):
            key = phrase_key(alias)
            found[key] = name
            found[f"{key}s"] = name
            if key.endswith("y"):
                found[f"{key[:-1]}ies"] = name
    found |= {"general counsels": "General Counsel", "chiefs of staff": "Chief of Staff", "owners": "Owner"}
    return found


def find_titles(text: Text) -> list[Span]:
    """Spans of kind title (value: list of titles) and seniority (value: one rank)."""
    found = [span for index in range(len(text.tokens)) if (span := _title_at(text, index))]
    for match in _SENIOR_PHRASES.finditer(text.low):
        rank = match.lastgroup or ""
        found.append(Span("seniority", match.start(), match.end(), {"c": "c_level"}.get(rank, rank)))
    found += _departments(text)
    found += [
        Span("seniority", token.start, token.end, _SENIORITY[token.low])
        for token in text.tokens
        if token.low in _SENIORITY
    ]
    return found


_PEOPLE_IN = re.compile(
    r"\b(?:people|contacts?|someone|anyone|folks|persons?|leaders|stakeholders|decision makers?|somebody|anybody|everyone|professionals|buyers)\s+(?:who (?:work|are)\s+|that (?:work|are)\s+|working\s+)?(?:in|from|in charge of|responsible for|handling|running|leading)\s+(?:the\s+)?$|\bwho (?:(?:works?|runs?|leads?|manages?|heads?|owns?|handles?|oversees?|does)\s+(?:in\s+|the\s+)?|(?:is|are)\s+(?:in charge of|responsible for)\s+(?:the\s+)?)$"
)


def _departments(text: Text) -> list[Span]:
    """As in "people in purchasing": a department stands for the title."""
    found = []
    for index, token in enumerate(text.tokens):
        count = _function_at(text.tokens, index)
        if (
            count
            and _PEOPLE_IN.search(text.low[: token.start])
            and " ".join(t.low for t in text.tokens[index : index + count]) not in table()
        ):
            after = text.tokens[index + count].low if index + count < len(text.tokens) else ""
            end = index + count + (after in {"leadership", "management"})
            if after not in _NOUNS:
                found.append(
                    Span(
                        "title",
                        token.start,
                        text.tokens[end - 1].end,
                        [_spell(text.tokens[index:end]).lower()],
                    )
                )
    return found


def _title_at(text: Text, index: int) -> Span | None:
    return (
        _ranked(text, index) or _chief_officer(text, index) or _trailing(text, index) or _whole(text, index)
    )


def _whole(text: Text, index: int) -> Span | None:
    tokens = text.tokens
    for count in range(_LONGEST, 0, -1):
        part = tokens[index : index + count]
        title = whole_titles().get(" ".join(token.low for token in part)) if len(part) == count else None
        if title:
            return Span("title", part[0].start, part[-1].end, [title])
    return None


def _rank_at(tokens: tuple[Token, ...], index: int) -> tuple[str, int]:
    """The rank that starts here and the index after it ("vice presidents" is VP)."""
    low = tokens[index].low
    if low == "vice" and index + 1 < len(tokens) and tokens[index + 1].low.startswith("president"):
        return "VP", index + 2
    if low in {"senior", "sr", "executive", "regional", "global", "associate"} and index + 1 < len(tokens):
        rank, after = _rank_at(tokens, index + 1)
        if rank in {"VP", "Director", "Manager"}:
            return f"{tokens[index].text.capitalize()} {rank}", after
    return _RANKS.get(low, ""), index + 1


def _function_at(tokens: tuple[Token, ...], index: int) -> int:
    """How many words from here name a function."""
    for count in range(_LONGEST, 0, -1):
        part = tokens[index : index + count]
        if len(part) == count and " ".join(token.low for token in part) in functions():
            return count
    return 0


def _ranked(text: Text, index: int) -> Span | None:
    """As in "VP of Sales", "heads of security and compliance", "director, engineering"."""
    tokens = text.tokens
    rank, at = _rank_at(tokens, index)
    if not rank or rank in _BEFORE_ONLY or at >= len(tokens):
        return None
    joint = tokens[at].low in {"of", "for", ","}
    if tokens[at].low == "," and (index and _function_at(tokens, index - 1)):
        return None
    count = _function_at(tokens, at + joint)
    if not count and tokens[at].low == "of" and at + 1 < len(tokens) and tokens[at + 1].text[:1].isupper():
        count = 1
    if not count or (rank.split()[-1] in {"Head", "Chief"} and not joint):
        return None
    last = at + joint + count
    names = [_spell(tokens[at + joint : last])]
    last = _more(tokens, last, names)
    word = " of " if joint else " "
    return Span("title", tokens[index].start, tokens[last - 1].end, [f"{rank}{word}{name}" for name in names])


def _more(tokens: tuple[Token, ...], last: int, names: list[str]) -> int:
    """Further functions under the same rank: "or marketing", ", finance and legal"."""
    while last + 1 < len(tokens) and tokens[last].low in {"or", "and", ",", "/", "&"}:
        count = _function_at(tokens, last + 1)
        after = last + 1 + count
        if not count or (
            after < len(tokens) and (tokens[after].low in _RANKS or tokens[after].low in _NOUNS)
        ):
            break
        names.append(_spell(tokens[last + 1 : after]))
        last = after
    return last


_NOUNS = frozenset(
    [
        "companies", "company", "firms", "firm", "industry", "sector", "businesses", "startups", "vendors",
        "providers", "teams", "team", "shops",
    ]
)  # fmt: skip


def _chief_officer(text: Text, index: int) -> Span | None:
    tokens = text.tokens
    if tokens[index].low != "chief":
        return None
    for end in range(index + 2, min(index + 6, len(tokens))):
        if tokens[end].low in {"officer", "officers"}:
            return Span(
                "title",
                tokens[index].start,
                tokens[end].end,
                [f"Chief {_spell(tokens[index + 1 : end])} Officer"],
            )
    return None


def _trailing(text: Text, index: int) -> Span | None:
    """As in "marketing directors", "plant managers", "IT leaders"."""
    tokens = text.tokens
    count = _function_at(tokens, index)
    at = index + count
    if not count or at >= len(tokens):
        return None
    rank, after = _rank_at(tokens, at)
    if not rank or rank == "Chief":
        return None
    return Span("title", tokens[index].start, tokens[after - 1].end, [f"{_spell(tokens[index:at])} {rank}"])


def _spell(tokens: tuple[Token, ...]) -> str:
    words = []
    for token in tokens:
        if token.low in _KEEP_UPPER:
            words.append(token.low.upper())
        elif token.low in _SHORTENED:
            words.append(_SHORTENED[token.low])
        elif token.low in _SMALL:
            words.append(token.low)
        else:
            words.append(token.text if token.text[:1].isupper() else token.text.capitalize())
    return " ".join(words).replace(" - ", "-")
