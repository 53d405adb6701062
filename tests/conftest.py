"""Fixtures that several tests share."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client

from council.apps import STAFF_GROUP
from members.models import CouncilYear


@pytest.fixture
def fy2020(db: None) -> CouncilYear:
    """The real FY2020 with its made-up answer sheets."""
    call_command("loaddata", "organizations", "council_2020", "answers_2020_demo", verbosity=0)
    return CouncilYear.objects.select_related("council").get(year=2020)


@pytest.fixture
def staff(db: None) -> User:
    """A member of the secretariat."""
    user = User.objects.create_user("jimukyoku", password="a-long-password", is_staff=True)
    user.groups.add(Group.objects.get(name=STAFF_GROUP))
    return user


@pytest.fixture
def staff_client(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client
