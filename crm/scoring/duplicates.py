"""How likely two records are one, and why. The thresholds are in one place and are shown beside each pair."""

from dataclasses import dataclass

from rapidfuzz import fuzz

# Names at or above this similarity (0 to 1, order of the words does not count) are taken for spellings of one.
SAME_NAME = 0.9
# A pair below this score is not shown.
SHOWN_FROM = 0.7


@dataclass(frozen=True, slots=True)
class Firm:
    name_key: str
    city_key: str = ""
    domain: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email_key: str = ""
    linkedin_key: str = ""
    company: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    score: float
    reasons: tuple[str, ...]


NONE = Likeness(0, ())


def companies_alike(one: Firm, other: Firm) -> Likeness:
    if one.domain and one.domain == other.domain:
        return Likeness(1, ("the same domain",))
    name = _name_likeness(one.name_key, other.name_key)
    if name < SAME_NAME:
        return NONE
    reasons = ["the same name" if name == 1 else f"names alike ({name:.2f})"]
    score = 0.75 * name
    if one.city_key and one.city_key == other.city_key:
        score, reasons = score + 0.2, [*reasons, "the same city"]
    elif one.city_key and other.city_key:
        score, reasons = score - 0.15, [*reasons, "different cities"]
    if one.domain and other.domain:
        same = label_of(one.domain) == label_of(other.domain)
        score += 0.1 if same else -0.1
        reasons.append("domains differ only in the ending" if same else "different domains")
    return _likeness(score, reasons)


def contacts_alike(one: Person, other: Person) -> Likeness:
    if one.linkedin_key and one.linkedin_key == other.linkedin_key:
        return Likeness(0.98, ("the same LinkedIn address",))
    if one.email_key and other.email_key and mailbox_of(one.email_key) == mailbox_of(other.email_key):
        return Likeness(0.95, ("addresses of the same mailbox",))
    name = _name_likeness(one.name.casefold(), other.name.casefold())
    if name < SAME_NAME or not one.company or one.company != other.company:
        return NONE
    reasons = ["the same name" if name == 1 else f"names alike ({name:.2f})", "the same company"]
    score = 0.85 * name
    if one.phone and _digits(one.phone) == _digits(other.phone):
        score, reasons = score + 0.1, [*reasons, "the same phone"]
    return _likeness(score, reasons)


def mailbox_of(email: str) -> str:
    """Without what mail servers ignore: a tag after a plus, and dots at Gmail."""
    local, _, host = email.partition("@")
    local = local.partition("+")[0]
    if host in {"gmail.com", "googlemail.com"}:
        local, host = local.replace(".", ""), "gmail.com"
    return f"{local}@{host}"


def label_of(domain: str) -> str:
    """`acme` of acme.com, acme.co.uk and www2.acme.io."""
    labels = domain.split(".")[:-1]
    return max(labels, key=len, default="")


def _name_likeness(one: str, other: str) -> float:
    return fuzz.token_sort_ratio(one, other) / 100 if one and other else 0


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _likeness(score: float, reasons: list[str]) -> Likeness:
    return Likeness(round(min(score, 0.97), 2), tuple(reasons)) if score >= SHOWN_FROM else NONE
