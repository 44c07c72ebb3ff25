"""Knows the lines with which mail programs introduce the quoted mail, in the languages they speak."""

import re

MAX_HEADER_LINES = 4
MAX_LINE = 600

# "On <date>, <someone> wrote:" — a starting word and an ending word of the same language family.
STARTS = r"(?:on|am|le|il|el|op|em|den|dnia|w dniu|dne|på|il giorno|a|v|am:|em:|den:|at|vào|pada|tarihinde|по|в|ons?|man|mån|tis|tor|fre|lör|sön|mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag|pe|kello|la|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so)"
ENDS = (
    r"(?:wrote|writes|said|schrieb|schrieben|a écrit|a ecrit|ha scritto|ha escrito|escribió|escribio|schreef|het volgende geschreven|escreveu|skrev|skrev följande|napisał(?:\(a\)|a)?|napsal(?:\(a\)|a)?"
    r"|kirjoitti|yazdı|şunu yazdı|написал(?:\(а\)|а)?|пишет|пише|schrieb am|写道|のメール|wrote on|va escriure|írta|a scris|написа|έγραψε|viết|menulis|geschreven)"
)
START = re.compile(rf"^[>\s*_-]{{0,10}}{STARTS}\b", re.IGNORECASE)
DATE_OR_TIME = re.compile(r"\d{4}|\d{1,2}[:./]\d")
DIGIT = re.compile(r"\d")
END = re.compile(rf"\b{ENDS}\b", re.IGNORECASE)
AT_THE_END = re.compile(rf"\b{ENDS}\s{{0,3}}(?:[:：]|-{{2,10}})?[\s*_]{{0,4}}$", re.IGNORECASE)
# A date and time followed by a name, as Gmail and mail.ru write them, without any verb.
DATED = re.compile(
    r"^[>\s]{0,6}(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?: \d{1,2}:\d{2}(?::\d{2})?)? ?(?:(?:gmt|utc)?[+-]\d{1,2}:?\d{2})?[ ,]{1,3}\S.{1,200}|(?:mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс)[a-zа-я]{0,8},? \d{1,2} .{5,60} (?:от|from) .{1,200}:)$",
    re.IGNORECASE,
)
DATED_MARK = re.compile(r"<[^<>]{0,200}@[^<>]{0,200}>|(?:gmt|utc)[+-]\d|@|:$", re.IGNORECASE)
CJK_DATE = re.compile(r"\d{1,4}[年/.-]")
CJK_WROTE = re.compile(r"(?:<[^<>\s]{1,200}>|写道|のメール|님이 작성)[^:：]{0,20}[:：]$")
SEPARATOR = re.compile(
    r"^[>\s]{0,6}(?:[-_=*]{2,40}\s{0,3}(?:original(?:e|nachricht)?[ -]?(?:message|mail|appointment)?|ursprüngliche nachricht|originalnachricht|message d'origine|message original|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|originalt? meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|původní zpráva|исходное сообщение|пересылаемое сообщение|forwarded (?:message|by)[^-]{0,80}|weitergeleitete nachricht|message transféré|mensaje reenviado|messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|reply message|replied message|原始邮件|原始郵件|転送メッセージ|元のメッセージ|원본 메시지|özgün ileti|özgün mesaj)\s{0,3}[-_=*]{0,40}"
    r"|begin forwarded message:|anfang der weitergeleiteten (?:nachricht|e-mail):|début du message (?:transféré|réexpédié) ?:|inizio messaggio inoltrato:|inicio del mensaje reenviado:|begin doorgestuurd bericht:|início da mensagem (?:reencaminhada|encaminhada):)$",
    re.IGNORECASE,
)
FIELD_NAMES = (
    r"from|von|de|da|van|fra|från|od|lähettäjä|expéditeur|kimden|от|от кого|发件人|寄件者|差出人|보낸 사람|sent|gesendet|envoyé|enviado(?: el| em)?|inviato|verzonden|sendt|skickat|wysłano|odesláno|lähetetty|gönderilen|gönderme tarihi|отправлено|发送时间|寄件日期|送信日時|보낸 날짜|date|datum|fecha|data|dato|päivämäärä|дата|日期|날짜"
    r"|to|an|à|a|para|aan|til|till|do|komu|vastaanottaja|kime|кому|收件人|收件者|宛先|받는 사람|cc|kopie|copie|копия|抄送|subject|betreff|objet|asunto|oggetto|onderwerp|assunto|emne|ämne|temat|předmět|aihe|konu|тема|主题|主旨|件名|제목|reply-to|importance|attachments"
)
FIELD = re.compile(
    rf"^[>\s|]{{0,6}}[*_]{{0,2}}({FIELD_NAMES})[*_]{{0,2}}[\s\u00a0]{{0,2}}[:：][*_]{{0,2}}(?:[\s\u00a0]|\S|$)",
    re.IGNORECASE,
)
SENDER_OR_SUBJECT = re.compile(
    r"^[>\s|*_]{0,8}(?:from|von|de|da|van|fra|från|od|от|发件人|寄件者|差出人|보낸 사람|lähettäjä|kimden|subject|betreff|objet|asunto|oggetto|onderwerp|assunto|emne|ämne|temat|тема|主题|件名)\b",
    re.IGNORECASE,
)


def header_length(lines: list[str], start: int) -> int:
    """How many lines from `start` on introduce a quoted mail; 0 when they do not."""
    line = lines[start][:MAX_LINE].strip()
    if not line:
        return 0
    if SEPARATOR.match(line):
        return 1
    fields = field_block_length(lines, start)
    if fields:
        return fields
    return wrote_length(lines, start)


def wrote_length(lines: list[str], start: int) -> int:
    """An introduction that names date or sender may be broken over several lines."""
    joined = ""
    for count in range(1, MAX_HEADER_LINES + 1):
        if start + count > len(lines):
            return 0
        line = lines[start + count - 1][:MAX_LINE].strip()
        if not line:
            return 0
        joined = f"{joined} {line}".strip()
        if is_introduction(joined):
            return 0 if count > 1 and begins_later(lines[start : start + count]) else count
    return 0


def begins_later(lines: list[str]) -> bool:
    """The first line is an ordinary one when the rest introduces a mail without it."""
    first = lines[0][:MAX_LINE].strip()
    dated = bool(START.match(first)) and bool(DATE_OR_TIME.search(first))
    return not dated and is_introduction(" ".join(line.strip() for line in lines[1:]))


def is_introduction(text: str) -> bool:
    if len(text) > MAX_LINE:
        return False
    starts = bool(START.match(text)) and bool(DIGIT.search(text))
    if starts and AT_THE_END.search(text[-80:]):
        return True
    if text.endswith((":", "：")) and ends_with_name(text, starts=starts):
        return True
    return bool(DATED.match(text)) and bool(DATED_MARK.search(text))


def ends_with_name(text: str, *, starts: bool) -> bool:
    """Says whether name, address and verb stand as in `Name <address> wrote on Monday:`, in any order."""
    word = END.search(text)
    if word:
        before, after = text[: word.start()].rstrip(), text[word.end() :]
        if starts and ("@" in after or (DATE_OR_TIME.search(before) and len(before) < 100 > len(after))):
            return True
        named = before.endswith((">", ")", "]")) or "@" in before.split(" ")[-1]
        return named and "@" in before[-150:]
    return bool(CJK_DATE.search(text)) and bool(CJK_WROTE.search(text[-260:]))


def field_block_length(lines: list[str], start: int) -> int:
    """At least three header fields (From, Sent, To, Subject) in a row, one of them the sender or the subject."""
    if not FIELD.match(lines[start][:MAX_LINE]):
        return 0
    found, main, place = 0, 0, start
    while place < min(len(lines), start + 14):
        line = lines[place][:MAX_LINE]
        if FIELD.match(line):
            found += 1
            main += bool(SENDER_OR_SUBJECT.match(line))
        elif line.strip() and found < 2:
            return 0
        elif not line.strip() and place + 1 < len(lines) and not FIELD.match(lines[place + 1][:MAX_LINE]):
            break
        place += 1
    return place - start if found >= 3 and main >= 1 else 0


def starts_like_quote(line: str) -> bool:
    return line.lstrip().startswith((">", "|"))
