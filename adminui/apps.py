"""The app that holds the management commands. It also tells the rooms what they may not lean on: the imitations."""

from django.apps import AppConfig


class AdminuiConfig(AppConfig):
    name = "adminui"
    verbose_name = "adminui"

    def ready(self) -> None:
        from adminui.remote import imitations
        from adminui.sandbox.imitation import imitate, looks_at

        imitations.offer(imitations.Imitations(imitate, looks_at))
