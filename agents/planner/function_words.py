"""Words that stand around names and are never one."""

FUNCTION_WORDS = frozenset(
    [
        "the", "a", "an", "my", "our", "your", "his", "her", "their", "its", "this", "that", "these", "those",
        "me", "us", "him", "them", "it", "all", "any", "some", "each", "every", "both", "who", "what", "which",
        "how", "and", "or", "not", "no", "new", "now", "today", "tomorrow", "yesterday", "next", "last", "to",
        "from", "for", "with", "about", "on", "in", "at", "by", "of", "is", "are", "was", "were", "be", "been",
        "do", "does", "did", "has", "have", "had", "can", "could", "will", "would", "should", "may", "might",
        "must", "if", "as", "so", "than", "then", "just", "only", "also", "more", "less", "most", "least",
        "top", "best", "everyone", "everybody", "people", "person", "companies", "company", "contacts",
        "contact", "deals", "deal", "campaign", "campaigns", "issue", "issues", "task", "tasks", "email",
        "emails", "call", "calls", "meeting", "note", "notes", "list", "search",
    ]
)  # fmt: skip
