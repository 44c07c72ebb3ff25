"""Who and which company a note is about, by the words around a name."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from crm.intake.notes.values import AMOUNT, EMAIL, PHONE

_SMALL = r"(?:of|de|da|del|van|von|der|&)"
_CAP = r"[A-ZÀ-ÖØ-ÞŁŚŽČ][\w'’&-]*"
NAME = rf"{_CAP}(?: (?:{_SMALL} )?{_CAP}){{0,3}}"
_LOWER = r"[a-zà-ÿ'’-]{2,}(?:\s[a-zà-ÿ'’-]{2,})?"
_CHIEF = r"(?:C[A-Z]O|CISO|CHRO)\b"
_OF = r"(?:\s(?:of|for)\s(?:the\s)?\w+(?:\s[A-Z]\w+){0,2})"
_ROLE = (
    r"(?:[Dd]irector|[Mm]anager|[Ll]ead|[Ee]ngineer|[Oo]fficer|[Oo]wner|[Ff]ounder|[Pp]resident|[Aa]nalyst|[Aa]rchitect"
    r"|[Cc]onsultant|[Aa]ssistant|[Bb]uyer|[Cc]ontroller|[Pp]artner|[Ss]pecialist|[Cc]oordinator|[Ee]xecutive)"
)
TITLE = (
    rf"(?:{_CHIEF}|[Cc]hief (?:\w+ ){{1,2}}[Oo]fficer|(?:[SE]?VP|[Vv]ice [Pp]resident)(?:\s(?:of\s)?[A-Z]\w+){{0,2}}"
    rf"|[Hh]ead of \w+(?:\s(?:and|&)\s\w+)?|[Gg]eschäftsführer(?:in)?|[Dd]irect(?:eur|rice)(?:\s\w+)?"
    rf"|assistant to the {_CHIEF}|(?:[Cc]o-?)?{_ROLE}{_OF}?|(?:\w+ ){{1,2}}{_ROLE}{_OF}?)"
)
_DEPARTMENTS = frozenset(
    """sales marketing it operations ops risk data finance product engineering security people hr special projects procurement
    purchasing legal support strategy growth design research development technology service""".split()
)
_NOT_TITLE = frozenset("new our their the a an is he she his her they my our as was and to with".split())
_BUSINESS = re.compile(
    r"\b(?:inc|corp|corporation|ltd|llc|gmbh|ag|sa|sarl|srl|bv|plc|co|company|group|bank|labs?|industries|enterprises|foods|traders"
    r"|electronics|systems|software|technologies|solutions|partners|holdings?|steel|parks|beer|worldwide|dynamic|cybernetics)\b\.?$",
    re.IGNORECASE,
)
_NO_NAME = frozenset(
    """i he she they we it his her their our my the a an no not in on of at by for from to with and or but if so next new nice good great quick note call called
    meeting met spoke talked chatted had has have wants want needs need lunch coffee dinner demo video visited saw rang reached left email mail intro
    contact phone budget deal about around please also then today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday january
    february march april may june july august september october november december dr mr mrs ms prof nda ceo cfo cto coo cmo cio cro cpo vp svp head chief
    director manager subject re fwd hi hello dear thanks regards best will expecting signed contract video next step usd eur gbp q1 q2 q3 q4 email-from""".split()
)
_MET = r"(?:met|spoke|talked|chatted|call(?:ed)?|meeting|coffee|lunch|dinner|catch-?up|rang|reached|saw|visited|voicemail)"
_WITH = (
    r"(?:\s(?:a\s)?(?:good\s|great\s|short\s|quick\s)?(?:call|chat|talk|meeting)?\s?(?:with|w/|to|for|the))?"
)
_HONOUR = r"(?:(?:Dr|Mr|Mrs|Ms|Prof)\.?\s)?"
_AT = r"(?:at|from|of|with|bei|chez|@|for)"


def _clean(name: str) -> str:
    """Without words at either end that only begin a sentence."""
    words = name.strip(" ,.:;'’").split()
    while words and words[0].lower().strip(".") in _NO_NAME:
        words.pop(0)
    while words and words[-1].lower().strip(".") in _NO_NAME:
        words.pop()
    text = " ".join(words)
    return re.sub(r"['’]s$", "", text)


def people_and_company(text: str, known: Iterable[str], home: str = "") -> tuple[list[dict[str, str]], str]:
    plain = _bare(text)
    company = _stated(plain) or _known(plain, known) or home or _likely(plain)
    return _people(plain, company), company


def _bare(text: str) -> str:
    """Addresses, numbers and amounts are no names."""
    for pattern in (EMAIL, PHONE, AMOUNT):
        text = pattern.sub(" ", text)
    text = re.sub(r"\b(?:From|To|Cc|Subject|Fwd?|Re):\s*", "From ", text)
    return re.sub(r"[ \t]+", " ", text).replace(" ,", ",").replace(" .", ".")


def _known(text: str, known: Iterable[str]) -> str:
    """The longest name of a company that is there already."""
    words = f" {_plain(text)} "
    return max((name for name in known if f" {_plain(name)} " in words), key=len, default="")


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text).lower().strip()


_COMPANY = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{TITLE}\s(?:at|@|of|bei|chez|from|for)\s({NAME})",
        rf"\bof ({NAME}), {NAME}",
        rf"(?:[Ww]orks?|[Jj]oined|[Cc]ontact|[Vv]oicemail for {NAME}|[Ff]ounder|[Mm]arketing|[Ss]ales|IT)\s(?:at|for)\s({NAME})",
        rf"\b[Jj]oined ({NAME})",
        rf"(?:[Nn]orm\b)?(?:{NAME}|{_LOWER})\s(?:from|at|of|@|bei|chez)\s({NAME})",
        rf"\({TITLE},\s?({NAME})\)",
        rf"\((?:{TITLE}),\s({NAME})\)",
        rf"{NAME}, (?:{TITLE}), ({NAME})",
        rf"({NAME})\s\((?!{TITLE}\b){NAME}",
        rf"\b(?:[Cc]all|[Mm]eeting|[Tt]alk|[Dd]emo|[Ll]unch|[Cc]atch-?up)\s(?:with|w/|for|at)\s({NAME})",
        rf"\b(?:[Ss]poke|[Tt]alked|[Cc]hatted)\s(?:with|w/|to)\s({NAME})(?=[.:]\s(?:They|It))",
        rf"\b(?:[Vv]isited|[Ss]aw|[Rr]ang|[Aa]nswer from|out to|[Ii]ntro to|[Nn]ote:)\s({NAME})",
        rf"(?:^|[.!?\n]\s*)({NAME})(?:['’]s new|:|\s(?:again|has|have|wants?|needs?|budget|postponed|moved|is a|is looking|are\s\d|they))",
        rf"^({NAME})\s?/",
    )
)


def _stated(text: str) -> str:
    """By words that hardly say anything else, or by a legal form."""
    named = (match[0] for match in re.finditer(NAME, text) if _BUSINESS.search(_clean(match[0])))
    return _first(chain(_matches(_COMPANY[:9], text), named))


def _likely(text: str) -> str:
    return _first(_matches(_COMPANY[9:], text))


def _matches(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[str]:
    return (match[1] for pattern in patterns for match in pattern.finditer(text))


def _first(names: Iterable[str]) -> str:
    cleaned = (_clean(name) for name in names)
    return next((name for name in cleaned if name and not _is_title(name) and not _is_department(name)), "")


def _is_department(name: str) -> bool:
    """The rest of "Head of Sales" is no company."""
    return all(word.lower() in _DEPARTMENTS for word in name.split())


def _is_title(name: str) -> bool:
    return re.fullmatch(TITLE, name) is not None


_PERSON = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_HONOUR}(?P<name>{NAME})\s?[,(]\s?(?P<title>{TITLE})\b",
        rf"\((?P<name>{NAME}),\s?(?P<title>{TITLE})",
        rf"(?P<name>{NAME})\s(?:is|was|joined {NAME} as)\s(?:our \w+ \(|the new |the |our new |our |their |a |an |VP )?(?P<title>{TITLE})",
        rf"\b(?P<title>{_CHIEF}|{TITLE})\s(?:at|of|@)\s(?:{NAME}), (?P<name>{NAME})",
        rf"new (?P<title>{TITLE}) is (?P<name>{NAME})",
        rf"(?P<name>{NAME})\s/\s(?P<title>{TITLE})",
        rf"\b{_MET}{_WITH}\s{_HONOUR}(?P<name>{NAME}|{_LOWER})\s?[,(]\s?(?P<title>{TITLE})",
        rf"(?P<name>{NAME})(?:\s(?:from|at|of|@|bei)\s{NAME}|\s(?:is|joined|says|said|called|asks|wants)\b)",
        rf"\b(?:[Cc]ontact(?: at {NAME})?[:,]|[Vv]oicemail for|[Cc]hatted with|[Cc]offee with|[Ll]unch with|[Ss]poke to|[Ss]poke with|[Mm]et|[Tt]alked to|reached)\s{_HONOUR}(?P<name>{NAME})",
        rf"\bFrom (?P<name>{NAME})",
        rf"^(?P<name>{NAME}) \(",
    )
)


def _people(text: str, company: str) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for pattern in _PERSON:
        for match in pattern.finditer(text):
            name = _clean(match["name"])
            if not _is_person(name, company):
                continue
            title = _title(match.groupdict().get("title") or "")
            key = name.split()[0].lower()
            kept = found.setdefault(key, {"name": name, "title": ""})
            kept["title"] = kept["title"] or title
            kept["name"] = max(kept["name"], name, key=len)
    people = list(found.values())
    _pronouns(text, people)
    return people


def _is_person(name: str, company: str) -> bool:
    if not name or _is_title(name) or _is_department(name) or _BUSINESS.search(name) or len(name.split()) > 3:
        return False
    inside = f" {company.lower()} "
    return f" {name.lower()} " not in inside and not any(word.lower() in _NO_NAME for word in name.split())


def _title(text: str) -> str:
    words = text.strip(" ,.").split()
    while words and words[0].lower() in _NOT_TITLE:
        words.pop(0)
    return " ".join(words)


_HE = re.compile(
    rf"\b(?:[Hh]e|[Ss]he)(?:['’]s| is| works at {NAME} as)\s(?:the |a |an |our )?(?P<title>{TITLE})"
)


def _pronouns(text: str, people: list[dict[str, str]]) -> None:
    """ "He is VP Sales there" is said of the only person without a title."""
    match = _HE.search(text)
    open_ones = [each for each in people if not each["title"]]
    if match and len(open_ones) == 1:
        open_ones[0]["title"] = _title(match["title"])
