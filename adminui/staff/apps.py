"""The staff room as a Django app; the roles are made after every migrate."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StaffConfig(AppConfig):
    name = "adminui.staff"
    label = "staff"
    verbose_name = "Staff"

    def ready(self) -> None:
        from adminui.staff import roles

        post_migrate.connect(roles.after_migrate, sender=self)
