"""Who stands below whom after an import: never anybody below themselves."""

import itertools
import uuid

import pytest

from crm.models import Company, PendingLink
from crm.services.companies import update_company
from crm.services.import_parents import closing_a_circle
from crm.services.import_undo import undo_import
from crm.tests.builders import a_company
from crm.tests.import_builders import imported
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.models import Change
from gtmos.kernel.tests.builders import a_team, an_actor

pytestmark = pytest.mark.django_db

A, B, C, D = (uuid.UUID(int=number) for number in range(4))


@pytest.mark.parametrize(
    ("edges", "above", "left_out"),
    [
        pytest.param([(A, B), (B, C)], {}, [], id="a chain"),
        pytest.param([(A, B), (B, A)], {}, [B], id="two below each other"),
        pytest.param([(A, B), (B, C), (C, A)], {}, [C], id="three in a circle"),
        pytest.param([(A, B)], {B: C, C: A}, [A], id="closed by what is there"),
        pytest.param([(A, B)], {B: C, C: B}, [], id="above a circle from before"),
        pytest.param([(A, B), (C, A), (B, D), (D, C)], {}, [D], id="found after the way was shortened"),
    ],
)
def test_an_edge_that_closes_a_circle_is_left_out(
    edges: list[tuple[uuid.UUID, uuid.UUID]], above: dict[uuid.UUID, uuid.UUID], left_out: list[uuid.UUID]
) -> None:
    assert closing_a_circle(edges, above) == left_out


def test_a_chain_of_many_companies_is_walked_once() -> None:
    chain = [uuid.UUID(int=number) for number in range(20_000)]
    edges = list(itertools.pairwise(chain))

    assert closing_a_circle([*reversed(edges), (chain[-1], chain[0])], {}) == [chain[-1]]


def test_two_companies_below_each_other_become_one_above_the_other(me: Actor) -> None:
    raw = b"Name,Website,Parent Company\nAlpha,alpha.example,Beta\nBeta,beta.example,Alpha\n"

    batch = imported(raw, me, into="companies")

    parents = {company.name: company.parent and company.parent.name for company in Company.objects.all()}
    assert (batch.state, parents) == ("done", {"Alpha": "Beta", "Beta": None})
    assert batch.result["parents_left_out"] == 1


def test_a_circle_from_before_does_not_hold_up_a_change(me: Actor) -> None:
    first, second, third = (a_company(actor=me) for _ in range(3))
    Company.objects.filter(pk=first.pk).update(parent=second)
    Company.objects.filter(pk=second.pk).update(parent=first)

    changed = update_company(third, changes={"parent": first}, actor=me)

    assert changed.parent == first


def test_a_company_cannot_be_put_below_what_stands_below_it(me: Actor) -> None:
    top, middle, low = (a_company(actor=me) for _ in range(3))
    update_company(low, changes={"parent": middle}, actor=me)
    update_company(middle, changes={"parent": top}, actor=me)

    with pytest.raises(DomainError, match="cannot stand below itself"):
        update_company(top, changes={"parent": low}, actor=me)


def test_a_parent_brought_by_a_list_is_noted_and_counts_the_version_up(me: Actor) -> None:
    child, parent = (
        a_company(actor=me, name=name, website_url=f"{name.lower()}.example") for name in ("Child", "Parent")
    )

    batch = imported(b"Name,Website,Parent Company\nChild,child.example,Parent\n", me, into="companies")

    child.refresh_from_db()
    noted = Change.objects.get(subject_id=child.pk, cause_id=batch.pk)
    assert (child.parent, child.version, noted.version) == (parent, 2, 2)
    assert (noted.summary, noted.new_values) == (
        "parent from nothing to Parent",
        {"parent_id": str(parent.pk)},
    )
    assert batch.result["updated"]["companies"] == 1


def test_a_company_of_another_team_is_nobodys_parent(me: Actor) -> None:
    a_company(actor=an_actor(team=a_team()), name="Hidden")

    imported(b"Name,Website,Parent Company\nChild,child.example,Hidden\n", me, into="companies")

    assert Company.objects.get(name="Child").parent is None


def test_a_company_above_that_only_comes_in_a_later_file_is_found_by_its_name(me: Actor) -> None:
    imported(b"Company,Website,Parent Company\nBelow,below.example,ABOVE Ltd\n", me)
    waited = [str(link) for link in PendingLink.objects.filter(tied_by=None)]

    came = imported(b"Company,Website\nAbove Ltd,above.example\n", me)

    below = Company.objects.get(name="Below")
    assert (waited, str(below.parent)) == (["parent above ltd of name"], "Above Ltd")
    assert Change.objects.get(subject_id=below.pk, cause_id=came.pk).changed_fields == ["parent_id"]
    assert PendingLink.objects.get().tied_by == came.pk


def test_a_company_above_that_is_taken_back_is_waited_for_again(me: Actor) -> None:
    first = imported(b"Company,Website,Parent Company\nBelow,below.example,Above\n", me)
    came = imported(b"Company,Website\nAbove,above.example\n", me)

    undo_import(came, actor=me)
    alone = (Company.objects.get().parent, PendingLink.objects.get().tied_by)
    undo_import(first, actor=me)

    assert alone == (None, None)
    assert PendingLink.objects.count() == 0
