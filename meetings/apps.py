from django.apps import AppConfig

from members.common.audit import audit


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "会議"

    def ready(self) -> None:
        # Not even the hash of an access link belongs in a log that more people can read.
        audit(
            self,
            secret=["token_hash", "content", "posted", "before", "people"],
            typing=["AutosavedDraft"],
            confidential=["MinuteEntry", "Remark", "CorrectionProposal", "AttendanceReply"],
        )
