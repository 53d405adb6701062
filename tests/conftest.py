"""Fixtures that several tests share."""

from functools import cache

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import models
from django.test import Client

from council.accounts.roles import EDITOR, MANAGER
from council.demo import FIXTURES
from members.models import AuditEntry, CouncilYear
from tests.addresses import samples
from tests.own_portal import forget_prepared

# Fixtures of modules of their own.
__all__ = ["samples"]

APPS = ("members", "meetings", "surveys", "council")


@cache
def fy2020_rows() -> list[list[models.Model]]:
    """The fixtures' rows by model, each model after those it refers to.

    Loading the files looks every natural key up again, which costs more than most
    tests; so that happens once, and later tests store the same rows in bulk.
    """
    call_command("loaddata", *FIXTURES, verbosity=0)
    configs = [apps.get_app_config(name) for name in APPS]
    every = [model for config in configs for model in config.get_models(include_auto_created=True)]
    # The trail is no record of the year.
    ours = [model for model in every if model is not AuditEntry]
    placed: list[type[models.Model]] = []
    while waiting := [model for model in ours if model not in placed]:
        placed += [model for model in waiting if referred(model).isdisjoint({*waiting} - {model})]
    return [rows for model in placed if (rows := list(model._default_manager.order_by("pk")))]


def referred(model: type[models.Model]) -> set[type[models.Model]]:
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation}  # type: ignore[misc]


@pytest.fixture
def fy2020(db: None) -> CouncilYear:
    """The real FY2020 with its made-up answer sheets."""
    if fy2020_rows.cache_info().currsize:
        for rows in fy2020_rows():
            # Raw, as loaddata stores them: no time stamp of its own.
            model = type(rows[0])
            model._base_manager.all()._insert(rows, model._meta.concrete_fields, using="default", raw=True)
    else:
        fy2020_rows()
    return CouncilYear.objects.select_related("council").get(year=2020)


@pytest.fixture
def staff(db: None) -> User:
    """A member of the secretariat."""
    user = User.objects.create_user("jimukyoku", password="a-long-password", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=[EDITOR.name, MANAGER.name]))
    return user


@pytest.fixture
def staff_client(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        forget_prepared()
