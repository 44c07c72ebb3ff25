"""The one search over the customer record: by name, by words, by meaning, and only what one may see."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pgvector import HalfVector

from crm.models import Activity, Company, Contact
from crm.selectors.lists import companies_matching, contacts_matching
from crm.services.activities import delete_activity, log_activity
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.paging import newest_first
from gtmos.kernel.search import services
from gtmos.kernel.search.finding import find
from gtmos.kernel.search.kinds import kinds
from gtmos.kernel.search.models import Embedding, EmbeddingJob, ReadingPlace
from gtmos.kernel.search.nearest import approximate, exact, nearest, permitted, version_fault
from gtmos.kernel.tests.builders import a_team, a_user, an_actor
from gtmos.runtime import embedding

pytestmark = pytest.mark.django_db
NOTE = "They told us that getting the team up and running took forever and people are frustrated."


@pytest.fixture
def me() -> Actor:
    return an_actor(team=a_team())


@pytest.fixture
def reader(monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(embedding, "QUERY_SECONDS", 60.0)  # this machine may be busy
    if not embedding.ensure_started():
        pytest.skip("there is no model on this machine")
    yield
    embedding.stop()


def read_all() -> None:
    services.note_changes()
    services.read_waiting(seconds=60)


def a_note(text: str, *, actor: Actor, company: Company | None = None) -> Activity:
    return log_activity(type="note", subject=text[:60], body=text, company=company, actor=actor)


def names(text: str, actor: Actor) -> list[tuple[str, str]]:
    return [(hit.kind.name, hit.shown.name) for hit in find(text, actor=actor, patience=0).hits]


# By letters


def test_every_kind_is_found_by_the_beginning_of_its_name(me):
    globex = a_company(actor=me, name="Globex")
    a_contact(actor=me, name="Globert Smith", company=a_company(actor=me, name="Other"))
    a_deal(actor=me, name="Glob deal", company=globex)
    a_task(actor=me, title="Glob task")

    assert sorted(names("glob", me)) == [
        ("company", "Globex"),
        ("contact", "Globert Smith"),
        ("deal", "Glob deal"),
        ("task", "Glob task"),
    ]


def test_a_note_leads_to_its_account_and_shows_the_sentence(me):
    company = a_company(actor=me, name="Initech")
    a_note("We met in May. The invoice was wrong twice. They stay.", actor=me, company=company)

    (hit,) = find("invoice wrong", actor=me).hits

    assert (hit.shown.page, hit.shown.company) == (
        ("company", str(company.pk)),
        (str(company.pk), "Initech"),
    )
    assert (hit.sentence, hit.why) == ("The invoice was wrong twice.", ("has the words",))


def test_a_slip_of_the_pen_is_forgiven(me):
    a_company(actor=me, name="Umbrella Corporation")

    hits = find("umbrela", actor=me).hits

    assert [(hit.shown.name, hit.why) for hit in hits] == [("Umbrella Corporation", ("is written alike",))]


def test_short_text_says_that_beginnings_come_first(me):
    assert len(find("abc", actor=me).notes) == 1
    assert find("abcdef", actor=me).notes == ()


def test_what_another_team_owns_is_not_found_by_any_way(me):
    theirs = Actor.of(a_user())
    company = a_company(actor=theirs, name="Secret Works")
    a_note("The secret invoice was wrong.", actor=theirs, company=company)

    assert (names("secret", me), names("invoice wrong", me)) == ([], [])
    assert ("company", "Secret Works") in names("secret", SYSTEM)


def test_a_list_shows_beginnings_before_what_is_inside(me):
    company = a_company(actor=me, name="Annex", domain="site.example")
    a_company(actor=me, name="Hannover", domain="town.example")
    person = a_contact(actor=me, name="Jo Bergmann", email="x@site.example", company=company)

    assert list(companies_matching("ann", actor=me)) == [company]
    assert list(contacts_matching("berg", actor=me)) == [person]
    assert list(contacts_matching("ergman", actor=me)) == [person]


# By meaning


def test_a_complaint_in_other_words_finds_the_account(me, reader):
    company = a_company(actor=me, name="Initech")
    a_note(NOTE, actor=me, company=company)
    a_note("They want twenty more seats next quarter.", actor=me, company=a_company(actor=me, name="Hooli"))
    read_all()

    found = find("complained about slow onboarding", actor=me)

    best = found.hits[0]
    assert (found.by_meaning, best.shown.company, best.sentence) == (
        True,
        (str(company.pk), "Initech"),
        NOTE,
    )
    assert best.why == ("means the same",)


def test_meaning_shows_nothing_of_another_team(me, reader):
    theirs = Actor.of(a_user())
    a_note(NOTE, actor=theirs, company=a_company(actor=theirs, name="Initech"))
    read_all()

    assert find("complained about slow onboarding", actor=me).hits == []


def test_a_text_is_read_once_and_again_when_it_changed(me, reader):
    note = a_note(NOTE, actor=me, company=a_company(actor=me))
    read_all()
    before = list(Embedding.objects.values_list("text", "source_version", "model", "dimensions"))
    services.note_changes()
    waiting = EmbeddingJob.objects.count()
    Activity.objects.filter(pk=note.pk).update(body="It works now.", version=2)
    read_all()

    assert before == [(NOTE, 1, embedding.model_name(), 384)]
    assert waiting == 0
    assert [each.source_version for each in Embedding.objects.all()] == [2] * Embedding.objects.count()
    assert ReadingPlace.objects.get(kind="activity").backward_at is None


def test_the_copy_of_a_deleted_text_is_taken_away(me, reader):
    note = a_note(NOTE, actor=me, company=a_company(actor=me))
    read_all()
    delete_activity(note, actor=me)

    removed = services.forget_deleted()

    assert (removed > 0, Embedding.objects.count()) == (True, 0)


def test_without_the_reader_words_still_find_and_the_page_says_so(me, monkeypatch):
    note = a_note("The invoice was wrong twice.", actor=me, company=a_company(actor=me))
    a_vector(note, 1)
    embedding.stop()

    found = find("invoice was wrong", actor=me, patience=0)

    assert ([hit.key for hit in found.hits], found.by_meaning) == ([note.pk], False)
    assert found.notes == ("Search by meaning is not ready. These hits have the words themselves.",)


# Nearest neighbours


def a_vector(note: Activity, number: int) -> Embedding:
    values = [((number * 7919 + place * 104729) % 1000) / 1000 - 0.5 for place in range(384)]
    return Embedding.objects.create(
        subject_type="activity",
        subject_id=note.pk,
        source_version=1,
        text=note.subject,
        model="m",
        dimensions=384,
        vector=HalfVector(values),
    )


def test_a_filter_never_leaves_fewer_neighbours_than_there_are(me):
    theirs = Actor.of(a_user())
    for number in range(200):
        a_vector(a_note(f"n {number}", actor=me if number % 40 == 0 else theirs), number)
    query = [0.1] * 200 + [-0.1] * 184
    kind = kinds()["activity"]
    visible = kind.visible(actor=me)
    mine = permitted(kind, visible, model="m", dimensions=384)

    by_all = exact(mine, query, limit=10)
    by_choice = nearest(kind, query, model="m", limit=10, visible=visible)

    assert len(by_all) == 5
    assert by_choice == by_all
    assert approximate(mine, query, limit=10) == []
    assert approximate(mine, query, limit=2) == by_all[:2]


def test_vectors_of_another_model_are_never_compared(me):
    a_vector(a_note("one", actor=me), 1)
    kind = kinds()["activity"]

    assert (
        nearest(kind, [0.1] * 384, model="other", limit=10, visible=kind.visible(actor=me))
        == nearest(kind, [0.1] * 256, model="m", limit=10, visible=kind.visible(actor=me))
        == []
    )


def test_the_extension_is_new_enough():
    assert version_fault() == ""


def test_a_search_asks_as_often_for_three_hits_as_for_one(me):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            find("globex", actor=me, patience=0)
        return len(captured)

    a_company(actor=me, name="Globex 1")
    statements()  # the membership of the person is remembered
    one = statements()
    a_company(actor=me, name="Globex 2")
    a_company(actor=me, name="Globex 3")

    assert statements() == one


def test_letters_inside_a_word_are_asked_in_the_form_that_has_an_index(me):
    a_contact(actor=me, name="Jo Bergmann", company=a_company(actor=me))

    with CaptureQueriesContext(connection) as captured:
        found = list(contacts_matching("ergma_n", actor=me)), list(contacts_matching("ERGMAN", actor=me))

    assert [len(each) for each in found] == [0, 1]
    assert [each["sql"] for each in captured if "UPPER" in each["sql"]] == []


@pytest.mark.parametrize("text", ["quinberg", "uinberg", "quin"])
def test_what_thousands_have_is_paged_newest_first_without_gap_or_double(me, text):
    Contact.objects.bulk_create(
        Contact(name=f"Ada Quinberg {n}", last_name=f"Quinberg {n}", search_text=f"Ada Quinberg {n}")
        for n in range(2_050)
    )
    Contact.objects.bulk_create(Contact(name=f"Ben {n}", last_name=f"Moss {n}") for n in range(60))
    matching = contacts_matching(text, actor=me)

    first = newest_first(matching, size=1_500, is_searched=True)
    second = newest_first(matching, size=1_500, is_searched=True, after=first.next_cursor)

    keys = [each.pk for each in (*first.rows, *second.rows)]
    theirs = Contact.objects.filter(last_name__startswith="Quinberg").order_by("-created_at", "-id")
    assert keys == list(theirs.values_list("pk", flat=True))
    assert second.next_cursor == ""


@pytest.mark.parametrize("text", ["100% zz", "a_________", "%%%%%%%%"])
def test_signs_with_a_meaning_in_the_database_are_letters(me, text):
    Contact.objects.bulk_create(
        Contact(name=f"Ada Quinberg {n}", last_name=f"Quinberg {n}", search_text=f"Ada Quinberg {n}")
        for n in range(2_050)
    )

    assert contacts_matching(text, actor=me).count() == 0
