"""Finds cramp-like awakenings in a night of wrist acceleration and heart rate."""
