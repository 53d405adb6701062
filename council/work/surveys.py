"""アンケート: who has not answered until when, and what stands between a survey and its results."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from council.work.items import Stage, Urgency
from council.work.people import Reader
from members.common.text.eras import format_time
from members.models import CouncilYear
from surveys.models import AnswerStatus, OutgoingMail, Question, Survey, SurveyTarget, WorkbookUpload
from surveys.running.days_off import day_off

# So long before a deadline it presses.
SOON = timedelta(days=3)


@dataclass(slots=True)
class Answers:
    """How far the answers to one survey have come."""

    statuses: Counter[AnswerStatus] = field(default_factory=Counter)
    # Deadlines of their own, of those whose answer is missing.
    extended: list[datetime] = field(default_factory=list)
    # And of those that were given back.
    returned_until: list[datetime] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return sum(self.statuses.values()) - self.statuses[AnswerStatus.EXCLUDED]

    @property
    def returned(self) -> int:
        return self.statuses[AnswerStatus.RETURNED]

    @property
    def missing(self) -> int:
        return sum(count for status, count in self.statuses.items() if status.is_missing)


def survey_stages(years: Iterable[CouncilYear], reader: Reader) -> dict[int, Stage]:
    """Each year's surveys, by the year's id; two queries."""
    years = list(years)
    surveys = list(
        Survey.objects.filter(council_year__in=[year.pk for year in years])
        .annotate(
            has_questions=Exists(Question.objects.filter(survey=OuterRef("pk"))),
            failed=Count(
                "mailings__mails", filter=Q(mailings__mails__state=OutgoingMail.State.FAILED), distinct=True
            ),
            files_in=Count(
                "workbook_uploads",
                filter=Q(workbook_uploads__state=WorkbookUpload.State.PENDING)
                & ~Q(workbook_uploads__uploaded_by=None),
                distinct=True,
            ),
            questions_in=Count("targets__inquiries", filter=Q(targets__inquiries__answer=""), distinct=True),
        )
        .order_by("pk")
    )
    answers = answers_of([survey.pk for survey in surveys if survey.status not in Survey.NOT_ASKED])
    listed: dict[int, list[Survey]] = {year.pk: [] for year in years}
    for survey in surveys:
        listed[survey.council_year_id].append(survey)
    return {pk: survey_stage(pk, rows, answers, reader) for pk, rows in listed.items()}


def answers_of(surveys: list[int]) -> dict[int, Answers]:
    found: dict[int, Answers] = defaultdict(Answers)
    rows = SurveyTarget.objects.filter(survey__in=surveys).with_status()
    for survey, status, extended_to in rows.values_list("survey", "status", "extended_to"):
        answers, state = found[survey], AnswerStatus(status)
        answers.statuses[state] += 1
        if state.is_missing and extended_to:
            answers.extended.append(extended_to)
        elif state == AnswerStatus.RETURNED and extended_to:
            answers.returned_until.append(extended_to)
    return found


def survey_stage(year: int, surveys: list[Survey], answers: dict[int, Answers], reader: Reader) -> Stage:
    list_url = f"{reverse('admin:surveys_survey_changelist')}?council_year={year}"
    stage = Stage("アンケート", url=list_url, is_begun=bool(surveys))
    if not surveys:
        if reader.runs_surveys:
            add = f"{reverse('admin:surveys_survey_add')}?council_year={year}"
            stage.add(Urgency.NEXT, "アンケートを作ります", add)
        return stage
    told = []
    for survey in surveys:
        found = answers[survey.pk]
        if found.asked:
            told.append(f"{found.asked - found.missing}/{found.asked}団体")
        if survey.is_aggregate or not reader.runs_surveys:
            # Nobody is asked, or whoever only reads results has nothing to do here.
            continue
        if survey.status == Survey.Status.DRAFT:
            tell_draft(stage, survey)
        elif survey.status == Survey.Status.TRIAL:
            url = reverse("admin:surveys_survey_trial", args=[survey.pk])
            stage.add(Urgency.NEXT, f"「{survey.title}」は試行中です。終えてから受付を始めます", url)
        elif survey.status == Survey.Status.OPEN:
            tell_open(stage, survey, found)
        elif not survey.results_public:
            url = reverse("admin:surveys_survey_results", args=[survey.pk])
            missing = f"（未回答{found.missing}団体）" if found.missing else ""
            stage.add(Urgency.NEXT, f"「{survey.title}」の集計結果は公開していません{missing}", url)
        tell_trouble(stage, survey)
    stage.summary = f"{len(surveys)}件（提出 {'、'.join(told)}）" if told else f"{len(surveys)}件"
    return stage


def tell_draft(stage: Stage, survey: Survey) -> None:
    if survey.opening_failed:
        url = reverse("admin:surveys_survey_open", args=[survey.pk])
        text = f"「{survey.title}」の受付を、予約した日時に始められませんでした：{survey.opening_failed}"
        stage.add(Urgency.BLOCKED, text, url)
    elif survey.opens_at:
        url = reverse("admin:surveys_survey_open", args=[survey.pk])
        day = timezone.localtime(survey.opens_at).date()
        text = f"「{survey.title}」は{format_time(survey.opens_at)}に受付を始めます"
        stage.add(Urgency.WAITING, text, url, day)
    elif survey.has_questions:  # type: ignore[attr-defined]
        url = reverse("admin:surveys_survey_open", args=[survey.pk])
        stage.add(Urgency.NEXT, f"「{survey.title}」の受付を始めていません", url)
    else:
        url = reverse("admin:surveys_survey_build", args=[survey.pk])
        stage.add(Urgency.NEXT, f"「{survey.title}」に設問がありません", url)


def tell_open(stage: Stage, survey: Survey, answers: Answers) -> None:
    """What is still waited for, and whether the deadline is near or past."""
    now, board = timezone.now(), reverse("admin:surveys_survey_board", args=[survey.pk])
    deadline = survey.closes_at or now
    last = max([deadline, *answers.extended, *answers.returned_until])
    day = timezone.localtime(deadline).date()
    missing = f"未回答が{answers.missing}団体"
    if answers.returned:
        missing += f"、差し戻し中が{answers.returned}団体"
    if last <= now:
        url = reverse("admin:surveys_survey_close", args=[survey.pk])
        stage.add(
            Urgency.DUE, f"「{survey.title}」は締切を過ぎました（{missing}）。受付を終了します", url, day
        )
    elif answers.returned and not answers.missing:
        text = f"「{survey.title}」は差し戻した{answers.returned}団体の再提出を待っています"
        stage.add(Urgency.WAITING, text, board, day)
    elif not answers.missing:
        url = reverse("admin:surveys_survey_close", args=[survey.pk])
        stage.add(
            Urgency.NEXT, f"「{survey.title}」はすべての団体が提出しました。受付を終了できます", url, day
        )
    elif deadline <= now:
        late = answers.missing - sum(moment > now for moment in answers.extended)
        text = (
            f"「{survey.title}」は締切を過ぎました。未回答が{late}団体、"
            f"ほかに延長した{answers.missing - late}団体を{format_time(last)}まで待っています"
        )
        stage.add(Urgency.DUE if late else Urgency.WAITING, text, board, day)
    else:
        closed = f"（閉庁日：{reason}）" if (reason := day_off(day)) else ""
        text = (
            f"「{survey.title}」は{missing}です。締切は{format_time(deadline)}{closed}、"
            "回答用リンクもそのとき使えなくなります"
        )
        stage.add(Urgency.DUE if deadline - now <= SOON else Urgency.WAITING, text, board, day)


def tell_trouble(stage: Stage, survey: Survey) -> None:
    if count := survey.failed:  # type: ignore[attr-defined]
        url = reverse("admin:surveys_survey_mails", args=[survey.pk])
        stage.add(Urgency.BLOCKED, f"「{survey.title}」のメールが{count}通、届けられていません", url)
    if count := survey.questions_in:  # type: ignore[attr-defined]
        listed = reverse("admin:surveys_inquiry_changelist")
        url = f"{listed}?answered=no&target__survey__id__exact={survey.pk}"
        stage.add(Urgency.DUE, f"「{survey.title}」について、回答していない質問が{count}件あります", url)
    if count := survey.files_in:  # type: ignore[attr-defined]
        url = reverse("admin:surveys_survey_workbooks", args=[survey.pk])
        stage.add(Urgency.DUE, f"「{survey.title}」の回答用Excelが{count}件、確認を待っています", url)
