"""Choices and topics pasted one per line, below those that a question has."""

from django.core.exceptions import ValidationError

from members.common.forms.proposed import next_free
from members.common.text.cleaning import said
from members.common.text.folding import fold
from surveys.models import Choice, Question, Topic

MOST, LONGEST = 100, 100


def labels_of(text: str) -> list[str]:
    """The lines that say something, as they were typed; raises ``ValidationError`` for what is no label."""
    labels = [label for line in text.splitlines() if (label := said(line))]
    if len(labels) > MOST:
        raise ValidationError(f"{MOST}行までにしてください（今は{len(labels)}行）。")
    for number, label in enumerate(labels, start=1):
        if len(label) > LONGEST:
            raise ValidationError(f"{number}行目が長すぎます。{LONGEST}文字までにしてください。")
    twice = [label for number, label in enumerate(labels) if fold(label) in map(fold, labels[:number])]
    if twice:
        raise ValidationError(f"「{twice[0]}」が2回あります。")
    return labels


def add_parts(question: Question, model: type[Choice] | type[Topic], labels: list[str]) -> int:
    """Add those that the question does not have yet; each gets the next free code. Returns how many."""
    head = "c" if model is Choice else "t"
    rows = model._default_manager.filter(question=question)
    known = {fold(label) for label in rows.values_list("label", flat=True)}
    codes = set(rows.values_list("code", flat=True))
    wanted = [label for label in labels if fold(label) not in known]
    for label in wanted:
        code = next_free(head, codes)
        codes.add(code)
        model._default_manager.create(question=question, code=code, label=label)
    return len(wanted)
