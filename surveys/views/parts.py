"""One section of an answer, for a colleague who has a link to it alone; and the list of such links."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.common.access import LinkEndedError, admit, dismiss, is_admitted, typed
from members.common.text.numbers import whole_number
from members.common.web.limits import spend
from surveys.answering.access import answer_context, for_target, hold, reason_to_stop
from surveys.answering.drafts import load_draft
from surveys.answering.places import Place
from surveys.answering.section_links import SectionLinkForm, revoke, sections_to_hand
from surveys.models import SectionLink, SurveyTarget
from surveys.running.mailing import link_lines
from surveys.views.answering import forget_writer, page_or_404, save_section, show_section


@require_safe
@never_cache
def open_part(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange a section's link for the cookie of that section; writes nothing."""
    link = SectionLink.objects.for_answering().with_token(token).first()
    if link is None or not link.link_is_good:
        spend(request, "links")
        return render(request, "no_access.html", {"is_bad_link": True, "is_part": True}, status=404)
    return admit(redirect("answer-part", link.anchor), link)


def for_part(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hand a view the section's link of the address; all who did not come by it stay outside."""

    @wraps(view)
    def inner(request: HttpRequest, anchor: str, **kwargs: Any) -> HttpResponseBase:
        link = SectionLink.objects.for_answering().filter(anchor=anchor).first()
        if link is None or not is_admitted(request, link):
            is_ended = link is not None and not link.link_is_good
            context = {"typed": typed(request), "is_part": True, "is_ended": is_ended}
            return render(request, "no_access.html", context, status=403)
        try:
            response = view(request, link, **kwargs)
        except LinkEndedError:
            context = {"typed": typed(request), "is_part": True, "is_ended": True}
            return render(request, "no_access.html", context, status=403)
        response["Cache-Control"] = "no-store"
        return response

    return inner


@require_http_methods(["GET", "POST"])
@for_part
def part(request: HttpRequest, link: SectionLink) -> HttpResponse:
    """Write the section; the same page, merging and drafts as those of the whole answer."""
    place = Place(link.target, link)
    if request.method == "POST":
        return save_section(request, place, link.section)
    if stop := reason_to_stop(request, link.target, place):
        return stop
    draft = load_draft(link.target)
    page = page_or_404(draft, link.section)
    return show_section(request, draft, page, draft.form(page), place=place)


@require_POST
@for_part
def leave_part(request: HttpRequest, link: SectionLink) -> HttpResponse:
    """Leave a desktop that others use; what was saved stays."""
    response = dismiss(render(request, "surveys/left.html", {"survey": link.target.survey}), link)
    return forget_writer(response, Place(link.target, link))


@require_http_methods(["GET", "POST"])
@for_target
def section_links(request: HttpRequest, target: SurveyTarget) -> HttpResponse:
    """List the links to single sections, make one, end one."""
    if stop := reason_to_stop(request, target):
        return stop
    questionnaire = load_draft(target).questionnaire
    if request.method != "POST":
        return links_page(request, target, SectionLinkForm(target, questionnaire))
    with transaction.atomic():
        target = hold(request, target)
        if "revoke" in request.POST:
            found = get_object_or_404(target.section_links, pk=whole_number(request.POST["revoke"]) or 0)
            revoke(found)
            return redirect("answer-section-links", target.anchor)
        form = SectionLinkForm(target, questionnaire, request.POST)
        if request.POST.get("known") != str(target.section_links.count()):
            # A second click: the first one made the link, and showed it.
            form.add_error(None, "この画面を開いた後にリンクが作られました。下の一覧を確かめてください。")
        if not form.is_valid():
            return links_page(request, target, form, status=422)
        link, token = form.save()
    made = {"link": link, "lines": link_lines(token, "answer-part-open")}
    return links_page(request, target, SectionLinkForm(target, questionnaire), made=made)


def links_page(
    request: HttpRequest, target: SurveyTarget, form: SectionLinkForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    titles = {page.code: page.title for page in sections_to_hand(load_draft(target).questionnaire)}
    links = list(target.section_links.all())
    rows = [(link, titles.get(link.section, "（なくなった区分）")) for link in links]
    context = answer_context(target, form=form, rows=rows, known=len(links), **more)
    return render(request, "surveys/section_links.html", context, status=status)
