"""A trial of one: a habit on and off in blocks of two weeks, planned before and judged after."""
