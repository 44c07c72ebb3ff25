"""Files that are kept beside records: what they are, and the words in them."""
