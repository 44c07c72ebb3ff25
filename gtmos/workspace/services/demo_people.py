"""Invented people, real listed companies and invented start-ups for the demo organisation, always the same ones.

Listed companies come from the installed package `pytickersymbols`; every person and every start-up is made up,
and every address ends in `.example`, which no mail server serves.
"""

import csv
import io
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from faker import Faker
from pytickersymbols import PyTickerSymbols

CHIEFS = ("Chief Marketing Officer", "CMO", "Chief Growth Officer", "Chief Marketing and Growth Officer")
OTHERS = (
    "VP Marketing",
    "Head of Growth",
    "Chief Executive Officer",
    "Chief Financial Officer",
    "VP Sales",
    "Director of Demand Generation",
    "Head of Customer Success",
    "Chief Technology Officer",
)  # fmt: skip -- a list of titles
FINTECH_WORDS = (
    "Ledger",
    "Tally",
    "Mint",
    "Vault",
    "Coin",
    "Pay",
    "Credit",
    "Lend",
    "Fund",
    "Bond",
    "Quill",
    "Sterling",
    "Copper",
    "Harbor",
    "Summit",
    "Anchor",
    "Cedar",
    "Beacon",
)  # fmt: skip -- a list of words
ENDINGS = ("ly", "base", "flow", "works", "stack", "loop", "path", "grid", "side", "line")
OTHER_PLACES = (
    ("San Francisco", "California", "America/Los_Angeles"),
    ("Austin", "Texas", "America/Chicago"),
    ("Boston", "Massachusetts", "America/New_York"),
    ("Chicago", "Illinois", "America/Chicago"),
)
STAGES = ("Seed", "Series A", "Series B", "Series C", "Series D")
NEW_YORK = ("New York City", "New York", "America/New_York")
HIRING = (
    "growth marketing lead",
    "growth team, three roles",
    "head of growth",
    "lifecycle growth manager",
    "growth analysts",
)
COMPANY_COLUMNS = (
    "name",
    "website",
    "description",
    "industry",
    "city",
    "state",
    "country",
    "employees",
    "funding stage",
    "funded on",
    "signal type",
    "signal detail",
    "signal source",
    "signal url",
    "signal date",
)  # fmt: skip -- a list of names
CONTACT_COLUMNS = (
    "contact_id",
    "company_name",
    "company_domain",
    "first_name",
    "last_name",
    "email",
    "email_status",
    "title",
    "city",
    "country",
    "timezone",
    "language",
    "linkedin_url",
    "consent_basis",
    "do_not_email",
)  # fmt: skip -- a list of names


class Cast:
    """All rows of the demo, drawn from one seed. `today` dates the signals."""

    def __init__(self, seed: int, today: date) -> None:
        self.random = random.Random(seed)
        self.faker = Faker("en_US")
        self.faker.seed_instance(seed)
        self.today = today
        self.taken: set[str] = set()

    def listed_companies(self, count: int) -> list[dict[str, Any]]:
        """Real companies with the facts that the package states; no person is attached to them."""
        return [row for row in map(_listed, PyTickerSymbols().get_all_stocks()) if row["name"]][:count]

    def start_ups(self, chiefs_in_new_york: int, others: int) -> list[dict[str, Any]]:
        matching = [self._start_up(NEW_YORK, "Series B", hires=True) for _ in range(chiefs_in_new_york)]
        near = [
            self._start_up(NEW_YORK, stage, hires=self.random.random() < 0.4)
            for stage in STAGES
            if stage != "Series B"
            for _ in range(5)
        ]
        far = [
            self._start_up(
                self.random.choice(OTHER_PLACES), self.random.choice(STAGES), hires=self.random.random() < 0.5
            )
            for _ in range(others)
        ]
        return [*matching, *near, *far]

    def _start_up(self, place: tuple[str, str, str], stage: str, *, hires: bool) -> dict[str, Any]:
        name = self._name()
        row: dict[str, Any] = {
            "name": name,
            "website": f"https://{name.lower()}.example",
            "description": f"{name} is invented for this demo.",
            "industry": "Fintech",
            "city": place[0],
            "state": place[1],
            "country": "United States",
            "employees": self.random.randint(25, 480),
            "funding stage": stage,
            "funded on": self.today - timedelta(days=self.random.randint(40, 900)),
            "zone": place[2],
        }
        if hires:
            row |= {
                "signal type": "hiring",
                "signal detail": self.random.choice(HIRING),
                "signal source": "Demo job board",
                "signal url": f"https://{name.lower()}.example/jobs",
                "signal date": self.today - timedelta(days=self.random.randint(1, 45)),
            }
        return row

    def _name(self) -> str:
        """A new invented name; longer ones when the short ones are used up."""
        name = self.random.choice(FINTECH_WORDS) + self.random.choice(ENDINGS)
        while name in self.taken:
            name += self.random.choice(ENDINGS)
        self.taken.add(name)
        return name

    def people_of(self, companies: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for company in companies:
            yield self._person(company, self.random.choice(CHIEFS))
            for title in self.random.sample(OTHERS, self.random.randint(1, 3)):
                yield self._person(company, title)

    def _person(self, company: dict[str, Any], title: str) -> dict[str, Any]:
        first, last = self.faker.first_name(), self.faker.last_name()
        domain = company["website"].removeprefix("https://")
        address = self._address(first, last, domain)
        return {
            "contact_id": f"DEMO-{len(self.taken)}",
            "company_name": company["name"],
            "company_domain": domain,
            "first_name": first,
            "last_name": last,
            "email": address,
            "email_status": "verified",
            "title": title,
            "city": company["city"],
            "country": "United States",
            "timezone": company.get("zone", "America/New_York"),
            "language": "en",
            "linkedin_url": f"https://linkedin.example/in/{address.split('@')[0].replace('.', '-')}-{len(self.taken)}",
            "consent_basis": "legitimate_interest",
            "do_not_email": "false",
        }

    def _address(self, first: str, last: str, domain: str) -> str:
        local = re.sub(r"[^a-z.]", "", f"{first}.{last}".lower())
        address, number = f"{local}@{domain}", 2
        while address in self.taken:
            address, number = f"{local}{number}@{domain}", number + 1
        self.taken.add(address)
        return address


def _listed(stock: dict[str, Any]) -> dict[str, Any]:
    facts = stock.get("metadata") or {}
    headquarters = [part.strip() for part in str(facts.get("headquarters") or "").split(",")]
    found = re.match(r"[\d,]{2,}", str(facts.get("employees") or ""))
    return {
        "name": stock["name"],
        "website": str(facts.get("website") or ""),
        "description": str(facts.get("products") or "")[:300],
        "industry": next(iter(stock.get("industries") or []), ""),
        "city": headquarters[0] if len(headquarters) > 1 else "",
        "country": stock.get("country", "").split(",")[-1].strip(),
        "employees": found.group(0).replace(",", "") if found else "",
        "funding stage": "Public",
    }


def as_csv(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> io.BytesIO:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode())
