"""What is refused whatever the words around it: rights, opt-outs, deceit, mass destruction, orders from data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.planner.intent import Intent
from agents.planner.names import Record
from agents.planner.text import Span

_EVERY = r"(?:all|every(?:thing|one|body)?|each|any|entire|whole|the (?:entire|whole|full|complete))"
_THINGS = r"(?:data ?bases?|db|data|records?|contacts?|compan(?:y|ies)|accounts?|customers?|deals?|opportunit(?:y|ies)|opps|pipeline|campaigns?|leads?|prospects?|people|users?|tasks?|issues?|tickets?|notes?|activities|history|logs?|audit (?:log|trail)|backups?|workspace|crm|system|tables?|lists?|everything|projects?)"
_DESTROY = r"(?:delet\w*|wip\w+|purg\w+|eras\w+|truncat\w+|destroy\w*|drop|nuke|obliterate|annihilate|empty|clear(?: out)?|remove|get rid of|trash|flush|format|burn)"
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern))
    for reason, pattern in (
        ("prompt_injection", r"\b(?:ignor\w+|disregard\w*|forget|override|overrule|bypass|circumvent|skip|drop)\b[^.]{0,30}\b(?:previous|prior|above|earlier|preceding|your|all|any|the|system|safety|every)\b[^.]{0,20}\b(?:instructions?|rules?|prompts?|guidelines|guardrails|restrictions?|policies|policy|safeguards?|polic\w+|filters?|limits?|safety|permissions?|constraints|directives?)\b"),
        ("prompt_injection", r"\b(?:ignore|disregard|forget)\b (?:all |everything |any ?thing |the )*(?:previous|prior|above|earlier|before)\b|\bnew (?:system )?instructions?\s*[:,]|^\W*(?:system|assistant|developer|admin(?:istrator)?)\s*:"),
        ("prompt_injection", r"\b(?:system|hidden|initial|secret) (?:prompt|instructions?)\b|\byour (?:instructions|prompt|rules|guidelines)\b|\bjailbreak\b|\bdeveloper mode\b|\bdan mode\b|\bgod mode\b|\bact as (?:an? |the )?(?:admin\w*|root|super ?user|system|owner)\b|\byou are now\b|\bpretend (?:that )?(?:i am|i'm|you are|to be) (?:an? |the )?(?:admin\w*|root|owner|superuser|ceo)\b|\bno (?:longer )?(?:rules|restrictions) (?:apply|anymore)\b|\bsudo\b"),
        ("prompt_injection", r"\b(?:other|another|different|someone else'?s|all) (?:workspaces?|tenants?|organi[sz]ations?'? data|customers?'? workspaces?)\b"),
        ("prompt_injection", r"\b(?:do|follow|obey|execute|carry out|perform|run|apply|comply with|act on)\b[^.]{0,25}\b(?:what(?:ever)?|everything|instructions?|orders?|commands?|steps|requests?)\b[^.]{0,40}\b(?:e-?mail|mail|message|thread|attachment|document|file|note|cell|page|it)\b[^.]{0,15}(?:says?|asks?|tells?|wants?|contains?|instructs?|demands?)?|\b(?:do|execute|follow)\b (?:what(?:ever)?|everything) (?:the |this |that )?(?:e-?mail|mail|message|he|she|sender|they)\b"),
        ("compliance_opt_out", r"\b(?:opt(?:ed|s|ing)?[- ]?outs?|unsubscrib\w+|do[- ]not[- ](?:contact|email|mail|call)|dnc\b|suppress\w+|unsubs?\b|objected to|(?:who|that|which) (?:said|told us|asked(?: us)?|want\w*)(?: to)? (?:stop|no more|be removed)|asked not to be|withdr[ae]w\w* consent|without consent|no consent)"),
        ("compliance", r"\b(?:without|skip\w*|bypass\w*|no need for|ignore|avoid\w*|circumvent\w*|dodge|work around)\b[^.]{0,20}\b(?:approvals?|consent|unsubscribe link|the policy|policies|legal|compliance|the limits?|permission|review)\b(?! rate| meeting| call)"),
        ("compliance", r"\b(?:remove|strip|hide|drop|omit|leave out|disable|deactivate|turn off|switch off|delete|get rid of)\b[^.]{0,20}\b(?:unsubscribe|opt[- ]?out)\b(?! rate|d\b)|\bspam\b|\bblast\b[^.]{0,30}\b(?:all|every\w*|whole|entire)\b|\b(?:purchased|bought|scraped|stolen|leaked) (?:e-?mail )?(?:lists?|addresses|data|contacts)\b|\bscrape\b[^.]{0,30}\b(?:linkedin|e-?mails?|addresses|profiles)\b"),
        ("destructive_bulk", rf"\b{_DESTROY}\b[^.]{{0,12}}\b{_EVERY}\b[^.]{{0,40}}"),
        ("destructive_bulk", r"\b(?:wip\w+|purg\w+|eras\w+|truncat\w+|destroy\w*|nuke|obliterate|annihilate|format|burn|delet\w*|trash|flush|drop|clear|empty)\b[^.]{0,15}\b(?:the |our |my |this )?(?:data ?base|db|crm|workspace|system|tables?|backups?|audit (?:log|trail)|history|pipeline|records|contacts|companies|deals|customers|campaigns|leads|accounts|logs|users)\b"),
        ("destructive_bulk", r"\b(?:set|mark|move|change|update|put|close|make|turn|assign|push|archive|pause|cancel|reset|lower|cut|launch|stop|overwrite|reassign)\b (?:the )?(?:stage of |status of |owner of |amount of |amounts of )?(?:all|every|each|everyone'?s)\b (?:of )?(?:[\w-]+'s? )?(?:the |our |my |your |open |lost |existing |active |running |single |remaining )*(?:deals?|opportunit\w+|opps|pipeline|compan\w+|accounts?|contacts?|customers?|records?|campaigns?|issues?)\b"),
        ("destructive_bulk", r"\bdelet\w*\b|\bpermanently (?:remove|erase)\b|\bfactory reset\b|\brm -rf\b|\bdrop table\b"),
        ("deception", r"\b(?:(?:write|email|e-mail|inform|message|mail|tell)\b.{0,30}\bthat (?:we|i)(?: are|'re| am|'m) (?:from|with|part of) (?:the |an? )?(?:\w+ )?(?:tax office|tax authority|irs|sec|police|government|fbi|regulator|authorit\w+|ministry|court|bank|auditors?)|as if (?:you|we|i) (?:were|was|are|am)|pretend(?:ing)?|impersonat\w+|pos(?:e|ing) as|disguis\w+|masquerad\w+|in the name of (?!the (?:deal|company))|on behalf of (?:the )?(?:sec|irs|police|government|fbi|bank|court|tax)|claim(?:ing)? (?:to be|we are|that we are|i am)|make (?:it )?(?:look|seem|appear) (?:like|as)|act like (?:you|we) (?:are|were)|\b(?:say|saying|claim|tell \w+|sign(?:ed)? (?:it )?as|write as|speak as|introduce (?:me|us|yourself) as)(?: that)? (?:we|i|you|it)?(?: are|'re| am|'m| is|'s)? ?(?:from |with )?(?:the |an? |his |her |their )?(?:\w+ )?(?:tax office|tax authority|irs|sec|police|government|fbi|regulator|authority|authorities|ministry|court|bank|auditors?|lawyer|landlord|doctor|competitor|boss|ceo|cfo)\b|spoof\w*|from a fake|under a false)\b"),
        ("deception", r"\b(?:fake|fabricat\w*|forg(?:e|ed|ing)|falsif\w+|bogus|made[- ]?up|invent(?:ed)?|phony|fictitious|phish\w*|scam\w*|trick|deceiv\w+|mislead\w*|lie (?:to|about)|lying|threaten\w*|blackmail\w*|bribe\w*|backdat\w+|manipulat\w+|inflate the|doctor the|cook the)\b"),
        ("privacy", r"\b(?:home address(?:es)?|private (?:phone|number|address|e-?mail)s?|social security|ssn|credit cards?|card numbers?|passport numbers?|bank account numbers?|salar(?:y|ies) of|health (?:records?|data) of|religion|sexual orientation|ethnic\w*|political views|pregnan\w+|medical (?:history|records))\b"),
        ("secrets", r"\b(?:passwords?|api[- ]?keys?|secret keys?|access tokens?|private keys?|credentials|auth tokens?|connection strings?|env(?:ironment)? variables?)\b(?! (?:rejected|issue|problem|bug|expired|reset|invalid))"),
        ("exfiltration", r"\b(?:send|forward|mail|e-?mail|export|upload|copy|leak|share|post|dump|give)\b(?:[^.]|\b(?:incl|etc|nr|no|e\.g|i\.e)\.){0,70}\b(?:to|into|on|with) (?:my |a |an |the |our )?(?:private|personal|own|home|gmail|hotmail|yahoo|competitor\w*|rival\w*|twitter|facebook|pastebin|dropbox|public|external|outside|press|journalist|friend)\b(?! (?:note|note:))|\bforward (?:all|every)\b"),
        ("permission", r"\b(?:make|give|grant|promote|set|assign) (?:me|myself|us)\b[^.]{0,20}\b(?:admin\w*|owner rights|superuser|root|full (?:access|rights)|all (?:rights|permissions)|permissions?)\b|\b(?:escalate|elevate) (?:my|our) (?:rights|privileges|permissions|access|role)\b|\bmake me (?:an? )?(?:admin|owner|revops)\b|\blog ?in as\b|\bbecome (?:an )?admin\b|\badmin (?:rights|access)\b"),
        ("discrimination", r"\b(?:exclude|only|no|without|avoid|skip|filter)\b[^.]{0,20}\b(?:women|men|females?|males?|muslims?|jews?|christians?|blacks?|whites?|asians|immigrants|old people|gays?|disabled|pregnant)\b"),
    )
)  # fmt: skip
# Sentences that speak of opting out without wanting to write to those who did.
_OPT_OUT_FINE = re.compile(
    r"^(?:please |pls |can you |could you )*(?:mark|set|log|note|record|show|list|count|how|who|which|what|exclude|remove|update|change|has|did|is|add a note|task|remind|create a task|unsub\w* rate)\b"
    r"|\b(?:exclud\w+|without|except|minus|remove|removing|not|never|nobody|no one|leave out)\b[^.]{0,30}\b(?:opt|unsub|suppress|do[- ]not)"
    r"|\brates?\b|\bmetric\b|\bmeasur|\b(?:has|have|just|wants? to|asked to) (?:opted|opt|unsubscribed?)\b|(?:opted out|unsubscribed)$|\bunsubs? (?:on|of|for|in)\b"
)
_OPT_OUT_WRITE = re.compile(
    r"\b(?:send|mail|e-?mail|launch|write|message|include|contact|reach|campaign|blast|sequence|target|call|add|re-?subscribe|ignore|even|also|too|anyway|despite|regardless|including)\b"
)
_DESTROY_FINE = re.compile(
    r"\bdelete\b[^.]{0,20}\b(?:step|touch|variant|last|the word|value prop)\b|\bremove duplicates?\b|\b(?:clear|empty|drop|remove|get rid of|format|burn|flush)\b(?![^.]{0,25}\b(?:data ?base|db|crm|workspace|system|tables?|backups?|audit|history|records|pipeline)\b)"
)
READ_ONLY_ROLES = frozenset({"viewer", "guest", "readonly", "read_only", "observer"})
_DENIED: dict[str, frozenset[str]] = {
    "sdr": frozenset({"approval.decide", "agent.instruct"}),
    "csm": frozenset({"approval.decide", "agent.instruct"}),
}
_OUTWARD = frozenset({"email.send", "email.draft"})


_TELLABLE = frozenset({"destructive_bulk", "secrets", "privacy", "compliance", "compliance_opt_out"})
_SWEEPING = re.compile(r"\b(?:all|every\w*|whole|entire|each|database|crm|workspace|tables?)\b")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why, and which words gave the reason."""

    reason: str
    start: int
    end: int


def refusal(low: str) -> Refusal | None:
    """The reason to refuse these words, or none. Quoted text and free text count: an order is an order."""
    for reason, pattern in _RULES:
        match = pattern.search(low)
        if match is None:
            continue
        if reason == "compliance_opt_out" and (
            (
                _OPT_OUT_FINE.search(low)
                and not re.search(r"\b(?:too|anyway|even|despite|regardless|including|ignore)\b", low)
            )
            or not _OPT_OUT_WRITE.search(low)
        ):
            continue
        if reason == "destructive_bulk" and _is_harmless(low, match):
            continue
        return Refusal(reason, *match.span())
    return None


def may_be_told(found: Refusal, low: str, quotes: Sequence[Span] = ()) -> bool:
    """Whether these words may stand in a note or a to-do: what a customer wants deleted is no order to delete."""
    quoted = any(quote.start <= found.start and found.end <= quote.end for quote in quotes)
    return found.reason in _TELLABLE and (quoted or _SWEEPING.search(low[found.start : found.end]) is None)


def _is_harmless(low: str, match: re.Match[str]) -> bool:
    """Removing criteria from a search or a touch from a sequence destroys nothing."""
    whole = rf"\b{_EVERY}\b[^.]{{0,20}}\b{_THINGS}\b"
    fine = _DESTROY_FINE.search(match.group())
    return fine is not None and not (
        re.search(r"^(?:please |now |pls )*(?:delet|wipe|erase|remove|clear|drop)", low)
        and re.search(whole, match.group())
        and not re.search(r"\b(?:in|from|with|below|under|graded?|of)\b", low[match.start() :])
    )


def permitted(intent: Intent, role: str) -> bool:
    """Viewers read; nobody exports or calls a provider with a viewer's rights."""
    role = role.lower()
    if role in READ_ONLY_ROLES:
        return not intent.writes
    return intent.name not in _DENIED.get(role, frozenset())


def may_write_to(intent: str, contact: Record | None) -> bool:
    """Nothing goes to somebody who opted out."""
    return not (intent in _OUTWARD and contact is not None and bool(contact.facts.get("opted_out")))
