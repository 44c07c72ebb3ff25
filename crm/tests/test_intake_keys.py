"""Two spellings of the same company or person give the same key."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.intake.faults import BadCellError
from crm.intake.keys import domain_key, email_key, email_keys, linkedin_key, name_key
from crm.intake.rows import CompanyRow, ContactRow, company_key, contact_key

label = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
domains = st.builds("{}.{}".format, label, st.sampled_from(["com", "io", "example", "co.uk"]))


@pytest.mark.parametrize(
    "spelling",
    [
        "stripe.example",
        "STRIPE.example",
        "https://stripe.example/",
        "http://www.stripe.example",
        "www.stripe.example:443/eu?utm=1",
        "//stripe.example#top",
        " stripe.example. ",
        "info@stripe.example",
        "https://stripe.example, https://other.example",
    ],
)
def test_a_domain_is_found_in_every_way_to_write_it(spelling):
    assert domain_key(spelling) == "stripe.example"


@pytest.mark.parametrize(
    "text", ["", "n/a", "localhost", "127.0.0.1", "Acme Inc.", "http://", "-bad-.example"]
)
def test_what_is_no_domain_gives_none(text):
    assert domain_key(text) == ""


def test_a_domain_in_another_script_is_kept_in_its_ascii_form():
    assert domain_key("https://www.münchen.example/x") == "xn--mnchen-3ya.example"


def test_a_profile_on_a_shared_site_is_nobodys_own_domain():
    assert domain_key("https://www.linkedin.com/company/acme") == ""
    assert domain_key("https://www.linkedin.com") == "linkedin.com"


@given(
    domain=domains,
    scheme=st.sampled_from(["", "http://", "https://"]),
    path=st.sampled_from(["", "/", "/a/b?c"]),
)
def test_scheme_www_case_and_path_never_change_a_domain(domain, scheme, path):
    assert domain_key(f"{scheme}www.{domain.upper()}{path}") == domain_key(domain)


@given(st.text(max_size=60))
def test_a_domain_key_is_its_own_key(text):
    assert domain_key(domain_key(text)) == domain_key(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme, Inc.", "ACME"),
        ("Müller & Söhne GmbH & Co. KG", "Muller and Sohne"),
        ("Financière de l'Odet S.A.", "financiere de lodet"),
        ("Double (formerly Keeper)", "Double"),
        ("Medicare Vox (fka Fair Square)", "Medicare Vox"),
        ("The Muse", "Muse"),
        ("KunLun Energy Co. Ltd.", "Kunlun Energy"),
        ("Grupo Bimbo S.A.B. de C.V.", "Grupo Bimbo S.A.B."),
        ("Rocket Co\u200b", "Rocket"),
        ("NBSP\u00a0Ltd", "nbsp"),
        ("Ørsted A/S", "Orsted A S"),
    ],
)
def test_a_company_keeps_its_key_whatever_its_legal_form_and_accents(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Disney", "Disney+"), ("+1+1", "=1+1"), ("Acme", "Acme East"), ("C", "C#")]
)
def test_different_names_keep_different_keys(one, other):
    assert name_key(one) != name_key(other)


@given(st.text(min_size=1, max_size=40).filter(lambda text: text.strip()))
def test_a_name_always_has_a_key_that_ignores_case_and_outer_space(name):
    assert name_key(f"  {name} ") == name_key(name)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ana.Ruiz+news@Acme.Example", "ana.ruiz+news@acme.example"),
        ("  ana@acme.example ", "ana@acme.example"),
        ("Ana Ruiz <ana@acme.example>", "ana@acme.example"),
        ("mailto:ana@acme.example", "ana@acme.example"),
        ("ａｎａ@acme.example", "ana@acme.example"),
        ("ana@münchen.example", "ana@xn--mnchen-3ya.example"),
        ("o'neil@acme.example", "o'neil@acme.example"),
    ],
)
def test_an_address_has_one_spelling(text, key):
    assert email_key(text) == key


@pytest.mark.parametrize(
    "text",
    [
        "broken17",
        "a@",
        "@acme.example",
        "a b@acme.example",
        "a@acme",
        "a@@acme.example",
        "a@-x.example",
        "x" * 400,
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(text):
    with pytest.raises(BadCellError, match="is not an e-mail address"):
        email_key(text)


@given(st.builds("{}@{}".format, label, domains))
def test_an_address_is_found_again_in_capitals_and_within_brackets(address):
    assert email_key(f"Some One <{address.upper()}>") == email_key(address) == address


def test_several_addresses_in_one_cell_are_all_kept():
    assert email_keys("a@x.example, B@x.example; a@x.example") == ("a@x.example", "b@x.example")


@pytest.mark.parametrize(
    "text",
    [
        "https://www.linkedin.com/in/ana-ruiz/",
        "http://de.linkedin.com/in/Ana-Ruiz?trk=x",
        "linkedin.com/in/ana-ruiz/en",
        "ana-ruiz",
        "/in/ana%2Druiz",
    ],
)
def test_a_profile_is_the_same_in_every_country_and_scheme(text):
    assert linkedin_key(text) == "in/ana-ruiz"


def test_a_company_page_is_no_profile():
    assert linkedin_key("https://www.linkedin.com/company/acme") == ""


def test_a_company_is_known_by_its_domain_and_else_by_name_and_city():
    by_domain = CompanyRow(name="Acme", name_key="acme", domain="acme.example", city_key="oslo")
    by_name = CompanyRow(name="Acme", name_key="acme", city_key="oslo")

    assert company_key(by_domain) == ("domain", "acme.example", "")
    assert company_key(by_name) == ("name", "acme", "oslo")
    assert company_key(CompanyRow()) is None


def test_a_person_is_known_by_address_then_by_profile():
    both = ContactRow(full_name="Ana", email_key="ana@x.example", linkedin_key="in/ana")

    assert contact_key(both) == ("email", "ana@x.example")
    assert contact_key(both._replace(email_key="")) == ("linkedin", "in/ana")
    assert contact_key(ContactRow(full_name="Ana")) is None
