"""Answering a survey: open the link, write page by page, keep the receipt."""

from collections.abc import Sequence
from urllib.parse import quote, unquote

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.common.access import MAX_AGE, admit, dismiss
from members.common.merging import is_same, short_digest
from members.common.text.cleaning import tidy
from members.common.text.eras import format_time
from members.common.web.limits import spend
from surveys.answering.access import answer_context, for_target, hold, reason_to_stop
from surveys.answering.attachments import rows_of
from surveys.answering.drafts import AnswerDraft, PageStatus, load_draft, review, save_page, submission_of
from surveys.answering.forms import AnswerForm
from surveys.answering.places import Place
from surveys.answering.previous import Previous, previous_answer
from surveys.answering.returned import comments_by_field, open_return
from surveys.answering.section_links import first_writer
from surveys.answering.writers import read_writers
from surveys.models import SurveyTarget
from surveys.questionnaire.structure import RESPONDENT_NAMES, Page, Values, history_of, pick, read_out
from surveys.views.questions_changed import answers_to_nothing, section_gone

WRITER = "writer"


@require_safe
@never_cache
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange an access link for the cookie of its answer; writes nothing."""
    target = SurveyTarget.objects.with_token(token).select_related("survey").first()
    if target is None or not target.link_is_good:
        # Good links from the same address open all the while: behind it sit many towns.
        spend(request, "links")
        context = {"is_bad_link": True, "is_excluded": target is not None and target.is_excluded}
        return render(request, "no_access.html", context, status=404)
    return admit(redirect("answer", target.anchor), target)


@require_POST
@for_target
def leave(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Leave a desktop that others use; what was saved stays."""
    response = render(request, "surveys/left.html", {"survey": target.survey})
    return forget_writer(dismiss(response, target), Place(target))


@require_safe
@for_target
def overview(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Say whose answer this is, until when, and how far each page has come."""
    draft = load_draft(target)
    progress = review(draft)
    context = answer_context(
        target,
        draft=draft,
        progress=progress,
        answered=sum(each.answered for each in progress),
        asked=sum(each.asked for each in progress),
        is_ready=all(each.is_done for each in progress),
    )
    return render(request, "surveys/overview.html", context)


@require_http_methods(["GET", "POST"])
@for_target
def section(request: HttpRequest, target: SurveyTarget, code: str) -> HttpResponse:
    """Write one page of the answer; what is typed is kept, also where it has errors."""
    place = Place(target)
    if request.method == "POST":
        return save_section(request, place, code)
    if stop := reason_to_stop(request, target):
        return stop
    draft = load_draft(target)
    page = page_or_404(draft, code)
    checked = pick(draft.values, page.names) if "check" in request.GET else None
    return show_section(request, draft, page, draft.form(page, data=checked), place=place)


def save_section(request: HttpRequest, place: Place, code: str) -> HttpResponse:
    """Merge what was posted into the draft, then go on, stay with the errors, or go back."""
    with transaction.atomic():
        target = hold(request, place.target, place.part)
        if stop := reason_to_stop(request, target, place):
            return stop
        draft = load_draft(target)
        page = draft.questionnaire.page(code)
        if page is None:
            return section_gone(request, draft, place)
        form = draft.form(page, data=request.POST)
        previous = previous_answer(target, draft.questionnaire)
        copied = request.POST.get("take", "")
        copy_previous(form, copied, previous)
        saved_by = writer_of(request, form, place)
        contradictions = save_page(draft, page, form, saved_by=saved_by)

    lost = answers_to_nothing(request, form)
    if lost and "autosave" not in request.POST:
        shown = redraw(draft, page, form)
        response = show_section(request, draft, page, shown, place=place, lost=lost, status=409)
    else:
        response = answer_to_save(request, draft, page, form, contradictions, copied, place)
    if "saved_by" in request.POST:
        # The same person goes on with the next section, from this browser, until the evening.
        set_writer(response, place, str(request.POST["saved_by"]))
    return response


def answer_to_save(
    request: HttpRequest,
    draft: AnswerDraft,
    page: Page,
    form: AnswerForm,
    contradictions: Values,
    copied: str,
    place: Place,
) -> HttpResponse:
    """Where a save leads: on, back, or to the same page with what is wrong."""
    if "autosave" in request.POST:
        return autosave_response(draft, form, contradictions)
    if contradictions:
        return show_contradictions(request, draft, page, form, contradictions, place)
    if copied:
        return redirect(f"{place.section(page.code)}#field-{copied}")
    if "leave" in request.POST:
        return redirect(place.home)
    checked = redraw(draft, page, form)
    if not checked.is_valid():
        return show_section(request, draft, page, checked, place=place, is_kept=True, status=422)
    return redirect(next_address(draft, page, place))


def writer_of(request: HttpRequest, form: AnswerForm, place: Place) -> str:
    """Who says to have written a page, and by whose link; on the respondent's page the respondent."""
    said = str(request.POST.get("saved_by", "")) or " ".join(
        form.typed.get(name) or "" for name in RESPONDENT_NAMES
    )
    if place.part and tidy(said) != place.part.recipient:
        return f"{tidy(said)[:40]}（リンク：{place.part.recipient[:50]}）"
    return tidy(said)[:100]


def set_writer(response: HttpResponse, place: Place, said: str) -> None:
    response.set_signed_cookie(
        WRITER,
        # A cookie holds no Japanese.
        quote(tidy(said)[:100]),
        max_age=MAX_AGE,
        path=place.home,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget_writer(response: HttpResponse, place: Place) -> HttpResponse:
    """Whoever sits at this desktop next is not proposed as somebody else."""
    response.delete_cookie(WRITER, path=place.home, samesite="Lax")
    return response


def writer_before(request: HttpRequest) -> str:
    """Who wrote the section before, in this browser."""
    return unquote(request.get_signed_cookie(WRITER, default="", max_age=MAX_AGE) or "")


def propose_respondent(form: AnswerForm, writer: str) -> None:
    """Propose 課 and 氏名 as they were typed below the section before, where nothing stands there yet."""
    *department, name = writer.split() or [""]
    if name and not any(form.initial.get(each) for each in RESPONDENT_NAMES):
        words = (" ".join(department), name) if department else ("", name)
        form.initial.update(zip(RESPONDENT_NAMES, words, strict=True))


def redraw(draft: AnswerDraft, page: Page, posted: AnswerForm, **mine: object) -> AnswerForm:
    """The page's form as it is stored now, with ``mine`` and what was too long to store."""
    stored = pick(draft.values, page.names)
    too_long_texts = {name: posted.data[name] for name in posted.too_long}
    return draft.form(page, data={**stored, **mine, **too_long_texts, "seen": draft.form(page).seen_now()})


def autosave_response(draft: AnswerDraft, form: AnswerForm, contradictions: Values) -> JsonResponse:
    """Answer the script that saves while somebody types.

    Only what this page typed and now stands stored counts as seen by it: what another
    desk saved meanwhile is not on the page, and must not be overwritten from there.
    """
    if contradictions or form.too_long:
        return JsonResponse({"contradictions": sorted([*contradictions, *form.too_long])}, status=409)
    stored = draft.values
    seen = form.seen_digests | {
        name: short_digest(form.meaning(name, value))
        for name, value in form.typed.items()
        if is_same(value, stored.get(name))
    }
    seen_pairs = " ".join(f"{name}={value}" for name, value in seen.items())
    return JsonResponse({"seen": seen_pairs, "saved_at": f"{timezone.localtime():%H:%M}"})


def page_or_404(draft: AnswerDraft, code: str) -> Page:
    page = draft.questionnaire.page(code)
    if page is None:
        raise Http404
    return page


def copy_previous(form: AnswerForm, name: str, previous: Previous) -> None:
    """Put last time's answer to one question in place of what was typed."""
    item = form.cells.get(name)
    if item is None or not previous.can_take(name):
        return
    form.typed |= {key: previous.values.get(key, "") for key in [name, *item.texts]}


def next_address(draft: AnswerDraft, page: Page, place: Place) -> str:
    """The next page that asks something, and after the last one the check page."""
    pages = list(draft.questionnaire.pages)
    for following in pages[pages.index(page) + 1 :]:
        if len(draft.form(following).answer_names):
            return place.section(following.code)
    return place.check


def show_contradictions(
    request: HttpRequest,
    draft: AnswerDraft,
    page: Page,
    form: AnswerForm,
    contradictions: Values,
    place: Place,
) -> HttpResponse:
    """Show both values where somebody else was faster; saving again is then a decision."""
    shown = redraw(draft, page, form, **{name: form.typed[name] for name in contradictions})
    now = draft.values
    shown.full_clean()
    for name, theirs in contradictions.items():
        item = shown.cells.get(name)
        text = item.describe(name, {**now, name: theirs}) if item else str(theirs)
        shown.add_error(name, f"先に保存された回答{who_saved(draft, page, name)}：{text or '（未回答）'}")
    shown.add_error(
        None,
        "この画面を開いた後に、別の画面から違う回答が保存されました。あなたの入力は下に残っていますが、"
        "違いのある設問はまだ保存していません。どちらにするか確かめて、もう一度保存してください。",
    )
    return show_section(request, draft, page, shown, place=place, status=409)


def who_saved(draft: AnswerDraft, page: Page, name: str) -> str:
    """Who was faster, and when the page was last saved, as far as is known."""
    section = draft.sections.get(page.code)
    if section is None:
        return ""
    who = (section.written_by.get(name) or [section.saved_by])[0]
    return f"（{who or '名前の入力なし'}、{format_time(section.saved_at)}）"


def show_section(
    request: HttpRequest,
    draft: AnswerDraft,
    page: Page,
    form: AnswerForm,
    *,
    place: Place,
    is_kept: bool = False,
    lost: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Draw a page of the answer, with last time's answers beside the questions."""
    previous = previous_answer(draft.target, draft.questionnaire)
    for name, text in previous.texts.items():
        if name in form.fields:
            form.previous[name] = {
                "label": previous.label,
                "text": text,
                "can_take": previous.can_take(name),
            }
    if page.asks_respondent and not form.is_bound:
        propose_respondent(form, writer_before(request))
    form.comments = comments_by_field(draft, open_return(draft.target))
    pages = draft.questionnaire.pages
    saved_by = request.POST.get("saved_by", "") or getattr(draft.sections.get(page.code), "saved_by", "")
    saved_by = saved_by or writer_before(request)
    context = answer_context(
        draft.target,
        place,
        draft=draft,
        page=page,
        form=form,
        is_kept=is_kept,
        lost=lost,
        number=pages.index(page) + 1,
        pages=pages,
        action=place.section(page.code),
        progress=progress_of(draft, page) if place.part and status == 200 else None,
        saved_by=first_writer(place.part, saved_by),
    )
    return render(request, "surveys/section.html", context, status=status)


@require_safe
@for_target
def print_sheet(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """The questionnaire on paper: blank to think about, or filled for approval inside the office."""
    draft = load_draft(target)
    values = {} if "blank" in request.GET else draft.values
    shown = draft.questionnaire.shown(values)
    context = answer_context(
        target,
        draft=draft,
        pages=draft.questionnaire.pages,
        values=values,
        shown=shown,
        is_blank=not values,
        sheet=[(page, paper(page, values, shown)) for page in draft.questionnaire.pages],
    )
    return render(request, "surveys/print.html", context)


def paper(page: Page, values: Values, shown: set[str]) -> list[dict[str, object]]:
    """A page's questions with a box for each choice, ticked or not."""
    rows = []
    for item in page.items:
        cells = []
        for name, topic in item.cells.items():
            codes = values.get(name) or []
            boxes = [
                (choice.label, choice.code in codes, values.get(item.text_name(choice), ""), choice.asks_text)
                for choice in item.choices
            ]
            cells.append((topic.label if topic else "", boxes, "" if item.choices else codes or ""))
        rows.append(
            {
                "number": item.number,
                "question": item.question,
                "rule": item.rule,
                "cells": cells,
                "applies": not values or item.key in shown,
            }
        )
    return rows


@require_safe
@for_target
def receipt(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """Show what was handed in, when, by whom, and under which number."""
    submission = submission_of(target)
    if submission is None:
        return redirect("answer", target.anchor)
    draft = load_draft(target)
    draft.sections = {}
    revisions = list(submission.revisions.order_by("number"))
    latest = revisions[-1] if revisions else None
    written_by = latest.written_by if latest else {}
    sheet = [
        (page, read_out(draft.questionnaire, page, draft.submitted), read_writers(page, written_by))
        for page in draft.questionnaire.pages
    ]
    history = history_of(draft.questionnaire, revisions)
    returns = target.returns.order_by("pk").prefetch_related("comments__question")
    files = rows_of(draft, latest.files if latest else [])
    context = answer_context(
        target, sheet=sheet, history=history, latest=latest, returns=returns, files=files
    )
    return render(request, "surveys/receipt.html", context)


def progress_of(draft: AnswerDraft, page: Page) -> PageStatus:
    """How far one page has come, as the list of all of them says it."""
    return next(each.status for each in review(draft) if each.page == page)
