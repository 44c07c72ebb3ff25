"""What each person did lately and how it is taken back: one stack over what the verbs can undo."""
