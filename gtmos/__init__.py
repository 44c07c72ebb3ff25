"""GTM OS. Importing it costs nothing: the runtime starts before Django is configured."""
