"""Files out and in: exports, and imports that become pending edits."""
