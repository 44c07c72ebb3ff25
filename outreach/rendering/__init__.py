"""Words of mails: pure functions on strings, no database, no framework.

Start at `fields.render`, which fills a text, and `drafting.draft_steps`, which writes a sequence.
"""
