"""Who takes part: organizations, their departments, and each year's roster; and the audit trail."""

from members.models.audit_entry import AuditEntry
from members.models.council import Council, CouncilYear
from members.models.daily_mail import DailyMail
from members.models.desk import Desk, DeskMailedLink, RosterReply
from members.models.desk_person import DeskEntrance, DeskPerson
from members.models.membership import Membership
from members.models.organization import (
    UNIT_WORDS,
    Department,
    Organization,
    OrganizationAlias,
    base_unit,
)
from members.models.remit import Remit

__all__ = [
    "UNIT_WORDS",
    "AuditEntry",
    "Council",
    "CouncilYear",
    "DailyMail",
    "Department",
    "Desk",
    "DeskEntrance",
    "DeskMailedLink",
    "DeskPerson",
    "Membership",
    "Organization",
    "OrganizationAlias",
    "Remit",
    "RosterReply",
    "base_unit",
]
