"""The ``next_things`` tag: what there is to do next, where something has just been done."""

from typing import Any

from django import template

from council.work.board import board_for
from council.work.first_steps import first_steps

register = template.Library()
MOST = 3


@register.inclusion_tag("admin/includes/next_things.html", takes_context=True)
def next_things(context: dict[str, Any]) -> dict[str, Any]:
    """The first things of the start page; none on that page, nor for whoever is no longer logged in."""
    request = context["request"]
    if not request.user.is_staff or context.get("board") is not None:
        return {"things": []}
    waiting = [(step.text, step.url) for step in first_steps(request.user) if not step.is_done][:1]
    pressing = [(item.text, item.url) for _, item in board_for(request.user).pressing if item.url]
    return {"things": [pair for pair in [*waiting, *pressing] if pair[1] != request.path][:MOST]}
