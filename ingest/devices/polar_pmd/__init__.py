"""Polar's measurement data (PMD), as Verity Sense, OH1, 360, Loop and H10 speak it.

Layouts: Polar, 'Polar Measurement Data Specification', and the tests of its SDK.
"""
