"""What can hide a figure from the public, in one place: council, year, results, question, small groups."""

from dataclasses import dataclass

from council.report.build import Report
from members.models import CouncilYear
from surveys.models import Indicator, Question


@dataclass(frozen=True, slots=True)
class FigureSwitches:
    """One figure with all that must be on for the public to see it."""

    key: str
    name: str
    survey: str
    council_is_public: bool
    year_is_public: bool
    results_are_public: bool
    guarded_questions: tuple[str, ...]
    shown: str

    @property
    def reasons(self) -> list[str]:
        """Why the public does not see the figure, and where to change that; empty where it does."""
        if self.shown:
            return []
        found = []
        if not self.council_is_public:
            found.append("検討会議が公開されていません（「検討会議」の画面の「公開する」）")
        if not self.year_is_public:
            found.append("年度が公開されていません（「年度」の画面の「公開する」）")
        if not self.results_are_public:
            found.append(
                f"アンケート「{self.survey}」の集計結果が公開されていません（アンケートの画面の「集計結果を公開する」）"
            )
        found += [
            f"設問「{text}」の開示範囲が「公開」ではありません（設問の画面の「開示範囲」）"
            for text in self.guarded_questions
        ]
        return found or [
            "公開している集計にこの数値がありません（公開の後に登録した指標か、回答が少ないため数を示さない設問です）"
        ]


def figure_switches(year: CouncilYear, built: Report) -> list[FigureSwitches]:
    """Every figure of a year with its switches (two queries); ``built`` is what would be published."""
    indicators = (
        Indicator.objects.filter(council_year=year)
        .select_related("survey")
        .prefetch_related("counted_choices__choice__question")
        .order_by("position", "pk")
    )
    return [
        FigureSwitches(
            key=indicator.key,
            name=indicator.name,
            survey=indicator.survey.title,
            council_is_public=year.council.is_public,
            year_is_public=year.is_public,
            results_are_public=indicator.survey.results_public,
            guarded_questions=tuple(
                dict.fromkeys(
                    row.choice.question.text
                    for row in indicator.counted_choices.all()
                    if row.choice.question.disclosure != Question.Disclosure.PUBLIC
                )
            ),
            shown=figure.share_text if (figure := built.figure(indicator.key)) else "",
        )
        for indicator in indicators
    ]
