"""A job title says its seniority and its department."""

import csv

import pytest

from crm.intake.titles import department, department_of, seniority, seniority_of


@pytest.mark.parametrize(
    ("title", "level", "part"),
    [
        ("CMO", "c_level", "marketing"),
        ("Chief Growth Officer", "c_level", "marketing"),
        ("V.P. of Marketing", "vp", "marketing"),
        ("Head of Demand Gen", "head", "marketing"),
        ("Executive Vice President and Chief Financial Officer", "vp", "finance"),
        ("Product Owner", "ic", "product"),
        ("Co-Founder & CEO", "founder", "executive"),
        ("Sr. Director, Product Marketing", "director", "marketing"),
        ("Geschäftsführer", "c_level", "executive"),
        ("Chief of Staff", "ic", "executive"),
        ("", "", ""),
    ],
)
def test_a_title_is_understood(title, level, part):
    assert (seniority_of(title), department_of(title)) == (level, part)


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        ("C suite", "c_level"),
        ("Vp", "vp"),
        ("Entry", "ic"),
        ("c_level", "c_level"),
        ("Head", "head"),
        ("Owner", "c_level"),
    ],
)
def test_the_seniority_words_of_other_systems_are_known(cell, level):
    assert seniority(cell) == level


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ("It", "it"),
        ("Human Resources", "hr"),
        ("C-Suite", "executive"),
        ("Customer Success", "customer_success"),
        ("Sales, Marketing", "sales"),
    ],
)
def test_the_department_words_of_other_systems_are_known(cell, part):
    assert department(cell) == part


def test_labelled_titles_are_read_as_they_are_labelled(shared_data):
    with shared_data("people/title_taxonomy.csv").open(encoding="utf-8") as file:
        labelled = list(csv.DictReader(file))

    right_level = sum(seniority_of(row["title"]) == row["seniority"] for row in labelled)
    right_part = sum(department_of(row["title"]) == row["department"] for row in labelled)

    assert len(labelled) == 1497
    assert right_level / len(labelled) > 0.99
    assert right_part / len(labelled) > 0.98
