"""The command: a thin door that wires the rooms."""
