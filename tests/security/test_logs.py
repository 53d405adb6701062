"""The log tells which request it was, and nothing that would let its reader in."""

import json
import logging
import os
import subprocess
import sys
from secrets import token_urlsafe
from typing import Any

import pytest

from council.security.logs import JsonLine, Line, masked
from council.security.request_ids import WithRequestId

TOKEN = token_urlsafe(32)


def record(message: str, *args: Any, exc_info: Any = None) -> logging.LogRecord:
    made = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, args, exc_info)
    WithRequestId().filter(made)
    return made


@pytest.mark.parametrize("path", ["/answer/open/{}/", "/desk/open/{}", "/remarks/open/{}/?x=1"])
def test_no_token_stands_in_a_line(path: str) -> None:
    path = path.format(TOKEN)
    for formatter in (Line("%(levelname)s [%(request_id)s] %(message)s"), JsonLine()):
        line = formatter.format(record("Not Found: %s", path))
        assert TOKEN not in line
        assert "Not Found: /" in line


def test_ordinary_addresses_stay_as_they_are() -> None:
    for text in ("/councils/smart-jichitai/2020/meetings/1/", "/organizations/242012/", "日付 2020-12-03"):
        assert masked(text) == text


def test_a_traceback_tells_nobodys_address() -> None:
    try:
        raise ValueError("no mail to hanako@example.lg.jp")
    except ValueError:
        line = JsonLine().format(record("could not mail", exc_info=sys.exc_info()))
    told = json.loads(line)
    assert "hanako" not in line
    assert "ValueError: no mail to …@example.lg.jp" in told["traceback"]
    assert "\n" not in line


def test_a_line_of_json_has_what_is_asked_for() -> None:
    told = json.loads(JsonLine().format(record("議事録 %s", "第1回")))
    assert set(told) == {"time", "level", "logger", "request_id", "message"}
    assert (told["level"], told["message"]) == ("WARNING", "議事録 第1回")
    assert told["time"].endswith("+00:00")


@pytest.mark.parametrize(("chosen", "is_json"), [("json", True), ("", False), ("xml", False)])
def test_the_setting_chooses(chosen: str, is_json: bool) -> None:
    code = "import django, logging; django.setup(); logging.getLogger('x').warning('hello')"
    environment = {
        **os.environ,
        "LOG_FORMAT": chosen,
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "council.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    (line,) = [each for each in done.stderr.splitlines() if "hello" in each]
    assert line.startswith("{") is is_json
