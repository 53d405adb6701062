"""The ``markup`` filter: minutes and prose as HTML."""

from django import template

from meetings.minutes.markup import render

register = template.Library()
register.filter("markup", render)
