from django.apps import AppConfig

from members.audit import audit


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "会議"

    def ready(self) -> None:
        audit(self)
