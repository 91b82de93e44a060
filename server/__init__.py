"""Keeps the nights that the detector judged, and shows them: store, summary, API and page."""
