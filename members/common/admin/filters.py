"""The filters beside a list offer what whoever looks takes care of, and nothing else."""

from typing import Any

from django.contrib.admin.filters import AllValuesFieldListFilter, FieldListFilter, RelatedFieldListFilter
from django.db import models
from django.http import HttpRequest

from members.common.remit import council_path, remit_of, within


class RecordsFilter(RelatedFieldListFilter):
    """Records to choose from."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        path, councils = council_path(field.related_model), remit_of(request.user)
        if not path or councils is None:
            return super().field_choices(field, request, model_admin)
        ordering = self.field_admin_ordering(field, request, model_admin)
        return list(
            field.get_choices(
                include_blank=False, ordering=ordering, limit_choices_to={f"{path}__in": councils}
            )
        )


class ValuesFilter(AllValuesFieldListFilter):
    """Values that stand in records, such as the years of councils."""

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        if remit_of(request.user) is not None:
            rows = within(request.user, field.model._default_manager.all())
            self.lookup_choices = rows.order_by(field.name).distinct().values_list(field.name, flat=True)

    def choices(self, changelist: Any) -> Any:
        """Records without a value are chosen by a word too, not by a link without one."""
        for choice in super().choices(changelist):
            yield {**choice, "display": "（なし）" if choice["display"] == "" else choice["display"]}


FieldListFilter.register(lambda field: bool(field.remote_field), RecordsFilter, take_priority=True)
FieldListFilter.register(
    lambda field: (
        isinstance(field, models.IntegerField | models.CharField)
        and not (field.choices or field.remote_field)
    ),
    ValuesFilter,
    take_priority=True,
)
