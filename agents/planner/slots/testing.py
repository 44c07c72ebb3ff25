"""A running campaign: its lifecycle, its numbers and its test."""

import re

from agents.planner.grammar.dates import find_dates
from agents.planner.grammar.periods import as_period
from agents.planner.lexicon.cues import CHANNELS, ELEMENTS, METRICS, find_cues
from agents.planner.resolve import need_campaign
from agents.planner.scene import Draft, Scene, clean
from agents.planner.text import Span

_ACTIONS = (
    ("submit", r"\bsubmit\w*\b|\bfor (?:approval|review|sign-?off)\b|\bto (?:review|approval)\b|\bup for\b|\bget\b.*\bapproved\b|\bhand in\b|\bask for approval\b|\brequest approval\b"),
    ("resume", r"\bre-?sum\w*|\bresme\b|\bun-?pause\w*|\bcontinu\w*|\bre-?start\w*|\bback (?:up|on|live|running)\b|\bgoing again\b|\bre-?activat\w*|\bcarry on\b|\brunning again\b|\bagain\b|\bpick up\b|\bun-?freeze|\bre-?open\b|\bproceed\b|\bkeep going\b|\bback\b|\bgo(?:es|ing)? on\b|\bmove on\b|\bun-?hold\b|\boff hold\b"),
    ("archive", r"\barch?ive\w*|\barhive\b|\bshelve\b|\bfile away\b|\bput away\b|\bmothball\b|\bretire\b"),
    ("complete", r"\bcomplet\w*|\bfinish\w*|\bwrap(?:ped)?\b|\b(?:is|as|mark\w*) (?:done|over|ended)\b|\bdone\b|\bend\b|\bended\b|\bclos(?:e|ed|ing)\b|\bconclude\b|\bterminate\b|\bover\b(?! email)"),
    ("pause", r"\bpaus\w*|\bpuase\b|\bhold\b|\bstop\w*|\bhalt\w*|\bfreez\w*|\bsuspend\w*|\bon ice\b|\bbreak\b|\bpark\b|\binterrupt\b|\bwait with\b|\bdon'?t send\b|\bno more (?:sends|sending|mails|emails)\b|\bput .* aside\b|\bturn off\b|\bswitch off\b"),
    ("launch", r"\blaunch\w*|\blauch\b|\bstart\w*|\blive\b|\bactivat\w*|\bfire\b|\bkick\w*|\brun\b|\bbegin\w*|\bsend\w*|\bgo out\b|\brelease\b|\bturn on\b|\bswitch on\b|\broll out\b|\bgo\b|\bget\b.*\bout\b|\bset\b.*\bloose\b|\bship\b"),
)  # fmt: skip
_UNTIL = re.compile(r"\b(?:until|till|til|up to|through|thru|before|back on|resume on|for)\b\s*(?:the\s+)?$")
_COMPARE = re.compile(
    r"\b(?:vs\.?|versus|against|compared? (?:to|with)|or|better than|worse than|than|and|with|beat(?:s|ing)?|ahead of)\b"
)
_WORST = re.compile(r"\b(?:worst|weakest|lowest|poorest|losing|loser|underperform\w*|bad(?:ly)?)\b")
_BEST = re.compile(
    r"\b(?:best|winning|wins|winner|strongest|highest|leading|ahead|top|better|leads|performs better|beating)\b"
)
# All traffic goes to one variant only when that was said.
_CROWNED = re.compile(
    r"\b(?:promot\w*|prmot\w*|crown\w*|w[io]n\w*|roll\w*|ship\w*|everyone|everybody|every one|all|rest|remaining|remainder|left|others?|go(?:ing)? (?:with|for|on with)|use|using|pick\w*|choos\w*|chose|select\w*|switch\w*|take\w*|keep|final|default|traffic|audience|better|best|send\w*|stick\w*|settle\w*|end|stop|conclude|finish|close|make|push|full|100)\b"
)
UNSAID = 0.5
_LIKE = re.compile(
    r"\b(?:like|based on|similar to|modell?ed on|copy of|same as|copying|from|along the lines of|resembling)\s+(?:variant |version |option )?['\"]?$"
)
_TEXT = re.compile(
    r"\b(?:subject(?: lines?)?|body|cta|call to action|text|copy|saying|that says|says|reading|with)\b(?:\s*(?:of|is|as|to|line|being))?(?:\s*:)?\s+(?P<text>[A-Z][^,;]+)$|:\s*(?P<text2>[^;]+)$"
)


# Behind "Spring Launch:" stands the order itself, no text for the variant.
_TOLD = re.compile(r"\s*(?:please\s+)?(?:add|create|make|include|insert|try|new|another)\b", re.IGNORECASE)


def transition(scene: Scene) -> Draft:
    draft = Draft("campaign.transition")
    campaign = need_campaign(draft, scene)
    text = _blanked(scene, campaign.name if campaign else "")
    action = next((name for name, pattern in _ACTIONS if re.search(pattern, text)), None)
    if action is None:
        draft.ask("action", [name for name, _ in _ACTIONS])
    draft.put("action", action)
    for span in scene.sentence.of("date", "period"):
        if action in {"pause", "resume"} and _UNTIL.search(scene.low[: span.start]):
            day = span.value[0] if span.kind == "period" else span.value.coming
            draft.put("until", day.isoformat(), span)
    if (
        action == "pause"
        and "until" not in draft.slots
        and (ahead := scene.find(r"\bfor (?:the next )?(\w+) (days?|weeks?)\b"))
    ):
        _put_pause_length(draft, scene, ahead)
    return draft


def _put_pause_length(draft: Draft, scene: Scene, match: re.Match[str]) -> None:
    from_now = re.sub(r"^for (?:the next )?", "in ", match.group())
    day = _day_of(from_now, scene)
    if day:
        draft.put("until", day, Span("text", *match.span()))


def _day_of(words: str, scene: Scene) -> str | None:
    spans = find_dates(words, scene.today)
    return spans[0].value.coming.isoformat() if spans else None


def _blanked(scene: Scene, name: str) -> str:
    """The sentence without the campaign's own name: "Spring Launch" is no order to launch."""
    found = scene.named("campaign")
    if name and found.span:
        return scene.low[: found.span.start] + " " * found.span.width + scene.low[found.span.end :]
    return scene.low


def performance(scene: Scene) -> Draft:
    draft = Draft("campaign.performance")
    campaign = need_campaign(draft, scene)
    text = _blanked(scene, campaign.name if campaign else "")
    _put_variants(draft, scene)
    metrics = find_cues(METRICS, "metric", text)
    if metrics:
        rated = [m for m in metrics if "rate" in text[m.start : m.end]]
        chosen = (rated or metrics)[0]
        draft.put("metric", chosen.value, chosen)
    period = scene.first("period", "date")
    if period:
        value = period.value if period.kind == "period" else (period.value.past, period.value.past)
        draft.put("period", as_period(value), period)
    channels = [
        s
        for s in find_cues(CHANNELS, "channel", text)
        if re.search(
            r"\b(?:on|by|via|over|for|from|in|the|through|of|did|does|has|is)\s+$|^$", text[: s.start]
        )
        or re.match(r"\s+(?:repl|response|answer|open|click)", text[s.end :])
    ]
    if channels and not re.match(r"\s+(?:rate|campaign|sequence)", text[channels[0].end :]):
        draft.put("channel", channels[0].value, channels[0])
    if "variant" not in draft.slots:
        _put_rank(draft, text)
    return draft


def _put_rank(draft: Draft, text: str) -> None:
    worst, best = _WORST.search(text), _BEST.search(text)
    match = worst or best
    if match:
        draft.put("rank", "worst" if worst else "best", Span("text", *match.span()))


def letters(scene: Scene) -> list[Span]:
    """Variants named in the sentence, in order."""
    named = scene.sentence.all_of("variant")
    inside = [s for s in scene.sentence.all_of("letter") if not any(s.overlaps(n) for n in named)]
    quotes, names = (
        scene.sentence.of("quoted"),
        [f.span for f in scene.mentions("campaign") if f.span and scene.score(f, "campaign") >= 0.6],
    )
    inside = [s for s in inside if not any(s.overlaps(q) for q in [*quotes, *names])]
    return sorted([*named, *inside], key=lambda s: s.start)


def _put_variants(draft: Draft, scene: Scene) -> None:
    found = letters(scene)
    if found:
        draft.put("variant", found[0].value, found[0])
    if len(found) > 1 and found[1].value != found[0].value:
        draft.put("compare_to", found[1].value, found[1])


def add_variant(scene: Scene) -> Draft:
    draft = Draft("ab.add_variant")
    need_campaign(draft, scene)
    for span in letters(scene):
        if _LIKE.search(scene.low[: span.start]) or (
            span.kind == "variant" and _LIKE.search(scene.low[: span.start])
        ):
            draft.put("like", span.value, span)
        elif "variant" not in draft.slots:
            draft.put("variant", span.value, span)
    quoted = scene.first("quoted")
    start = quoted.start if quoted else len(scene.low)
    elements = [
        s
        for s in find_cues(ELEMENTS, "element", scene.low)
        if s.end <= start or s.start >= (quoted.end if quoted else 0)
    ]
    if elements:
        draft.put("element", elements[0].value, elements[0])
    if quoted:
        draft.put("text", quoted.value, quoted)
    elif (match := _TEXT.search(scene.raw)) and not _TOLD.match(match.group("text2") or ""):
        group = "text" if match.group("text") else "text2"
        draft.put("text", clean(match.group(group)), Span("text", *match.span(group)))
    return draft


def promote(scene: Scene) -> Draft:
    draft = Draft("ab.promote")
    campaign = need_campaign(draft, scene)
    known = [v.letter for v in campaign.facts.get("variants", ())] if campaign else []
    found = letters(scene)
    chosen = next((s for s in found if not known or s.value in known), None)
    if chosen is None:
        chosen = _by_text(scene, draft)
    elif known or campaign is None or not _known_campaign(scene, draft):
        draft.put("variant", chosen.value, chosen)
    else:
        draft.put("variant", chosen.value, chosen)
    if "variant" not in draft.slots:
        draft.ask("variant", known)
    if not _CROWNED.search(scene.low):
        draft.unsure = UNSAID
    return draft


def _known_campaign(scene: Scene, draft: Draft) -> bool:
    return any(record.key == draft.slots.get("campaign") for record in scene.world.campaigns)


def _by_text(scene: Scene, draft: Draft) -> Span | None:
    """The variant whose text was quoted."""
    quoted = scene.first("quoted")
    record = next((r for r in scene.world.campaigns if r.key == draft.slots.get("campaign")), None)
    if quoted and record:
        for variant in record.facts.get("variants", ()):
            if variant.text.lower() == str(quoted.value).lower():
                draft.put("variant", variant.letter, quoted)
                return quoted
    return None
