"""People are told: what is worth a word, when it may be said, and how it gets to them."""
