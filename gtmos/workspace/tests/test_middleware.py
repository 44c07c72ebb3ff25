"""What every page gets on its way out."""

import gzip

import pytest
from django.test import Client

from crm.tests.builders import a_company
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.api_client import Api

pytestmark = pytest.mark.django_db
PACKED = {"Accept-Encoding": "gzip"}


def test_a_page_goes_out_compressed_and_says_the_same(client: Client, user: User) -> None:
    client.force_login(user)

    plain = client.get("/companies/")
    packed = client.get("/companies/", headers=PACKED)

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) * 3 < len(plain.content)
    assert len(gzip.decompress(packed.content).splitlines()) == len(plain.content.splitlines())


def test_an_answer_of_the_api_keeps_its_exact_etag(api: Api) -> None:
    company = a_company()

    answer = api.client.get(f"/api/v1/companies/{company.pk}/", headers={**api.headers, **PACKED})

    assert answer.headers["ETag"] == company.etag
    assert "Content-Encoding" not in answer.headers


def test_a_fragment_for_somebody_signed_out_leads_to_the_login_and_back(client: Client, db: None) -> None:
    answer = client.get(
        "/banner/", headers={"HX-Request": "true", "HX-Current-URL": "https://testserver/deals/?q=a+b&x=1"}
    )

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["HX-Redirect"] == "/login/?next=%2Fdeals%2F%3Fq%3Da%2Bb%26x%3D1"


def test_a_visit_of_somebody_signed_out_is_redirected_as_ever(client: Client, db: None) -> None:
    answer = client.get("/deals/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=/deals/")
