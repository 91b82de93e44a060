"""The models that judge awakenings, as plain data, and how they came to be."""
