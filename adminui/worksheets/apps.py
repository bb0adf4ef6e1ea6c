"""The worksheets room as a Django app."""

from django.apps import AppConfig


class WorksheetsConfig(AppConfig):
    name = "adminui.worksheets"
    label = "worksheets"
