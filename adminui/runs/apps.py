"""The runs room as a Django app."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "adminui.runs"
    label = "runs"
