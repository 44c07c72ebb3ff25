"""What one person does with one mail: decided by the seed, the address and the place of the mail, and nothing else."""

from dataclasses import dataclass
from random import Random

from gtmos.sandbox.presets import Audience

# A person needs a moment; what comes sooner is a machine.
SOONEST_PERSON = 2.4
SLOWEST_PERSON = 20.0
REPLIES = {
    "interested": 0.22,
    "meeting": 0.16,
    "question": 0.20,
    "objection": 0.09,
    "later": 0.07,
    "referral": 0.06,
    "not_interested": 0.16,
    "stop": 0.04,
}


@dataclass(frozen=True, slots=True)
class Act:
    """Something done `after` so many seconds; `choice` picks the words."""

    what: str
    after: float
    kind: str = ""
    choice: int = 0


def acts(audience: Audience, address: str, nth: int, *, subject: str, text: str) -> list[Act]:
    """All that happens with the `nth` mail to this person, soonest first."""
    dice = Random(f"{audience.seed}:{address.lower()}:{nth}")
    rolls = {
        name: dice.random()
        for name in ("reply", "fate", "machine", "scanner", "open", "click", "leave", "kind", "when")
    }
    choice = dice.randrange(1_000_000)
    chance = audience.reply_rate(subject, text) if nth == 1 else audience.rates.later_reply
    machines = _machines(audience, rolls)
    if rolls["reply"] < chance:
        done = [*machines, *_answers(audience, rolls, choice)]
    else:
        done = _silent(audience, rolls, choice, nth, machines)
    return sorted(done, key=lambda act: act.after)


def _answers(audience: Audience, rolls: dict[str, float], choice: int) -> list[Act]:
    """Who answers has read it. The rate is exact: nobody of these is away or unreachable."""
    opened = _moment(audience, rolls["when"] / 2)
    written = opened + 1.5 + 6 * rolls["when"] * audience.pace
    return [Act("open", opened), Act("reply", written, _pick(REPLIES, rolls["kind"]), choice)]


def _silent(
    audience: Audience, rolls: dict[str, float], choice: int, nth: int, machines: list[Act]
) -> list[Act]:
    rates = audience.rates
    fates = {"hard_bounce": rates.hard_bounce, "soft_bounce": rates.soft_bounce, "away": rates.away}
    fate = _pick({**fates, "": max(0.0, 1 - sum(fates.values()))}, rolls["fate"])
    if fate in {"hard_bounce", "soft_bounce"}:
        return [Act("bounce", 0.3 + rolls["when"], fate, choice)]
    if fate == "away":
        return [*machines, Act("away", 0.5 + rolls["when"], "", choice)] if nth == 1 else machines
    return [*machines, *_reads(audience, rolls)]


def _reads(audience: Audience, rolls: dict[str, float]) -> list[Act]:
    rates = audience.rates
    if rolls["open"] >= rates.human_open:
        return []
    opened = _moment(audience, rolls["when"])
    done = [Act("open", opened)]
    if rolls["click"] < rates.click:
        done.append(Act("click", opened + 0.8 + rolls["click"] * 10))
    if rolls["leave"] < rates.unsubscribe:
        done.append(Act("unsubscribe", opened + 1.2))
    elif rolls["leave"] > 1 - rates.complaint:
        done.append(Act("complaint", opened + 1.5))
    return done


def _machines(audience: Audience, rolls: dict[str, float]) -> list[Act]:
    """Proxies and gateways fetch before anybody has looked."""
    done = []
    if rolls["machine"] < audience.rates.machine_open:
        done.append(Act("machine_open", 0.1 + 0.8 * rolls["machine"]))
    if rolls["scanner"] < audience.rates.scanner:
        done.append(Act("scan", 0.2 + 0.5 * rolls["machine"]))
    return done


def _moment(audience: Audience, roll: float) -> float:
    return SOONEST_PERSON + 0.6 * roll + (SLOWEST_PERSON - SOONEST_PERSON) * roll * audience.pace


def _pick(chances: dict[str, float], roll: float) -> str:
    """The entry in whose share the roll falls."""
    place = roll * sum(chances.values())
    for name, chance in chances.items():
        if place < chance:
            return name
        place -= chance
    return next(reversed(chances))
