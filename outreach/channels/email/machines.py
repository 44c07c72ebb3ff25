"""Rules that tell a machine's fetch of a pixel or link from a person's. In doubt it is a person.

| Rule | Why |
|---|---|
| HEAD, or a prefetch by its own word | nobody reads by HEAD |
| no user agent, or the bare `Mozilla/5.0` | Apple Mail Privacy Protection fetches every picture of every mail that way |
| a name of a scanner, crawler or program library | link checkers of mail gateways |
| sooner than 2 s after the hand-over | no person has the mail by then; proxies and gateways do |
| two links of one mail within 1 s | a gateway that tries them all |
| the hidden link | no person sees it |
"""

import re
from dataclasses import dataclass

SCANNERS = re.compile(
    r"bot\b|crawl|spider|slurp|scan|proofpoint|barracuda|mimecast|safelinks|symantec|messagelabs|forcepoint|websense"
    r"|trend ?micro|sophos|cisco|ironport|fireeye|trellix|zscaler|palo ?alto|cortex|checkpoint|avanan|abnormal"
    r"|bitdefender|kaspersky|eset\b|f-secure|vade|cyren|urlscan|virustotal|preview|prefetch|monitor|headless|phantomjs"
    r"|python|curl/|wget|libwww|go-http|okhttp|java/|httpclient|aiohttp|axios|node-fetch|ruby|perl|powershell",
    re.IGNORECASE,
)
APPLE_PRIVACY = "Mozilla/5.0"
TOO_SOON_SECONDS = 2.0
BURST_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request as it came. `seconds` since the hand-over, by the server's own time."""

    method: str = "GET"
    user_agent: str = ""
    purpose: str = ""
    seconds: float | None = None


def machine_reason(visit: Visit) -> str:
    """Why this was a machine; empty for a person."""
    agent = visit.user_agent.strip()
    if visit.method == "HEAD":
        return "asked for headers only"
    if visit.purpose:
        return "a prefetch by its own word"
    if not agent:
        return "names no program"
    if agent == APPLE_PRIVACY:
        return "Apple Mail Privacy Protection"
    found = SCANNERS.search(agent)
    if found:
        return f"a scanner: {found[0].lower()}"
    if visit.seconds is not None and visit.seconds < TOO_SOON_SECONDS:
        return "sooner than 2 s after sending"
    return ""


def is_burst(first: float | None, second: float | None) -> bool:
    """Whether two clicks on different links of one mail came within a second."""
    return first is not None and second is not None and abs(first - second) < BURST_SECONDS
