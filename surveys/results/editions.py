"""Editions of results: what is public changes only by the next one, and never by a few organizations alone.

Two publications that differ by one organization tell that organization's answers, question by question. So an
edition in one of whose tables fewer organizations than the small-group minimum differ, from any edition
before it, is held back: the one before stays in force, until more has changed or somebody
publishes the difference with a reason.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from members.common.merging import digest
from members.common.publication.seal import check, fault_of
from members.common.snapshot import deserialize, serialize
from surveys.models import Answer, Question, ResultsEdition, Survey, SurveyTarget
from surveys.results.known_counts import missing_counts
from surveys.results.snapshots import ResultsSnapshot, compute_snapshots
from surveys.signals import results_publishing


def published_snapshots(surveys: Iterable[Survey]) -> dict[int, ResultsSnapshot]:
    """What the public sees of some surveys: as published; computed now where no edition was kept yet."""
    surveys = list(surveys)
    editions = ResultsEdition.objects.in_force().filter(survey__in=surveys)
    found = {edition.survey_id: snapshot_of(edition) for edition in editions}
    return found | compute_snapshots([survey for survey in surveys if survey.pk not in found])


def snapshot_of(edition: ResultsEdition) -> ResultsSnapshot:
    """The results of an edition; raises ``EditionFault`` where they are not what was published."""
    check(edition)
    snapshot: ResultsSnapshot = deserialize(ResultsSnapshot, edition.content)
    return snapshot


Contributions = dict[str, dict[str, Any]]


def contributions(survey: Survey) -> Contributions:
    """What each organization of the base contributes to the public results, by its code.

    Its kind, and for each question that it answered a hash of the answer.
    """
    organizations: Contributions = {
        target.organization.code: {
            "kind": target.kind_at_opening or target.organization.kind,
            "answers": {},
        }
        for target in SurveyTarget.objects.in_base().filter(survey=survey).select_related("organization")
    }
    rows = Answer.objects.filter(
        submission__target__survey=survey,
        submission__target__in_base=True,
        question__disclosure=Question.Disclosure.PUBLIC,
    ).order_by("question", "topic", "choice", "pk")
    answers: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    # A grid is a table for each of its topics: each is compared by itself, and the whole as it was before.
    for code, key, *content in rows.values_list(
        "submission__target__organization__code",
        "question__key",
        "topic__code",
        "choice__code",
        "number",
        "date",
    ):
        row = [str(value) for value in content]
        answers[code, key].append(row)
        if topic := content[0]:
            answers[code, topic_key(key, topic)].append(row)
    for (code, key), content in answers.items():
        organizations[code]["answers"][key] = digest(content)
    return organizations


def topic_key(key: str, topic: str) -> str:
    """What one topic of a grid is called among the contributions; no question's key holds a dot."""
    return f"{key}.{topic}" if topic else key


def changes(now: Contributions, before: Contributions) -> dict[str, set[str]]:
    """Which organizations contribute otherwise to each question; coming and leaving is a change too."""
    found: dict[str, set[str]] = defaultdict(set)
    for code in now.keys() | before.keys():
        ours = now.get(code, {}).get("answers", {})
        theirs = before.get(code, {}).get("answers", {})
        # Of another kind, a body is counted elsewhere in every table by kind.
        is_moved = kind_of(code, now) != kind_of(code, before)
        for key in ours.keys() | theirs.keys():
            if is_moved or ours.get(key) != theirs.get(key):
                found[key].add(code)
    # Where the older side kept no topics of a grid, nobody can tell which of them changed.
    return {key: bodies for key, bodies in found.items() if "." not in key or keeps_topics(before, key)}


def keeps_topics(kept: Contributions, name: str) -> bool:
    """Whether contributions tell a grid's topics apart, or nobody answered that grid at all."""
    question = name.partition(".")[0]
    names = {each for body in kept.values() for each in body["answers"]}
    return question not in names or any(each.startswith(f"{question}.") for each in names)


def changed_organizations(survey: Survey, edition: ResultsEdition) -> int:
    """How many organizations came, left or answer otherwise than in an edition."""
    now = contributions(survey)
    gone = now.keys() ^ edition.contributions.keys()
    return len(set().union(gone, *changes(now, edition.contributions).values()))


@dataclass(frozen=True, slots=True)
class Renewal:
    """What publishing a survey's results again would change.

    ``telling`` names the questions of which two publications would tell the answers of a few
    organizations by their difference: each table is looked at, against every edition there ever was.
    """

    survey: Survey
    edition: ResultsEdition | None
    snapshot: ResultsSnapshot
    changed: int
    telling: tuple[str, ...]
    contributions: Contributions
    # Editions that are not what was published: nobody can tell what a difference to them would tell.
    faults: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """What would be published, wording and numbers: another where any of it changed meanwhile."""
        return digest(serialize(self.snapshot.without_times()))

    @property
    def is_held_back(self) -> bool:
        """Whether the difference would tell the answers of a few organizations."""
        return bool(self.telling)

    @property
    def is_new(self) -> bool:
        """Whether anything public would read otherwise."""
        if self.edition is None:
            return True
        if fault_of(self.edition):
            return True
        before = snapshot_of(self.edition)
        # What was published before it was kept what figures count says nothing else for that.
        now = self.snapshot if before.counted else replace(self.snapshot, counted=())
        return serialize(before.without_times()) != serialize(now.without_times())

    @property
    def warning(self) -> str:
        """For staff: why the new figures stay out of what is published."""
        questions = "、".join(f"「{text}」" for text in self.telling)
        return (
            f"アンケート「{self.survey.title}」の回答は、公開している集計から{self.changed}団体が変わっています。"
            f"{questions}では、前に公開した集計との差から少数の団体の回答が分かってしまうため、"
            "新しい集計は公開しません（前の集計のままです）。"
            "誤りの訂正などで公表する必要があるときだけ、理由を入力して公開してください。"
        )


def renewals(surveys: Iterable[Survey]) -> list[Renewal]:
    """Compare some surveys' published results with their answers as they stand."""
    found = []
    for survey in surveys:
        editions = list(ResultsEdition.objects.filter(survey=survey).order_by("-number"))
        last = editions[0] if editions else None
        faults = {edition: fault for edition in editions if (fault := fault_of(edition))}
        editions = [edition for edition in editions if edition not in faults]
        minimum = max([settings.SMALL_GROUP_MINIMUM, *(snapshot_of(each).minimum for each in editions)])
        # What was hidden once stays hidden: a lower minimum uncovers nothing.
        now = contributions(survey)
        snapshot = compute_snapshots([survey], minimum=minimum)[survey.pk]
        telling: dict[str, str] = {}
        for each in editions:
            telling |= telling_questions(snapshot, now, each)
        changed = changed_organizations(survey, last) if last and last not in faults else 0
        told = tuple(
            f"{edition}が検査に通りません（{fault}）データベースをバックアップから戻してください。"
            for edition, fault in faults.items()
        )
        told += tuple(missing_counts(survey))
        found.append(Renewal(survey, last, snapshot, changed, tuple(telling.values()), now, told))
    return found


def telling_questions(
    snapshot: ResultsSnapshot, now: Contributions, edition: ResultsEdition
) -> dict[str, str]:
    """The questions, key and text, whose tables would tell of a few organizations beside an edition's."""
    changed = changes(now, edition.contributions)
    before = {(tally.key, tally.topic_code): tally for tally in snapshot_of(edition).tallies}
    found = {}
    for tally in snapshot.tallies:
        old = before.get((tally.key, tally.topic_code))
        if old is None or tally.is_withheld or old.is_withheld:
            continue
        name = topic_key(tally.key, tally.topic_code)
        if tally.topic_code and not keeps_topics(edition.contributions, name) and changed.get(tally.key):
            # Each of the grid's tables may tell of one.
            found[tally.key] = tally.text
            continue
        organizations = changed.get(name, set())
        groups = [organizations]
        if tally.groups and old.groups:
            groups += [
                {
                    code
                    for code in organizations
                    if kind in {kind_of(code, now), kind_of(code, edition.contributions)}
                }
                for kind in {group.kind for group in (*tally.groups, *old.groups)}
            ]
        if any(0 < len(group) < snapshot.minimum for group in groups):
            found[tally.key] = tally.text
    return found


def kind_of(code: str, organizations: Contributions) -> str:
    return str(organizations.get(code, {}).get("kind", ""))


@transaction.atomic
def publish_results(
    survey: Survey,
    *,
    by: User | None,
    reason: str = "",
    small_change_reason: str = "",
    with_report: bool = False,
    renewal: Renewal | None = None,
    seen: str | None = None,
) -> ResultsEdition | None:
    """Freeze a survey's results as its next edition; None where nothing public would change.

    ``with_report`` says that a report that quotes them is published at the same time, ``renewal``
    what it was built from, ``seen`` the state that who publishes had before them. Raises
    ``ValidationError`` where a reason is missing or so few organizations changed that the difference
    would tell their answers.
    """
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    # Nobody hands in or corrects between counting and keeping who contributed what.
    list(
        SurveyTarget.objects.select_for_update(of=("self",), no_key=True)
        .filter(survey=survey)
        .values_list("pk")
    )
    if renewal is None or renewal.contributions != contributions(survey):
        if renewal is not None:
            raise ValidationError("いま回答が変わりました。もう一度、内容を確かめて公開してください。")
        renewal = renewals([survey])[0]
    if seen is not None and seen != renewal.state:
        raise ValidationError(
            "画面を開いた後に、公開する内容が変わりました。内容を確かめて、もう一度公開してください。"
        )
    if renewal.faults:
        raise ValidationError(list(renewal.faults))
    if not renewal.is_new:
        return None
    if not with_report:
        results_publishing.send(sender=Survey, survey=survey)
    last = renewal.edition
    if renewal.is_held_back and not small_change_reason.strip():
        raise ValidationError(renewal.warning)
    if last and not reason.strip():
        raise ValidationError("新しい版を公開する理由を入力してください。")
    return ResultsEdition.put_out(
        survey,
        last,
        by,
        reason=reason.strip() if last else "",
        small_change_reason=small_change_reason.strip() if renewal.is_held_back else "",
        content=serialize(renewal.snapshot),
        contributions=renewal.contributions,
    )


def keep_first_editions() -> int:
    """Freeze public results of which no edition is kept yet, such as from before there were any."""
    kept = ResultsEdition.objects.values("survey")
    found = Survey.objects.filter(results_public=True, waits_for_report=False).exclude(pk__in=kept)
    return sum(publish_results(survey, by=None, with_report=True) is not None for survey in found)
