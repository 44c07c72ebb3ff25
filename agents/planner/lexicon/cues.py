"""Small closed vocabularies as patterns: funding, signals, segments, grades, channels, metrics, states."""

import re

from agents.planner.text import Span

Table = tuple[tuple[re.Pattern[str], str], ...]


def _table(*rows: tuple[str, str]) -> Table:
    return tuple((re.compile(pattern), value) for pattern, value in rows)


FUNDING = _table(
    (r"\b(?:pre-?)?seed[- ](?:stage|funded|round|level|backed|companies|startups)\b|\bseed\b", "Seed"),
    (r"\b(?:series|round)[- ]?a\b(?!\s+(?:of|few|couple))", "Series A"),
    (r"(?<!pre-)(?<!pre )\bseries[- ]?b\b", "Series B"),
    (r"(?<!pre-)(?<!pre )\bseries[- ]?c\b", "Series C"),
    (r"\bseries[- ]?d\b", "Series D"),
    (r"\bboot-?strapped\b|\bself[- ]funded\b|\bbootstrap\b", "Bootstrapped"),
    (
        r"\bpublicly[- ](?:traded|listed|held)\b|\bpublic(?=\s+(?!sector|relations|affairs|health|school))|\bpublic$|\bpublic(?=[,;.])|\blisted (?=compan|firms)|\bpost-ipo\b|\b(?:nasdaq|nyse)[- ]listed\b|\bstock[- ]listed\b",
        "Public",
    ),
)
SERIES_LIST = re.compile(
    r"\bseries[- ]?([a-d])((?:\s*(?:,|/|or|and|&|to|-|\+|through|thru|until|till|up to)\s*(?:series[- ]?)?[a-d]\b)+)"
)
SIGNALS = _table(
    (
        r"\b(?:are |is |now |actively |currently |who are |that are |and )*(?:hiring|recruiting|staffing up)\b(?! (?:manager|agenc))|\bjob (?:posts?|postings?|ads?|openings?)\b|\bopen (?:roles|positions|reqs|jobs)\b|\bgrowing (?:their|its|the) (?:\w+ )?teams?\b|\bvacanc(?:y|ies)\b|\bposting jobs\b|\blooking for (?:new )?(?:hires|staff|talent)\b|(?<!we )\bare (?:currently |actively )?looking (?:for|to hire)\b",
        "hiring",
    ),
    (
        r"\b(?:just |recently |newly |freshly |that |who |which |have |has |had )*(?:raised|closed a (?:funding )?round|raised money|got funding|got funded|secured funding|received funding|took funding)\b(?:\s+(?:a |an |their |new |fresh |funding|round|money|capital|investment|recently|lately)+)*|\b(?:recently|newly|freshly|just) funded\b|\b(?:fresh|new|recent|latest) (?:funding|investment|capital|money|round)(?: rounds?| news| events?)?\b|\bfunding (?:news|signals?|events?|announcements?)\b|\b(?:with )?(?:a )?(?:recent|new) (?:funding )?round\b",
        "funding",
    ),
    (
        r"\b(?:new|changed|change of|changes in|change in|replaced (?:their|its)|just hired a|just appointed a|appointed a|recently hired a|a fresh) (?:leadership|management|exec(?:utive)?s?(?: team)?|ceo|cfo|cto|cmo|coo|cio|ciso|cro|cpo|chro|head of \w+|vp of \w+|vp \w+|boss|leader(?:s)?)\b|\bleadership (?:changes?|moves?|shuffles?|shake-?ups?)\b|\bmanagement changes?\b|\bexec(?:utive)? (?:changes?|moves?)\b|\bnew (?:\w+ )?leadership\b|\b(?:recently |just |newly )?(?:changed|switched) (?:jobs?|roles?|positions?|employers?|companies)\b|\b(?:started|in|took) (?:in )?(?:a|their|his|her) new (?:job|role|position|post)s?\b|\bnew (?:in|to) (?:the|their) (?:job|role|position|post)s?\b|\b(?:recently|just|newly) (?:appointed|promoted|joined|took over)\b|\bjob changes?\b",
        "leadership_change",
    ),
    (
        r"\b(?:tech(?:nology)?|stack|tool(?:ing)?) (?:changes?|switch(?:es)?|migrations?)\b|\b(?:recently |just |who |that )*(?:switched|switching|migrated|migrating) (?:from|off|away from|to) (?=\w)|\b(?:who|that|which|recently|just|companies|firms|have|has) (?:have |has |are |recently |just )*(?:moved|moving) (?:from|off|away from|to) (?=\w)|\b(?:changed|changing|swapped|replaced|replacing) (?:their|its) (?:tech|stack|crm|tools?|software|systems?|erp)\b|\b(?:recently|just|newly) (?:adopted|installed|bought|implemented)\b",
        "tech_change",
    ),
    (
        r"\bexpanding\b|\bexpansion\b(?! (?:campaign|sequence|deal))|\bopen(?:ed|ing) (?:a )?(?:new )?(?:offices?|locations?|markets?|stores?|branches|sites?)\b|\bentering (?:new )?(?:markets?|\w+ market)\b|\bnew (?:offices?|locations?|markets)\b",
        "expansion",
    ),
    (
        r"\b(?:visited|visiting|browsed|been on|were on|hit|came to|viewed|looked at|checked out) (?:our|the) (?:web ?site|site|pricing|pricing page|homepage|home page|web ?page|landing page|docs|product page|demo page|page)(?: page)?\b|\b(?:web ?site|site|web|page|pricing page) (?:visits?|visitors?|traffic|views?)\b",
        "website_visit",
    ),
    (
        r"\b(?:left|wrote|posted|gave|with|written|have) (?:us )?(?:a |an |bad |good |negative |positive |recent |new )*reviews?\b|\breview(?:ed|s|ing) (?:us|our|on|signals?)\b|\b(?:g2|capterra|trustpilot) reviews?\b|\breviews? on (?:g2|capterra|trustpilot|gartner)\b",
        "review",
    ),
    (
        r"\bproduct usage\b|\busage (?:spikes?|drops?|growth|signals?|increase|up|data)\b|\b(?:active|activity) in (?:the|our) (?:product|app|trial)\b|\busing our (?:product|app|trial|free plan|free tier)\b|\btrial (?:usage|users|signups)\b|\b(?:heavy|active|power|free) users of our\b|\bactive trials?\b",
        "product_usage",
    ),
    (
        r"\bin the (?:news|press|media|headlines)\b|\b(?:recent|latest|press|media|breaking) (?:news|coverage|mentions?|releases?)\b|\bnews (?:mentions?|signals?|coverage)\b|\bnewsworthy\b|\bmade (?:the )?(?:news|headlines)\b|\bmentioned in the press\b",
        "news",
    ),
)
SEGMENTS = _table(
    (
        r"\b(?:large )?enterprises?\b(?! (?:sales|software|resource|architect|account (?:exec|manag|lead)|plan\b|edition|rollout|deal$))(?:[- ](?:size[d]?|level|grade))?",
        "enterprise",
    ),
    (r"\bmid[- ]?(?:market|sized?|size companies)\b|\bmidsized?\b|\bmedium[- ]sized?\b", "mid_market"),
    (
        r"\bsmbs?\b|\bsmes?\b|\bsmall (?:and medium |& medium )?(?:business(?:es)?|compan(?:y|ies)|firms?|shops?)\b",
        "smb",
    ),
    (r"\bstart-?ups?\b|\bstart ups\b|\bscale-?ups?\b|\bearly[- ]stage\b", "startup"),
)
PEOPLE = re.compile(
    r"\b(?:people|persons?|contacts?|leads?|prospects?|decision[- ]makers?|buyers?|stakeholders?|champions?|folks|humans"
    r"|individuals|professionals|ppl|someone|anyone|everyone|who|guys|persona)\b"
)
COMPANIES = re.compile(
    r"\b(?:compan(?:y|ies)|accounts?|firms?|businesses|business|organi[sz]ations?|orgs?|startups?|start-ups?|scaleups?|enterprises"
    r"|vendors?|smbs?|smes?|brands?|cos|shops|makers|providers|agencies|corporations?|logos|employers|outfits|players)\b"
)
METRICS = _table(
    (
        r"\bopen(?:ing)?[- ]?rates?\b|\bopens?\b(?! (?:a|an|the|up|new|deals?|issues?|tasks?|rolls)\b)|\bopened\b|\bor\b(?=$)",
        "open_rate",
    ),
    (
        r"\bclick(?:[- ]?through)?[- ]?rates?\b|\bclicks?\b|\bctr\b|\bclicked\b|\bclick-?throughs?\b",
        "click_rate",
    ),
    (
        r"\b(?:reply|response|answer)[- ]?rates?\b|\brepl(?:y|ies)\b|\breplied\b|\bresponses?\b|\bresponded\b|\banswers?\b",
        "reply_rate",
    ),
    (
        r"\bmeeting(?:s)?(?:[- ]booked)?[- ]?rates?\b|\bmeetings?(?: booked| set)?\b|\bbooking rates?\b|\bbooked meetings?\b|\bdemos? booked\b",
        "meeting_rate",
    ),
    (
        r"\b(?:unsubscribe|unsub|opt[- ]?out|unsubscription)s?[- ]?rates?\b|\bunsub(?:scribe[sd]?|s)?\b|\bopt-?outs\b|\bunsubscriptions?\b",
        "unsubscribe_rate",
    ),
    (r"\bbounce[- ]?rates?\b|\bbounces?\b|\bbounced\b|\bbouncing\b", "bounce_rate"),
)
CHANNELS = _table(
    (r"\be-?mails?\b|\bmails?\b", "email"),
    (r"\blinked-?in\b|\blinked in\b|\bli (?:message|dm|touch)s?\b|\binmails?\b", "linkedin"),
    (r"\b(?:phone |cold )?calls?\b|\bphones?\b|\bcalling\b|\bdials?\b", "call"),
    (r"\bsms\b|\btext messages?\b|\btexts\b(?! )|\btexting\b", "sms"),
)
KINDS = _table(
    (
        r"\bre-?\s?engag\w*|\bwin-?\s?back\w*|\bwinning back\b|\brevive\b|\breviv\w+|\bre-?activat\w+|\bwake[- ]?up\b|\brekindl\w+|\bwarm(?:ing)? up (?:the )?(?:cold|old|dormant)\b|\bwin\b.{1,25}\bback\b",
        "re_engagement",
    ),
    (r"\bnurtur\w*|\bdrip\b", "nurture"),
    (
        r"\bevent[- ]follow[- ]?ups?\b|\bpost[- ](?:event|webinar|conference|show)\b|\bfollow[- ]?ups?\b(?=.*\b(?:webinar|conference|event|trade ?show|summit|booth|attendees|expo|fair|meetup|workshop|roadshow)\b|.*\b(?:met|saw|talked to|spoke (?:to|with)|visited us|came by)\b.*\bat\b)|\b(?:webinar|conference|event|trade ?show|summit|booth|expo|fair|meetup|workshop|roadshow)(?: \w+)? (?:attendees |visitors )?follow[- ]?ups?\b",
        "event_follow_up",
    ),
    (r"\bexpansion\b|\bup-?sell\w*|\bcross-?sell\w*|\bupgrade campaign\b", "expansion"),
    (r"\boutreach\b|\bprospecting (?:campaign|sequence)\b|\bcold (?:campaign|sequence|email)\b", "outreach"),
)
ELEMENTS = _table(
    (r"\bsubject(?:s|[- ]lines?)?\b|\bheadlines?\b", "subject"),
    (
        r"\b(?:email |mail |message )?bod(?:y|ies)\b|\bcopy\b(?! of)|\bbody text\b|\bopening line\b|\bmessage text\b",
        "body",
    ),
    (r"\bctas?\b|\bcalls? to action\b|\bcall-to-action\b", "cta"),
    (r"\bsenders?\b|\bfrom[- ]names?\b|\bsender names?\b", "sender"),
    (r"\bsend(?:ing)?[- ]?times?\b|\btime of (?:day|sending)\b|\btimings?\b|\bsending hours?\b", "send_time"),
    (r"\bchannels?\b", "channel"),
)
GRADE = re.compile(
    r"(?:\b(?:grade[sd]?|rated|scored?|scoring|rating)\s*(?:of |as |is |an? )?['\"]?(?P<a>a\+|a|b|c)(?:'?s)?(?![\w+'])"
    r"|(?<![\w])(?P<b>a\+|a|b|c)['\"]?(?:'s|s)?[- ]?(?:grade[sd]?|rated|scored|leads?|prospects?|players|ones|fits?|matches|candidates|list)(?!\w)"
    r"|(?<![\w])(?P<c>a\+|b|c)(?=\s+(?:and|or)\s+(?:above|better|up|higher|below|lower|worse|down|under)\b)"
    r"|(?<![\w])(?P<d>a)(?=\s+(?:and|or)\s+(?:above|better|up|higher|below|lower|worse)\b)"
    r"|\b(?:at least|min(?:imum)?|below|under|above|over|better than|worse than|lower than|down to|nothing below)\s+(?:an? |grade )?(?P<e>a\+|a|b|c)(?!\w)"
    r"|\bwith\s+(?:an? )?(?:grade )?(?P<h>a\+|a|b|c)(?=\s*(?:$|[,.;!?]|grade|please|pls|or|and))"
    r"|(?<![\w])(?P<f>a\+)(?!\w)|\b(?:the|all|every|only)\s+(?P<g>a|b|c)(?:'s|s)(?!\w))"
)


def find_cues(table: Table, kind: str, low: str) -> list[Span]:
    return [Span(kind, m.start(), m.end(), value) for pattern, value in table for m in pattern.finditer(low)]


def find_funding(low: str) -> list[Span]:
    found = find_cues(FUNDING, "funding", low)
    for match in SERIES_LIST.finditer(low):
        letters = [match.group(1), *re.findall(r"(?<![a-z])([a-d])\b", match.group(2))]
        if re.search(r"\bto\b|-\s*(?:series)?|through|thru|until|till", match.group(2)) and len(letters) == 2:
            letters = [chr(code) for code in range(ord(letters[0]), ord(letters[1]) + 1)]
        found.append(
            Span("funding", match.start(), match.end(), [f"Series {letter.upper()}" for letter in letters])
        )
    return found


def find_grades(low: str, raw: str) -> list[Span]:
    """Letters of grades; a small "a" before a noun is the article."""
    found = []
    for match in GRADE.finditer(low):
        name = match.lastgroup or "a"
        article = (
            name == "b"
            and raw[match.start(name) : match.end(name)] == "a"
            and low[match.end(name) : match.end(name) + 1] == " "
        )
        if article and not re.match(r"\s(?:grade|rated|scored)", low[match.end(name) :]):
            continue
        found.append(Span("grade", match.start(name), match.end(name), match.group(name).upper()))
    return found
