"""Files longer than one segment: what comes back later in them, and taking them back."""

from typing import Any

import pytest

from crm.models import Company, Contact
from crm.services.import_undo import undo_import
from crm.tests.import_builders import created, imported
from gtmos.kernel.actors import Actor
from gtmos.kernel.models import Change

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_files", "short_segments")]


@pytest.fixture
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.services.importing.SEGMENT", 2)


LONG = (
    b"Company,Website,Industry,Contact Name,Email\n"
    b"Contoso,contoso.example,,Ada,ada@contoso.example\n"
    b"Fabrikam,fabrikam.example,Software,Kim,kim@fabrikam.example\n"
    b"Contoso,contoso.example,Banking,Bo,bo@contoso.example\n"
    b"Northwind,northwind.example,Energy,Ada Stern,ADA@contoso.example\n"
    b"Contoso,contoso.example,Finance,Cy,cy@contoso.example\n"
)


def test_a_record_that_comes_back_later_in_a_long_file_is_one_record_made_once(me: Actor) -> None:
    batch = imported(LONG, me)

    contoso = Company.objects.get(domain="contoso.example")
    assert (batch.result["rows"], created(batch), batch.result["unchanged"]) == (5, (3, 4, 0), 0)
    assert (contoso.industry_vertical, contoso.version) == ("Finance", 1)
    assert Contact.objects.get(email_key="ada@contoso.example").name == "Ada Stern"
    assert Change.objects.filter(cause_id=batch.pk, subject_type="crm.company").count() == 3


def test_a_long_file_can_be_taken_back_whole(me: Actor) -> None:
    batch = imported(LONG, me)

    undo_import(batch, actor=me)

    assert (Company.objects.count(), Contact.objects.count()) == (0, 0)


def test_what_a_long_file_changed_twice_gets_its_first_values_back(me: Actor) -> None:
    before = b"Company,Website,Industry\nContoso,contoso.example,Retail\n"
    imported(before, me)

    batch = imported(LONG, me)
    changed = Company.objects.get(domain="contoso.example").industry_vertical
    undo_import(batch, actor=me)

    assert (changed, created(batch)) == ("Finance", (2, 4, 0))
    assert batch.result["updated"]["companies"] == 1
    assert Company.objects.get().industry_vertical == "Retail"


def test_a_long_file_that_breaks_off_late_changes_nothing(me: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter([0, 0])

    def dies_at_the_third(*_: Any) -> int:
        for count in calls:
            return count
        raise KeyboardInterrupt

    monkeypatch.setattr("crm.services.importing.merge_signals", dies_at_the_third)

    with pytest.raises(KeyboardInterrupt):
        imported(LONG, me)

    assert (Company.objects.count(), Contact.objects.count()) == (0, 0)
