"""The statements that move a touch. Nothing else in the product changes its state while it is on its way.

T1 claims, T2 is the gate and the point of no return, T3 writes down what happened. Each is one transaction, sent
in one piece. T2 and T3 ask for a durable commit whatever the server's default, and are planned once for each
connection: planning costs more than doing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from outreach.selectors.readiness import NEEDS_BASIS, UNREACHABLE

DURABLE = "BEGIN; SET LOCAL synchronous_commit TO on; SET LOCAL plan_cache_mode TO force_generic_plan; "
# Every row is found by its key; a plan made while the tables were empty must not read them from end to end later.
BY_KEY = "SET LOCAL enable_seqscan TO off; "
PARAMETER = re.compile(r"%\((\w+)\)s")
TYPES = {
    "id": "bigint",
    "epoch": "integer",
    "margin": "float8",
    "now": "timestamptz",
    "mailbox": "uuid",
    "domain": "uuid",
    "day": "date",
    "worker": "text",
    "detail": "text",
    "state": "text",
    "next_at": "timestamptz",
    "result": "text",
    "forgiven": "integer",
    "bounced_at": "timestamptz",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A durable transaction of one statement, in the two parts that a connection is given."""

    name: str
    sql: str

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(PARAMETER.findall(self.sql)))

    @property
    def preparation(self) -> str:
        numbers = {name: number for number, name in enumerate(self.parameters, 1)}
        types = ", ".join(TYPES[name] for name in self.parameters)
        body = PARAMETER.sub(lambda found: f"${numbers[found[1]]}", self.sql)
        return f"PREPARE {self.name} ({types}) AS {body}"

    @property
    def execution(self) -> str:
        values = ", ".join(f"%({name})s" for name in self.parameters)
        return f"{DURABLE}{BY_KEY}EXECUTE {self.name} ({values}); COMMIT"


CLAIM = """
WITH due AS (
    SELECT t.id, m.address AS sender, m.display_name, m.signature, m.daily_cap,
           m.window_start, m.window_end, m.sends_on_weekends, k.time_zone,
           upper(COALESCE(NULLIF(k.country, ''), o.country_hq, '')) AS country,
           m.ramp_from, m.ramp_first, m.ramp_step, m.domain_id, d.daily_cap AS domain_cap
    FROM outreach_touch t
    JOIN outreach_campaign c ON c.id = t.campaign_id
    JOIN outreach_enrollment e ON e.id = t.enrollment_id
    JOIN outreach_mailbox m ON m.id = t.mailbox_id
    LEFT JOIN outreach_sendingdomain d ON d.id = m.domain_id
    JOIN crm_contact k ON k.id = t.contact_id
    LEFT JOIN crm_company o ON o.id = k.company_id
    WHERE t.state = 'scheduled' AND t.next_at <= %(now)s AND t.approved_hash <> ''
      AND c.state = 'running' AND e.state = 'active' AND m.is_active
      AND (m.next_try_at IS NULL OR m.next_try_at <= clock_timestamp())
    ORDER BY t.next_at, t.id
    LIMIT %(limit)s
    FOR UPDATE OF t SKIP LOCKED
)
UPDATE outreach_touch t
SET state = 'claimed', epoch = t.epoch + 1, worker = %(worker)s, attempts = t.attempts + 1,
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
FROM due WHERE t.id = due.id
RETURNING t.id, t.epoch, t.attempts, t.mailbox_id, t.campaign_id, t.recipient, t.subject, t.body, t.token,
          t.message_id, due.sender, due.display_name, due.signature, due.daily_cap,
          due.window_start, due.window_end, due.sends_on_weekends, due.time_zone, due.country,
          due.ramp_from, due.ramp_first, due.ramp_step, due.domain_id, due.domain_cap
"""


def listed(values: Iterable[str]) -> str:
    """Constants of ours as SQL; they are part of the statement, so that it is planned once."""
    return ", ".join(f"'{value}'" for value in sorted(values))


# Whoever takes a place takes it of the domain first and of the mailbox then, here and where it is given back.
# A stop event updates one of the rows that are locked here FOR SHARE. Whoever comes second waits and then sees it.
GATE = Prepared(
    "touch_gate",
    """
WITH locked AS MATERIALIZED (
    SELECT t.id, t.state, t.epoch, t.lease_until, t.recipient, t.approved_hash, t.step_id,
           a.suppressed_at, a.expires_at, e.state AS enrollment_state,
           c.state AS campaign_state, c.approved_hash AS approved,
           k.email, k.email_status, k.do_not_email, k.opted_out_at, k.paused_until, m.is_active,
           k.consent_basis, COALESCE(NULLIF(k.country, ''), o.country_hq, '') AS country
    FROM outreach_touch t
    JOIN outreach_channeladdress a ON a.id = t.address_id
    JOIN outreach_enrollment e ON e.id = t.enrollment_id
    JOIN outreach_campaign c ON c.id = t.campaign_id
    JOIN crm_contact k ON k.id = t.contact_id
    JOIN outreach_mailbox m ON m.id = t.mailbox_id
    LEFT JOIN crm_company o ON o.id = k.company_id
    WHERE t.id = %(id)s
    FOR UPDATE OF t FOR SHARE OF a, e, c, k, m
), verdict AS MATERIALIZED (
    SELECT id, paused_until, CASE
        WHEN state <> 'claimed' OR epoch <> %(epoch)s
          OR lease_until <= clock_timestamp() + make_interval(secs => %(margin)s) THEN 'fenced'
        WHEN suppressed_at IS NOT NULL AND (expires_at IS NULL OR expires_at > %(now)s) THEN 'suppressed'
        WHEN do_not_email OR opted_out_at IS NOT NULL THEN 'opted out'
        WHEN email_status IN (:unreachable) THEN 'unreachable'
        WHEN enrollment_state = 'finished' THEN 'finished'
        WHEN step_id IS NULL THEN 'no message'
        WHEN campaign_state <> 'running' OR enrollment_state <> 'active' OR NOT is_active THEN 'stopped'
        WHEN paused_until > %(now)s THEN 'paused'
        WHEN consent_basis = '' AND country IN (:needs_basis) THEN 'no basis'
        WHEN lower(email) <> lower(recipient) THEN 'moved'
        WHEN approved = '' OR approved <> approved_hash THEN 'not approved'
        ELSE '' END AS refusal
    FROM locked
), domain_room AS MATERIALIZED (
    SELECT d.id FROM outreach_sendingdomainday d, verdict
    WHERE verdict.refusal = '' AND d.domain_id = %(domain)s AND d.day = %(day)s AND d.used < d.cap
    FOR UPDATE OF d
), room AS MATERIALIZED (
    SELECT d.id FROM outreach_mailboxday d, verdict
    WHERE verdict.refusal = '' AND d.mailbox_id = %(mailbox)s AND d.day = %(day)s AND d.used < d.cap
      AND (%(domain)s IS NULL OR EXISTS (SELECT FROM domain_room))
    FOR UPDATE OF d
), domain_counted AS (
    UPDATE outreach_sendingdomainday d SET used = d.used + 1
    FROM domain_room WHERE d.id = domain_room.id AND EXISTS (SELECT FROM room)
), counted AS (
    UPDATE outreach_mailboxday d SET used = d.used + 1 FROM room WHERE d.id = room.id RETURNING d.id
), handed AS (
    UPDATE outreach_touch t SET state = 'handing', handed_at = clock_timestamp()
    FROM verdict, counted WHERE t.id = verdict.id
    RETURNING t.id
)
SELECT CASE
        WHEN refusal <> '' OR EXISTS (SELECT FROM handed) THEN refusal
        WHEN %(domain)s IS NOT NULL AND NOT EXISTS (SELECT FROM domain_room) THEN 'domain cap'
        ELSE 'cap' END, paused_until
FROM verdict
""".replace(":unreachable", listed(UNREACHABLE)).replace(":needs_basis", listed(NEEDS_BASIS)),
)

SENT = Prepared(
    "touch_sent",
    """
WITH told AS (
    UPDATE outreach_touch
    SET state = 'sent', sent_at = %(now)s, provider_ref = %(detail)s, lease_until = NULL, last_error = ''
    WHERE id = %(id)s AND epoch = %(epoch)s AND state IN ('handing', 'in_doubt', 'scheduled')
    RETURNING id, enrollment_id
), proved_before AS (
    -- A provider's fact was faster: the mail counts as sent, and the server's answer is still to be kept.
    UPDATE outreach_touch SET provider_ref = %(detail)s
    WHERE id = %(id)s AND epoch = %(epoch)s AND state = 'sent' AND provider_ref = ''
), first AS (
    UPDATE outreach_enrollment e SET first_sent_at = %(now)s
    FROM told WHERE e.id = told.enrollment_id AND e.first_sent_at IS NULL
)
INSERT INTO outreach_touchattempt (touch_id, epoch, worker, at, result, detail)
SELECT id, %(epoch)s, %(worker)s, clock_timestamp(), 'sent', %(detail)s FROM told
""",
)

# For everything that surely did not leave: the cap's place goes back when it had been taken.
NOT_SENT = Prepared(
    "touch_not_sent",
    """
WITH before AS MATERIALIZED (
    SELECT id, state, mailbox_id FROM outreach_touch
    WHERE id = %(id)s AND epoch = %(epoch)s AND state IN ('claimed', 'handing')
    FOR UPDATE
), told AS (
    UPDATE outreach_touch t
    SET state = %(state)s, next_at = %(next_at)s, lease_until = NULL, last_error = %(detail)s,
        attempts = t.attempts - %(forgiven)s, bounced_at = COALESCE(%(bounced_at)s, t.bounced_at)
    FROM before WHERE t.id = before.id
    RETURNING t.id
), domain_back AS MATERIALIZED (
    SELECT d.id FROM outreach_sendingdomainday d, before
    WHERE before.state = 'handing' AND d.domain_id = %(domain)s AND d.day = %(day)s AND d.used > 0
    FOR UPDATE OF d
), domain_given_back AS (
    UPDATE outreach_sendingdomainday d SET used = d.used - 1 FROM domain_back WHERE d.id = domain_back.id
), given_back AS (
    UPDATE outreach_mailboxday d SET used = d.used - 1
    FROM before WHERE (SELECT count(*) FROM domain_back) >= 0 AND before.state = 'handing' AND d.mailbox_id = before.mailbox_id AND d.day = %(day)s AND d.used > 0
)
INSERT INTO outreach_touchattempt (touch_id, epoch, worker, at, result, detail)
SELECT id, %(epoch)s, %(worker)s, clock_timestamp(), %(result)s, %(detail)s FROM told
""",
)

IN_DOUBT = Prepared(
    "touch_in_doubt",
    """
WITH told AS (
    UPDATE outreach_touch SET state = 'in_doubt', lease_until = NULL, last_error = %(detail)s
    WHERE id = %(id)s AND epoch = %(epoch)s AND state = 'handing'
    RETURNING id
)
INSERT INTO outreach_touchattempt (touch_id, epoch, worker, at, result, detail)
SELECT id, %(epoch)s, %(worker)s, clock_timestamp(), 'in doubt', %(detail)s FROM told
""",
)

RENEW = """
UPDATE outreach_touch SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE worker = %(worker)s AND state IN ('claimed', 'handing')
"""

# The reaper: a claim whose worker is gone goes back; a hand-over whose worker is gone is a doubt, never a retry.
REAP = """
WITH gone AS (
    SELECT id, state FROM outreach_touch
    WHERE (state = 'claimed' AND lease_until < clock_timestamp())
       OR (state = 'handing' AND lease_until < clock_timestamp() - make_interval(secs => %(margin)s))
    ORDER BY lease_until LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), told AS (
    UPDATE outreach_touch t
    SET state = CASE gone.state WHEN 'claimed' THEN 'scheduled' ELSE 'in_doubt' END,
        lease_until = NULL,
        last_error = CASE gone.state WHEN 'claimed' THEN '' ELSE 'The worker ended during the hand-over.' END
    FROM gone WHERE t.id = gone.id
    RETURNING t.id, t.epoch, t.worker, t.state
)
INSERT INTO outreach_touchattempt (touch_id, epoch, worker, at, result, detail)
SELECT id, epoch, worker, clock_timestamp(),
       CASE state WHEN 'scheduled' THEN 'not sent' ELSE 'in doubt' END, 'The worker ended.'
FROM told
RETURNING result
"""

ENSURE_DAY = """
INSERT INTO outreach_mailboxday (mailbox_id, day, used, cap) VALUES (%(mailbox)s, %(day)s, 0, %(cap)s)
ON CONFLICT (mailbox_id, day) DO UPDATE SET cap = GREATEST(EXCLUDED.cap, outreach_mailboxday.used)
WHERE outreach_mailboxday.cap <> GREATEST(EXCLUDED.cap, outreach_mailboxday.used)
"""

# A domain that gets its cap during the day has sent already, and what was claimed before that is not counted as it
# leaves. So each time what its mailboxes sent is read anew, and never makes it less: a place that is given back
# meanwhile may be lost for the day, none is given twice. Over the cap can leave only what was in hand at the change.
ENSURE_DOMAIN_DAY = """
INSERT INTO outreach_sendingdomainday (domain_id, day, used, cap)
SELECT %(domain)s, %(day)s, sent.used, GREATEST(%(cap)s, sent.used)
FROM (
    SELECT COALESCE(sum(d.used), 0)::integer AS used
    FROM outreach_mailboxday d JOIN outreach_mailbox m ON m.id = d.mailbox_id
    WHERE m.domain_id = %(domain)s AND d.day = %(day)s
) sent
ON CONFLICT (domain_id, day) DO UPDATE
SET used = GREATEST(EXCLUDED.used, outreach_sendingdomainday.used),
    cap = GREATEST(EXCLUDED.cap, outreach_sendingdomainday.used)
WHERE EXCLUDED.used > outreach_sendingdomainday.used
   OR outreach_sendingdomainday.cap <> GREATEST(EXCLUDED.cap, outreach_sendingdomainday.used)
"""

# The pause grows with the time the server has been silent, so that it doubles from try to try.
PAUSE_MAILBOXES = """
UPDATE outreach_mailbox
SET failing_since = COALESCE(failing_since, clock_timestamp()),
    next_try_at = clock_timestamp() + LEAST(make_interval(secs => %(longest)s), GREATEST(
        make_interval(secs => %(first)s), clock_timestamp() - COALESCE(failing_since, clock_timestamp())))
WHERE id = ANY(%(mailboxes)s) AND (next_try_at IS NULL OR next_try_at <= clock_timestamp())
"""

RESUME_MAILBOXES = """
UPDATE outreach_mailbox SET failing_since = NULL, next_try_at = NULL
WHERE failing_since IS NOT NULL AND id = ANY(%(mailboxes)s)
"""

# At the end of a drain nothing is in hand any more; what was claimed and not begun goes back at once.
RELEASE = """
UPDATE outreach_touch SET state = 'scheduled', lease_until = NULL, attempts = attempts - 1
WHERE worker = %(worker)s AND state = 'claimed'
"""
