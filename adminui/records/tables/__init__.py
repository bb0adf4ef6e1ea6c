"""Tables in files: what is written so that it can come back, and what comes back."""
