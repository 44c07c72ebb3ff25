"""The sentences a planner asks and refuses with."""

from agents.planner.scene import Draft
from agents.planner.schema import REGISTRY

_REFUSALS = {
    "out_of_scope": "I can only help with your customers, deals, campaigns and tasks.",
    "permission": "Your role does not allow this.",
    "compliance_opt_out": "This person asked not to be written to.",
    "compliance": "This would go around a rule of the workspace.",
    "destructive_bulk": "I do not delete or overwrite records in bulk.",
    "prompt_injection": "I only follow what you type here, within your own rights.",
    "deception": "I do not write in a false name or with made-up facts.",
    "privacy": "I do not look up private data.",
    "secrets": "I do not show passwords or keys.",
    "exfiltration": "I do not send workspace data outside.",
    "discrimination": "I do not select people by such traits.",
}
_QUESTIONS = {
    "deal": "Which deal?", "company": "Which company?", "contact": "Which person?", "campaign": "Which campaign?",
    "variant": "Which variant?", "set": "What should change?", "audience": "For whom?", "name": "Under which name?",
    "title": "What is to be done?", "action": "What should happen to it?", "entity": "Which records?",
    "last_search": "There is no search yet. What should I look for?", "assignee": "Who should do it?",
    "when": "When?", "top_n": "How many, or which ones?", "issue": "Which issue?", "period": "For which period?",
}  # fmt: skip


def refusal_for(reason: str) -> str:
    return _REFUSALS.get(reason, "I cannot do this.")


def question_for(draft: Draft) -> str:
    slot = draft.missing[0]
    question = _QUESTIONS.get(slot, f"Which {slot.replace('_', ' ')}?")
    return f"{REGISTRY[draft.intent].title}: {question[0].lower()}{question[1:]}"
