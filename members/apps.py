from django.apps import AppConfig

from members.common.audit import audit


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "団体と検討メンバー"

    def ready(self) -> None:
        from members.trail.gathering import connect

        # Not even the hash of an access link belongs in a log that more people can read.
        audit(
            self,
            secret=["token_hash"],
            apart=["AuditEntry", "DailyMail", "DeskMailedLink"],
            links=["Remit"],
        )
        connect()
