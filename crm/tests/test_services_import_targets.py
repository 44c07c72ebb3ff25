"""Columns that lead to other records: a right id ties, one of nobody refuses its line in words."""

from uuid import UUID

import pytest

from crm.models import Company, Contact, Deal
from crm.tests.builders import a_company
from crm.tests.import_builders import imported
from crm.views.import_page import rejected_rows
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.tests.builders import a_field

pytestmark = pytest.mark.django_db
NOBODY = UUID(int=7)


def test_a_right_target_ties_and_an_unknown_one_refuses_its_line(me: Actor) -> None:
    a_field("contact", "Reseller", kind="link", options={"to": "company"})
    partner = a_company(name="Partner", owner=me.user)
    rows = f"Ada,ada@a.example,{partner.pk}\nBo,bo@a.example,{NOBODY}\nCy,cy@a.example,\nDee,dee@a.example,Partner\n"

    batch = imported(f"Name,Email,Reseller\n{rows}".encode(), me)

    assert batch.mapping["columns"][2]["target"] == "contact.custom.reseller"
    assert dict(Contact.objects.values_list("name", "custom")) == {
        "Ada": {"reseller": str(partner.pk)},
        "Cy": {},
        "Dee": {"reseller (not read)": "Partner"},
    }
    assert [(row["line"], row["reason"]) for row in rejected_rows(batch)] == [
        ("3", f"Reseller: there is no company {NOBODY}, or you may not see it.")
    ]


@pytest.mark.parametrize(
    ("noun", "head", "line"),
    [
        ("company", "Company,Website", "New,new.example"),
        ("deal", "Deal Name,Deal Stage,Amount", "New,Lead,5"),
    ],
)
def test_companies_and_deals_are_held_to_it_too(noun: str, head: str, line: str, me: Actor) -> None:
    a_field(noun, "Reseller", kind="link", options={"to": "company"})
    partner = a_company(name="Partner", owner=me.user)

    refused = imported(f"{head},Reseller\n{line},{NOBODY}\n".encode(), me)
    taken = imported(f"{head},Reseller\n{line},{partner.pk}\n".encode(), me)

    model = {"company": Company, "deal": Deal}[noun]
    assert (refused.result["rejected"], taken.result["rejected"]) == (1, 0)
    assert model.objects.get(name="New").custom == {"reseller": str(partner.pk)}
