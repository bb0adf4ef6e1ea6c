"""The addresses of our own pages."""

from django.urls import path, register_converter

from adminui.web import (
    account,
    health,
    history,
    home,
    lists,
    palette,
    plans,
    records,
    runs,
    sheet_changes,
    sheet_data,
    styleguide,
    worksheets,
)
from adminui.web.converters import ResourceConverter

register_converter(ResourceConverter, "resource")

IN = "c/<slug:connection>/<resource:resource>/"

urlpatterns = [
    path("sign-in/", account.sign_in, name="sign-in"),
    path("sign-out/", account.sign_out, name="sign-out"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", home.home, name="home"),
    path("health/<slug:connection>/", home.health, name="connection-health"),
    path("palette", palette.palette, name="palette"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("c/<slug:connection>/", home.connection, name="connection"),
    path(IN, lists.listing, name="list"),
    path(IN + "columns", lists.columns, name="columns"),
    path(IN + "views", lists.save_view, name="save-view"),
    path(IN + "views/<int:view>/delete", lists.delete_view, name="delete-view"),
    path(IN + "refresh", lists.refresh, name="refresh-schema"),
    path(IN + "worksheet", worksheets.open_worksheet, name="open-worksheet"),
    path(IN + "find/<str:field>", lists.find_reference, name="find-reference"),
    path(IN + "records/<str:record_id>/", records.record, name="record"),
    path(IN + "records/<str:record_id>/preview", records.preview, name="preview"),
    path(IN + "records/<str:record_id>/save", records.save, name="save"),
    path(IN + "records/<str:record_id>/history", history.record_history, name="record-history"),
    path("worksheets/<int:sheet>/", worksheets.worksheet, name="worksheet"),
    path("worksheets/<int:sheet>/progress", worksheets.progress, name="sheet-progress"),
    path("worksheets/<int:sheet>/refresh", worksheets.refresh, name="refresh-worksheet"),
    path("worksheets/<int:sheet>/link", worksheets.link, name="link-worksheet"),
    path("worksheets/<int:sheet>/plan", worksheets.plan, name="plan-worksheet"),
    path("worksheets/<int:sheet>/discard", worksheets.discard, name="discard-worksheet"),
    path("worksheets/<int:sheet>/data", sheet_data.data, name="sheet-data"),
    path("worksheets/<int:sheet>/marks", sheet_data.marks, name="sheet-marks"),
    path("worksheets/<int:sheet>/steps", sheet_data.steps, name="sheet-steps"),
    path("worksheets/<int:sheet>/history", sheet_data.history, name="sheet-history"),
    path("worksheets/<int:sheet>/standing", sheet_data.standing, name="sheet-standing"),
    path("worksheets/<int:sheet>/names", sheet_data.names, name="sheet-names"),
    path("worksheets/<int:sheet>/last", sheet_data.last, name="sheet-last"),
    path("worksheets/<int:sheet>/resolve", sheet_data.resolve, name="sheet-resolve"),
    path("worksheets/<int:sheet>/share", sheet_changes.share, name="sheet-share"),
    path("worksheets/<int:sheet>/mix", sheet_changes.mix, name="sheet-mix"),
    path("worksheets/<int:sheet>/stats", sheet_changes.stats, name="sheet-stats"),
    path("worksheets/<int:sheet>/layout", sheet_changes.layout, name="sheet-layout"),
    path("plans/<int:plan>/", plans.plan, name="plan"),
    path("plans/<int:plan>/revise", plans.revise, name="revise-plan"),
    path("plans/<int:plan>/apply", plans.apply, name="apply-plan"),
    path("runs/<int:run>/", runs.run, name="run"),
    path("runs/<int:run>/progress", runs.progress, name="run-progress"),
    path("runs/<int:run>/stop", runs.stop, name="stop-run"),
    path("runs/<int:run>/results.csv", runs.results, name="run-results"),
    path("history/", history.history, name="history"),
]
