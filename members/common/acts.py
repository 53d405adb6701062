"""What somebody is doing at this moment, in the office's words: the head of an entry in the audit trail.

Code that carries out an act names it (:func:`act`); the rows that it writes gather below that name.
Here is only the name. The rows, and what is kept of them, are the trail's.
"""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.dispatch import Signal

# Sent with ``act`` when one is named, so that an entry that stands already learns its name.
named = Signal()


@dataclass(slots=True)
class Act:
    """One act: its words, what it is about, why, and by whom where no account says so."""

    uid: str = field(default_factory=lambda: uuid4().hex)
    title: str = ""
    about: Any = None
    reason: str = ""
    who: str = ""
    # Who is logged in, and from where they ask; nothing outside a request.
    request: Any = None
    # The innermost transaction in which its entry was written.
    written_in: Any = None

    def is_about_another(self, about: Any) -> bool:
        return bool(self.title and self.about is not None and about is not None and self.about != about)


_current: ContextVar[Act | None] = ContextVar("act", default=None)


def current_act() -> Act:
    """The act under way; one without a name where none was named."""
    found = _current.get()
    if found is None:
        found = Act()
        _current.set(found)
    return found


def begin_act(request: Any = None) -> Act:
    """Begin with nothing: at a request, and after what was done so far is committed."""
    found = Act(request=request)
    _current.set(found)
    return found


def act(title: str, *, about: Any = None, reason: str = "", who: str = "", is_general: bool = False) -> None:
    """Say what is being done, and to what; the last who says it knows best.

    What is said in general (a form was saved) stands back behind what was said before.
    """
    found = current_act()
    if is_general and found.title:
        return
    if found.written_in is not None and found.is_about_another(about):
        # Twelve records published with one click are twelve entries.
        found = begin_act(found.request)
    found.title, found.reason = title, reason.strip()
    found.about = about if about is not None else found.about
    found.who = who or found.who
    named.send(sender=Act, act=found)
