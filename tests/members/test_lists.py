"""The admin's lists: on a phone each row is a card whose cells say what they are."""

import pytest
from django.test import Client

from members.templatetags.lists import with_heads
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_cell_names_its_column(staff_client: Client) -> None:
    factories.meeting(factories.council_year(), number=1)
    page = staff_client.get("/admin/meetings/meeting/").content.decode()
    assert '<td data-label="開催日" class="field-held_on' in page
    assert '<th data-label="会議" class="field-' in page
    # The tick is not a column that has a name.
    assert 'data-label="" ' not in page
    assert '<td class="action-checkbox">' in page


def test_what_django_drew_stays_as_it_is() -> None:
    cells = ['<td class="a">&lt;b&gt; \\1</td>', "<th>x</th>"]
    heads = [{"text": '数"と<i>\\1</i>'}, {"text": ""}]
    assert with_heads(cells, heads) == [
        '<td data-label="数&quot;と\\1" class="a">&lt;b&gt; \\1</td>',
        "<th>x</th>",
    ]
