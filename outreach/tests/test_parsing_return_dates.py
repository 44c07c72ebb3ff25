"""The day somebody is back, in many wordings and languages."""

from datetime import date

import pytest

from outreach.channels.email.parsing.return_dates import return_date

MONDAY = date(2026, 10, 5)

NOTES = [
    ("I will be back on Monday 12 October.", "2026-10-12"),
    ("I'm away until 16.10.2026.", "2026-10-16"),
    ("Je suis absent du 5 au 12 octobre.", "2026-10-13"),
    ("I am on leave from 5 to 9 October.", "2026-10-10"),
    ("I am out of office October 5 - 9.", "2026-10-10"),
    ("I'll be out of the office from Oct 5th through Oct 9th, returning Monday, October 12th.", "2026-10-12"),
    ("Back on Thursday.", "2026-10-08"),
    ("I'm out until next week.", None),
    ("I am away and will be back next week.", None),
    ("Ich bin ab dem 12.10. wieder erreichbar.", "2026-10-12"),
    ("Ich bin vom 05.10. bis 16.10.2026 im Urlaub.", "2026-10-17"),
    ("Ich bin ab Montag, 19. Oktober wieder für Sie da.", "2026-10-19"),
    ("Ich bin bis zum 3. Januar nicht im Büro.", "2027-01-04"),
    ("Ich bin am 13. Oktober wieder im Büro.", "2026-10-13"),
    ("Ich kehre am 20.10.2026 zurück.", "2026-10-20"),
    ("Je serai de retour le lundi 19 octobre 2026.", "2026-10-19"),
    ("Je suis en congés jusqu'au 16 octobre inclus.", "2026-10-17"),
    ("Absent jusqu'au 16/10/2026.", "2026-10-17"),
    ("Estaré de vacaciones del 5 al 16 de octubre.", "2026-10-17"),
    ("Vuelvo el 19 de octubre de 2026.", "2026-10-19"),
    ("Regreso el lunes 12 de octubre", "2026-10-12"),
    ("Sono in ferie dal 5 al 16 ottobre compresi.", "2026-10-17"),
    ("Sarò di ritorno il 19 ottobre.", "2026-10-19"),
    ("Sono assente fino al 9 ottobre 2026.", "2026-10-10"),
    ("Ik ben met vakantie tot en met 16 oktober.", "2026-10-17"),
    ("Ik ben afwezig t/m 16-10-2026.", "2026-10-17"),
    ("Ik ben weer bereikbaar op maandag 19 oktober.", "2026-10-19"),
    ("Ik ben vanaf 19 oktober weer aanwezig.", "2026-10-19"),
    ("Estou de férias até 16 de outubro.", "2026-10-17"),
    ("Estarei de volta em 19 de outubro de 2026.", "2026-10-19"),
    ("Retorno no dia 19/10/2026.", "2026-10-19"),
    ("Jag är tillbaka den 12 oktober.", "2026-10-12"),
    ("Jeg er tilbake mandag 12. oktober.", "2026-10-12"),
    ("Jeg er på ferie til og med 16. oktober.", "2026-10-17"),
    ("Wracam 19 października 2026.", "2026-10-19"),
    ("I will return on 2026-10-19.", "2026-10-19"),
    ("I will be returning to the office on 10/12/2026.", "2026-10-12"),
    ("I'm out of the office 10/5 - 10/9.", "2026-10-10"),
    ("Out of office until 13/10.", "2026-10-13"),
    ("I am out of office through October 9, 2026 and will reply when I return.", "2026-10-10"),
    ("I was out of office last week.", None),
    ("Please call 12.10.2026.55.", None),
    ("I'll be back tomorrow.", "2026-10-06"),
    ("I am out today and will return tomorrow morning.", "2026-10-06"),
    ("I am currently out of the office with limited access to email.", None),
    ("10月5日から10月9日まで休暇をいただきます。", "2026-10-10"),
    ("10月13日より出社いたします。", "2026-10-13"),
    ("我将于10月12日返回办公室。", "2026-10-12"),
    ("I will be on vacation until December 31st and return January 4.", "2027-01-04"),
    ("Our office is closed from December 24 to January 1.", "2027-01-02"),
    (
        "Thanks for your email. I am away on parental leave and will be back in the office on 1 March 2027.",
        "2027-03-01",
    ),
    ("I'm out of the office until Monday. ", "2026-10-12"),
    ("I will be out of the office starting 10/05/2026 and will not return until 10/12/2026.", "2026-10-12"),
    ("I am travelling between 5 October and 9 October.", "2026-10-10"),
    ("Ich bin bis einschließlich Freitag nicht im Büro.", "2026-10-10"),
    ("Bin wieder am Montag da", "2026-10-12"),
    ("Je reviens lundi.", "2026-10-12"),
    ("Gruß aus dem Urlaub, zurück am 12. Okt.", "2026-10-12"),
    ("I'm OOO till the 12th of October", "2026-10-12"),
    ("I'll return to work the week of October 19", "2026-10-19"),
    ("Office hours: 9-5. I'm back on Wed, Oct 14.", "2026-10-14"),
]


@pytest.mark.parametrize(("note", "back"), NOTES)
def test_a_note_written_on_monday_5_october_2026_names_the_day_of_return(note, back):
    found = return_date(note, sent_on=MONDAY)

    assert (found.isoformat() if found else None) == back


@pytest.mark.parametrize(
    ("sent_on", "back"),
    [
        (date(2026, 12, 18), date(2027, 1, 4)),
        (date(2026, 1, 2), date(2026, 1, 4)),
        (date(2027, 12, 30), date(2028, 1, 4)),
    ],
)
def test_a_date_without_a_year_is_the_next_one_after_the_mail(sent_on, back):
    assert return_date("I will be back on 4 January.", sent_on=sent_on) == back


def test_english_readers_of_both_orders_get_the_day_that_lies_near():
    assert return_date("I return on 10/12/2026.", sent_on=date(2026, 10, 5)) == date(2026, 10, 12)
    assert return_date("I return on 10/12/2026.", sent_on=date(2026, 12, 4)) == date(2026, 12, 10)


def test_an_impossible_date_is_no_date():
    assert return_date("I will be back on 31 February.", sent_on=MONDAY) is None


def test_a_year_far_away_is_a_misreading():
    assert return_date("I will be back on 4 January 2091.", sent_on=MONDAY) is None
