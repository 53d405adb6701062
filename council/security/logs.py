"""Lines of the log: for people, or as JSON for what gathers them; without tokens and mail addresses.

Django writes the address of each refused request, and a link's token is all that its bearer has.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

# A link's token, and what else is long and random in an address.
TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_-]{32,}(?=/|\b)")
ADDRESS = re.compile(r"[\w.+-]{1,64}@(?=[\w-]{1,63}\.)")
HIDDEN = "…"


def masked(text: str) -> str:
    """A text without what would let its reader in, or tell who somebody is."""
    return ADDRESS.sub(f"{HIDDEN}@", TOKEN.sub(HIDDEN, text))


class Line(logging.Formatter):
    """One line for people, with the traceback below where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class JsonLine(logging.Formatter):
    """One object to a line: time (UTC), level, logger, request_id, message, and the traceback as text."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": masked(record.getMessage()),
        }
        if record.exc_info:
            told["traceback"] = masked(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)


def logging_config(level: str, form: str) -> dict[str, Any]:
    """Django's ``LOGGING``: everything on standard error; ``form`` is ``json`` or anything else."""
    formatter = "json" if form == "json" else "line"
    words = "%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "council.security.request_ids.WithRequestId"}},
        "formatters": {"line": {"()": Line, "format": words}, "json": {"()": JsonLine}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "filters": ["request_id"],
                "formatter": formatter,
            }
        },
        "root": {"handlers": ["console"], "level": level},
    }
