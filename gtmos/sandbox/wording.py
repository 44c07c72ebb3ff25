"""What the people of the sandbox write. `{first}` is who wrote to them, `{back}` the day of a return."""

REPLIES: dict[str, tuple[str, ...]] = {
    "interested": (
        "Hi {first},\n\nthis sounds interesting. Tell me more about how it works for a team of our size.",
        "Good timing, we are looking at exactly this. I would like to learn more.",
        "Hello {first}, that looks promising. What are the next steps?",
        "Yes please, send over what you have. I am curious.",
        "I would love to see it in action. Our team has been asking for something like it.",
        "Sounds good. We are keen to understand how it would fit.",
    ),
    "meeting": (
        "Happy to have a call. Tuesday afternoon works for me.",
        "Sure, let us talk next week. Thursday at 10 am is good.",
        "Hi {first}, can we schedule a demo? Please send a calendar invite to me.",
        "Let us set up a meeting. I am free on Wednesday or Friday morning.",
        "Could you book a time for a short call? My week is open.",
    ),
    "question": (
        "How much does it cost for about forty people?",
        "Does it work with the tools that we have, and where is the data kept?",
        "Hi {first}, what is the difference between this and a plain spreadsheet?",
        "Who else in our field uses it? Could you share a reference?",
        "Can you send details on the security review?",
        "How long does it take until it is set up?",
    ),
    "objection": (
        "We already use another tool for this and have signed for two years.",
        "To be frank this looks too expensive for a company like ours.",
        "There is no budget for new tools this year, everything is frozen.",
        "We built this in-house and are happy with it.",
    ),
    "later": (
        "Not a good time, we are in the middle of a move. Please reach out again in a few months.",
        "Can you get back to me next quarter? Everything is planned until then.",
        "Too busy with the year end. Try again later.",
        "Please check back with me in three months.",
    ),
    "referral": (
        "I am not the right person for this. Please contact my colleague who runs operations.",
        "This is not my area. Our head of sales would be the best person.",
        "Wrong person, I am afraid. I have passed it on to my manager.",
    ),
    "not_interested": (
        "Thank you, but we are not interested.",
        "No thanks.",
        "Hi {first}, this is not a fit for us. All the best.",
        "We have decided not to look at anything new, so I will pass.",
        "Thanks for writing. It is not a priority here and we do not need it.",
    ),
    "stop": (
        "Please take me off your list.",
        "Unsubscribe, please.",
        "Stop emailing me.",
    ),
}

AWAY: tuple[tuple[str, str], ...] = (
    (
        "Automatic reply: {subject}",
        "Thank you for your mail. I am out of the office and will be back on {back}. Your mail is not forwarded.",
    ),
    (
        "Out of office: {subject}",
        "Hello,\n\nI am on vacation with limited access to my mail. I return on {back}.\n\nKind regards",
    ),
    (
        "Automatische Antwort: {subject}",
        "Guten Tag,\n\nich bin nicht im Büro und ab dem {back} wieder zurück.\n\nMit freundlichen Grüßen",
    ),
    (
        "Réponse automatique : {subject}",
        "Bonjour,\n\nje suis en congés et de retour le {back}.\n\nCordialement",
    ),
)

BOUNCES: dict[str, tuple[tuple[str, str], ...]] = {
    "hard_bounce": (
        ("5.1.1", "550 5.1.1 The mailbox does not exist"),
        ("5.1.10", "550 5.1.10 Recipient not found"),
        ("5.1.2", "550 5.1.2 The domain of the recipient takes no mail"),
    ),
    "soft_bounce": (
        ("4.2.2", "452 4.2.2 The mailbox is full"),
        ("4.4.1", "421 4.4.1 The server did not answer for two days"),
    ),
}
