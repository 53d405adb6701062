from django.apps import AppConfig

from members.common.audit import audit


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "団体と検討メンバー"

    def ready(self) -> None:
        from members.trail.gathering import connect

        # Not even the hash of an access link belongs in a log that more people can read; that an
        # invitation's mail went out is no act of its own.
        audit(
            self,
            secret=["token_hash", "secret", "mailed_at", "told_on"],
            apart=["AuditEntry", "DailyMail", "DeskMailedLink", "DeskEntrance"],
            confidential=["RosterReply"],
            links=["Remit"],
        )
        connect()
