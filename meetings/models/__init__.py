"""What a council does in a year: meetings, their agenda, minutes and materials."""

from meetings.models.material import Material, MaterialVersion
from meetings.models.meeting import Meeting
from meetings.models.minutes import Guest, MinuteEntry
from meetings.models.parts import AgendaItem, Attendance, AttendanceReply
from meetings.models.remark import Remark, RemarkRequest
from meetings.models.revision import AutosavedDraft, CorrectionProposal, RecordRevision

__all__ = [
    "AgendaItem",
    "Attendance",
    "AttendanceReply",
    "AutosavedDraft",
    "CorrectionProposal",
    "Guest",
    "Material",
    "MaterialVersion",
    "Meeting",
    "MinuteEntry",
    "RecordRevision",
    "Remark",
    "RemarkRequest",
]
