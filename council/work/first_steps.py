"""What an empty portal needs first, in order."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from council.work.people import Reader
from meetings.models import Meeting
from members.models import Council, CouncilYear, Membership, Organization
from surveys.models import Survey


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps: what, why, where, and whether it is done."""

    text: str
    why: str
    url: str
    is_done: bool


def first_steps(user: Any) -> list[Step]:
    """The way from nothing to a first year; none once a year has its members, or for whoever makes none."""
    if not Reader(user).may("members.add_council", "members.add_councilyear", "members.add_membership"):
        return []
    has_members = Membership.objects.exists()
    if has_members and (Meeting.objects.exists() or Survey.objects.exists()):
        return []
    return [
        Step(
            "団体を取り込む",
            "県と市町村の団体コードと名称を、Excelのファイルで取り込みます",
            reverse("admin:members_organization_import"),
            Organization.objects.exists(),
        ),
        Step(
            "検討会議を登録する",
            "名称と、公開ページのアドレスに使う識別名を決めます",
            reverse("admin:members_council_add"),
            Council.objects.exists(),
        ),
        Step(
            "年度を登録する",
            "会議、アンケート、報告書は年度ごとにまとめます",
            reverse("admin:members_councilyear_add"),
            CouncilYear.objects.exists(),
        ),
        Step(
            "検討メンバーを登録する",
            "割合の母数になる名簿です。担当課と名簿はファイルからも取り込めます",
            reverse("admin:members_membership_import"),
            has_members,
        ),
        Step(
            "会議かアンケートを作る",
            "次第を貼り付けるか、アンケートを作ります。どちらが先でもかまいません",
            reverse("admin:meetings_meeting_paste"),
            False,
        ),
    ]
