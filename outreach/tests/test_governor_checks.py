"""What the records of a domain are judged to be; the records come over UDP from a real name server."""

import base64
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from outreach.channels.names import Asked, SandboxNames
from outreach.governor.checking import check_domain
from outreach.governor.verdicts import FAIL, PASS, UNKNOWN, WARN, Check, worst
from outreach.tests.name_server import Zone, a_name_server

DOMAIN, SELECTOR, SOURCE = "ours.example", "mail", "_spf.provider.example"


def rsa_key(bits: int) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


GOOD_KEY = rsa_key(2048)


def good() -> Zone:
    return {
        (DOMAIN, "TXT"): ["google-site-verification=abc", f"v=spf1 include:{SOURCE} -all"],
        (SOURCE, "TXT"): ["v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 ~all"],
        (f"{SELECTOR}._domainkey.{DOMAIN}", "TXT"): [f"v=DKIM1; k=rsa; p={GOOD_KEY}"],
        (f"_dmarc.{DOMAIN}", "TXT"): ["v=DMARC1; p=reject; rua=mailto:d@ours.example"],
        (DOMAIN, "MX"): ["20 mx2.ours.example.", "10 mx1.ours.example."],
    }


@pytest.fixture
def zone() -> Zone:
    return good()


@pytest.fixture
def server(zone: Zone) -> Iterator[str]:
    with a_name_server(zone) as address:
        yield address


def checked(server: str, *, source: str = SOURCE, selector: str = SELECTOR) -> dict[str, Check]:
    found = check_domain(DOMAIN, selector=selector, source=source, names=Asked(server))
    return {check.key: check for check in found}


def states(server: str, **told: str) -> dict[str, str]:
    return {key: check.state for key, check in checked(server, **told).items()}


ALL_PASS = {"spf": PASS, "dkim": PASS, "dmarc": PASS, "mx": PASS}


def test_a_domain_in_order_passes_with_the_records_as_evidence(server):
    found = checked(server)

    assert {key: check.state for key, check in found.items()} == ALL_PASS
    assert found["spf"].seen == f"v=spf1 include:{SOURCE} -all"
    assert found["spf"].said == f"One record, which allows {SOURCE}, with 1 of 10 look-ups."
    assert found["dkim"].seen == f"v=DKIM1; k=rsa; p={GOOD_KEY}"
    assert found["mx"].seen == "mx1.ours.example\nmx2.ours.example"
    assert [check.todo for check in found.values()] == [""] * 4


def test_a_domain_without_any_record_fails_everywhere_and_says_what_to_publish(zone, server):
    zone.clear()

    found = checked(server)

    assert {key: check.state for key, check in found.items()} == dict.fromkeys(ALL_PASS, FAIL)
    assert found["spf"].todo == f"Publish a TXT record at {DOMAIN}: v=spf1 include:{SOURCE} ~all"
    assert all(check.todo and not check.seen for check in found.values())


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (f"v=spf1 include:{SOURCE} ~all", PASS),
        (f"V=SPF1 INCLUDE:{SOURCE.upper()} -ALL", PASS),
        (f"v=spf1 redirect={SOURCE}", PASS),
        (f"v=spf1 include:{SOURCE} ?all", WARN),
        (f"v=spf1 include:{SOURCE}", WARN),
        (f"v=spf1 include:{SOURCE} +all", FAIL),
        (f"v=spf1 include:{SOURCE} all", FAIL),
        ("v=spf1 ip4:192.0.2.1 -all", FAIL),
        ("v=spf1 include:nowhere.example -all", FAIL),
        (f"v=spf1 include:{SOURCE} ip4:not-an-address -all", FAIL),
        (f"v=spf1 include:{SOURCE} ipv4:192.0.2.1 -all", FAIL),
        (f"v=spf1 exists:%{{i}}.x.example include:{SOURCE} -all", PASS),
        (f"v=spf10 include:{SOURCE} -all", FAIL),
    ],
)
def test_spf_by_its_record(zone, server, record, state):
    zone[(DOMAIN, "TXT")] = [record]

    assert checked(server)["spf"].state == state


@pytest.mark.parametrize(
    ("address", "state"),
    [("198.51.100.77", PASS), ("2001:db8::1", PASS), ("198.51.101.1", FAIL), ("2001:db9::1", FAIL)],
)
def test_spf_allows_an_address_in_any_network_that_is_included(server, address, state):
    assert checked(server, source=address)["spf"].state == state


def test_spf_allows_the_address_of_a_mail_server_that_the_record_names(zone, server):
    zone[(DOMAIN, "TXT")] = ["v=spf1 mx a:web.example -all"]
    zone[("mx1.ours.example", "A")] = ["203.0.113.5"]
    zone[("web.example", "AAAA")] = ["2001:db8::7"]

    assert checked(server, source="203.0.113.5")["spf"].state == PASS
    assert checked(server, source="2001:db8::7")["spf"].state == PASS
    assert checked(server, source="203.0.113.6")["spf"].state == FAIL


@pytest.mark.parametrize(
    ("record", "address", "state"),
    [
        ("v=spf1 a/24 -all", "203.0.113.99", PASS),
        ("v=spf1 a:ours.example/24 -all", "203.0.113.99", PASS),
        ("v=spf1 a -all", "203.0.113.99", FAIL),
        ("v=spf1 mx/28 -all", "198.18.0.14", PASS),
        ("v=spf1 mx/28 -all", "198.18.0.17", FAIL),
        ("v=spf1 a/32//64 -all", "2001:db8::ffff", PASS),
        ("v=spf1 a//64 -all", "2001:db8::ffff", PASS),
        ("v=spf1 a//64 -all", "203.0.113.99", FAIL),
        ("v=spf1 a/24 -all", "2001:db8::ffff", FAIL),
        ("v=spf1 a/99 ip4:203.0.113.99 -all", "203.0.113.99", FAIL),
    ],
)
def test_spf_allows_the_network_around_a_host_that_the_record_names(zone, server, record, address, state):
    zone[(DOMAIN, "TXT")] = [record]
    zone[(DOMAIN, "A")], zone[(DOMAIN, "AAAA")] = ["203.0.113.5"], ["2001:db8::7"]
    zone[("mx1.ours.example", "A")] = ["198.18.0.5"]

    assert checked(server, source=address)["spf"].state == state


@pytest.mark.parametrize(("servers", "state"), [(10, PASS), (11, FAIL)])
@pytest.mark.parametrize("sign", ["", "-"])
def test_ten_mail_servers_are_allowed_and_the_eleventh_is_not(zone, server, sign, servers, state):
    zone[(DOMAIN, "MX")] = [f"10 mx{number}.ours.example." for number in range(servers)]
    zone[(DOMAIN, "TXT")] = [f"v=spf1 {sign}mx include:{SOURCE} -all"]

    assert checked(server)["spf"].state == state


@pytest.mark.parametrize(("includes", "state"), [(9, PASS), (10, FAIL)])
def test_an_include_that_depends_on_who_asks_counts_as_a_look_up(zone, server, includes, state):
    macros = " ".join(f"include:%{{i}}.s{number}.example" for number in range(includes))
    zone[(DOMAIN, "TXT")] = [f"v=spf1 {macros} include:{SOURCE} -all"]

    assert checked(server)["spf"].state == state


def test_two_spf_records_are_none(zone, server):
    zone[(DOMAIN, "TXT")] = [f"v=spf1 include:{SOURCE} {end}" for end in ("-all", "~all")]

    found = checked(server)["spf"]

    assert (found.state, found.said) == (
        FAIL,
        "There are 2 SPF records; receivers then ignore all of them.",
    )


@pytest.mark.parametrize(("includes", "state"), [(9, PASS), (10, FAIL)])
def test_ten_lookups_are_allowed_and_the_eleventh_is_not(zone, server, includes, state):
    names = [f"s{number}.example" for number in range(includes)]
    zone.update({(name, "TXT"): ["v=spf1 -all"] for name in names})
    zone[(DOMAIN, "TXT")] = [f"v=spf1 include:{SOURCE} {' '.join(f'include:{each}' for each in names)} -all"]

    assert checked(server)["spf"].state == state


def test_records_that_include_each_other_come_to_an_end(zone, server):
    zone[(DOMAIN, "TXT")] = ["v=spf1 include:a.example -all"]
    zone[("a.example", "TXT")] = ["v=spf1 include:b.example -all"]
    zone[("b.example", "TXT")] = ["v=spf1 include:a.example -all"]

    assert checked(server)["spf"].state == FAIL


def ed25519_key() -> str:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    return base64.b64encode(key.public_bytes_raw()).decode()


def elliptic_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (f"p={GOOD_KEY}", PASS),
        (f"v=DKIM1; p={GOOD_KEY[:80]} {GOOD_KEY[80:]}", PASS),
        (f"v=DKIM1; k=ed25519; p={ed25519_key()}", PASS),
        (f"v=DKIM1; t=y; p={GOOD_KEY}", WARN),
        (f"v=DKIM1; p={rsa_key(1024)}", WARN),
        ("v=DKIM1; p=", FAIL),
        (f"v=DKIM1; p={GOOD_KEY[:200]}", FAIL),
        ("v=DKIM1; p=not base64!", FAIL),
        (f"v=DKIM1; k=rsa; p={elliptic_key()}", FAIL),
        (f"v=DKIM1; k=ed25519; p={GOOD_KEY}", FAIL),
        (f"v=DKIM1; k=new; p={GOOD_KEY}", FAIL),
        ("v=DKIM1; k=rsa", FAIL),
    ],
    # The keys are made anew at each run, and a test has the same name in every process.
    ids=[
        *("bare", "in two parts", "ed25519", "testing", "short", "revoked", "cut off", "not base64"),
        *("another kind of key", "rsa said to be ed25519", "new kind", "no key"),
    ],
)
def test_dkim_by_its_record(zone, server, record, state):
    zone[(f"{SELECTOR}._domainkey.{DOMAIN}", "TXT")] = [record]

    assert checked(server)["dkim"].state == state


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ("v=DMARC1; p=reject", PASS),
        ("v=DMARC1;p=Quarantine;pct=100", PASS),
        ("v=DMARC1; p=none", WARN),
        ("v=DMARC1; rua=mailto:d@ours.example", FAIL),
        ("v=DMARC1; p=refuse", FAIL),
        ("p=reject", FAIL),
    ],
)
def test_dmarc_by_its_record(zone, server, record, state):
    zone[(f"_dmarc.{DOMAIN}", "TXT")] = [record]

    assert checked(server)["dmarc"].state == state


def test_a_domain_below_another_takes_that_ones_dmarc_for_its_subdomains(zone, server):
    names = Asked(server)
    zone[(f"_dmarc.{DOMAIN}", "TXT")] = ["v=DMARC1; p=none; sp=reject"]
    zone[(f"news.{DOMAIN}", "TXT")] = [f"v=spf1 include:{SOURCE} -all"]

    found = check_domain(f"news.{DOMAIN}", selector="", source=SOURCE, names=names)

    assert {check.key: check.state for check in found}["dmarc"] == PASS


def test_dmarc_fails_when_neither_spf_nor_dkim_holds(zone, server):
    zone[(DOMAIN, "TXT")] = ["v=spf1 ip4:192.0.2.1 -all"]
    one_holds = states(server)
    del zone[(f"{SELECTOR}._domainkey.{DOMAIN}", "TXT")]

    assert one_holds == {**ALL_PASS, "spf": FAIL}
    assert states(server) == {**ALL_PASS, "spf": FAIL, "dkim": FAIL, "dmarc": FAIL}


def test_what_nobody_told_us_is_a_warning_and_no_failure(server):
    assert states(server, source="", selector="") == {**ALL_PASS, "spf": WARN, "dkim": WARN, "dmarc": WARN}


def test_a_domain_that_takes_no_mail_fails_mx(zone, server):
    zone[(DOMAIN, "MX")] = ["0 ."]

    assert states(server) == {**ALL_PASS, "mx": FAIL}


def test_a_silent_name_server_is_no_fault_of_the_domain(zone, server):
    zone[("silent", "TXT")] = [""]

    found = checked(server)

    assert {key: check.state for key, check in found.items()} == {
        **dict.fromkeys(ALL_PASS, UNKNOWN),
        "mx": PASS,
    }
    assert found["spf"].said == f"Not known: {server} did not answer for {DOMAIN}."


def test_the_sandbox_answers_for_itself():
    found = check_domain(DOMAIN, selector="sandbox", source="_spf.sandbox.example", names=SandboxNames())

    assert {check.key: check.state for check in found} == {**ALL_PASS, "dmarc": WARN}


def test_the_worst_of_several_states():
    assert [worst([]), worst([PASS]), worst([PASS, UNKNOWN]), worst([WARN, UNKNOWN]), worst([FAIL, WARN])] == [
        UNKNOWN, PASS, UNKNOWN, WARN, FAIL,
    ]  # fmt: skip
