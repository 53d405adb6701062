"""The screen on which a year is handed on: a preview with marks, then all of it at once."""

import re
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council.rollover.carry import Choice, carry_over
from council.rollover.plan import Plan, plan_for
from council.work.people import Reader
from members.common.admin.screens import numbers
from members.common.remit import within
from members.common.text.cleaning import on_one_line
from members.common.text.numbers import whole_number
from members.models import CouncilYear

NEEDED = (
    "members.add_councilyear",
    "members.add_membership",
    "surveys.add_survey",
    "surveys.add_question",
    "council.add_evaluationgrade",
    "council.add_annualreport",
)


def rollover_view(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a year would hand on to a later one; carry out what is ticked."""
    if not Reader(request.user).may(*NEEDED):
        raise PermissionDenied
    years = within(request.user, CouncilYear.objects.select_related("council"))
    source: CouncilYear = get_object_or_404(years, pk=pk)
    given = request.POST if request.method == "POST" else request.GET
    year = whole_number(given.get("year")) if "year" in given else source.year + 1
    errors: list[str] = []
    if year is None or not source.year < year <= source.year + 10:
        errors.append("引き継ぎ先は、前の年度より後の年度にしてください（10年以内）。")
        year = source.year + 1
    elif request.method == "POST":
        try:
            target, done = carry_over(source, year, choice_of(request, plan_for(source, year)))
        except ValidationError as error:
            errors += error.messages
        else:
            tell(request, target, done)
            return redirect("admin:members_councilyear_change", target.pk)
    plan = plan_for(source, year)
    context = {
        **site.each_context(request),
        "title": "次の年度へ引き継ぐ",
        "plan": plan,
        "errors": errors,
        "chosen": chosen_of(request, plan),
    }
    return render(request, "admin/council/rollover.html", context, status=422 if errors else 200)


def tell(request: HttpRequest, target: CouncilYear, done: list[str]) -> None:
    what = "、".join(done) if done else "引き継ぐものはありませんでした"
    verb = "を引き継ぎました。" if done else "。"
    messages.success(
        request,
        f"{target.label}に{what}{verb}要確認の印は、確かめた行から外してください。まだ公開していません。",
    )


def chosen_of(request: HttpRequest, plan: Plan) -> Any:
    """What is ticked when the page is drawn: what was sent, or what is proposed."""
    if request.method == "POST":
        posted = choice_of(request, plan)
        return {"members": posted.members, "surveys": posted.surveys, "titles": posted.titles}
    return {
        "members": {row.pk for row in plan.members if row.is_proposed},
        "surveys": {row.pk for row in plan.surveys if not row.is_there},
        "titles": {},
    }


def choice_of(request: HttpRequest, plan: Plan) -> Choice:
    posted = request.POST
    words: dict[int, dict[str, str]] = {}
    for row in plan.surveys:
        ticked = set(posted.getlist(f"words-{row.pk}"))
        words[row.pk] = {
            each.word: each.suggestion for each in row.words if each.suggestion and each.word in ticked
        }
    titles = {
        int(match[1]): on_one_line(value)[:100]
        for name, value in posted.items()
        if (match := re.fullmatch(r"title-([0-9]{1,12})", name)) and isinstance(value, str)
    }
    return Choice(
        seen=posted.get("seen", ""),
        members=frozenset(numbers(posted.getlist("members"))),
        surveys=frozenset(numbers(posted.getlist("surveys"))),
        titles=titles,
        words=words,
        with_grades="grades" in posted,
        with_sections="sections" in posted,
    )
