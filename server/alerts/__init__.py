"""Frequency alerts: whether the cramps of a wearer come more often than is usual for them."""
