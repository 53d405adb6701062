from django.apps import AppConfig

from members.common.audit import audit


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "団体と検討メンバー"

    def ready(self) -> None:
        from members.trail.gathering import connect

        audit(self, apart=["AuditEntry", "DailyMail"], links=["Remit"])
        connect()
