"""Taking returned workbooks in: a dry run first, then one decision for each."""

import io
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members.common.files.turns import one_at_a_time
from surveys.answering.access import lock
from surveys.answering.drafts import AnswerDraft, fill, load_draft
from surveys.answering.submitting import submit
from surveys.models import Channel, Survey, SurveyTarget, WorkbookUpload
from surveys.questionnaire.structure import Difference, Questionnaire, differences, load_questionnaire
from surveys.workbook.read import MAX_UNPACKED, open_answer_book, read_origin, read_workbook
from surveys.workbook.table import is_table, receive_table

MAX_FILES = 2000
# Of one body; two colleagues may each look at one.
MOST_WAITING = 10


@dataclass
class Preview:
    """What taking a workbook over would do."""

    upload: WorkbookUpload
    differences: list[Difference] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    # Answers in the file to questions that do not apply: nobody will count them.
    unused: list[str] = field(default_factory=list)

    # Whether the answer that is handed in says the same.
    is_same: bool = False

    @property
    def is_readable(self) -> bool:
        return self.upload.target is not None and not self.upload.problems

    @property
    def can_be_taken(self) -> bool:
        return self.is_readable and not self.gaps and not self.is_same

    @property
    def is_proposed(self) -> bool:
        """Whether it is ticked from the start: it changes something, and nothing unseen."""
        return self.can_be_taken and not self.warnings


def unpack(name: str, content: bytes) -> list[tuple[str, bytes]]:
    """The files of a ZIP, or the one file; raises ``ValidationError`` where it is a bomb or broken."""
    if not name.lower().endswith(".zip"):
        return [(name, content)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            entries = [e for e in entries if not e.filename.startswith("__MACOSX/")]
            if len(entries) > MAX_FILES or sum(e.file_size for e in entries) > MAX_UNPACKED * 10:
                raise ValidationError("展開すると大きすぎるZIPです。いくつかに分けてください。")
            return [(shown_name(entry), archive.read(entry)) for entry in entries]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise ValidationError(
            "ZIPとして開けません。パスワードを付けずに作り直すか、Excelのまま選んでください。"
        ) from error


def shown_name(entry: zipfile.ZipInfo) -> str:
    """A ZIP's file name: Windows in Japan writes CP932 and does not say so."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("cp932")
    return name.rpartition("/")[2]


def receive(
    survey: Survey,
    files: Iterable[tuple[str, bytes]],
    *,
    by: User | None = None,
    target: SurveyTarget | None = None,
) -> list[WorkbookUpload]:
    """Read returned workbooks and keep what they say for a decision; changes no answer.

    With ``target`` only that organization's workbook is accepted.
    """
    questionnaire = load_questionnaire(survey)
    fingerprint = questionnaire.fingerprint
    uploads: list[WorkbookUpload] = []
    seen: dict[int, str] = {}
    for name, content in files:
        if target is None and is_table(name, content):
            uploads += receive_table(survey, name, content, questionnaire, by=by)
            continue
        upload = WorkbookUpload(
            survey=survey, file_name=name[-200:], uploaded_by=by, target=target, fingerprint=fingerprint
        )
        try:
            with one_at_a_time("answer-workbook"):
                read_into(upload, content, questionnaire, target)
        except ValidationError as error:
            upload.problems = error.messages
        if upload.target:
            if first := seen.get(upload.target.pk):
                upload.problems = [
                    *upload.problems,
                    f"同じ団体のファイルが2つあります（「{first}」）。どちらか1つだけを送り直してください。",
                ]
            seen[upload.target.pk] = name
        uploads.append(upload)
    # Files are read before the transaction: reading takes time, and a lock waits for nobody.
    with transaction.atomic():
        for upload in uploads:
            upload.save()
        if target:
            forget_older(target)
    return uploads


def forget_older(target: SurveyTarget) -> None:
    """Put away what a body sent for a look and did not take over, but for the last of it."""
    waiting = WorkbookUpload.objects.filter(
        target=target, uploaded_by=None, state=WorkbookUpload.State.PENDING
    )
    kept = waiting.order_by("-pk").values_list("pk", flat=True)[:MOST_WAITING]
    waiting.exclude(pk__in=list(kept)).delete()


def read_into(
    upload: WorkbookUpload, content: bytes, questionnaire: Questionnaire, target: SurveyTarget | None
) -> None:
    book = open_answer_book(content, upload.file_name)
    origin = read_origin(book)
    if target and origin.target != target.anchor:
        raise ValidationError(
            "ほかの団体、またはほかのアンケートの回答用Excelです。ファイルを確かめてください。"
        )
    upload.target = (
        SurveyTarget.objects.for_answering().filter(survey=upload.survey, anchor=origin.target).first()
    )
    if upload.target is None:
        raise ValidationError("ほかのアンケートの回答用Excelです。ファイルを確かめてください。")
    reading = read_workbook(book, questionnaire)
    upload.values, upload.made_from = reading.values, reading.origin.state
    upload.problems, upload.notes = reading.problems, reading.notes
    if not upload.problems:
        # What a person could not have typed on the page either.
        form = load_draft(upload.target, questionnaire).form(data=reading.values)
        for name, errors in form.errors.items():
            if name in reading.values and name not in form.missing:
                upload.problems += [
                    f"{reading.place(name)}：{form.error_label(name)}：{error}" for error in errors
                ]


def preview(upload: WorkbookUpload, draft: AnswerDraft | None = None) -> Preview:
    """Compare a workbook with what is stored now."""
    found = Preview(upload)
    if upload.target is None:
        return found
    draft = draft or load_draft(upload.target)
    shown = draft.questionnaire.shown(upload.values)
    counted = dict(upload.values)
    for item in draft.questionnaire.items:
        if item.key not in shown:
            found.unused += [
                f"「{item.question.text}」の「{text}」は使いません。{item.rule}"
                for name in item.cells
                if (text := item.describe(name, upload.values))
            ]
            counted = {name: value for name, value in counted.items() if name not in item.names}
    found.differences = differences(draft.questionnaire, draft.values, counted)
    form = draft.form(data=upload.values)
    found.gaps = [
        f"{form.error_label(name)}：{error}" for name, errors in form.errors.items() for error in errors
    ]
    found.is_same = not found.differences and draft.is_handed_in
    if upload.made_from != draft.fingerprint and not found.is_same:
        found.warnings.append(
            "このファイルをダウンロードした後に、回答ページなどで回答が変わっています。"
            "取り込むと、下の表の「今の回答」はファイルの内容に置き換わります。"
        )
    return found


@transaction.atomic
def import_as_draft(upload: WorkbookUpload, *, knows: bool) -> None:
    """Put a organization's own workbook into its drafts; handing in stays a decision of its own.

    ``knows`` says that newer answers may be replaced. Raises ``ValidationError``.
    """
    draft = open_for_import(upload, knows=knows)
    fill(draft, upload.values)
    decide(upload, WorkbookUpload.State.ACCEPTED)


@transaction.atomic
def import_as_answer(upload: WorkbookUpload, by: User, *, knows: bool) -> None:
    """Hand in what a returned workbook says, for its organization. Raises ``ValidationError``."""
    draft = open_for_import(upload, knows=knows)
    form = draft.form(data=upload.values)
    if not form.is_valid():
        raise ValidationError(preview(upload, draft).gaps)
    submit(draft, form.content, channel=Channel.WORKBOOK, by=by, note=upload.file_name)
    decide(upload, WorkbookUpload.State.ACCEPTED)


def open_for_import(upload: WorkbookUpload, *, knows: bool) -> AnswerDraft:
    """Lock the organization's answer and make sure that this workbook may still replace it."""
    if upload.target is None or upload.problems:
        raise ValidationError("読み取れなかった点があるため、取り込めません。")
    target = lock(upload.target)
    upload.refresh_from_db(fields=["state"])
    if upload.state != WorkbookUpload.State.PENDING:
        raise ValidationError("このファイルはすでに取り込み済みか、取り込まないことにしています。")
    if not target.is_accepting:
        raise ValidationError(
            "受付が終わっています。個別の締切を延ばすか、受付を再開してから取り込んでください。"
        )
    draft = load_draft(target)
    if upload.fingerprint != draft.questionnaire.fingerprint:
        raise ValidationError("読み取った後に設問が変わりました。もう一度読み取ってください。")
    if upload.made_from != draft.fingerprint and not knows:
        raise ValidationError(
            "ファイルを作った後に回答が変わっています。置き換えてよいことを確かめ、印を付けてください。"
        )
    return draft


def decide(upload: WorkbookUpload, state: Any) -> None:
    upload.state, upload.decided_at = state, timezone.now()
    upload.save(update_fields=["state", "decided_at"])
