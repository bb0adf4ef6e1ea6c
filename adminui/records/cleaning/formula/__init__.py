"""A small, safe language for values reckoned from other values: checked when it is written, total when it is done."""
