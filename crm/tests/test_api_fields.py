"""Custom fields for programs: read as definitions, kept by locks, tied by relations."""

import pytest

from crm.tests.builders import a_company
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fields.services.relations import create_relation
from gtmos.kernel.fields.tests.builders import a_field, an_arr_band
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


def test_definitions_are_read_with_the_json_schema_of_their_values(api: Api) -> None:
    an_arr_band()
    a_field("deal", label="Paper")

    of_companies = api.get("fields", object="company").json()["results"]
    everything = api.get("fields").json()["results"]

    assert [
        (each["key"], each["type"], each["choices"], each["schema"]["enum"]) for each in of_companies
    ] == [("arr_band", "choice", ["<1M", "1-5M", "5-20M"], ["<1M", "1-5M", "5-20M"])]
    assert [each["object"] for each in everything] == ["company", "deal"]


def test_a_kind_of_record_without_fields_is_refused(api: Api) -> None:
    answer = api.get("fields", object="task")

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_object")


def test_a_locked_value_is_refused_to_programs_until_it_is_unlocked(api: Api, user: User) -> None:
    an_arr_band()
    company = a_company(actor=Actor.of(user))
    change = {"custom": {"arr_band": "1-5M"}}

    held = api.post(f"companies/{company.pk}/lock", {"fields": ["custom.arr_band"]})
    refused = api.patch("companies", company.pk, change)
    listed = api.get("companies", f"{company.pk}/locks")
    opened = api.post(f"companies/{company.pk}/unlock", {"fields": ["custom.arr_band"]})
    taken = api.patch("companies", company.pk, change)

    assert (list(held.json()), list(listed.json()), opened.json()) == (["custom.arr_band"],) * 2 + ({},)
    assert (refused.status_code, refused.json()["code"]) == (409, "field_locked")
    assert (taken.status_code, taken.json()["custom"]) == (200, {"arr_band": "1-5M"})


def test_records_are_tied_and_untied_from_either_end(api: Api, user: User) -> None:
    create_relation(
        "Partner", reverse_label="Partner of", from_type="company", to_type="company", actor=SYSTEM
    )
    one, other = a_company(actor=Actor.of(user), name="One"), a_company(actor=Actor.of(user), name="Other")
    tie = {"relation": "partner", "other_id": str(other.pk)}

    tied = api.post(f"companies/{one.pk}/link", tie)
    seen = api.get("companies", f"{other.pk}/relations").json()["results"]
    back = {"relation": "partner", "other_id": str(one.pk), "is_reverse": True}
    gone = api.post(f"companies/{other.pk}/unlink", back)

    assert [(each["label"], each["name"]) for each in tied.json()["results"]] == [("Partner", "Other")]
    assert [(each["label"], each["name"]) for each in seen] == [("Partner of", "One")]
    assert gone.json()["results"] == []


def test_a_record_of_somebody_else_cannot_be_tied(api: Api, user: User) -> None:
    create_relation(
        "Partner", reverse_label="Partner of", from_type="company", to_type="company", actor=SYSTEM
    )
    mine = a_company(actor=Actor.of(user))
    theirs = a_company(actor=Actor.of(a_user(role=Role.AE, team=a_team())))

    answer = api.post(f"companies/{mine.pk}/link", {"relation": "partner", "other_id": str(theirs.pk)})

    assert (answer.status_code, answer.json()["code"]) == (422, "not_found")
