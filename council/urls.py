"""Every address of the portal."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, register_converter

from council.accessibility.views import accessibility
from council.doctor import readiness
from council.editions import trend_views, verification_views
from council.guide import views as guide_views
from council.open_data import views as open_data_views
from council.publishing import views as edition_views
from council.publishing.withdrawn import note_of_report
from council.site import front, identity, lists, pages, views
from council.site.organizations import organization
from council.site.sitemaps import SITEMAPS
from meetings.views import RecordFeed, council_calendar, open_remarks, remarks
from members.common.models.withdrawal import with_note
from members.common.web.converters import FiscalYearConverter, NumberConverter, OrganizationCodeConverter
from surveys.views import public_results, public_tally

noted = with_note(note_of_report)
handler400 = "council.security.errors.bad_request"
handler403 = "council.security.errors.permission_denied"
handler404 = "council.security.errors.page_not_found"
handler500 = "council.security.errors.server_error"

register_converter(FiscalYearConverter, "yyyy")
register_converter(OrganizationCodeConverter, "code")
register_converter(NumberConverter, "number")

urlpatterns = [
    path("", front.home, name="home"),
    path("councils/", lists.councils, name="councils"),
    path("organizations/", lists.organizations, name="organizations"),
    path("councils/<slug:slug>/", views.council, name="council"),
    path("councils/<slug:slug>/years/", trend_views.council_years, name="council-years"),
    path("councils/<slug:slug>/<yyyy:year>/", views.council_year, name="council-year"),
    path(
        "councils/<slug:slug>/<yyyy:year>/report.<slug:extension>",
        noted(edition_views.report_file),
        name="report-file",
    ),
    path(
        "councils/<slug:slug>/<yyyy:year>/tables/<slug:name>.csv",
        noted(edition_views.report_table),
        name="report-table",
    ),
    path("councils/<slug:slug>/<yyyy:year>/editions/", noted(edition_views.editions), name="editions"),
    path(
        "councils/<slug:slug>/<yyyy:year>/editions/<number:number>/",
        noted(edition_views.edition),
        name="edition",
    ),
    path(
        "councils/<slug:slug>/<yyyy:year>/editions/<number:number>/figures/<slug:key>/",
        noted(edition_views.edition_figure),
        name="edition-figure",
    ),
    path(
        "councils/<slug:slug>/<yyyy:year>/editions/<number:number>/figures/<slug:key>.csv",
        noted(edition_views.figure_table),
        name="edition-figure-table",
    ),
    path(
        "councils/<slug:slug>/<yyyy:year>/editions/<number:number>/report.<slug:extension>",
        noted(edition_views.report_file),
        name="edition-file",
    ),
    path(
        "councils/<slug:slug>/<yyyy:year>/editions/<number:number>/tables/<slug:name>.csv",
        noted(edition_views.report_table),
        name="edition-table",
    ),
    path(
        "councils/<slug:slug>/<yyyy:year>/summary/<slug:language>/",
        noted(edition_views.summary),
        name="summary",
    ),
    path(
        "councils/<slug:slug>/<yyyy:year>/editions/<number:number>/summary/<slug:language>/",
        noted(edition_views.summary),
        name="edition-summary",
    ),
    path("councils/<slug:slug>/<yyyy:year>/figures/<slug:key>/", noted(views.figure), name="figure"),
    path(
        "councils/<slug:slug>/<yyyy:year>/figures/<slug:key>.csv",
        noted(edition_views.figure_table),
        name="figure-table",
    ),
    path("open-data/", open_data_views.catalogue, name="open-data"),
    path("open-data/catalog.jsonld", open_data_views.catalogue_dcat, name="open-data-dcat"),
    path("open-data/dictionary/", open_data_views.dictionary, name="dictionary"),
    path("open-data/openapi.json", open_data_views.open_api, name="openapi"),
    path("open-data/<slug:slug>/series.csv-metadata.json", open_data_views.series_csvw, name="series-csvw"),
    path(
        "open-data/<slug:slug>/<yyyy:year>/<slug:name>.csv-metadata.json",
        open_data_views.table_csvw,
        name="open-data-csvw",
    ),
    path(
        "councils/<slug:slug>/<yyyy:year>/tables/<slug:name>.csv-metadata.json",
        noted(open_data_views.report_csvw),
        name="report-csvw",
    ),
    path("open-data/<slug:slug>/<yyyy:year>/<slug:name>/", open_data_views.dataset_page, name="dataset"),
    path("open-data/<slug:slug>/series.<slug:extension>", trend_views.series, name="series"),
    path(
        "open-data/<slug:slug>/<yyyy:year>/<slug:name>.<slug:extension>",
        open_data_views.open_data_table,
        name="open-data-table",
    ),
    path("verify/", verification_views.verify_page, name="verify"),
    path("verify/editions.json", verification_views.verify_list, name="verify-list"),
    path("verify/verify_edition.py", verification_views.verify_script, name="verify-script"),
    path("report.schema.json", edition_views.report_schema, name="report-schema"),
    path("councils/<slug:slug>/<yyyy:year>/surveys/<slug:key>/", public_results, name="survey-results"),
    path(
        "councils/<slug:slug>/<yyyy:year>/surveys/<slug:key>/tally.<slug:extension>",
        public_tally,
        name="survey-tally",
    ),
    path("councils/<slug:slug>/<yyyy:year>/meetings/", include("meetings.urls")),
    path("councils/<slug:slug>/meetings.ics", council_calendar, name="council-calendar"),
    path("councils/<slug:slug>/records.atom", RecordFeed(), name="council-feed"),
    path("identity.css", identity.identity_css, name="identity-css"),
    path("logo/", identity.logo, name="portal-logo"),
    path("about/", pages.about, name="about"),
    path("accessibility/", accessibility, name="accessibility"),
    path("terms/", pages.terms, name="terms"),
    path("site-map/", front.site_map, name="site-map"),
    path("privacy/", pages.privacy, name="privacy"),
    path("robots.txt", pages.robots, name="robots"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("guide/", guide_views.guides, name="guides"),
    path("guide/<slug:slug>/", guide_views.guide, name="guide"),
    path("organizations/<code:code>/", organization, name="organization"),
    path("desk/", include("council.desk.urls")),
    path("remarks/open/<str:token>/", open_remarks, name="remarks-open"),
    path("remarks/<slug:anchor>/", remarks, name="remarks"),
    path("answer/", include("surveys.urls")),
    path("accounts/", include("council.accounts.urls")),
    path("admin/", admin.site.urls),
    path("search/", views.search_page, name="search"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("healthz", readiness.healthz, name="healthz"),
    path("readyz", readiness.readyz, name="readyz"),
]
