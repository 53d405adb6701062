import pytest

from council.report.counts import CountTable, load_tables
from surveys.models import Answer, DraftSection, Indicator, Survey, Topic
from surveys.results.indicator_tallies import tally_indicators, whole_percent
from surveys.results.snapshots import staff_snapshots
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    return factories.survey(factories.council_year())


def tally(indicator: Indicator):  # type: ignore[no-untyped-def]
    return tally_indicators([Indicator.objects.select_related("survey").get(pk=indicator.pk)])[0]


def tables(survey: Survey) -> tuple[CountTable, ...]:
    """What lies behind the survey's one indicator."""
    ((detail,), _) = load_tables(survey.council_year, staff_snapshots([survey]))
    return detail.tables


@pytest.mark.parametrize(
    ("count", "base", "percent"),
    [(24, 28, 86), (23, 28, 82), (0, 28, 0), (28, 28, 100), (1, 200, 1), (1, 201, 0), (0, 0, None)],
)
def test_whole_percent_rounds_half_up(count: int, base: int, percent: int | None) -> None:
    assert whole_percent(count, base) == percent


def test_the_base_is_all_who_were_asked(survey: Survey) -> None:
    question = factories.question(survey, "はい", "いいえ")
    yes, no = question.choices.all()
    indicator = factories.indicator(survey, yes)
    factories.submitted(factories.target(survey), yes)
    factories.submitted(factories.target(survey), no)
    factories.target(survey)
    result = tally(indicator)
    assert (result.count, result.answered, result.base, result.unanswered) == (1, 2, 3, 1)
    assert result.share_text == "33%（3市町中1市町）"


def test_drafts_and_excluded_bodies_do_not_count(survey: Survey) -> None:
    yes, _ = factories.question(survey, "はい", "いいえ").choices.all()
    indicator = factories.indicator(survey, yes)
    draft = {"q-" + yes.question.key: yes.code}
    DraftSection.objects.create(target=factories.target(survey), section="main", values=draft)
    outside = factories.target(survey, in_base=False, exclusion_reason="合併のため")
    factories.submitted(outside, yes)
    result = tally(indicator)
    assert (result.count, result.answered, result.base) == (0, 0, 1)
    ((detail,), _) = load_tables(survey.council_year, staff_snapshots([survey]))
    assert [(row.name, row.reason) for row in detail.left_out] == [(outside.organization.name, "合併のため")]


def test_a_body_counts_once_whatever_it_chose(survey: Survey) -> None:
    choices = factories.question(survey, "A", "B", "C", kind="multiple").choices.all()
    indicator = factories.indicator(survey, *choices)
    factories.submitted(factories.target(survey), *choices)
    result = tally(indicator)
    assert (result.count, result.percent) == (1, 100)
    assert [row.percent for row in tables(survey)[0].rows] == [100, 100, 100]


def test_a_grid_counts_a_body_with_one_counted_cell(survey: Survey) -> None:
    question = factories.question(survey, "進んだ", "変わらない", kind="grid")
    good, same = question.choices.all()
    topics = [Topic.objects.create(question=question, code=f"t{n}", label=f"項目{n}") for n in (1, 2)]
    submission = factories.submitted(factories.target(survey))
    for topic, choice in zip(topics, (good, same), strict=True):
        Answer.objects.create(submission=submission, question=question, topic=topic, choice=choice)
    factories.target(survey)
    indicator = factories.indicator(survey, good)
    assert tally(indicator).count == 1
    rows = tables(survey)
    assert [(row.topic, row.rows[0].count, row.answered, row.unanswered) for row in rows] == [
        ("項目1", 1, 1, 1),
        ("項目2", 0, 1, 1),
    ]


def test_relabelling_and_reordering_a_choice_moves_no_figure(survey: Survey) -> None:
    yes, _ = factories.question(survey, "はい", "いいえ").choices.all()
    indicator = factories.indicator(survey, yes)
    factories.submitted(factories.target(survey), yes)
    yes.label, yes.position = "いいえ", 9
    yes.save()
    assert tally(indicator).count == 1


def test_without_a_base_there_is_no_share(survey: Survey) -> None:
    indicator = factories.indicator(survey, *factories.question(survey, "はい", "いいえ").choices.all())
    assert tally(indicator).share_text == "算出できません（0市町中0市町）"


def test_queries_do_not_grow_with_indicators(survey: Survey, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _ in range(5):
        factories.indicator(survey, *factories.question(survey, "はい", "いいえ").choices.all())
    with django_assert_num_queries(6):
        tally_indicators(Indicator.objects.select_related("survey"))
