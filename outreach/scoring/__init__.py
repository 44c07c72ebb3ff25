"""How a search judges companies and people: what is asked, what is known, and what follows. Pure."""
