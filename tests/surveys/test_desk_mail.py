"""A survey's mail may carry the link of the body's desk, made for that mail alone."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from members.models import Council, Desk, Remit
from surveys.models import Mailing, Survey
from surveys.running.mailing import queue_mailing, send_due
from tests import factories

pytestmark = pytest.mark.django_db
BODY = "{団体名} 様\n{窓口リンク}"


@pytest.fixture
def survey() -> Survey:
    year = factories.council_year()
    survey = factories.survey(year)
    factories.target(survey, emails="a@example.lg.jp\nb@example.lg.jp")
    return survey


def send(survey: Survey, by: User) -> None:
    chosen = set(survey.targets.values_list("pk", flat=True))
    queue_mailing(survey, Mailing.Kind.INVITATION, "お願い", BODY, chosen, by)
    send_due()


def test_each_mail_has_a_link_of_its_own_to_the_desk(survey: Survey, staff: User, mailoutbox: Any) -> None:
    send(survey, staff)
    tokens = [re.findall(r"/desk/open/([\w-]+)/", mail.body)[0] for mail in mailoutbox]
    assert len(set(tokens)) == 2
    for token in tokens:
        assert Client().get(f"/desk/open/{token}/").status_code == 302
    assert Desk.objects.count() == 1
    # What is ended is ended for both, and no later mail opens it again.
    Desk.objects.get().revoke_link()
    for token in tokens:
        assert Client().get(f"/desk/open/{token}/").status_code == 404
    send(survey, staff)
    assert "/desk/open/" not in mailoutbox[-1].body


def test_who_takes_care_of_some_councils_sends_no_desk(survey: Survey, staff: User) -> None:
    person = User.objects.create_user("limited", "l@example.lg.jp", "a-long-password", is_staff=True)
    remit = Remit.objects.create(user=person)
    remit.councils.set(Council.objects.all())
    with pytest.raises(ValidationError, match="すべての検討会議を担当する人"):
        send(survey, person)
