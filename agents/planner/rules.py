"""Hand rules over the classifier: cues that hardly ever lie raise an intent, what the screen lacks lowers one."""

import re

from agents.planner.lexicon.cues import KINDS, METRICS, find_cues
from agents.planner.scene import Scene, pointed
from agents.planner.slots.stages import find_stage
from agents.planner.slots.testing import letters

_POLITE = r"^(?:(?:please|pls|plz|kindly|hey|hi|ok|okay|now|then|and|also|so|can|could|would|will|you|we|i|want|need|would|like|to|d|ll|'|let|s|lets|me|us|just|go|ahead|quickly|must|should|have)\s+)*"
_UP: tuple[tuple[str, str, float], ...] = (
    ("system.undo", rf"{_POLITE}(?:undo|undoo|undu|revert|roll ?back|rollback|ctrl|reverse|take (?:that|it|this) back|take back|unwind|step back|go back)\b", 0.7),
    ("campaign.performance", r"\b(?:winning|losing|best|worst|leading|weakest|strongest|weaker|stronger) (?:performing )?(?:variant|version|xvariant)\b", 0.4),
    ("system.undo", r"\b(?:cancel|undo|revert|reverse|scrap|take back|rescind|annul)\b.{0,12}\b(?:last|latest|previous|that|recent)\b.{0,12}\b(?:action|change|step|thing|edit|command|update|move|one)?s?$", 0.6),
    ("system.undo", r"\b(?:undo|revert|roll (?:it|that|this) back|reverse (?:it|that))(?: it| that| this| please)?$", 0.6),
    ("system.help", rf"{_POLITE}(?:help|hepl)\b", 0.45),
    ("system.help", r"^(?:what (?:can|could) (?:you|i|we) (?:do|ask|say|type)|what (?:commands|things) )|\bwhat (?:all |else )?(?:can|could|does) (?:this|it|the (?:app|bar|tool|assistant)) do\b", 0.7),
    ("task.create", rf"{_POLITE}(?:remind|remnd|todo|to do|nudge me|don t (?:let me )?forget|note to self)\b", 0.7),
    ("task.create", rf"{_POLITE}(?:create|add|make|new|set|set up|open|put|assign|give|schedule|crate|creat)?\s*(?:a |an |me |xuser |the |another )*(?:new |follow up |quick )?(?:task|todo|to do|reminder|taks)\b(?! list| due| assigned)", 0.5),
    ("task.create", r"\b(?:have|get|make|let|ask|tell) xuser (?!a\b|the\b|about\b)\w+", 0.5),
    ("task.create", r"\b(?:ask|tell|have|get|remind|make|let) xuser to\b|^(?:\W|please |could you |can you )*xuser (?:should|must|needs? to|has to|to)\b", 0.5),
    ("ab.promote", r"\b(?:end|stop|conclude|finish|close|call) (?:the |this )?(?:test|experiment|a/b|ab).*xvariant", 0.5),
    ("activity.log", rf"{_POLITE}(?:log|logged|lgo|loged)\b(?!.*\b(?:deal|opportunity|opp|issue|bug|ticket|task)\b)", 0.6),
    ("activity.log", rf"{_POLITE}(?:log|logged|record|add)\s+(?:a |an |my |the |that |another )*(?:xduration |quick |short |good |long |intro )*(?:call|meeting|note|email|demo|voicemail|conversation|chat)\b", 0.6),
    ("activity.log", rf"{_POLITE}(?:called|rang|phoned|spoke|met|emailed|talked|had|got off|left|tried|wrote|sent|mailed|demoed|presented|visited|texted|saw|messaged|reached|caught up|chatted)\b", 0.5),
    ("deal.create", r"\b(?:create|new|open|add|start|make|register|enter|set up|creat|creta|track)\b(?:\s+(?:a|an|the|up|another|in|me|xmoney|xproduct|new|for|xcompany|sales))*\s+(?:deal|opportunity|opp|oportunity|opportunities)\b", 0.6),
    ("deal.create", r"^(?:(?:a|the|another|fresh|new|please|pls) )*(?:deal|opp|opportunity) (?:with|for|at|:|xcompany)(?!.*\b(?:to xstage|is|was|lost|won|slipped|moved)\b)", 0.35),
    ("campaign.create", r"^(?:please |pls |new |a |an )*(?:\w+ )?(?:outreach|campaign|sequence|cadence|drip)\b (?:for|to|about|targeting|on|with|xquoted|:)(?!.*\b(?:is|stats|numbers|doing)\b)", 0.35),
    ("campaign.create", rf"{_POLITE}(?:create|build|make|new|set up|start|draft|design|prepare|put together|spin up|launch|write|creat|plan|run|do|generate|kick off|get)\b(?:\s+(?:a|an|the|me|new|up|us|together|another|some|quick|short|xtouches|xsegment|xquote|xindustry|email|linkedin|outreach|outbound|nurture|drip|re|engagement|win|back|follow|expansion|upsell|cold|\w+))?(?:\s+\S+){{0,4}}?\s+(?:campaign|sequence|cadence|campain|campagin|drip)\b(?!.*\bcalled xcampaign)", 0.35),
    ("research.save", r"\b(?:add|put|save|store|keep|file)\b (?:these|this|them|those|it|that|the results?|the list|all)\b.*\b(?:in ?to|to|in|as|under) (?:a |my |the )?(?:new |saved )?(?:list|search|folder)\b", 0.6),
    ("research.search", r"\b(?:compan\w+|accounts?|firms?|prospects?|businesses|lookalikes?|leads|customers|people|twins)\b.{0,20}\b(?:similar to|like|resembling|comparable to|of)\b (?:xcompany|xname)", 0.35),
    ("task.create", rf"{_POLITE}(?:add|put|get|stick|write)\b.{{0,40}}\b(?:to|on|in) (?:my|the|our) (?:to ?do|todo|task|tasks|todos|to dos|list|plate)\b(?!.*\b(?:saved|search|prospects)\b)", 0.55),
    ("campaign.transition", r"\b(?:turn|switch|fire|power|start|spin)\b (?:it |this |that |xcampaign )?(?:back )?(?:on|off|up)\b(?=.*xcampaign|$)", 0.4),
    ("campaign.performance", r"^(?:(?:the|show|me|what|whats|is|s|are|give|get|any|how|many|number|of|please|pls) )*(?:clicks?|opens?|replies|responses?|bounces?|unsubscribes?|unsubs?|meetings)\b (?:of|on|for|in|from|by|with|to)\b.*(?:xvariant|xcampaign)", 0.6),
    ("deal.update", r"\b(?:take|bring|move|put|set|push|return|send)\b.*\b(?:xdeal|xcompany|deal|it)\b.*\bback (?:to|in|into)\b(?!.*\b(?:live|running)\b)", 0.6),
    ("records.query", r"^when (?:do|does|is|are|will)\b.*\b(?:my|our|the|all|xuser)\b.*\b(?:deals?|tasks?|opportunities|opps|meetings|campaigns)\b", 0.7),
    ("task.create", rf"{_POLITE}(?:ping|poke|alert|notify|wake|prod|buzz) me\b", 0.6),
    ("campaign.create", r"\b(?:write|reach out|email|contact|message|target|engage|approach|go after|hit|sequence)\b.{0,30}\b(?:these|those|them|selected|selection|list|folks|people|prospects|ones)\b.*(?:xtouches|xinterval|\ba b\b|\bsequence\b|\bsteps?\b|\btouch)", 0.6),
    ("campaign.create", rf"{_POLITE}(?:win back|re ?engage|reactivate|revive|wake up|warm up)\b(?!.*xcampaign)", 0.6),
    ("research.save", rf"{_POLITE}(?:save|store|bookmark|svae|sav|keep|remember)\b.*\b(?:as|under|named|called|name|xquote)\b", 0.6),
    ("research.save", rf"{_POLITE}(?:save|store|bookmark|keep) (?:the |this |that |these |my )*(?:search|list|results?|query)\b\W*[:=]", 1.0),
    ("research.save", rf"{_POLITE}(?:name|call|label|title) (?:this|the|that|my|these|it)\b.*\b(?:search|list|results|query|it)\b", 0.6),
    ("prospects.select", rf"{_POLITE}(?:select|selct|pick|choose|shortlist|tick|dismiss|reject|discard|unselect|deselect)\b(?!.*(?:winner|xvariant wins))", 0.5),
    ("prospects.select", r"^(?:\w+ ){0,4}(?:top|first|best) (?:xnumber|dozen)(?: (?:of them|prospects|people|ones|leads|only|please|results|contacts|companies))*$", 0.45),
    ("research.save", r"\b(?:name|call|label) (?:it|this)\b.*\b(?:save|keep|store)\b", 0.5),
    ("research.save", r"\b(?:search|list|results)\b.*\bname\b|\bname\b.*\b(?:search|list)\b.*x(?:quote|unknown)", 0.4),
    ("records.query", rf"{_POLITE}(?:show|list|give|get|pull|what|which)?\s*(?:me |are |up )*(?:the |our |my )*(?:xnumber )?(?:newest|latest|oldest|biggest|largest|smallest|most recent)\b.*\b(?:companies|accounts|contacts|customers|deals|issues|tasks|campaigns)\b", 0.35),
    ("prospects.select", rf"{_POLITE}(?:toss|throw out|throw away|bin|drop|remove|reject|cut|keep|take|grab|accept|trash)\b.*xgrade", 0.4),
    ("task.create", rf"{_POLITE}don ?t (?:let me )?forget\b", 0.6),
    ("prospects.select", r"\b(?:dismiss|shortlist|unselect|deselect|discard)\b(?: \S+){0,6}$", 0.35),
    ("ab.promote", rf"{_POLITE}(?:promote|prmote|promte|crown)\b(?!.*xdeal)", 0.5),
    ("ab.promote", r"\b(?:xvariant (?:wins|won|is the winner|has won)|winner|roll out xvariant|go with xvariant|all (?:remaining )?traffic to|make xvariant the)\b", 0.45),
    ("ab.add_variant", r"\b(?:add|ad|new|another|create|include|insert|one more|introduce|extra|additional|try|put in)\b.{0,25}\b(?:variant|version|varient|xvariant|variation)\b", 0.5),
    ("campaign.transition", rf"{_POLITE}(?:pause|resume|archive|launch|unpause|puase|lauch|resme|arhive|halt|relaunch|suspend|reactivate)\b(?!.*\b(?:new campaign|campaign (?:for|to|about)))", 0.45),
    ("campaign.performance", r"\b(?:performance|perform\w*|stats|numbers|metrics|results|open rate|reply rate|click rate|meeting rate|unsubscribe rate|bounce rate|response rate)\b.*(?:xcampaign|xvariant|campaign|sequence)|(?:xcampaign|xvariant).*\b(?:performance|performing|stats|numbers|doing|results|(?:open|reply|click|meeting|bounce|response) rate)\b", 0.4),
    ("deal.update", r"\b(?:move|mov|mve|push|put|set|change|advance|shift|bump|update|progress|drag)\b.*(?:xdeal|xcompany|deal)\b.*\b(?:to|into|in|at)\b.*(?:xstage|xmoney|xdate|xperiod)", 0.3),
    ("records.query", rf"{_POLITE}(?:show|list|display|give|get|pull|which|what|how many|count|see)?\s*(?:me |up |all |the |any |a list of )*(?:my|our|open|overdue|xnumber biggest)?\s*(?:deals|tasks|issues|tickets|opportunities|todos|opps)\b", 0.35),
    ("records.query", r"^(?:how many|count|number of|total|sum|average)\b(?!.*xcampaign)(?!.*\b(?:replied|opened|bounced|clicked)\b)", 0.35),
    ("email.summarize", r"\b(?:summari[sz]e|tl ?dr|gist|recap|sum up|short version)\b(?!.*\b(?:deals?|pipeline|campaign|requirements|know)\b)", 0.4),
    ("email.draft", rf"{_POLITE}(?:e ?mail|mail|write to|draft (?:an? )?(?:\w+ )?e?mail)\b", 0.3),
)  # fmt: skip
_UP_COMPILED = tuple((intent, re.compile(pattern), weight) for intent, pattern, weight in _UP)
_SEARCH_VERB = re.compile(
    rf"{_POLITE}(?:find|fnd|search|serch|look|looking|get|source|prospect|research|hunt|dig|pull|list|show|new search|start a search|build)\b"
)
_REFINE_LEAD = re.compile(
    r"^(?:ok |please |pls |now |and |actually |then |hmm |can you |could you )*(?:only|onyl|just|without|with out|no|not|minus|exclude|excluding|drop|remove|leave|take out|skip|except|but|also|add|plus|include|and|instead|limit|restrict|narrow|keep|filter|make it|make that|broaden|widen|expand|switch|swap|replace|change|use|rather|same|what about|how about|tighten|refine|get rid|ditch|cap|must|should|they|bigger|smaller|want only|show me only|show only|throw|kick|toss|nix|strip|weed|knock|extend|lose|nobody|none|no one)\b"
)
_RECORDS = re.compile(
    r"\b(?:my|mine|our|we have|do we|do i|owned by|assigned to|how many|count|total|sum|average|in our crm|in the crm|pipeline|overdue|due|sort(?:ed)?|group(?:ed)?|created|added|no activity|not contacted|untouched|stale|idle)\b"
)
_ASKED = re.compile(
    r"^(?:is|are|does|did|was|has|have|do|were)\b|^(?:\w+ ){0,3}?(?:how|which|what|whats|hows|who)\b|\b(?:any good|doing|perform\w*|performance|results?|stats|statistics|numbers|metrics|figures|readout|rates?)\b|^compare\b"
)
_LIFECYCLE = re.compile(
    r"\b(?:pause|stop|halt|freeze|hold|suspend|resume|restart|continue|unpause|launch|start|activate|live|archive|shelve|complete|finish|wrap|end|close|submit|kick off|go out|fire|running|again|on ice|approval|sign off)\b"
)
_DISMISSED = re.compile(
    rf"{_POLITE}(?:skip|dismiss|reject|discard|pick|select|choose|shortlist|unselect|drop|remove|add|keep|take|grab) (?:also )?(?:xunknown|xcontact)\b(?! (?:deal|campaign|to xstage))"
)
_LISTED = re.compile(
    rf"{_POLITE}(?:only |just )?(?:xunknown|xcontact)(?:(?: and| or| plus)? (?:xunknown|xcontact))+(?: (?:only|please|pls|nobody else|no one else|and (?:nobody|no one) else|is enough|are enough|will do))?$"
)
_PICKED = re.compile(
    rf"{_POLITE}(?:select|pick|choose|take|grab|mark|tick|shortlist|accept|dismiss|reject|discard)\b"
)
_TO_DO = re.compile(
    rf"{_POLITE}(?:call|ring|phone|e ?mail|mail|write|meet|visit|ping|text|message|chase|contact|check in with|follow up)\b (?!with\b|logged\b|between\b)(?!.*\b(?:was|went|said|left|yesterday|he|she|they|last|no answer|voicemail)\b)"
)
_STAGE_QUESTION = re.compile(r"^(?:what|which|who|how|show|list|anything|everything|any|whats)\b")
# What is on screen is said to be somewhere now: "this is in negotiation now", "they are at proposal".
_STAGED = re.compile(
    r"^(?:(?:ok|so|and|now|please|good news) )*(?:it|this|that|they|the deal|this (?:deal|one)|that one|we)(?: is| are| s| re| has| have| went| moved| got| reached| entered)?\b(?: just| now| finally| already| moved| gone| been)*(?: (?:in|into|to|at|on|as|a))*\b"
)
_CLOSES = re.compile(
    r"^(?:(?:ok|so|and|now|please) )*(?:it|this|that|they|the deal|this deal)\b(?: \w+){0,2} (?:close|closes|closing|slip|slips|slipped|sign|signs|signing|land|lands)\b.*\bx(?:date|period)"
)
_HOW = re.compile(
    rf"{_POLITE}(?:how (?:do|can|does|to|would|should|could)|explain|where (?:do|can|is)|show how|show me how|teach|help)\b"
)
_DOMAIN = re.compile(
    r"\b(?:deals?|campaigns?|contacts?|compan(?:y|ies)|prospects?|leads?|search(?:es)?|tasks?|issues?|tickets?|variants?|a/b|tests?|import\w*|export\w*|csv|stages?|pipeline|sequences?|approvals?|close dates?|closing dates?|amounts?|owners?|reports?|forecast|momentum|icp|scores?|agents?|undo|records?|notes?|activit\w+|audiences?|roles?|permissions?|workspace|users?|colleagues?|templates?|filters?|duplicates?|crm|touch(?:es)?|plays?|message tree|dashboard|fields?|calendar|grades?|grading|ranking|scoring|selection|refine|opt out|mailbox|signature|teams?|notifications?|saved)\b"
)
_CRITERIA = (
    "title",
    "industry",
    "funding",
    "signal",
    "headcount",
    "revenue",
    "technology",
    "seniority",
    "segment",
    "place",
)


def adjust(scores: dict[str, float], delexed: str, scene: Scene) -> dict[str, float]:
    """Scores after the rules; they may leave 0–1, only their order and gaps matter."""
    found = dict(scores)
    for intent, pattern, weight in _UP_COMPILED:
        if pattern.search(delexed):
            found[intent] = found.get(intent, 0.0) + weight
    _research(found, delexed, scene)
    _campaigns(found, delexed, scene)
    _deals(found, delexed, scene)
    if _TO_DO.search(delexed) and any(s.value.coming > scene.today for s in scene.sentence.of("date")):
        _add(found, "task.create", 0.6)
        _add(found, "activity.log", -0.4)
    if (
        _HOW.search(delexed)
        and _DOMAIN.search(delexed)
        and not re.search(r"\bhow (?:is|are|did|does xcampaign)\b|xcampaign|xvariant", delexed)
    ):
        _add(found, "system.help", 0.35)
    stage = find_stage(scene)
    closed = stage is not None and ("won" in stage.value or "lost" in stage.value)
    if (
        _STAGE_QUESTION.search(delexed)
        and stage is not None
        and (not closed or _DOMAIN.search(delexed))
        and not re.search(r"\bhow (?:do|to|can)\b", delexed)
    ):
        _add(found, "records.query", 0.45)
    return found


def at_home(delexed: str, scene: Scene) -> float:
    """How much the sentence speaks of this workspace: 1 for its records or criteria of a search, 0.5 for its nouns."""
    named = any(s.value[0].score >= 0.75 for s in scene.sentence.of("name"))
    named = named or any(pointed(scene.low, f.span) for f in scene.mentions("campaign"))
    criteria = {s.kind for s in scene.sentence.tiles if s.kind in _CRITERIA}
    tested = bool(letters(scene)) and bool(scene.context.focused("campaign"))
    measured = re.search(r"\b(?:open|reply|click|bounce|unsubscribe|meeting|response) rates?\b", scene.low)
    searched = scene.context.last_search is not None and (criteria or scene.sentence.of("grade", "range"))
    if (
        named
        or len(criteria) > 1
        or tested
        or measured
        or searched
        or criteria & {"funding", "headcount", "revenue"}
    ):
        return 1.0
    focused = scene.context.focus is not None and len(delexed.split()) < 8
    return 0.5 if _DOMAIN.search(delexed) or focused else 0.0


def _add(found: dict[str, float], intent: str, weight: float) -> None:
    found[intent] = found.get(intent, 0.0) + weight


def _research(found: dict[str, float], delexed: str, scene: Scene) -> None:
    criteria = sum(1 for s in scene.sentence.tiles if s.kind in _CRITERIA)
    refines = _REFINE_LEAD.search(delexed) or re.search(
        r"\b(?:can|should|must|may|has to|have to) (?:all )?(?:go|be dropped|be removed)$|\b(?:is|are) out$|\b(?:instead|as well|too)$|\b(?:rather than|instead of|in place of)\b",
        delexed,
    )
    if scene.context.last_search is None:
        _add(found, "research.refine", -0.3 if not refines else -0.1)
    elif (
        refines
        and (criteria or scene.sentence.of("grade", "range", "name"))
        and not re.search(r"campaign|sequence|variant|deal|task", delexed)
    ):
        _add(found, "research.refine", 0.5)
    if scene.context.last_search is not None and (_DISMISSED.search(delexed) or _LISTED.search(delexed)):
        _add(found, "prospects.select", 0.5)
    if scene.context.last_search is not None and scene.sentence.all_of("grade") and _PICKED.search(delexed):
        _add(found, "prospects.select", 0.4)
    if scene.context.last_search is None and criteria >= 2:
        _add(found, "prospects.select", -0.4)
        _add(found, "research.refine", -0.2)
    state = any(re.search(rf"\b{re.escape(s)}\b", scene.low) for s in scene.world.customer_states)
    if criteria >= 2 and not refines and not _RECORDS.search(scene.low) and not state:
        _add(found, "research.search", 0.25 + (0.2 if _SEARCH_VERB.search(delexed) else 0.0))
    if _RECORDS.search(scene.low) or (
        state and re.search(r"\b(?:compan|customer|account|client)", scene.low)
    ):
        _add(found, "records.query", 0.15)
        _add(found, "research.search", -0.3)
    if _SEARCH_VERB.search(delexed) and criteria and not re.search(r"\bonly\b|\binstead\b", delexed):
        _add(found, "research.refine", -0.25)


def _campaigns(found: dict[str, float], delexed: str, scene: Scene) -> None:
    _running(found, delexed, scene)
    _tested(found, delexed, scene)
    named = any(
        scene.score(f, "campaign") >= 0.8 or pointed(scene.low, f.span) for f in scene.mentions("campaign")
    )
    if not named and not scene.context.focused("campaign") and "campaign" not in scene.carried:
        if not letters(scene) and not re.search(r"campaign|sequence|variant|it\b|test", delexed):
            for intent in ("campaign.transition", "campaign.performance", "ab.promote", "ab.add_variant"):
                _add(found, intent, -0.25)
    elif named and _meant(delexed, scene):
        _add(found, "campaign.create", -0.3)
    if re.search(r"^(?:please |pls )*\S*\s*(?:xtouches|\d+ touch)", delexed) or (
        find_cues(KINDS, "kind", scene.low)
        and re.search(r"campaign|sequence|cadence|re ?engage", delexed)
        and not named
    ):
        _add(found, "campaign.create", 0.3)
    if letters(scene) and re.search(
        r"\b(?:how|compare|vs|versus|doing|performing|better|show|stats|numbers|rate)\b", delexed
    ):
        _add(found, "campaign.performance", 0.3)


def _meant(delexed: str, scene: Scene) -> bool:
    """A campaign of this workspace, by its name or as "the fintech campaign"."""
    return "xcampaign" in delexed or any(pointed(scene.low, f.span) for f in scene.mentions("campaign"))


def _running(found: dict[str, float], delexed: str, scene: Scene) -> None:
    """A campaign named or on screen: its numbers when asked, its lifecycle when told."""
    if not _meant(delexed, scene) and not scene.context.focused("campaign"):
        return
    asked = _ASKED.search(delexed)
    told = (
        not asked
        and _LIFECYCLE.search(delexed)
        and not letters(scene)
        and not re.search(r"\b(?:variant|version|test|touch|step)\b", delexed)
    )
    if told:
        _add(
            found,
            "campaign.transition",
            0.6 if scene.context.focused("campaign") and len(delexed.split()) < 8 else 0.35,
        )
    measured = [
        s
        for s in find_cues(METRICS, "metric", scene.low)
        if not any(s.overlaps(q) for q in scene.sentence.of("quoted"))
    ]
    if (asked or measured) and not re.search(
        r"\b(?:create|build|split test|optimi|test the|auto|sample|metric)\b", delexed
    ):
        _add(found, "campaign.performance", 0.5 if asked and "xcampaign" in delexed else 0.4)
        _add(found, "records.query", -0.2)


def _tested(found: dict[str, float], delexed: str, scene: Scene) -> None:
    """A letter the test does not have yet is a new variant; one it has can win or be compared."""
    spans = letters(scene)
    if len({s.value for s in spans}) > 1 and re.search(
        r"\b(?:vs|versus|against|compare|compared|better|or|ahead|beats?)\b", delexed
    ):
        _add(found, "campaign.performance", 0.7)
        _add(found, "ab.promote", -0.2)
    name = next((f.names[0] for f in scene.mentions("campaign") if f.one), "") or scene.context.focused(
        "campaign"
    )
    record = next((r for r in scene.world.campaigns if r.key == name), None)
    known = {v.letter for v in record.facts.get("variants", ())} if record else set()
    if spans and known and spans[0].value not in known:
        _add(found, "ab.add_variant", 0.4)
        _add(found, "ab.promote", -0.4)


def _deals(found: dict[str, float], delexed: str, scene: Scene) -> None:
    if scene.sentence.of("signal", "funding", "headcount") or "xcampaign" in delexed:
        _add(found, "deal.update", -0.2)
    if re.search(
        r"^(?:xdeal|xcompany)\b.*\b(?:won|lost|signed|dead)\b|^(?:ok |so |sadly |unfortunately |good news )*(?:that|this|the|it|our) ?(?:deal|opp|opportunity|one)? ?(?:is|s|was|has been|got)\b.{0,12}\b(?:won|lost|dead|signed)\b|\b(?:we|i)(?: just| finally)? (?:won|lost|closed)\b|^(?:won|lost)\b|\bmark\b.*\b(?:won|lost)\b",
        delexed,
    ) and not re.search(r"\b(?:how many|show|list|which)\b", delexed):
        _add(found, "deal.update", 0.4)
    focus = scene.context.focus
    if (
        focus
        and focus.type == "deal"
        and re.search(r"\b(?:it|this|amount|stage|close|owner)\b", delexed)
        and scene.sentence.of("money", "date", "period")
    ):
        _add(found, "deal.update", 0.2)
    if focus and focus.type == "deal" and _STAGED.search(delexed) and find_stage(scene) is not None:
        _add(found, "deal.update", 0.7)
    if focus and focus.type == "deal" and _CLOSES.search(delexed) and not _ASKED.search(delexed):
        _add(found, "deal.update", 0.5)
