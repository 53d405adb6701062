"""What catalogues and programs harvest: DCAT-AP, CSVW, OpenAPI, each checked by a library of its own."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openapi_spec_validator import validate
from pyshacl import validate as validate_shapes
from rdflib import Graph

from council.models import AnnualReport
from council.report.tables import TABLES
from members.models import CouncilYear
from tests.publishing import publish

pytestmark = pytest.mark.django_db
SHAPES = Path(__file__).with_name("dcat_shapes.ttl")
DATA = "/open-data/smart-jichitai/2020/"


@pytest.fixture
def published(fy2020: CouncilYear, settings: Any) -> CouncilYear:
    settings.PUBLIC_ADDRESS = "https://www.pref.example.lg.jp/dx"
    publish(AnnualReport.objects.get())
    return fy2020


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore:ConjunctiveGraph")
def test_the_catalogue_is_dcat_ap(published: CouncilYear) -> None:
    content = Client().get("/open-data/catalog.jsonld").content.decode()
    graph = Graph().parse(data=content, format="json-ld")
    conforms, _, told = validate_shapes(graph, shacl_graph=Graph().parse(SHAPES), inference="none")
    assert conforms, told
    # The shapes see something: without publishers the same catalogue does not conform.
    data = json.loads(content)
    for dataset in data["dcat:dataset"]:
        dataset.pop("dct:publisher")
    broken = Graph().parse(data=json.dumps(data), format="json-ld")
    assert not validate_shapes(broken, shacl_graph=Graph().parse(SHAPES))[0]


def test_every_address_in_it_is_of_the_public_site_and_opens(published: CouncilYear) -> None:
    data = json.loads(Client().get("/open-data/catalog.jsonld").content)
    names = {dataset["dct:identifier"].removeprefix("smart-jichitai-") for dataset in data["dcat:dataset"]}
    assert names >= {"2020-report", "2020-figures", "2020-editions", "series", "2020-members"}
    assert "http://testserver" not in json.dumps(data)
    root = "https://www.pref.example.lg.jp/dx"
    for dataset in data["dcat:dataset"]:
        addresses = [dataset["dcat:landingPage"]["@id"]]
        for each in dataset["dcat:distribution"]:
            addresses += [each["dcat:accessURL"]["@id"], each["dcat:downloadURL"]["@id"]]
            addresses += [each["dct:conformsTo"]["@id"]] if "dct:conformsTo" in each else []
        for address in addresses:
            assert address.startswith(root)
            path = address.removeprefix(root).partition("#")[0]
            if not path.endswith((".pdf", ".docx", ".xlsx")):
                assert Client().get(path).status_code == 200, path


def test_columns_are_described_beside_each_csv(published: CouncilYear) -> None:
    paths = [f"{DATA}{name}.csv" for name in ("members", "attendance", "results")]
    paths += [f"/councils/smart-jichitai/2020/tables/{table.name}.csv" for table in TABLES]
    paths.append("/open-data/smart-jichitai/series.csv")
    for path in paths:
        metadata = Client().get(f"{path}-metadata.json").json()
        head = next(csv.reader(io.StringIO(Client().get(path).content.decode("utf-8-sig"))))
        columns = metadata["tableSchema"]["columns"]
        assert [column["titles"] for column in columns] == head, path
        assert len({column["name"] for column in columns}) == len(columns)
        assert metadata["url"].endswith(path)
    assert Client().get(f"{DATA}secrets.csv-metadata.json").status_code == 404
    AnnualReport.objects.update(status="draft")
    table = "/councils/smart-jichitai/2020/tables/figures.csv-metadata.json"
    assert Client().get(table).status_code == 404


def test_the_json_addresses_are_described(published: CouncilYear) -> None:
    content = Client().get("/open-data/openapi.json").json()
    validate(content)
    values = {"slug": "smart-jichitai", "year": 2020, "number": 1, "name": "members"}
    for path in content["paths"]:
        assert Client().get(path.format(**values)).status_code == 200, path


def test_a_table_of_an_edition_is_as_old_as_the_edition(published: CouncilYear) -> None:
    edition = AnnualReport.objects.get().editions.get()
    for name in ("members", "meetings", "organizations"):
        modified = Client().get(f"{DATA}{name}.csv")["Last-Modified"]
        assert modified == edition.published_at.strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_a_dataset_has_a_page_of_its_own(published: CouncilYear) -> None:
    page = Client().get(f"{DATA}members/").content.decode()
    assert f'href="{DATA}members.csv"' in page
    assert "団体コード" in page
    assert Client().get(f"{DATA}secrets/").status_code == 404
