"""Counts that a source gives: what it does not tell is unknown, and not nobody."""

from surveys.models import AggregateCount, Question, Survey


def missing_counts(survey: Survey) -> list[str]:
    """What stands against publishing a survey of which only counts are known, as sentences for staff.

    A choice without a count would read as one that nobody chose (three queries, or none).
    """
    if not survey.is_aggregate:
        return []
    told = set(
        AggregateCount.objects.filter(question__survey=survey).values_list("question", "topic", "choice")
    )
    public = Question.objects.filter(survey=survey, disclosure=Question.Disclosure.PUBLIC)
    found = []
    for question in public.in_order().with_parts():
        is_grid = question.kind == Question.Kind.GRID
        topics = [topic.pk for topic in question.topics.all()] if is_grid else [None]
        choices = question.choices.all() if question.has_choices else []
        untold = [
            choice.label
            for choice in choices
            if any((question.pk, topic, choice.pk) not in told for topic in topics)
        ]
        if untold:
            labels = "、".join(f"「{label}」" for label in untold)
            found.append(
                f"設問「{question.text}」の{labels}の数が入力されていません。0のときは0を入力してください。"
                "分からないときは、その設問の開示範囲を「事務局のみ」にするか、分かる選択肢だけの設問にしてください。"
            )
    return found
