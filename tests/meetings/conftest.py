"""A meeting that is ready for its minutes."""

import pytest

from meetings.models import AgendaItem, Meeting
from tests import factories


@pytest.fixture
def meeting(db: None) -> Meeting:
    year = factories.council_year()
    department = factories.department(organization=factories.organization(name="津市"), name="情報課")
    factories.membership(year, department=department)
    meeting = factories.meeting(year, number=1)
    AgendaItem.objects.create(meeting=meeting, title="電子申請について")
    meeting.prefill_attendance()
    meeting.attendances.update(status="present")
    return meeting
