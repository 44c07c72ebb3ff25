"""The tables behind `reasons`: what receiving servers write, grouped by what it means.

Every pattern is a flat list of alternatives without nested repetition, matched against lower-case text from
which addresses were replaced by `@`.
"""

import re

Rule = tuple[str, re.Pattern[str]]


def words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


# Status codes that say exactly one thing, whatever the words beside them.
CERTAIN_STATUS = {
    "5.7.25": "requireptr",
    "4.7.25": "requireptr",
    "5.7.26": "authfailure",
    "5.7.20": "authfailure",
    "5.7.21": "authfailure",
    "5.7.22": "authfailure",
    "5.7.23": "authfailure",
    "5.7.24": "authfailure",
    "5.7.509": "authfailure",
    "5.7.27": "notaccept",
    "5.7.13": "suspend",
    "5.2.3": "exceedlimit",
    "5.7.124": "rejected",
    "5.7.133": "rejected",
    "5.7.134": "rejected",
    "5.1.6": "hasmoved",
    "5.7.17": "hasmoved",
    "5.7.18": "hasmoved",
    "5.7.512": "notcompliantrfc",
    "5.7.606": "blocked",
    "5.7.511": "blocked",
    "5.7.57": "securityerror",
    "5.7.705": "speeding",
    "5.1.90": "speeding",
    "5.2.2": "mailboxfull",
    "4.2.2": "mailboxfull",
}

# RFC 3463 and the codes big receivers added; the class (4 or 5) does not change the reason.
STATUS_REASONS = {
    ".1.0": "userunknown", ".1.1": "userunknown", ".1.2": "hostunknown", ".1.3": "userunknown", ".1.4": "filtered",
    ".1.6": "hasmoved", ".1.7": "rejected", ".1.8": "rejected", ".1.9": "systemerror", ".1.10": "userunknown",
    ".1.351": "userunknown",
    ".2.0": "filtered", ".2.1": "filtered", ".2.2": "mailboxfull", ".2.3": "exceedlimit", ".2.4": "filtered",
    ".3.0": "systemerror", ".3.1": "systemfull", ".3.2": "notaccept", ".3.3": "systemerror", ".3.4": "mesgtoobig",
    ".3.5": "systemerror",
    ".4.0": "networkerror", ".4.1": "expired", ".4.2": "networkerror", ".4.3": "systemerror", ".4.4": "hostunknown",
    ".4.5": "systemfull", ".4.6": "networkerror", ".4.7": "expired", ".4.8": "networkerror", ".4.14": "networkerror",
    ".4.316": "networkerror", ".4.310": "hostunknown",
    ".5.1": "syntaxerror", ".5.2": "syntaxerror", ".5.3": "toomanyconn", ".5.4": "syntaxerror",
    ".5.5": "systemerror", ".5.6": "mesgtoobig",
    ".6.0": "contenterror", ".6.1": "contenterror", ".6.2": "contenterror", ".6.3": "contenterror",
    ".6.5": "contenterror", ".6.6": "contenterror", ".6.7": "contenterror", ".6.8": "contenterror",
    ".6.9": "contenterror",
    ".7.0": "securityerror", ".7.1": "securityerror", ".7.2": "securityerror", ".7.3": "securityerror",
    ".7.4": "securityerror", ".7.5": "securityerror", ".7.6": "securityerror", ".7.7": "securityerror",
    ".7.8": "securityerror", ".7.9": "securityerror", ".7.12": "securityerror", ".7.13": "suspend",
    ".7.15": "securityerror", ".7.17": "hasmoved", ".7.18": "hasmoved", ".7.28": "speeding",
    ".7.30": "securityerror", ".7.64": "norelaying", ".7.124": "rejected", ".7.133": "rejected",
    ".7.134": "rejected", ".7.511": "blocked", ".7.606": "blocked", ".7.708": "blocked", ".7.750": "blocked",
}  # fmt: skip

# Sentences mail programs put around every report; they say nothing about the reason.
BOILERPLATE = words(
    r"this message was created automatically[^.]{0,60}\.", r"this is a permanent (?:error|failure)[;.]?", r"i'?ve given up\.? sorry it didn'?t work out", r"giving up on [\d.:a-f]{3,60}",
    r"no further delivery attempts will be made", r"this has been a permanent failure", r"\(delivery attempts: \d{1,5}\)", r"unknown address error", r"message will be deleted from queue",
    r"this is the mail system at host", r"the mail system(?= |$)", r"mail delivery (?:sub)?system", r"connected to [\d.:a-f]{3,60} but sender was rejected", r"a message that you sent[^.]{0,120}\.",
    r"i'?m (?:sorry|afraid)[^.;]{0,120}\.", r"for further assistance[^.]{0,80}\.", r"if you do so[^.]{0,80}\.", r"you can delete your own text[^.]{0,60}\.", r"messaging security suite", r"delivery status notification",
    r"there was an error delivering your mail", r"delivery to the following recipients? (?:has )?(?:failed|been delayed)(?: permanently)?:?", r"the following address(?:\(?es\)?)? (?:failed|had [a-z ]{0,40}):?", r"technical details of (?:permanent|temporary) failure",
    r"this is an automatically generated[^.]{0,60}\.", r"this is a mime-encapsulated message", r"google tried to deliver your message, but it was rejected by the (?:recipient|server for the recipient) domain", r"we recommend contacting[^.]{0,140}\.",
    r"your message (?:wasn'?t|could not be|was not|cannot be) delivered to [^.]{0,60}", r"address not found \*\*", r"could not be delivered to one or more", r"check for typos[^.]{0,60}\.",
)  # fmt: skip

USER_UNKNOWN = words(
    r"user(?:name)?s? (?:is |account )?(?:unknown|not (?:known|found|exist))", r"unknown (?:local[- ]part|user|recipient|account|address|mailbox)",
    r"no such (?:user|mailbox|recipient|account|address|person|local|e?-?mail|id)", r"not such user",
    r"(?:user|recipient|account|mailbox|address|adresse?|inbox|alias|member)[^.;]{0,60}(?:does not|doesn'?t|do not|did not|didn'?t|not) exists?",
    r"(?:recipient|address|mailbox|user|account)(?: name| address)?s? (?:is |was |was not |not |could not be |couldn'?t be |cannot be |can'?t be )+(?:found|recognized|unknown|known|invalid|valid)",
    r"recipient (?:address )?(?:unknown|not found|invalid)", r"address unknown", r"addressee unknown",
    r"invalid (?:recipient|mailbox|user|address|final recipient|to address|local part)", r"mailbox (?:is )?(?:unavailable|not available|not found|invalid|does not)",
    r"not a (?:valid|known|local|registered) (?:user|mailbox|recipient|address|account)",
    r"no mailbox (?:here|by|found|with)", r"recip(?:ient)?notfound", r"nosuchuser", r"not listed in", r"no one (?:here )?by that name",
    r"unrouteable address", r"(?:address|mailbox|user|account) (?:is )?no longer (?:exist|valid|available|in use)", r"undeliverable address", r"bad destination (?:mailbox|email) address", r"bad address",
    r"user doesn'?t have", r"does(?:n'?t| not) have an? (?:valid )?[\w.]{0,30} ?(?:account|mailbox)",
    r"recipient (?:is )?(?:not (?:exist|here|local|on)|no longer)", r"is not (?:present|local|known) (?:in|on|at|here|to)",
    r"destinataire in(?:connu|valide)|utilisateur inconnu|adresse[^.]{0,40}(?:invalide|inconnue)|n'existe pas",
    r"usuario (?:desconocido|no existe|inexistente)|destinatario (?:desconocido|no existe)|no existe (?:el|la|esa|ese)",
    r"empf(?:ae|ä)nger (?:ist )?(?:unbekannt|nicht)|benutzer unbekannt|utente sconosciuto|casella inesistente|destinat[aá]rio (?:inexistente|desconhecido)",
    r"ディレクトリのリストにありません|宛先.{0,20}存在しません|メールアドレスが見つかりませんでした", r"unknown or illegal alias|was not found: unknown|keinen benutzer",
    r"check (?:if )?(?:the )?address", r"the email account that you tried to reach does not exist", r"name is not recognized",
    r"no (?:valid )?recipients? (?:found|here|at)", r"account (?:has been |was )?(?:deleted|terminated|closed)", r"delivery error: dd",
    r"no account by that name", r"user not (?:found|exist|known|local)", r"mailbox for @ does not exist", r"no valid recipients",
    r"requested action not taken: mailbox", r"mailbox name not allowed", r"rcpt (?:address )?(?:rejected|invalid)", r"undeliverable to @",
)  # fmt: skip

# Said of every refused recipient; other words decide when there are any.
WEAK_USER_UNKNOWN = words(
    r"(?:recipient )?address rejected", r"recipient rejected", r"550 rejected recipient"
)

# Rules that hold only when a certain SMTP command was refused.
COMMAND_RULES: tuple[tuple[str, frozenset[str], re.Pattern[str]], ...] = (
    ("rejected", frozenset({"MAIL"}), words(
        r"no such domain", r"domain (?:name )?(?:not found|does not exist)", r"does not exist", r"sender", r"domain not", r"access denied",
        r"invalid domain name", r"user unknown",
    )),
    ("blocked", frozenset({"EHLO"}), words(r"rejected", r"invalid (?:domain|host) ?name", r"denied", r"helo", r"refused", r"syntax")),
    ("blocked", frozenset({"CONN"}), words(r"service not available, closing", r"missing reverse dns", r"denied", r"refused(?! to talk)", r"block", r"reject")),
)  # fmt: skip

# Words that mean one thing whichever command was refused.
TRUSTED_TEXT_RULES: tuple[Rule, ...] = (
    (
        "userunknown",
        words(
            r"recipient address rejected: access denied",
            r"delivery error: dd",
            r"nosuchuser",
            r"recip(?:ient)?notfound",
        ),
    ),
    ("mailererror", words(r"procmail:", r"maildrop:")),
    (
        "hostunknown",
        words(
            r"\bhost unknown",
            r"(?<!user )unknown host",
            r"^(?:[^.]{0,80}: )?domain does not exist",
            r"account or domain may not exist",
            r"unrouteable mail domain",
        ),
    ),
    ("rejected", words(r"groups\.google")),
    ("notaccept", words(r"null ?mx")),
    ("speeding", words(r"(?:daily|hourly|sending) (?:sending |message |receiving |user )*(?:quota|limit)")),
    ("suspend", words(r"p=disableduser")),
    ("mailboxfull", words(r"p=overquota")),
    ("blocked", words(r"p=unsolicitediperror|p=ipblacklist")),
    ("filtered", words(r"550 : user unknown")),
    ("onhold", words(r"recipient address rejected: on hold")),
    ("toomanyconn", words(r"connection rate", r"connections? limit")),
    (
        "requireptr",
        words(
            r"fix reverse dns",
            r"without a valid reverse",
            r"(?:ip|host) name lookup failed",
            r"must have a ptr",
            r"invalid rdns",
        ),
    ),
    ("contenterror", words(r"duplicate header", r"multiple 'from'", r"header field too")),
    ("badreputation", words(r"\[tss?0\d", r"unexpected volume or user complaints")),
)

TEXT_RULES: tuple[Rule, ...] = (
    ("mailboxfull", words(
        r"mail ?(?:box|folder|store)(?: of @)?(?: is| has been| size)? (?:already )?(?:full|exceed)", r"(?:inbox|account|maildir|mailbox for user) is full", r"over ?quota",
        r"quota[^.]{0,30}exceed", r"exceed(?:ed|s|ing)? (?:the |his |her |their |its |your |user |mailbox |storage |disk |allowed |my )*(?:quota|storage|mailbox)",
        r"out of storage", r"not (?:have )?enough (?:storage |disk |free |mailbox )*space", r"recipient'?s mailbox exceeded", r"would exceed (?:the )?(?:mailbox|quota)",
        r"exhausted allowed storage", r"storage (?:limit|quota|allocation)", r"bo[iî]te [^.]{0,40}pleine", r"buz[oó]n[^.]{0,30}llen", r"casella[^.]{0,30}piena",
        r"postfach[^.]{0,30}voll", r"mailbox size limit", r"mailbox (?:@ )?(?:is )?over", r"mailbox exceeds allowed size", r"volume limit",
        r"容量", r"quota violation", r"disk quota", r"mailbox[^.]{0,40}limit(?:s)? (?:exceeded|reached)", r"mailfull", r"quotaexceeded",
    )),
    ("mesgtoobig", words(
        r"message (?:size )?(?:is )?too (?:big|large|long)", r"exceeds? (?:the )?(?:fixed |maximum |max |message |allowed |permitted |system )*(?:message )?size",
        r"(?:message|mail|email)[^.]{0,40}exceeds[^.]{0,30}(?:size|limit|length|maximum)", r"size limit", r"data size exceeds", r"message length exceeds",
        r"rst\.(?:recip)?sizelimit", r"larger than the (?:current )?(?:maximum|allowed)", r"too large to (?:be )?(?:deliver|send|accept)",
    )),
    ("hasmoved", words(
        r"has moved", r"no longer on server", r"moved to (?:a )?(?:new|another|other)", r"not our customer", r"has been replaced by", r"user (?:has )?moved",
        r"address (?:has )?changed", r"(?:new|changed) (?:e-?mail )?address", r"no longer (?:uses|using) this",
        r"please (?:try|use|forward to) (?:the )?(?:new address|<?@>? instead|<?@)",
    )),
    ("norelaying", words(
        r"relay(?:ing)?(?: access| mail)?(?: is)? (?:denied|not (?:allowed|permitted|authorized)|prohibited|forbidden|rejected|disabled|operation rejected)", r"not (?:permitted|allowed|authori[sz]ed) to relay",
        r"(?:can ?not|can't|unable to|won't|don't|do not|does not|refuse to) relay", r"allowed rcpthosts", r"email address is not verified", r"denied relay", r"not a relay",
        r"relay not", r"mail server requires authentication when", r"you must (?:pop|authenticate|check (?:for )?(?:new )?mail) before", r"relaying mail to",
    )),
    ("virusdetected", words(
        r"virus(?:es)? (?:found|detected|infect)", r"(?:contain|infected|carr)[^.]{0,30}(?:virus|malware|worm|trojan)", r"virus (?:in|has)", r"malware", r"a virus", r"viral", r"executable file"
        r"", r"virus(?! (?:scanned|firewall|&))[^.]{0,20}reject", r"file type[^.]{0,30}not (?:allowed|accepted)",
    )),
    ("authfailure", words(
        r"dmarc", r"unauthenticated", r"not (?:have|pass)[^.]{0,40}authenticat", r"sender (?:id|policy framework)", r"\bspf\b", r"\bdkim\b", r"authentication checks? failed", r"fail(?:s|ed)? authentication checks",
        r"sender authentication", r"openspf",
    )),
    ("requireptr", words(
        r"\bptr\b", r"\brdns\b", r"reverse (?:dns|lookup|ip|host|name|mapping)", r"unverif(?:i|y)able sending ip", r"cannot find your (?:reverse )?hostname", r"no reverse", r"ip address (?:does not|has no) [^.]{0,20}(?:resolve|name)",
        r"fix reverse", r"unresolvable (?:client )?(?:host|address)", r"cannot resolve your (?:address|ip)", r"inverse (?:dns|resol)",
    )),
    ("notcompliantrfc", words(r"rfc ?-?(?:5322|5321|2822|822|2821|1123)\b[^.]{0,40}(?:complian|violat|conform)?", r"bare (?:lf|cr|<lf>|newline)", r"multiple (?:subject|from|to|date|sender) header", r"not (?:rfc|compliant)", r"newlines? not allowed")),
    ("badreputation", words(
        r"(?:low|poor|bad|no) (?:sender |ip |domain )?reputation", r"\[tss?0", r"unexpected volume or user complaints", r"reputation (?:score|of|is|filter|service|block|too|sender)", r"(?:ip|domain|sender)(?:'s)? reputation",
        r"senderscore", r"because of (?:its|your|poor) reputation", r"user complaints",
    )),
    ("suspend", words(
        r"(?:account|mailbox|user|inbox|recipient|address|e-?mail|domain|maildrop)(?:\(s\))?(?: @)?(?: account)?(?: is| was| has been| has| are)?(?: currently| temporarily| permanently| being)?(?: been)? (?:disabled|suspended|locked|inactive|deactivated|frozen|blocked(?! by| using| due)|not active|expired|on hold|unavailable due|held|cancell?ed|inactivated|dormant)",
        r"disableduser", r"(?:disabled|inactive|suspended|locked|frozen|deactivated|blocked) (?:account|user|mailbox|recipient|alias)", r"compte[^.]{0,30}(?:bloqu|suspend|desactiv|désactiv)", r"bo[iî]te[^.]{0,40}bloqu",
        r"inactive and over", r"cuenta[^.]{0,20}(?:bloquead|suspendid|desactivad|deshabilitad)", r"konto[^.]{0,20}(?:gesperrt|deaktiviert)", r"not active", r"administratively disabled", r"domain (?:is )?(?:disabled|suspended)",
        r"temporar(?:il)?y locked", r"account that you[^.]{0,40}is (?:inactive|disabled|suspended)", r"(?:account|mailbox) (?:that )?[^.]{0,30}(?:is|has been) (?:disabled|suspended|deactivated)", r"archived recipient",
    )),
    ("speeding", words(
        r"too many (?:recipients|messages|mails?|emails) (?:this|in the|per|within|from|for|sent|in a)", r"rate[- ]?limit", r"sending rate", r"too (?:fast|quickly|frequent)", r"mail at a rate", r"throttl", r"per (?:hour|minute)", r"maximum sending rate",
        r"daily (?:message )?quota exceeded", r"please try again slower", r"slow down", r"unusual (?:rate|number)", r"rate (?:that|has|of)[^.]{0,30}(?:exceed|limit)", r"sending limit|daily limit|hourly limit",
    )),
    ("toomanyconn", words(
        r"too many (?:connections?|sessions|recipients|concurrent|simultaneous|open)", r"(?:maximum|max) (?:number of )?(?:concurrent |simultaneous )?(?:connections|sessions)", r"connections? (?:rate|limit|frequency)", r"simultaneous",
        r"concurren(?:t|cy)", r"exceeded[^.]{0,20}(?:connections|number of recipients)", r"limit on (?:connections|recipients)", r"per[- ]connection",
    )),
    ("rejected", words(
        r"sender (?:address |email |domain |is |was |has been |verify )*(?:rejected|denied|refused|blocked|invalid|unknown|fail|not (?:accepted|allowed|found|exist|verified))", r"domain of sender", r"sender'?s? (?:e-?mail |address |domain )*(?:does not|doesn't|not|could not|must|rejected|in)",
        r"(?:invalid|unknown|bad|unroutable|unverified|forged|fake|unresolvable) sender", r"(?:from|return-path|mail from|envelope) (?:address|domain|header|:)[^.]{0,40}(?:not|invalid|reject|mismatch|differ)", r"all recipient addresses rejected ?: access denied",
        r"group you tried to contact",
        r"not (?:a registered gateway|on (?:the )?(?:allow|white)) ?(?:user|list)?", r"address[^.]{0,30}(?:not|isn't) (?:allowed|permitted) to (?:send|post|submit)", r"not (?:allowed|permitted|authori[sz]ed) to (?:send|post|submit)[^.]{0,20}(?:to|mail|message)?", r"rejected sender", r"sender <?@>? is not", r"we don'?t accept mail from",
        r"only accept(?:s)? (?:mail|messages?) from", r"doesn'?t (?:receive|accept) mail from", r"(?:senders?|from)[^.]{0,30}(?:black|block) ?list", r"subscribers? only|members? only|non-?members?", r"due to sender", r"sender notified", r"backscatter", r"null sender",
        r"rst\.notauth|restricted", r"mail from[^.]{0,20}(?:refused|reject)", r"sorry, i don't accept message",
    )),
    ("spamdetected", words(
        r"\bspam(?!haus|cop| ?block ?list)", r"\bube\b", r"\bjunk", r"unsolicited", r"content (?:of [^.]{0,20})?(?:rejected|was reject|block|filter)", r"blacklisted (?:url|link)", r"bulk (?:e-?mail|message)", r"content rejected", r"spammy|spamming", r"classified as", r"considered (?:as )?(?:un|spam|bulk)",
        r"mail rejete|mail rejected", r"\[ofr|ofr_50[6]", r"reject(?:ed)? (?:for|by|due to|because of) content", r"content restrictions", r"phish", r"identified as", r"blacklisted domain|uribl|surbl", r"high probability", r"looks like", r"score of", r"bayes",
    )),
    ("policyviolation", words(
        r"polic(?:y|ies)", r"protocol violation", r"header error", r"presents a potential", r"attachments? (?:type )?(?:not allowed|blocked|is not|are not)", r"we do not accept (?:messages|mail|attachments)", r"denied by administrat|administrat(?:or|ive)[^.]{0,20}(?:polic|prohibit)", r"not accepted due to",
        r"message (?:was )?(?:rejected|refused) (?:by|because of) (?:server|site|local)", r"you have exceeded[^.]{0,20}attach", r"bad file (?:name|extension)", r"blocked attachment|prohibited attachment", r"dangerous|disclaimer", r"based on the[^.]{0,20}preferences",
    )),
    ("notaccept", words(
        r"(?:does|do|will|is|are|can)(?: not|n'?t) (?:currently )?(?:accept|accepting|receive|handle)(?:ing)? (?:any )?(?:e-?mail|mail|smtp|network|messages|incoming)", r"no mx(?: record)? (?:found|exist|for|host)", r"null ?mx|nullmx", r"no smtp service", r"not accepting (?:network|mail|any|e-?mail)", r"couldn'?t find a mail exchanger", r"malformed or unexpected name server",
        r"no mail(?: is)? accepted|smtp (?:protocol |service )?(?:is )?(?:disabled|not (?:supported|available here))", r"no valid (?:mx|mail exchanger)", r"name server[^.]{0,40}type=mx", r"mail (?:exchanger|service)[^.]{0,20}not (?:accept|offered)", r"(?:domain|host)[^.]{0,30}(?:never|not) (?:sends or )?receives? mail", r"no mail service",
    )),
)  # fmt: skip

# Tried when nothing clearer was said, after the rules for unknown users.
WEAK_TEXT_RULES: tuple[Rule, ...] = (
    ("networkerror", words(
        r"routing loop", r"hop ?count", r"too many (?:hops|received)", r"loops? back", r"mail (?:forwarding |is |delivery )?loop", r"host not found,? try again", r"host name lookup failure", r"dns error", r"network error", r"bad connection", r"lost connection", r"(?:network|no route|host) (?:is )?(?:unreachable|to host)", r"looping", r"loop detected",
        r"connection (?:was )?(?:dropped|lost|reset|closed|broken)", r"name server[^.]{0,30}(?:timeout|try again|failure)", r"delivery loop", r"temporar(?:y|ily)[^.]{0,20}(?:dns|name|resolution|lookup)", r"tls (?:negotiation|handshake)", r"no answer from host", r"dns (?:server|lookup)[^.]{0,20}fail", r"unable to (?:resolve|lookup|look up|connect to dns)", r"all (?:relevant )?mx records point to non-?existent",
        r"name service error for domain", r"networkerror",
    )),
    ("hostunknown", words(
        r"host (?:is )?unknown", r"unknown (?:host|domain)", r"no such (?:host|domain)", r"host(?: or domain name| name)? (?:was |is |could )?not (?:be )?found", r"domain (?:name )?(?:is |was |could )?(?:not (?:be )?(?:found|exist|reachable|known|valid)|not exist|doesn'?t exist|does not exist|invalid|unknown|unrouteable)", r"illegal host", r"invalid (?:domain|host)(?: ?name)?",
        r"couldn'?t find any host", r"nxdomain", r"unrouteable (?:mail )?domain", r"name or service not known", r"domain[^.]{0,40}(?:couldn'?t|could not|can'?t) be found", r"domain or host not|bad destination (?:host|system)", r"account or domain may not exist", r"recipient'?s domain", r"domain must exist|domain is not reachable|no relevant answers",
        r"no (?:data|dns|a|address)[^.]{0,20}known", r"unresolv(?:e)?able|host lookup did not complete",
    )),
    ("blocked", words(
        r"\bblocked\b", r"(?:black|block|deny|reject)[- ]?list", r"\bdns?bl|\brbl\b|spamhaus|spamcop|sorbs|barracudacentral", r"\bbanned", r"open relay", r"client host (?:rejected|\[)", r"no access from", r"(?:your|sending|client|source|this|the) (?:ip|host|server|mail server|network|isp)[^.]{0,60}(?:block|reject|denied|refus|listed|not allowed|ban|prohibit)", r"access denied[^.]{0,20}(?:ip|\[|banned)",
        r"smtp server of your isp", r"invalid ip", r"messages from[^a-z]{1,60}weren'?t sent", r"gr[ae]ylist", r"refused to talk", r"connect(?:ion)?s? (?:not (?:accepted|allowed)|rejected|denied|dropped)(?! by peer)(?![^.]{0,20}timed)", r"dynamic (?:ip|host|address)|dial-?up|residential|generic (?:ip|host)", r"helo(?: command)? reject|bad helo|helo", r"sc-00\d", r"ip address[^.]{0,60}(?:reject|listed|denied|found|not)",
        r"not (?:accepting|accept) (?:connections|mail)[^.]{0,20}from (?:your|this|\[)", r"sender host|host rejected|server (?:was )?rejected", r"abuse", r"please (?:use|contact) your (?:isp|internet)", r"denied \[|access denied\b[^.]{0,30}\d+\.\d+\.\d+", r"temporarily deferred",
    )),
    ("systemfull", words(r"insufficient (?:system |disk )?(?:storage|space|resources)", r"disk (?:is )?full", r"no space left", r"mail system full|system full|not enough (?:system|server)")),
    ("expired", words(
        r"expired", r"retry time(?:out)? (?:exceeded|not reached|has)", r"queue too long", r"(?:could not|not) (?:be )?deliver(?:ed|y)? (?:for|within|after|this message after)", r"too long", r"unable to deliver[^.]{0,40}(?:after|within|minutes|hours|days?)", r"connection timed out|timed? ?out|time limit", r"has been delayed|delivery (?:is |was )?(?:delayed|temporarily suspended)", r"will (?:be )?retr(?:y|ied)",
        r"giving up|gave up|given up", r"did not accept our requests to connect", r"host not reachable|not reachable|unreachable|could ?n[o']t connect|failed to connect|unable to connect|connection refused", r"still (?:be )?(?:trying|undelivered|in the queue)", r"cannot send message (?:for|within)", r"maximum (?:retry|time|number of (?:retries|attempts))", r"delivery attempts", r"not responding|no response",
        r"deferred", r"days? (?:in|old)|been in the queue|failed \d{1,4} attempts|find a gateway", r"delayed for|warning message only", r"retries",
    )),
    ("syntaxerror", words(r"syntax error", r"improper sequence", r"bad sequence", r"(?:command|parameter)s? (?:parameter )?(?:not (?:implemented|recognized|supported)|unrecognized)", r"malformed address", r"unrecognized command", r"domain literal", r"need (?:rcpt|mail) (?:before|command)", r"sender already|nested mail")),
    ("mailererror", words(r"mailer error", r"\bpipe (?:to|deliver)", r"procmail", r"command (?:failed|died|terminated|time limit|output)", r"returned (?:non-?zero|exit)", r"exit(?:ed)? (?:status|code|value)", r"local (?:delivery|mailer) (?:fail|error)", r"x-unix|unix error", r"can'?t create (?:output|user)|child (?:process|died)", r"temporary failure(?! in)", r"mail(?:er)? died|delivery agent", r"error (?:opening|writing)[^.]{0,20}(?:mailbox|file)")),
    ("systemerror", words(
        r"(?:internal|system|server|local|configuration|config|database|software)(?: server| system| configuration| processing)? (?:error|problem|failure|fault)", r"could not load", r"transaction failed", r"service (?:currently |temporarily |is )?(?:unavailable|not available)", r"duplicated message-id", r"aliasing/forwarding loop", r"can'?t (?:open|create|read|write|connect|get|find)", r"temporar(?:y|ily) (?:unavailable|rejected|local|lookup|server|system)", r"resources temporarily",
        r"misconfig|system config|queue file", r"ldap|smtp gateway", r"cannot (?:append|update|open|route|create|queue)", r"local error", r"unexpected error|unknown error|error in processing|processing error", r"unable to (?:queue|accept|process|store|write)", r"not supported|storage driver", r"try again later", r"recipient has no final delivery",
    )),
    ("contenterror", words(r"duplicate header", r"content error", r"(?:header|mime|body|content|attachment|message)s? (?:[^.]{0,20})?(?:too (?:large|long|many)|malformed|invalid|format|not rfc|corrupt|conversion|improper)", r"(?:8bit|smtputf8|eai|utf-?8|binary)[^.]{0,40}", r"improper (?:message|header|use)", r"missing (?:header|from|subject|date|message-id)", r"empty (?:message|body|subject)", r"improperly formatted|line length|bad header|nested")),
    ("securityerror", words(r"auth(?:entication)? (?:is )?(?:required|needed|fail|credentials)", r"authrequired", r"access denied", r"(?:permission|access|authorization|authorisation) (?:was |is )?(?:denied|failed|prohibit)", r"prohibited|not authori[sz]ed|unauthori[sz]ed|forbidden|not permitted", r"starttls|encryption|\btls\b|\bssl\b", r"security (?:policy|reason|error|violation|check|fail)|credentials|verification fail", r"you (?:do not|don'?t) have permission")),
    ("filtered", words(r"message filtered", r"filter", r"rejected by (?:a |the )?(?:remote|recipient|domain)", r"recipient (?:error|refus|does not want|has (?:block|reject))", r"because the recipient", r"you have been blocked|blocked by (?:the )?recipient|recipient[^.]{0,20}only accept")),
)  # fmt: skip
