"""How well a score finds the cramps of nights whose truth is known."""
