"""The verbs: open, preview, apply, settle. Called by views, management commands and the worker alike."""
