"""The report of a period that a wearer takes to a doctor: on two pages, and for machines."""
