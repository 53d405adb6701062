"""Error pages that stand alone, and lead to the log."""

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client

from council import urls
from council.security.request_ids import WithRequestId


class NoDatabase:
    """Stands in for a connection whose server is gone."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise OperationalError("server closed the connection unexpectedly")


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (SuspiciousOperation(), 400, "要求を受け付けられません"),
        (PermissionDenied(), 403, "このページは表示できません"),
        (Http404(), 404, "ページが見つかりません"),
        (RuntimeError("secret detail"), 500, "エラーが起きました"),
    ],
)
def test_a_page_names_the_request_and_whom_to_ask(
    client: Client, monkeypatch: Any, settings: Any, error: Exception, status: int, title: str
) -> None:
    def fail(request: Any) -> Any:
        raise error

    settings.CONTACT = "企画課 <059-000-0000>"
    # No list of hashed files either: these pages ask for none.
    monkeypatch.setattr("django.contrib.staticfiles.storage.StaticFilesStorage.url", NoDatabase())
    monkeypatch.setattr(urls.urlpatterns[0], "callback", fail)
    response = client.get("/")
    page = response.content.decode()
    assert response.status_code == status
    assert title in page
    assert response["X-Request-ID"] in page
    assert "企画課 &lt;059-000-0000&gt;" in page
    assert "secret detail" not in page


def test_without_a_database_too(client: Client, monkeypatch: Any, caplog: Any) -> None:
    caplog.handler.addFilter(WithRequestId())
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", NoDatabase())
    for address in ("/", "/search/?q=x", "/nowhere/"):
        with caplog.at_level(logging.ERROR, logger="django.request"):
            response = client.get(address, headers={"Cookie": "sessionid=abcdefgh"})
        assert response.status_code in {404, 500}
        assert response["X-Request-ID"] in response.content.decode()
        if response.status_code == 500:
            # The number on the page is the one in the log.
            assert caplog.records[-1].request_id == response["X-Request-ID"]
