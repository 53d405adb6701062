"""What a person's roles let them see and do: each stage and each thing is for who can open it."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from council.work.items import Urgency
from members.common.publication.models import Publishable
from members.common.publication.rights import may_publish, nobody_to_approve, publishers
from members.common.text.eras import format_time


class Reader:
    """For whom the work is told; permissions are asked once."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self._publishers: dict[type[models.Model], list[User]] = {}

    def may(self, *names: str) -> bool:
        return bool(self.user.has_perms(names))

    def is_theirs_to_approve(self, record: models.Model, asked_by: int | None) -> bool:
        """Whether what waits for approval waits for this person: who asked needs somebody else."""
        return asked_by != self.user.pk and may_publish(self.user, record)

    def approval(self, record: Publishable, state: str) -> tuple[Urgency, str]:
        """How it stands with what somebody asked to have published; ``state`` is what it is now."""
        asked = f"承認を待っています（依頼：{record.requested_by}）"
        if record.requested_state != state:
            asked = f"依頼（{record.requested_by}）の後に変わりました。もう一度依頼します"
            return Urgency.DUE, asked
        is_mine = self.is_theirs_to_approve(record, record.requested_by_id)
        if not is_mine and (nobody := self.nobody_for(record)):
            return Urgency.BLOCKED, f"{asked}。{nobody}"
        return (Urgency.MINE if is_mine else Urgency.WAITING), asked

    def nobody_for(self, record: Publishable) -> str:
        """A sentence where what waits has nobody who could approve it."""
        kind = record._meta.model
        if kind not in self._publishers:
            self._publishers[kind] = publishers(kind)
        asked_by = record.requested_by
        return nobody_to_approve(record, asked_by, self._publishers[kind]) if asked_by else ""

    @cached_property
    def writes_records(self) -> bool:
        return self.may("meetings.change_meeting", "meetings.change_minuteentry")

    @cached_property
    def runs_surveys(self) -> bool:
        return self.may("surveys.change_survey")

    @cached_property
    def writes_reports(self) -> bool:
        return self.may("council.change_annualreport")


# The scheduled publications run every few minutes.
LATE = timedelta(minutes=30)


def scheduled(name: str, record: Publishable) -> tuple[Urgency, str]:
    """A publication by the clock: to come, or its moment passed and nothing happened."""
    moment = record.publish_at
    if moment is None:
        return Urgency.DONE, name
    when = format_time(moment)
    if moment < timezone.now() - LATE:
        return (
            Urgency.BLOCKED,
            f"{name}は{when}に公開する予約でしたが、公開されていません（定期の処理を確かめます）",
        )
    return Urgency.WAITING, f"{name}は{when}に公開します"
