"""What remains of a reply when the quoted mail, the signature and the device line are gone."""

import pytest

from outreach.channels.email.parsing.html_text import html_to_text
from outreach.channels.email.parsing.reply_text import html_reply_text, reply_text

QUOTE = "\n\n> Dear Ann,\n> may I show you our product?\n> Sam\n"
INTRODUCTIONS = [
    "On Tue, Oct 6, 2026 at 9:12 AM Sam Seller <sam@gtm.example> wrote:",
    "On 6 Oct 2026, at 09:12, Sam Seller <sam@gtm.example> wrote:",
    "On Tuesday, October 6, 2026 at 9:12 AM, Sam Seller\n<sam@gtm.example> wrote:",
    "Am 06.10.2026 um 09:12 schrieb Sam Seller:",
    "Am Di., 6. Okt. 2026 um 09:12 Uhr schrieb Sam Seller <sam@gtm.example>:",
    "Le mar. 6 oct. 2026 à 09:12, Sam Seller <sam@gtm.example> a écrit :",
    "El mar, 6 oct 2026 a las 9:12, Sam Seller (<sam@gtm.example>) escribió:",
    "Il giorno mar 6 ott 2026 alle ore 09:12 Sam Seller <sam@gtm.example> ha scritto:",
    "Op di 6 okt 2026 om 09:12 schreef Sam Seller <sam@gtm.example>:",
    "Em ter., 6 de out. de 2026 às 09:12, Sam Seller <sam@gtm.example> escreveu:",
    "Den tis 6 okt. 2026 kl 09:12 skrev Sam Seller <sam@gtm.example>:",
    "wt., 6 paź 2026 o 09:12 Sam Seller <sam@gtm.example> napisał(a):",
    "Sam Seller <sam@gtm.example> schrieb am Di., 6. Okt. 2026, 09:12:",
    "вт, 6 окт. 2026 г. в 09:12, Sam Seller <sam@gtm.example> написал:",
    "2026年10月6日(火) 9:12 Sam Seller <sam@gtm.example>:",
    "-----Original Message-----\nFrom: Sam Seller\nSubject: Hello",
    "-----Ursprüngliche Nachricht-----\nVon: Sam Seller\nBetreff: Hallo",
    "________________________________\nFrom: Sam Seller <sam@gtm.example>\nSent: Tuesday, October 6, 2026 9:12 AM\nTo: Ann\nSubject: Hello",
    "Von: Sam Seller\nGesendet: Dienstag, 6. Oktober 2026 09:12\nAn: Ann\nBetreff: Hallo",
    "De : Sam Seller\nEnvoyé : mardi 6 octobre 2026 09:12\nÀ : Ann\nObjet : Bonjour",
    "De: Sam Seller\nEnviado el: martes, 6 de octubre de 2026 9:12\nPara: Ann\nAsunto: Hola",
    "*From:* Sam Seller\n*Sent:* Tuesday\n*To:* Ann\n*Subject:* Hello",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_a_quoted_mail_below_the_answer_goes(introduction):
    found = reply_text(f"Yes, Thursday suits me.\n\nBest\nAnn\n\n{introduction}{QUOTE}")

    assert found == "Yes, Thursday suits me.\n\nBest\nAnn"


@pytest.mark.parametrize("introduction", INTRODUCTIONS[:15])
def test_an_answer_below_the_quoted_mail_stays(introduction):
    found = reply_text(f"{introduction}{QUOTE}\nYes, Thursday suits me.")

    assert found == "Yes, Thursday suits me."


def test_answers_between_quoted_lines_keep_the_lines_they_answer():
    mail = "On 6 Oct 2026, Sam <sam@gtm.example> wrote:\n> How many seats?\nForty.\n> When would you start?\nIn May."

    assert reply_text(mail) == "Forty.\n> When would you start?\nIn May."


def test_the_words_on_and_wrote_in_a_sentence_are_no_introduction():
    mail = "On Monday we met 3 people who wrote:\n\nplease call.\nSo please call."

    assert reply_text("We should talk.\nHe wrote: hello.") == "We should talk.\nHe wrote: hello."
    assert reply_text("First.\n\nFrom: here to there it works.") == "First.\n\nFrom: here to there it works."
    assert reply_text(mail).endswith("So please call.")


@pytest.mark.parametrize(
    "device",
    [
        "Sent from my iPhone",
        "Envoyé de mon iPhone",
        "Von meinem iPad gesendet",
        "Enviado desde mi Samsung Galaxy",
        "Inviato da iPhone",
        "Get Outlook for Android",
        "Verzonden vanaf mijn telefoon",
    ],
)
def test_the_line_of_the_device_goes(device):
    assert reply_text(f"Fine with me.\n\n{device}") == "Fine with me."


def test_the_signature_below_two_dashes_goes():
    assert reply_text("Fine with me.\n\n-- \nAnn Lee\nHead of Sales\n+1 555 0100") == "Fine with me."


def test_a_line_of_dashes_between_two_long_parts_is_no_signature():
    rest = "\n".join(f"Point {number} matters to us." for number in range(15))

    assert reply_text(f"Our points:\n-----\n{rest}").endswith("Point 14 matters to us.")


def test_a_notice_of_confidentiality_goes():
    mail = "Call me.\n\nThis email and any attachments are confidential and intended for the addressee.\nDelete it."

    assert reply_text(mail) == "Call me."


def test_html_loses_the_quoted_block_of_gmail():
    source = (
        '<div dir="ltr">Yes &amp; thanks<br>Ann</div><div class="gmail_quote"><div>On Tue, Oct 6, 2026 Sam '
        "&lt;sam@gtm.example&gt; wrote:</div><blockquote>Old words</blockquote></div>"
    )

    assert html_reply_text(source) == "Yes & thanks\nAnn"


def test_html_loses_what_outlook_puts_below_its_mark():
    source = '<p>Yes</p><div id="divRplyFwdMsg"><b>From:</b> Sam<br><b>Sent:</b> today</div><p>Old words</p>'

    assert html_reply_text(source) == "Yes"


def test_html_without_styles_scripts_and_comments_is_text():
    source = "<style>p{color:red}</style><script>alert(1)</script><!-- no --><p>One</p><p>Two</p>"

    assert html_to_text(source).split() == ["One", "Two"]


def test_a_mail_that_only_quotes_has_no_new_words():
    assert reply_text("> old\n> words") == ""
