"""Typed slots of the intents: email, proposal, meeting, canvas, review, play, agent, system."""

from agents.planner.intent import Intent, intent

INTENTS: tuple[Intent, ...] = (
    intent(
        "email.draft",
        "write",
        "Draft an email",
        needs="contact|company",
        slots={
            "contact": "entity:contact",
            "company": "entity:company",
            "deal": "entity:deal",
            "about": "text",
            "tone": "enum:friendly|formal|short|apologetic|urgent",
            "cta": "text",
            "language": "text",
        },
    ),
    intent(
        "email.send",
        "external",
        "Send an email",
        needs="contact",
        slots={
            "contact": "entity:contact",
            "draft": "text",
            "when": "datetime",
        },
    ),
    intent(
        "email.summarize",
        "read",
        "Summarise a thread",
        needs="",
        slots={
            "contact": "entity:contact",
            "company": "entity:company",
        },
    ),
    intent(
        "proposal.create",
        "write",
        "Write a proposal",
        needs="deal",
        slots={
            "deal": "entity:deal",
            "discount_pct": "number",
            "term_months": "number",
            "amount": "money",
            "product": "entity:product",
            "valid_until": "date",
        },
    ),
    intent(
        "meeting.schedule",
        "external",
        "Schedule a meeting",
        needs="contacts|company when",
        slots={
            "contacts": "list:entity:contact",
            "company": "entity:company",
            "when": "datetime",
            "duration_min": "number",
            "title": "text",
            "channel": "enum:video|phone|in_person",
        },
    ),
    intent(
        "meeting.update",
        "external",
        "Move or cancel a meeting",
        needs="action",
        slots={
            "contacts": "list:entity:contact",
            "company": "entity:company",
            "action": "enum:reschedule|cancel",
            "when": "datetime",
        },
    ),
    intent(
        "canvas.update_assumption",
        "write",
        "Update an assumption",
        needs="assumption",
        slots={
            "assumption": "entity:assumption",
            "confidence": "number",
            "status": "enum:open|validated|partially_validated|invalidated",
            "evidence": "text",
        },
    ),
    intent(
        "canvas.record",
        "write",
        "Record on the canvas",
        needs="stage text",
        slots={
            "stage": "enum:input|hypothesis|implication|decision|action|learning",
            "text": "text",
            "assumption": "entity:assumption",
            "company": "entity:company",
            "decision": "enum:create|defer|reject",
        },
    ),
    intent(
        "review.daily",
        "read",
        "Daily review",
        needs="",
        defaults={"scope": "all"},
        slots={
            "date": "date",
            "scope": "enum:approvals|decisions|alerts|all",
        },
    ),
    intent(
        "play.run",
        "bulk",
        "Run a play",
        needs="play|phases",
        slots={
            "play": "entity:play",
            "phases": "list:enum:strategy|pipeline_building|execution|analysis",
            "company": "entity:company",
            "segment": "enum",
            "goal": "text",
        },
    ),
    intent(
        "agent.run",
        "write",
        "Give an agent a task",
        needs="agent task",
        slots={
            "agent": "entity:agent",
            "task": "text",
        },
    ),
    intent(
        "agent.instruct",
        "admin",
        "Instruct an agent",
        needs="agent instruction",
        slots={
            "agent": "entity:agent",
            "instruction": "text",
        },
    ),
    intent(
        "system.undo",
        "write",
        "Undo",
        needs="",
        slots={
            "steps": "number",
            "target": "text",
        },
    ),
    intent(
        "system.help",
        "read",
        "Help",
        needs="",
        slots={
            "topic": "text",
        },
    ),
)
