"""Who takes part: organizations, their departments, and each year's roster."""

from members.models.council import Council, CouncilYear
from members.models.membership import Membership
from members.models.organization import Department, Organization, OrganizationAlias

__all__ = ["Council", "CouncilYear", "Department", "Membership", "Organization", "OrganizationAlias"]
