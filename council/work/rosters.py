"""名簿: whether a year has its members and its chair."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone

from council.work.items import Stage, Urgency
from council.work.people import Reader
from members.common.text.eras import fiscal_year
from members.desks.rights import may_issue
from members.models import UNIT_WORDS, CouncilYear, DeskPerson, Membership, RosterReply, base_unit


def roster_stages(years: Iterable[CouncilYear], reader: Reader) -> dict[int, Stage]:
    """Each year's roster, by the year's id; three queries."""
    rows = Membership.objects.filter(council_year__in=[year.pk for year in years])
    found: dict[int, Roster] = defaultdict(Roster)
    way = "department__organization"
    for year, *row in rows.values_list("council_year", way, f"{way}__kind", "role", "is_to_check"):
        found[year].take(*row)
    wishes = RosterReply.objects.filter(is_handled=False, council_year__in=[year.pk for year in years])
    for year in wishes.values_list("council_year", flat=True):
        found[year].wishes += 1
    stages = {year.pk: roster_stage(year, found[year.pk]) for year in years}
    this_year = fiscal_year(timezone.localdate())
    newest = next((year for year in years if year.year == this_year), None)
    if newest is not None and may_issue(reader.user):
        # Desks are of no council alone: it is told once.
        tell_keepers(stages[newest.pk])
    return stages


def tell_keepers(stage: Stage) -> None:
    """Who administers a body's desk and goes out with the year: often nobody of the body can keep them on."""
    keepers = DeskPerson.objects.to_keep_on().filter(is_administrator=True).count()
    if keepers:
        stage.add(
            Urgency.DUE,
            f"窓口の管理者{keepers}人の期限を延ばすか、終わらせます（人事異動の確認）",
            f"{reverse('admin:members_deskperson_changelist')}?state=keepers",
        )


@dataclass(slots=True)
class Roster:
    """A year's members, counted as a report counts them: municipalities and their departments."""

    kinds: dict[int, str] = field(default_factory=dict)
    departments: int = 0
    others: int = 0
    has_chair: bool = False
    to_check: int = 0
    # What bodies asked at their desks to have changed.
    wishes: int = 0

    def take(self, organization: int, kind: str, role: str, is_to_check: bool) -> None:
        self.to_check += is_to_check
        self.has_chair = self.has_chair or role == Membership.Role.CHAIR
        if kind in UNIT_WORDS:
            self.kinds[organization] = kind
            self.departments += 1
        else:
            self.others += 1

    @property
    def summary(self) -> str:
        others = f"、県など{self.others}課" if self.others else ""
        return f"{len(self.kinds)}{base_unit(self.kinds.values())}・{self.departments}課{others}"


def roster_stage(year: CouncilYear, roster: Roster) -> Stage:
    url = reverse("admin:members_councilyear_change", args=[year.pk])
    stage = Stage("名簿", url=url, is_begun=bool(roster.departments or roster.others))
    if not stage.is_begun:
        stage.add(Urgency.DUE, "検討メンバーを登録します（名簿のファイルからも取り込めます）", url)
        return stage
    stage.summary = roster.summary
    if roster.to_check:
        stage.add(
            Urgency.NEXT,
            f"前の年度から引き継いだまま確かめていない検討メンバーが{roster.to_check}課あります",
            url,
        )
    if roster.wishes:
        stage.add(
            Urgency.DUE,
            f"{roster.wishes}団体から、名簿を直すよう申し出があります",
            f"{reverse('admin:members_rosterreply_changelist')}?is_handled__exact=0",
        )
    if not roster.has_chair:
        stage.add(Urgency.DUE, "代表が決まっていません", url)
    if not year.is_visible:
        what = "年度" if year.council.is_public else "検討会議"
        stage.add(Urgency.WAITING, f"{what}はまだ公開していません", url)
    return stage
