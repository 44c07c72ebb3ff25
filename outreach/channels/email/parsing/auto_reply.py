"""Tells machines that answer from people who answer; in doubt it is a person."""

import re
from dataclasses import dataclass

from outreach.channels.email.parsing.mime import Headers, Mail, addresses_in, header_addresses

SUBJECT = re.compile(
    r"^\W{0,4}(?:automat(?:ic|ed) (?:reply|response)|auto[- ]?(?:reply|response|responder|matic reply)|out[- ]of[- ](?:the[- ])?office|ooo\b|away (?:until|from|on)|on (?:vacation|leave|holiday)|vacation (?:reply|response|notice)|abwesen(?:d|heit)|automatische (?:antwort|rückantwort)|autom(?:atische|\.) antw|urlaub"
    r"|réponse automatique|message d'absence|absence (?:du|de)|absent|respuesta autom[aá]tica|fuera de (?:la )?oficina|risposta automatica|fuori ufficio|assente|automatisch antwoord|afwezig|resposta autom[aá]tica|ausência|fora do escritório|autosvar|automatiskt svar|automatisk svar|frånvaro|automaattinen vastaus|poissa|odpowiedź automatyczna|autoodpowiedź|automatická odpověď"
    r"|автоматический ответ|автоответ|otomatik (?:yanıt|cevap)|自動(?:応答|返信)|不在|自动(?:回复|答复)|自動回覆|자동 ?(?:회신|응답)|부재)",
    re.IGNORECASE,
)
AWAY = re.compile(
    r"out[- ]of[- ](?:the[- ])?office|\booo\b|\bon (?:annual |parental |maternity |paternity |sick |medical |family |extended )?(?:leave|vacation|holidays?|pto)\b|\baway (?:from|until|till|on|for)|currently (?:away|unavailable|travel|out)|limited access to (?:my )?e?-?mail|no access to (?:my )?e?-?mail|i(?:'m| am| will be) (?:away|out|unavailable|travel)|return(?:ing)? to (?:the )?office|not (?:be )?in the office|office is closed|on a business trip"
    r"|nicht im (?:büro|buero|haus|office)|außer haus|ausser haus|abwesend|abwesenheit|\burlaub|elternzeit|mutterschutz|nicht erreichbar|dienstreise|en congés?|en vacances|absente?\b|hors (?:du |de )?bureau|en déplacement|congé (?:maternité|parental)|fuera de (?:la |mi )?oficina|de vacaciones|ausente|de baja|no estaré|fuori (?:sede|ufficio|dall'ufficio)|in ferie|\bassente|in congedo|in vacanza|afwezig|niet (?:aanwezig|op kantoor|bereikbaar)|met (?:vakantie|verlof)|vakantie"
    r"|fora do escritório|de férias|de licença|semester|inte på kontoret|föräldraledig|frånvarande|ikke på kontoret|på ferie|fraværende|lomalla|poissa|toimistolta|\burlop|poza biurem|nieobecn|dovolen|mimo kancelář|в отпуске|отсутств|izinde|ofis dışında|休暇|不在|休み|出張|休業|休假|外出|出差|휴가|부재|출장",
    re.IGNORECASE,
)
LEFT = re.compile(
    r"no longer (?:with|work(?:s|ing)?|employed|at |part of|an employee)|has left (?:the company|our|us)|have left (?:the company|my)|(?:left|leaving) the (?:company|organi[sz]ation|firm)|nicht mehr (?:bei|für|im unternehmen|in unserem|tätig|beschäftigt|teil)|unternehmen verlassen|ne travaille plus|n'est plus (?:chez|dans|parmi|employ)|ne fait plus partie|a quitté (?:l|notre)|ya no (?:trabaj|forma|pertenece|está)|no trabaja (?:ya|más)|non lavora più|non fa più parte|ha lasciato"
    r"|werkt niet (?:meer|langer)|niet meer werkzaam|niet langer werkzaam|não (?:trabalha|faz) mais|já não (?:trabalha|faz)|deixou a empresa|arbetar inte längre|slutat|arbejder ikke længere|jobber ikke lenger|nie pracuje|больше не работает|退職|退社|已离职|퇴사",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"message (?:to \S{1,100} )?is being held|(?:confirm|verify) (?:your|that you|this) (?:message|e-?mail|address|are)|to deliver it|(?:sender|e-?mail) verification|spam ?arrest|boxbe|prove (?:that )?you(?:'re| are) (?:a )?human|click (?:on )?(?:the link )?(?:here|below)? ?to (?:deliver|release|verify|confirm)|bestätigen sie ihre (?:nachricht|e-mail)|challenge[- ]response|waiting list|whitelist",
    re.IGNORECASE,
)
TICKET = re.compile(
    r"(?:received|got|logged|created|opened|registered) your (?:request|ticket|message|e-?mail|enquiry|inquiry|query|case|support)|(?:ticket|request|case|anfrage|vorgang)\W{0,6}(?:id|number|no|nr)?\W{0,4}#?\d{3,}|your (?:request|ticket|case|enquiry|inquiry) (?:\S{1,20} )?(?:has been|was|is) (?:received|created|logged|opened|registered)|thank(?:s| you) for (?:contacting|reaching out to|getting in touch with|writing to|your (?:request|inquiry|enquiry))|we (?:have )?received your"
    r"|ihre anfrage (?:ist|wurde|haben)|ticket ?nummer|votre demande (?:a été|est)|(?:hemos )?recibido su (?:solicitud|mensaje|consulta)|abbiamo ricevuto|we hebben uw|recebemos (?:a )?su|お問い合わせを受け付け",
    re.IGNORECASE,
)
TICKET_SUBJECT = re.compile(
    r"\[[^\]\n]{0,40}#?\d{3,}[^\]\n]{0,20}\]|\[(?:ticket|case|request)|(?:ticket|case|request|anfrage)\W{0,4}#?\d{3,}|(?:received|got) your (?:request|message|e-?mail|inquiry)|##",
    re.IGNORECASE,
)
READ_SUBJECT = re.compile(
    r"^(?:read|gelesen|lu|leído|leido|letto|gelezen|lida|läst|læst|lest|not read|ungelesen|przeczytano|прочитано|开封|開封済み|已读)\s?[:：]",
    re.IGNORECASE,
)
READ_BODY = re.compile(
    r"was (?:read|displayed|deleted without being read|opened)|wurde (?:\S{1,20} ){0,4}gelesen|a été lu|ha sido leído|fue leído|è stato letto|is gelezen|return receipt|read receipt|lesebestätigung|accusé de (?:lecture|réception)",
    re.IGNORECASE,
)
CONTACT_CUE = re.compile(
    r"contact|reach|talk to|speak (?:to|with)|write to|e-?mail|get in touch|colleague|wend|kontakt|ansprech|schreiben|vertret|contacter|adress|joindre|écri|escrib|contact|dirij|dirig|contatt|rivolg|scriv|neem contact|mail|contate|contacte|entre em contato|kontakta|kontakte|cover|urgent|dringend|urgenc|instead|assist|連絡|联系|연락",
    re.IGNORECASE,
)
NOT_A_CONTACT = re.compile(
    r"^(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|notifications?)@", re.IGNORECASE
)
STRONG_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-vacation",
    "x-ms-exchange-inbox-rules-loop",
    "x-autogenerated",
    "x-autoresponse",
)


@dataclass(frozen=True)
class Machine:
    """What kind of machine wrote; `signs` counts the independent signs."""

    reason: str
    signs: int


def machine_behind(mail: Mail, text: str) -> Machine | None:
    """The machine that wrote this mail, or None for a person."""
    headers = mail.headers
    subject = bool(SUBJECT.match(mail.subject))
    answered = auto_submitted(headers) == "auto-replied"
    generated = auto_submitted(headers) == "auto-generated"
    special = has_special_header(headers)
    signs = subject + 2 * answered + generated + 2 * special
    if is_read_receipt(mail, text, signs):
        return Machine("read_receipt", max(signs, 2))
    if not (answered or special) and is_bulk(headers):
        return Machine("bulk", 2)
    if not signs or (signs == 1 and subject and not AWAY.search(text + mail.subject)):
        return None
    return (
        Machine(kind_of_machine(mail, text, subject=subject), signs)
        if not looks_human(mail, text, signs, generated=generated, subject=subject)
        else None
    )


def kind_of_machine(mail: Mail, text: str, *, subject: bool) -> str:
    if LEFT.search(text):
        return "left_company"
    if AWAY.search(text):
        return "out_of_office"
    if CHALLENGE.search(f"{mail.subject}\n{text}"):
        return "challenge"
    if TICKET.search(text) or TICKET_SUBJECT.search(mail.subject):
        return "ticket_acknowledgement"
    if subject or "vacation" in vacation_hints(mail.headers):
        return "out_of_office"
    return "automatic"


def looks_human(mail: Mail, text: str, signs: int, *, generated: bool, subject: bool) -> bool:
    """Help desks mark what their people write as generated: an answer without machine words is a person's."""
    if signs == 1 and generated and not subject and mail.headers.has("in-reply-to"):
        return kind_of_machine(mail, text, subject=False) == "automatic"
    return False


def auto_submitted(headers: Headers) -> str:
    value = headers.get("auto-submitted").lower().strip()
    if value.startswith(("auto-replied", "auto_replied")):
        return "auto-replied"
    return "auto-generated" if value.startswith(("auto-generated", "auto-notified")) else ""


def has_special_header(headers: Headers) -> bool:
    precedence = headers.get("precedence").lower()
    source = headers.get("x-ms-exchange-generated-message-source").lower()
    autoreply = any(
        headers.has(name) and headers.get(name).lower() not in {"no", "false", ""} for name in STRONG_HEADERS
    )
    return (
        "auto_reply" in precedence
        or "rules agent" in source
        or autoreply
        or "vacation" in vacation_hints(headers)
    )


def vacation_hints(headers: Headers) -> str:
    return (
        f"{headers.get('x-apple-action')} {headers.get('auto-submitted')} {headers.get('x-mailer')}".lower()
    )


def is_read_receipt(mail: Mail, text: str, signs: int) -> bool:
    if mail.report_type == "disposition-notification" or mail.of_type("message/disposition-notification"):
        return True
    return (
        bool(READ_SUBJECT.match(mail.subject))
        and bool(READ_BODY.search(text))
        and (signs > 0 or text.lstrip().lower().startswith("your message"))
    )


def is_bulk(headers: Headers) -> bool:
    """Mail to many. An answer that came through a group address has list headers too, but answers something."""
    listed = (
        headers.has("list-id")
        or headers.has("list-unsubscribe")
        or headers.get("precedence").lower().strip() in {"bulk", "list", "junk"}
    )
    answers = headers.has("in-reply-to") or headers.get("subject").lower().lstrip().startswith(
        ("re:", "aw:", "sv:", "rv:", "antw:", "odp:")
    )
    return listed and not answers


def alternate_contact(mail: Mail, text: str) -> str:
    """The address of somebody else the text points to, nearest to a word that points."""
    known = {
        address.lower()
        for address in header_addresses(mail.headers, "from", "to", "cc", "reply-to", "sender", "return-path")
    }
    for sentence in re.split(r"\n\s*\n|(?<=[.!?。])\s", text[:6_000]):
        others = [
            address.lower()
            for address in addresses_in(sentence)
            if address.lower() not in known and not NOT_A_CONTACT.match(address)
        ]
        if others and CONTACT_CUE.search(sentence):
            return others[0]
    return ""
