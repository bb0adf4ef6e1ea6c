"""The app that holds the management commands."""

from django.apps import AppConfig


class AdminuiConfig(AppConfig):
    name = "adminui"
    verbose_name = "adminui"
