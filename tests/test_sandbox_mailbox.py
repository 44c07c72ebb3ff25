import smtplib
import socket

import pytest

from gtmos.sandbox.mailbox import Mailbox, entries, newest
from gtmos.sandbox.places import places
from tests.sandboxing import a_sandbox

MAIL = b"From: a@ours.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <%d@ours.example>\r\n\r\n.dot\r\n..two\r\nend\r\n"


def send(port, number=1, recipients=("b@x.example",)):
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        return smtp.sendmail("a@ours.example", list(recipients), MAIL % number)


def test_a_mail_is_kept_as_it_came(tmp_path):
    with a_sandbox(tmp_path) as box:
        refused = send(box.port)

        (entry,) = entries(box.places.index)
        assert refused == {}
        assert box.places.mail(entry.id).read_bytes() == MAIL % 1
        assert (entry.subject, entry.recipient, entry.message_id) == (
            "Grüße",
            "b@x.example",
            "1@ours.example",
        )
        assert box.seen == [entry]


def test_each_recipient_has_a_mail_of_their_own(tmp_path):
    with a_sandbox(tmp_path) as box:
        send(box.port, recipients=("b@x.example", "c@x.example"))

        assert [entry.recipient for entry in entries(box.places.index)] == ["b@x.example", "c@x.example"]


def test_it_says_which_mails_it_has_taken_also_after_a_restart(tmp_path):
    with a_sandbox(tmp_path) as box:
        send(box.port, 1)
    with a_sandbox(tmp_path) as box, smtplib.SMTP("127.0.0.1", box.port) as smtp:
        answers = [smtp.docmd("VRFY", name)[0] for name in ("<1@ours.example>", "<2@ours.example>")]

    assert answers == [252, 550]


def test_a_mail_whose_end_never_comes_was_never_taken(tmp_path):
    with a_sandbox(tmp_path) as box:
        with socket.create_connection(("127.0.0.1", box.port)) as line:
            line.sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
            line.sendall(b"Message-ID: <half@ours.example>\r\n\r\nhalf a mail\r\n")
            line.shutdown(socket.SHUT_WR)
            while line.recv(4096):
                pass

        assert (list(entries(box.places.index)), box.mailbox.has("half@ours.example")) == ([], False)


def test_commands_that_come_all_at_once_are_answered_in_order(tmp_path):
    with a_sandbox(tmp_path) as box, socket.create_connection(("127.0.0.1", box.port)) as line:
        line.sendall(
            b"NOOP\r\nRCPT TO:<c@d.example>\r\nDATA\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
            b"\r\nbody\r\n.\r\nHELO x\r\nWHAT\r\nMAIL FROM: nobody\r\nQUIT\r\n"
        )
        said = b""
        while block := line.recv(4096):
            said += block

    codes = [text[:3] for text in said.decode().splitlines()]
    assert codes == ["220", "250", "503", "503", "250", "250", "354", "250", "250", "502", "501", "221"]


def test_an_empty_mail_is_a_mail(tmp_path):
    with a_sandbox(tmp_path) as box, smtplib.SMTP("127.0.0.1", box.port) as smtp:
        smtp.docmd("MAIL", "FROM:<a@b.example>")
        smtp.docmd("RCPT", "TO:<c@d.example>")
        smtp.docmd("DATA")
        smtp.send(b".\r\n")

        assert smtp.getreply()[0] == 250
        assert [entry.size for entry in entries(box.places.index)] == [0]


@pytest.mark.parametrize("block", [40, 1000, 65_536])
def test_the_newest_mails_are_read_from_the_end(tmp_path, block):
    mailbox = Mailbox(places({"GTMOS_HOME": str(tmp_path)}))
    for number in range(7):
        mailbox.keep(MAIL % number, "a@ours.example", ["b@x.example"])
    mailbox.close()
    index = tmp_path / "sandbox" / "index.jsonl"
    with index.open("ab") as file:
        file.write(b'{"id": "cut off')

    backwards = [entry.message_id for entry in newest(index, block=block)]

    assert backwards == [f"{number}@ours.example" for number in reversed(range(7))]
    assert [entry.message_id for entry in entries(index)] == backwards[::-1]


def test_ports_follow_the_port_of_the_product():
    where = places({"GTMOS_HOME": "/home", "PORT": "9000", "PUBLIC_URL": "http://gtm.example"})

    assert (where.smtp_port, where.inbound_port, "gtm.example" in where.hosts) == (9025, 9026, True)
