"""Data to try the portal with: the real FY2020, and a fictional council of this year.

The fictional bodies have codes with the prefix 99, which no prefecture has.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from council.accounts.roles import ROLES
from council.models import AnnualReport, ReportSection
from council.publishing.publication import publication
from meetings.models import AgendaItem, Material, Meeting, MinuteEntry
from members.codes import check_digit
from members.common.publication.engine import Order
from members.common.text.eras import fiscal_year, fiscal_year_range
from members.models import Council, CouncilYear, Department, Desk, Membership, Organization
from surveys.answering.drafts import load_draft
from surveys.answering.submitting import submit
from surveys.models import (
    Channel,
    Choice,
    Condition,
    CountedChoice,
    Indicator,
    Question,
    Scale,
    ScaleChoice,
    Section,
    Survey,
    SurveyTarget,
    Topic,
)
from surveys.running.lifecycle import issue_links, open_survey

FIXTURES = ("organizations", "council_2020", "answers_2020_demo")
REAL_COUNCIL = "smart-jichitai"
FICTIONAL_COUNCIL = "demo"
STAFF = "jimukyoku"
NOTICE = "この検討会議、団体、会議、アンケートは、操作を試すための架空の例です。"

BODIES = (
    ("99000", "みほん県", "みほんけん", Organization.Kind.PREFECTURE, ["デジタル推進課"]),
    ("99201", "みほん市", "みほんし", Organization.Kind.CITY, ["情報政策課", "市民課"]),
    ("99202", "ためし市", "ためしし", Organization.Kind.CITY, ["行政経営課"]),
    ("99301", "かりの町", "かりのちょう", Organization.Kind.TOWN, ["総務課", "税務課"]),
    ("99302", "れんしゅう町", "れんしゅうちょう", Organization.Kind.TOWN, ["企画課"]),
    ("99401", "こころみ村", "こころみむら", Organization.Kind.VILLAGE, ["住民課"]),
)

# The body whose desk the demo opens: a survey, a meeting and its roster entry wait for it.
ASKED = "かりの町"


@transaction.atomic
def load(today: date) -> bool:
    """Load what is not there yet; returns whether anything was.

    Once loaded, what staff change is theirs: a second call leaves it alone.
    """
    loaded = False
    if not Council.objects.filter(slug=REAL_COUNCIL).exists():
        call_command("loaddata", *FIXTURES, verbosity=0)
        freeze_loaded_reports()
        loaded = True
    if not Council.objects.filter(slug=FICTIONAL_COUNCIL).exists():
        build_fictional_year(today)
        loaded = True
    return loaded


def freeze_loaded_reports() -> None:
    """Give the reports that came published their first edition."""
    for report in AnnualReport.objects.public().filter(editions=None):
        seen = publication.candidate(report).state
        publication.publish(report, None, Order(seen, confirmed=True))


def build_fictional_year(today: date) -> CouncilYear:
    """Build a council year around ``today``: one meeting held, one planned, an open survey."""
    year = fiscal_year(today)
    first, last = fiscal_year_range(year)
    council = Council.objects.create(
        name="（架空）窓口サービス検討会議",
        slug=FICTIONAL_COUNCIL,
        purpose="窓口の手続を便利にする取組を、架空の県と市町村が一緒に考えます。",
        established_year=year,
        notice=NOTICE,
        is_fictional=True,
        contact="みほん県 デジタル推進課（架空）",
        is_public=True,
    )
    council_year = CouncilYear.objects.create(council=council, year=year, is_public=True)
    _add_roster(council_year)
    held = _add_held_meeting(council_year, max(first, today - timedelta(days=20)))
    _add_planned_meeting(council_year, min(last, today + timedelta(days=21)))
    survey = _add_survey(council_year, held, today + timedelta(days=30))
    _add_report(council_year)
    open_survey(survey)
    _add_submission(survey)
    return council_year


def _add_roster(council_year: CouncilYear) -> None:
    for digits, name, kana, kind, departments in BODIES:
        organization, _ = Organization.objects.get_or_create(
            code=f"{digits}{check_digit(digits)}", defaults={"name": name, "kana": kana, "kind": kind}
        )
        for index, label in enumerate(departments):
            department, _ = Department.objects.get_or_create(organization=organization, name=label)
            role, post = Membership.Role.MEMBER, ""
            if kind == Organization.Kind.PREFECTURE:
                role, post = Membership.Role.CHAIR, f"{label}長"
            elif name == "みほん市" and index == 0:
                role, post = Membership.Role.VICE_CHAIR, f"{label}長"
            Membership.objects.create(
                council_year=council_year,
                department=department,
                role=role,
                post=post,
                # One body is asked at its desk whether its entry is still right.
                is_to_check=name == ASKED,
            )


def _add_held_meeting(council_year: CouncilYear, held_on: date) -> Meeting:
    meeting = Meeting.objects.create(
        council_year=council_year,
        number=1,
        held_on=held_on,
        start_time=time(13, 30),
        end_time=time(15, 0),
        mode=Meeting.Mode.ONLINE,
        status=Meeting.Status.HELD,
        is_announced=True,
        record_status=Meeting.RecordStatus.PUBLISHED,
    )
    items = [
        AgendaItem.objects.create(meeting=meeting, title=title)
        for title in ("窓口の混雑の現状について", "オンライン申請の事例について")
    ]
    speaker = Department.objects.get(organization__name="みほん市", name="市民課")
    MinuteEntry.objects.create(
        meeting=meeting,
        kind=MinuteEntry.Kind.REPORT,
        agenda_item=items[0],
        body="窓口の混雑の現状を共有しました。",
    )
    MinuteEntry.objects.create(
        meeting=meeting,
        kind=MinuteEntry.Kind.CASE,
        agenda_item=items[1],
        department=speaker,
        body="オンライン申請を始めて、窓口の待ち時間がどう変わったかを発表しました。",
    )
    Material.objects.create(meeting=meeting, label="資料1", title="窓口の混雑の現状（架空）", is_public=True)
    meeting.prefill_attendance()
    meeting.attendances.update(status="online")
    return meeting


def _add_planned_meeting(council_year: CouncilYear, held_on: date) -> None:
    meeting = Meeting.objects.create(
        council_year=council_year,
        number=2,
        held_on=held_on,
        replies_due_on=held_on - timedelta(days=3),
        start_time=time(13, 30),
        mode=Meeting.Mode.HYBRID,
        place="みほん県庁 第1会議室（架空）",
        is_announced=True,
    )
    for title in ("アンケートの結果について", "来年度の進め方について"):
        AgendaItem.objects.create(meeting=meeting, title=title)
    meeting.prefill_attendance()


def _add_survey(council_year: CouncilYear, meeting: Meeting, closes_on: date) -> Survey:
    survey = Survey.objects.create(
        council_year=council_year,
        key="madoguchi",
        title="窓口サービスについてのアンケート",
        introduction="オンライン申請などの取組の状況をうかがいます。集計した結果だけを公開します。",
        after_meeting=meeting,
        closes_at=timezone.make_aware(datetime.combine(closes_on, time(17, 0))),
        provenance_note="操作を試すための架空のアンケートで、回答はデモ用に作成したものです。",
    )

    now, next_ = (
        Section.objects.create(survey=survey, code=code, title=title, description=description)
        for code, title, description in (
            ("now", "取組の状況", "今年度の取組についてうかがいます。"),
            ("next", "これから", "担当する課が別のときは、同時に入力できます。"),
        )
    )

    def ask(section: Section, key: str, kind: str, text: str, *choices: str, **more: Any) -> Question:
        values = {"disclosure": Question.Disclosure.PUBLIC, **more}
        question = Question.objects.create(
            survey=survey, section=section, key=key, kind=kind, text=text, **values
        )
        for number, label in enumerate(choices, start=1):
            Choice.objects.create(question=question, code=f"c{number}", label=label)
        return question

    online = ask(
        now,
        "online",
        Question.Kind.SINGLE,
        "オンライン申請を始めていますか。",
        "すでに始めている",
        "今年度中に始める",
        "検討している",
        "予定はない",
    )
    why = ask(
        now,
        "why",
        Question.Kind.TEXT,
        "始める予定がない理由を書いてください。",
        disclosure=Question.Disclosure.STAFF,
    )
    Condition.objects.create(question=why, choice=online.choices.get(code="c4"))
    procedures = ask(
        now,
        "procedures",
        Question.Kind.MULTIPLE,
        "オンラインで受け付けている手続、または受け付けたい手続を選んでください。",
        "住民票の写し",
        "子育ての手続",
        "税の証明",
        "施設の予約",
        "その他",
        "特にない",
        is_required=False,
    )
    procedures.choices.filter(code="c5").update(asks_text=True)
    procedures.choices.filter(code="c6").update(is_exclusive=True)
    progress = ask(
        now, "progress", Question.Kind.GRID, "次の取組はどのくらい進みましたか。", disclosure="public"
    )
    scale = Scale.objects.create(name="進捗（4段階）")
    for code, label in (
        ("much", "かなり進んだ"),
        ("some", "少し進んだ"),
        ("little", "あまり進まなかった"),
        ("none", "進まなかった"),
    ):
        ScaleChoice.objects.create(scale=scale, code=code, label=label)
    scale.copy_to(progress)
    for number, label in enumerate(("書かない窓口", "手数料のキャッシュレス化", "職員の研修"), start=1):
        Topic.objects.create(question=progress, code=f"t{number}", label=label)
    ask(
        next_,
        "minutes",
        Question.Kind.NUMBER,
        "窓口の待ち時間は平均で何分ですか。",
        is_required=False,
        help="おおよその数で構いません。",
        unit="分",
        minimum=0,
        disclosure=Question.Disclosure.MEMBERS,
    )
    ask(
        next_,
        "opinion",
        Question.Kind.TEXT,
        "検討会議で取り上げてほしいことを書いてください。",
        is_required=False,
        disclosure=Question.Disclosure.STAFF,
    )
    indicator = Indicator.objects.create(
        survey=survey,
        council_year=council_year,
        key="online",
        name="オンライン申請を始めた市町村の割合",
        statement="オンライン申請を「すでに始めている」または「今年度中に始める」と回答した市町村の割合です。",
        unit="市町村",
    )
    for choice in online.choices.all()[:2]:
        CountedChoice.objects.create(indicator=indicator, choice=choice)
    return survey


def _add_report(council_year: CouncilYear) -> None:
    report = AnnualReport.objects.create(council_year=council_year)
    bodies = {
        "goals": "窓口での手続を、来庁しなくても済むようにすることを目標とします。",
        "outcomes": "オンライン申請を始めた市町村は、参加市町村の{online}でした。",
    }
    kinds = [*ReportSection.Kind.values, *ReportSection.Summary.values]
    for position, kind in enumerate(kinds, start=1):
        ReportSection.objects.create(report=report, kind=kind, position=position, body=bodies.get(kind, ""))


@transaction.atomic
def _add_submission(survey: Survey) -> None:
    target = survey.targets.get(organization__name="ためし市")
    draft = load_draft(target)
    content = {
        name: item.choices[0].code
        for item in draft.questionnaire.items
        for name in item.cells
        if item.question.kind in {Question.Kind.SINGLE, Question.Kind.GRID}
    }
    respondent = {"respondent_department": "行政経営課", "respondent_name": "架空 太郎"}
    submit(draft, content | respondent, channel=Channel.WEB)


@dataclass(frozen=True, slots=True)
class Access:
    """How to log in to the demo; what is empty can no longer be told."""

    user: str
    password: str
    token: str
    desk: str


def access() -> Access:
    """Make the demo's account and answer link once; later calls tell the same again.

    They stand in a file under var/ that only its owner can read. A password that
    staff have changed, or a link that is no longer good, is not told.
    """
    kept = Path(settings.VAR_DIR) / "demo-access.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    user, is_new = User.objects.get_or_create(username=STAFF, defaults={"is_staff": True})
    if is_new:
        known["password"] = secrets.token_urlsafe(12)
        user.set_password(known["password"])
        user.save()
        # One account to try everything with; an office gives each person what they need.
        user.groups.set(Group.objects.filter(name__in=[role.name for role in ROLES]))
    if (
        not SurveyTarget.objects.with_token(known.get("token", ""))
        .filter(submission=None, drafts=None)
        .exists()
    ):
        known["token"] = _fresh_token()
    if not Desk.objects.with_token(known.get("desk", "")).exists():
        known["desk"] = _fresh_desk()
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(known))
    password = known.get("password", "")
    return Access(STAFF, password if user.check_password(password) else "", known["token"], known["desk"])


def _fresh_token() -> str:
    """A link to an answer of the fictional survey that nobody has begun; empty if there is none."""
    accepting = Survey.objects.accepting().filter(council_year__council__slug=FICTIONAL_COUNCIL)
    target = SurveyTarget.objects.filter(survey__in=accepting, submission=None, drafts=None).first()
    return issue_links([target])[0].token if target else ""


def _fresh_desk() -> str:
    """A link to the desk of the fictional body that is asked the most; empty if there is none."""
    organization = Organization.objects.filter(name=ASKED).first()
    if organization is None:
        return ""
    desk, _ = Desk.objects.get_or_create(organization=organization)
    token = desk.new_token()
    desk.save()
    return token
