"""One name per industry, what belongs to what, and whether a company fits a wanted industry."""

import re
from collections.abc import Iterable
from functools import lru_cache

from crm.intake.text import fold

# Canonical name, then the other spellings seen for it.
_SPELLINGS = """Fintech|fin tech|financial technology|fintechs
Finance
Financial Services|financials|diversified financial services|diversified financials|financial service
Banking|banks|bank|thrifts mortgage finance|banking and exchange
Insurance|insurtech|insurances
Capital Markets|investment management|asset management|investment banking|venture capital private equity|venture capital
Consumer Finance|credit and lending|lending
Payments|payment
Accounting|finance and accounting
Crypto|cryptocurrency|crypto currency|crypto web3|web3|blockchain|defi
Software|computer software|saas|application software|software services|internet software services|enterprise software|softwares
IT Services|information technology services|information technology and services|it management|it system development
Information Technology|technolgy|technology|tech|it|computer technology
Data|big data|analytics|data analytics|data and analytics
Artificial Intelligence|ai|machine learning|generative ai
Developer Tools|devtools|developer tooling|developer tool
Security|cybersecurity|cyber security|computer network security|security and investigations
Infrastructure|cloud computing|cloud
Healthcare|health care|health|hospital health care|medical|health wellness and fitness|health care providers services|healthtech|health tech|digital health
Healthcare IT|health care technology|healthcare technology
Medical Devices|health care equipment supplies|health care equipment services|medical device
Biotechnology|biotech|pharmaceuticals biotechnology life sciences|life sciences|industrial bio
Pharmaceuticals|pharma|pharmaceutical|drug discovery|therapeutics
Retail|retailing|specialty retail|internet direct marketing retail|ecommerce|e commerce|retail industry
Consumer|consumer goods|consumer products services|consumer discretionary|consumer services
Consumer Staples|food staples retailing|household products|household personal products
Food|food beverage|food beverages|food and beverage|food products|beverages|food production|restaurants|foodtech|food tech
Apparel|textiles apparel luxury goods|apparel fashion|apparel and cosmetics|fashion
Education|edtech|ed tech|education management|e learning|elearning|higher education
Real Estate|proptech|real estate management development|housing and real estate|real estate and construction|commercial real estate
Construction|construction engineering|construction materials|building products|building materials
Transportation|transport|transportation infrastructure|road rail|automotive mobility|mobility
Logistics|logistics transportation|freight|freight logistics|shipping|air freight logistics|supply chain|supply chain and logistics|logistics and supply chain
Travel|travel hospitality|hospitality|leisure travel tourism|hotels restaurants leisure|travel leisure and tourism|tourism
Automotive|automobiles|automobile|auto components|automobiles components
Aerospace|aerospace defense|aviation and space|aviation aerospace|airlines|space
Manufacturing|machinery|capital goods|industrial automation|manufacturing and robotics
Industrials|industrial|industrial goods|industrial conglomerates
Hardware|computer hardware|technology hardware equipment|technology hardware storage peripherals|consumer electronics
Semiconductors|semiconductor|semiconductors semiconductor equipment
Electronics|electronic equipment instruments components|electrical equipment|electrical electronic manufacturing
Energy|oil gas consumable fuels|oil energy|oil gas|energy equipment services|renewables environment|renewable energy|climate
Utilities|electric utilities|water utilities|gas utilities|multi utilities|independent power and renewable electricity producers
Metals & Mining|metals mining|mining metals|mining|steel
Chemicals|chemical
Materials|paper forest products|basic materials
Telecommunications|telecom|telecommunication services|diversified telecommunication services|communications equipment|telecommunication
Media|entertainment|media entertainment|content|publishing|broadcast media|interactive media services|music
Gaming|games|computer games|video games
Marketing|advertising|advertising marketing|marketing and advertising|marketing advertising|adtech|martech
Sales|sales enablement
HR|human resources|hr tech|hrtech
Recruiting|recruitment|staffing and recruiting|recruiting and talent|employment
Legal|legaltech|legal services|law practice|legal tech
Support|customer support|customer service|customer experience
Product
Fitness|wellness|sports
Professional Services|business products services|commercial services supplies|commercial professional services|services|management consulting|consulting|trading companies distributors
Government|government services|public sector|govtech|government administration
Nonprofit|non profit|nonprofit organization management
Agriculture|farming|agtech|agritech
Engineering
Environmental Services|environment
B2B|b b|business to business
Other|others|unspecified|sonstige|otro|none"""
_NAME_OF: dict[str, str] = {}
# A narrower industry is found when the broader one is wanted.
_WITHIN = {
    "Fintech": ("Finance",),
    "Financial Services": ("Finance",),
    "Banking": ("Financial Services",),
    "Insurance": ("Financial Services",),
    "Capital Markets": ("Financial Services",),
    "Consumer Finance": ("Financial Services",),
    "Payments": ("Fintech",),
    "Healthcare IT": ("Healthcare",),
    "Medical Devices": ("Healthcare",),
    "Biotechnology": ("Healthcare",),
    "Pharmaceuticals": ("Healthcare",),
    "Software": ("Information Technology",),
    "IT Services": ("Information Technology",),
    "Data": ("Information Technology",),
    "Artificial Intelligence": ("Information Technology",),
    "Developer Tools": ("Software",),
    "Hardware": ("Information Technology",),
    "Semiconductors": ("Hardware",),
    "Consumer Staples": ("Consumer",),
    "Apparel": ("Consumer",),
    "Recruiting": ("HR",),
    "Metals & Mining": ("Materials",),
    "Chemicals": ("Materials",),
    "Manufacturing": ("Industrials",),
    "Aerospace": ("Industrials",),
    "Construction": ("Industrials",),
    "Gaming": ("Media",),
}
# Start-up lists write "Finance" for what others call fintech; banks and insurers have names of their own.
_ALSO_CALLED = {"Fintech": frozenset({"Finance"}), "Data": frozenset({"Artificial Intelligence"})}
_SMALL_WORDS = frozenset({"and", "of", "the"})


def _key(text: str) -> str:
    return " ".join(re.sub(r"[^\w]+|_", " ", fold(text).replace("&", " ")).split())


def _learn() -> None:
    for line in _SPELLINGS.splitlines():
        name = line.split("|", maxsplit=1)[0]
        _NAME_OF.update({_key(spelling): name for spelling in line.split("|")})


_learn()


@lru_cache(maxsize=4096)
def industry(cell: str) -> str:
    """The canonical name; a word we do not know keeps its own, tidied when it shouts like OIL_GAS."""
    text = cell.strip()
    key = _key(text)
    known = _NAME_OF.get(key) or _NAME_OF.get(key.replace(" and ", " "))
    if known or not key:
        return known or ""
    if text.isupper() or "_" in text or text.islower():
        return " ".join(word if word in _SMALL_WORDS else word.capitalize() for word in key.split())
    return text


@lru_cache(maxsize=4096)
def sub_industry(cell: str) -> str:
    """The last part of a path such as "Fintech -> Payments"; "" when it only repeats the industry."""
    parts = [part.strip() for part in re.split(r"->|>|›|/(?=\s)", cell) if part.strip()]
    return parts[-1] if parts else ""


def broader(name: str) -> frozenset[str]:
    """The industry itself and everything it is a part of."""
    found = {name}
    for parent in _WITHIN.get(name, ()):
        found |= broader(parent)
    return frozenset(found)


@lru_cache(maxsize=8192)
def accepted_industries(wanted: str) -> frozenset[str]:
    """Every canonical industry that counts as the wanted one, for a set-based query."""
    name = industry(wanted)
    inside = {known for known in _NAME_OF.values() if name in broader(known)}
    return frozenset(inside | {name} | _ALSO_CALLED.get(name, frozenset()))


def industry_matches(wanted: str, own: str, own_part: str = "", tags: Iterable[str] = ()) -> bool:
    """Whether a company is in the wanted industry.

    Its classification decides. Tags decide only for what is no industry of the taxonomy ("developer tools", "remittances"),
    or for a company whose industry says nothing.
    """
    accepted = accepted_industries(wanted)
    own_name = industry(own)
    if own_name in accepted or (own_part and _known_part(own_part) in accepted):
        return True
    wanted_key = _key(wanted)
    is_industry = _NAME_OF.get(wanted_key) in _CLASSIFYING
    if is_industry and own_name not in {"", "Other"}:
        return False
    return any(_key(tag) == wanted_key or industry(tag) == industry(wanted) for tag in tags)


@lru_cache(maxsize=4096)
def _known_part(own_part: str) -> str:
    part = sub_industry(own_part)
    return _NAME_OF.get(_key(part), "") or part


_CLASSIFYING = frozenset(_NAME_OF.values()) - {
    "Developer Tools", "Artificial Intelligence", "Payments", "Data", "Infrastructure", "Product", "Sales", "Support",
    "Other",
}  # fmt: skip
