"""Industries have one name each, and a wanted industry finds what belongs to it."""

import pytest

from crm.intake.industries import accepted_industries, industry, industry_matches, sub_industry


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("Fin-Tech", "Fintech"),
        ("FINTECH", "Fintech"),
        ("Crypto Currency", "Crypto"),
        ("CryptoCurrency", "Crypto"),
        ("B_B", "B2B"),
        ("METALS_MINING", "Metals & Mining"),
        ("Financials", "Financial Services"),
        ("Health Care", "Healthcare"),
        ("Underwater Basketry", "Underwater Basketry"),
        ("UNDERWATER_BASKETRY", "Underwater Basketry"),
        ("", ""),
    ],
)
def test_an_industry_has_one_name(cell, name):
    assert industry(cell) == name


def test_the_last_part_of_a_path_is_the_sub_industry():
    assert sub_industry("Fintech -> Consumer Finance") == "Consumer Finance"


@pytest.mark.parametrize(
    ("wanted", "own", "part", "tags", "matches"),
    [
        ("fintech", "Fintech", "", (), True),
        ("fintech", "Fintech", "Insurance", (), True),
        ("fintech", "Finance", "", (), True),
        ("fintech", "B2B", "Finance and Accounting", (), False),
        ("fintech", "Consumer", "", ("Fintech", "Gaming"), False),
        ("fintech", "", "", ("Fintech",), True),
        ("fintech", "Banks", "", (), False),
        ("finance", "Fintech", "", (), True),
        ("finance", "Banks", "", (), True),
        ("finance", "Crypto", "", (), False),
        ("finance", "Healthcare", "", ("Finance",), False),
        ("healthcare", "Biotechnology", "", (), True),
        ("developer tools", "B2B", "", ("Developer Tools",), True),
        ("remittances", "Fintech", "", ("Remittances",), True),
        ("remittances", "Fintech", "", (), False),
    ],
)
def test_the_classification_decides_and_tags_help_where_it_says_nothing(wanted, own, part, tags, matches):
    assert industry_matches(wanted, own, part, tags) is matches


def test_a_set_based_search_accepts_the_same_industries():
    assert accepted_industries("fintech") == {"Fintech", "Finance", "Payments"}
