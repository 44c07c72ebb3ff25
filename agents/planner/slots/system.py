"""Undo and help."""

import re

from agents.planner.grammar.numbers import NUMBER, parse_number
from agents.planner.scene import Draft, Scene, clean
from agents.planner.slots.stages import find_stage
from agents.planner.text import Span

_STEPS = re.compile(
    r"\b(?:last|previous|latest|past|back|recent)?\s*\b(?:things?|actions?|changes?|steps?|edits?|operations?|commands?|ones|moves?|updates?|times|stuff)\b"
)
_TARGET = re.compile(
    r"\b(?:undo|undoing|undu|undoo|revert|reverse|roll(?: ?back| that back)?|rollback|take back|cancel|back out|restore|scrap|reset|unwind|go back on)\b\s*(?:of\s+)?(?P<rest>.*)$"
)
_NOTHING = re.compile(
    r"^(?:(?:the|my|that|this|it|last|latest|previous|what|i|we|you|just|did|have|has|been|was|made|please|pls|thing|things|action|actions|change|changes|step|steps|edit|edits|one|of|for|me|back|again|now|all|stuff|command|"
    r"operation|operations|move|to|before|how|a|an|and|recent|most|done|changed|those|these|everything|mistake|times|time|thanks|quickly|immediately|right|away|ones|moves?)\b\W*)*$"
)
_UNDOING = re.compile(
    r"\b(?:undo\w*|und[ou]o?|revert\w*|revers\w*|roll\w*|restor\w*|unwind|chang\w+|mov\w+)\b"
)
_TOPIC = (
    re.compile(r"\bwhat (?:all )?(?:can|could) (?:you|i|we|one) do (?:with|about|in|on)\s+(?P<t>.+)$"),
    re.compile(
        r"\bhow\s+(?:do|can|could|would|should|does|to|is it possible to)\s+(?:(?:i|we|you|one|it)\s+)?(?:to\s+)?(?P<t>.+)$"
    ),
    re.compile(
        r"\b(?:how to|to know how to|command (?:to|for)|way to|steps to|possible to|show me how(?: to)?)\s+(?P<t>.+)$"
    ),
    re.compile(r"\bwhere (?:do|can|could|should|would) (?:i|we|you|one)\s+(?P<t>.+)$"),
    re.compile(
        r"\b(?:can you )?help\s+(?:me\s+)?(?:with|on|about|understand\w*|using|to|for|regarding|getting started with)?\s*(?P<t>.+)$"
    ),
    re.compile(
        r"\b(?:explain|guide me through|walk me through|teach me(?: about)?|tell me (?:more )?about|instructions (?:for|on)|tutorial (?:for|on)|docs (?:for|on)|documentation (?:for|on|about)|guide (?:to|for|on)|learn (?:about|how to)|what (?:is|are) (?:a |an |the )?|what does|introduction to|manual for|info on|information about)\s+(?P<t>.+)$"
    ),
)
_CAPABILITY = re.compile(
    r"\bwhat (?:all |else )?(?:can|could|do|does|are) (?:you|i|we|u|this|it)\b(?! (?:think|know about|have))|\bwhat(?:'s| is| else is)? (?:possible|available)\b|\b(?:which|what) (?:commands|things|actions|tasks|features|functions|options)\b|\b(?:list|show)(?: me)? (?:all )?(?:the |your )?(?:commands|help|options|features|capabilities)\b|^\W*(?:help|hepl|manual|tutorial|usage|options|\?+)(?: me| please| pls)?\W*$|\byour (?:capabilities|abilities|features|skills)\b"
)
_TRIM = re.compile(
    r"^(?:a little |a bit |please |how to |me |with |the |about |about the )+|\s+(?:here|in here|in this (?:app|tool|system)|please|pls|works?|mean|for me|again|is|are)\W*$"
)


def undo(scene: Scene) -> Draft:
    draft = Draft("system.undo")
    match = scene.find(rf"(?<![\w#-])({NUMBER})\s+{_STEPS.pattern}")
    if match and 0 < (count := int(parse_number(match.group(1)) or 0)) < 100:
        draft.put("steps", count, Span("text", *match.span()))
        return draft
    number = next(
        (s for s in scene.sentence.of("number") if isinstance(s.value, int) and 0 < s.value < 100), None
    )
    if number and (_STEPS.search(scene.low) or not re.search(r"\w", scene.low[number.end :])):
        draft.put("steps", number.value, number)
        return draft
    if scene.has(r"\blast couple (?:of )?(?:things|changes|actions|steps)?\b"):
        draft.put("steps", 2)
        return draft
    _put_target(draft, scene)
    if find_stage(scene) is not None and not _UNDOING.search(scene.low):
        draft.unsure = 0.3  # "take Acme back to discovery" is a move, no undo
    return draft


def _put_target(draft: Draft, scene: Scene) -> None:
    match = _TARGET.search(scene.low)
    if match is None or _NOTHING.match(match.group("rest")):
        return
    start = match.start("rest")
    lead = re.match(
        r"(?:(?:the|my|that|this|last|latest|what i (?:just )?did (?:to|with|on)|our|please|change (?:to|on|of)|changes (?:to|on)|update (?:to|on|of)|a)\s+)*",
        scene.low[start:],
    )
    tail = re.search(
        r"\s*(?:please|pls|again|i (?:just )?(?:made|did|created|logged|added|saved|wrote|set)|we (?:just )?(?:made|did|created)|from (?:just now|before|earlier)|just now)\W*$",
        scene.low,
    )
    begin = start + (lead.end() if lead else 0)
    end = tail.start() if tail and tail.start() > begin else len(scene.raw)
    value = clean(scene.raw[begin:end])
    if value and not _NOTHING.match(value.lower()):
        draft.put("target", value, Span("text", begin, end))


def helped(scene: Scene) -> Draft:
    draft = Draft("system.help")
    if _CAPABILITY.search(scene.low) and not scene.has(
        r"\b(?:how (?:do|to|can)\b|(?:help (?:me )?)?(?:with|about) \w|\bdo (?:in|on) \w)"
    ):
        return draft
    for pattern in _TOPIC:
        match = pattern.search(scene.low)
        if match:
            _put_topic(draft, scene, *match.span("t"))
            return draft
    if match := re.match(
        r"^\W*(?:so )?(?:can|could|are) (?:you|i|we|it)(?: also)?(?: able to| possible to)?\s+(?P<t>.+?)\s*\?*$",
        scene.low,
    ):
        _put_topic(draft, scene, *match.span("t"))
        return draft
    match = scene.find(
        r"\b(?:do not|don'?t) (?:know|understand)\s+(?:how\s+)?(?:to\s+)?(?P<t>.+)$|\bnot sure how to (?P<t2>.+)$|^(?P<t3>[\w/ -]+?) help\W*$"
    )
    if match:
        group = next(name for name in ("t", "t2", "t3") if match.group(name))
        if group == "t3" and _NOTHING.match(
            match.group("t3").replace("need", "").replace("some", "").replace("want", "")
        ):
            return draft
        _put_topic(draft, scene, *match.span(group))
    return draft


def _put_topic(draft: Draft, scene: Scene, start: int, end: int) -> None:
    value = clean(scene.raw[start:end])
    for _ in range(2):
        value = clean(_TRIM.sub("", value))
    value = re.sub(r"^(?:how\s+)?(?:i|we)\s+(?:can|could|do|should)\s+", "", value)
    if value and not re.fullmatch(
        r"(?:me|you|out|here|this|it|please|this work|i|do|works?|now)", value.lower()
    ):
        draft.put("topic", value, Span("text", start, end))
