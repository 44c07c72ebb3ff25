"""Names the language of a short mail by its small words."""

import re

WORDS = {
    "en": "i the and only be of to for you your is are with have will this that not please thanks from our can would at me am been",
    "de": "der die das und ich nicht ist sie für mit auf bin bitte vielen dank ihre ihr wir haben vom bis zum am im zurück danke",
    "fr": "le la les et vous nous je est pas pour avec dans votre merci une des du au sur suis mon bonjour cordialement jusqu",
    "es": "el los las y que para con por gracias su una estoy no está estaré hasta en hola saludos fuera mi usted del al",
    "it": "il lo gli e che per con non sono grazie una della di sarò fino ufficio mia dal al ciao saluti cordiali suo",
    "nl": "de het een en van ik niet is met voor op ben bedankt tot uw wij zijn naar bij kan groeten aan heb weer",
    "pt": "o os as e que para com não obrigado obrigada uma estou até em do da olá seu minha estarei fora você ao",
    "sv": "och jag är inte med för på till tack din du kommer tillbaka från hej vänliga hälsningar åter",
    "da": "og jeg er ikke med for på til tak din du tilbage fra hej venlig hilsen igen kontoret",
    "no": "og jeg er ikke med for på til takk din du tilbake fra hei vennlig hilsen igjen kontoret",
    "fi": "ja olen ei on kiitos viesti takaisin poissa ystävällisin terveisin palaan toimistolla",
    "pl": "i nie jest dziękuję za na do się jestem będę od proszę pozdrawiam wiadomość z w biurze",
    "cs": "a je na že se děkuji jsem zpět prosím pozdravem od do mimo kancelář",
    "tr": "ve bir bu için teşekkürler ofis dışında kadar lütfen tarihine",
}  # fmt: skip
VOCABULARY = {code: frozenset(words.split()) for code, words in WORDS.items()}
TOKEN = re.compile(r"[^\W\d_]{1,30}")
SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
)
MAX_TEXT = 5_000


def language_of(text: str) -> str:
    """The ISO 639-1 code of the likeliest language, or an empty string when nothing speaks for one."""
    text = text[:MAX_TEXT]
    for code, script in SCRIPTS:
        if len(script.findall(text)) >= 3:
            return code
    tokens = TOKEN.findall(text.lower())
    scores = {code: sum(token in words for token in tokens) for code, words in VOCABULARY.items()}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] else ""
