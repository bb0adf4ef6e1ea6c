"""Views, URLs and template tags: parse, call one service, render."""
