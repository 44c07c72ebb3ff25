"""Error codes that big receivers document on their postmaster pages and that mean one thing each."""

import re


def codes(pattern: str, **reasons: str) -> tuple[re.Pattern[str], dict[str, str]]:
    table = {code: reason for reason, listed in reasons.items() for code in listed.split()}
    return re.compile(pattern), table


# The first group of a pattern is the code; text is lower case.
PROVIDER_CODES = (
    # Orange and La Poste: OFR_416, LPN007_426.
    codes(
        r"\b(?:ofr|lpn|wmf)[0-9a-z]{0,6}_(\d{3})\b",
        blocked="102 103 500 501 502 503 610",
        toomanyconn="104 514",
        undefined="105 106 107 108 109 110 111",
        authfailure="401 402 515 516 517 518 519 520 521 522",
        rejected="403 405 415 418 421 423 424 425",
        userunknown="416",
        mailboxfull="417",
        suspend="420 426",
        spamdetected="504 505 506 507 508 509 510 511 512 513",
        mesgtoobig="523 524",
        policyviolation="630",
    ),
    # Cox: the code follows AUP#.
    codes(
        r"\baup#(cxbl|cxthrt|cxmj|cxdns|cxsndr|cxsmtp|cxcnct|cxmxrt|cdrbl|ipbl|urlbl)",
        blocked="cxbl cdrbl ipbl",
        securityerror="cxthrt cxmj",
        requireptr="cxdns",
        rejected="cxsndr cxsmtp",
        toomanyconn="cxcnct",
        hostunknown="cxmxrt",
        spamdetected="urlbl",
    ),
    # Spectrum: limits on mail per sender, seen as AUP#In-1310 and its neighbours.
    codes(r"\baup#(?:in-)?(1[0-9])\d0\b", toomanyconn="13", blocked="10", spamdetected="15", speeding="12"),
    # GoDaddy: IB607 and others, by their hundreds.
    codes(r"\bib([1-9])\d\d\b", blocked="1", speeding="6", securityerror="4", virusdetected="7"),
    # NetEase (163, 126): what the check before the colon complains about.
    codes(
        r"\b(dt|hl|mi|rp|sl):[a-z]{3}\b",
        spamdetected="dt",
        blocked="hl sl",
        speeding="rp",
        rejected="mi",
    ),
    # Tencent (QQ): frequency limits.
    codes(
        r"(ip|connection|domain|sender) frequency limited",
        toomanyconn="ip connection domain",
        speeding="sender",
    ),
    # Yahoo: the letters in square brackets.
    codes(
        r"\[(tss|ts|bl|ph|gl|ipts)\d{2}\]", badreputation="tss ts ipts", blocked="bl gl", policyviolation="ph"
    ),
    # Microsoft consumer mail: S3150 and SC-004.
    codes(r"\((s31|s32|s77|s84)\d{2}\)|\b(?:sc|ou|dy)-00\d", blocked="s31", speeding="s77 s84"),
)


def provider_reason(text: str) -> str:
    for pattern, table in PROVIDER_CODES:
        match = pattern.search(text)
        if match and match[1] in table:
            return table[match[1]]
    return ""
