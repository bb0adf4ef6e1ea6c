"""Clean-ups of columns: transforms, clusters, shapes, rules. Pure."""
