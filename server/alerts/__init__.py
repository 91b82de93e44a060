"""Frequency alerts: whether the cramps of a wearer come more often than is usual for them.

`judge` looks at the newest night, `life` keeps what becomes of an alert, `shown` has its numbers.
"""
