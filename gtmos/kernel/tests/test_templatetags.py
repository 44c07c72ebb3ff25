import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.urls import path

from gtmos.kernel.templatetags import figures, gtmos

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 20, 9, 45, tzinfo=UTC)
NBSP = "\u00a0"

urlpatterns = [path("", lambda request: None, name="home")]


def rendered(source, **context):
    return Template("{% load gtmos figures %}" + source).render(Context(context))


def test_an_icon_points_into_the_sprite_and_is_hidden_from_readers():
    svg = rendered('{% icon "send" "small" %}')

    assert svg == (
        '<svg class="i i-small" aria-hidden="true" focusable="false"><use href="/static/vendor/icons.svg#send"/></svg>'
    )


def test_every_icon_that_a_template_uses_is_in_the_sprite():
    known = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/vendor/icons.svg").read_text()))
    pattern = re.compile(r'{% icon (?:[\w.]+\|default:)?"([\w-]+)"')
    navigation = {entry[2] for entry in gtmos.NAVIGATION}
    used = {
        name for file in (ROOT / "templates").rglob("*.html") for name in pattern.findall(file.read_text())
    }

    missing = (used | navigation) - known

    assert missing == set()


def test_a_template_has_no_inline_style_and_no_inline_script():
    offending = re.compile(r"\sstyle=|\son[a-z]+=|\shx-on|<script(?![^>]*\ssrc=)")
    folders = ("components", "registration", "workspace")

    found = [
        file.name
        for folder in folders
        for file in (ROOT / "templates" / folder).rglob("*.html")
        if offending.search(file.read_text())
    ]

    assert found == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ 19|rate:138 }}", f"19 of 138, 13.8{NBSP}% (9.0 to 20.5)"),
        ("{{ 4|rate:138 }}", "4 of 138"),
        ("{{ none|rate:138 }}", "Not known"),
        ("{{ 27|share:280 }}", f"9.6{NBSP}% (6.7 to 13.7)"),
        ("{{ 0.138|percent }}", f"13.8{NBSP}%"),
        ("{{ 0.081|points }}", f"+8.1{NBSP}points"),
        ("{{ -0.026|signed }}", "−2.6"),
        ("{{ 26768|money }}", "$26,768"),
        ("{{ 26768|money:'CHF' }}", f"CHF{NBSP}26,768"),
        ("{{ none|money }}", "Not known"),
        ("{{ 1254|counted }}", "1,254"),
        ('{{ 1|plural:"person,people" }}', "1 person"),
        ('{{ 1254|plural:"person,people" }}', "1,254 people"),
        ("{{ 0.0214|p_value }}", "0.021"),
        ("{{ 0.28|p_value }}", "0.28"),
        ("{{ 0.00001|p_value }}", "under 0.0001"),
        ("{{ 0.9|score }}", "0.90"),
        ("{{ 250|duration }}", f"4{NBSP}min 10{NBSP}s"),
        ('{{ "Nathaniel Marshall"|initials }}', "NM"),
        ('{{ "Umbrella Corporation"|initials:1 }}', "U"),
        ('{{ ""|initials }}', "?"),
        ('{{ ""|known }}', "Not known"),
        ("{{ 0|known }}", "0"),
        ('{{ "SIGN_IN"|worded }}', "Sign in"),
        ("{{ facts|listed }}", "Region: North; Main colours: red, blue"),
        ("{{ none|listed|known }}", "Not known"),
        ('{{ "crm.contact"|noun }}', "contact"),
        ('{{ "crm.nothing"|noun }}', "crm.nothing"),
        ('{{ "gone"|noun }}', "gone"),
        ('{{ "A+"|grade_class }}', "grade-a"),
        ("{{ none|grade_class }}", "grade-f"),
    ],
)
def test_a_value_is_written_by_the_rules(source, expected):
    text = rendered(source, none=None, facts={"region": "North", "main_colours": ["red", "blue"]})

    assert text == expected


@pytest.mark.parametrize(
    ("amount", "expected"), [(99.5, "$99.50"), (55, "$55"), (100.4, "$100"), (0, "$0"), (-1200, "−$1,200")]
)
def test_money_shows_cents_only_below_a_hundred_and_only_where_there_are_some(amount, expected):
    text = gtmos.money(amount)

    assert text == expected


def test_an_object_with_amount_and_currency_is_money():
    price = SimpleNamespace(amount=1200, currency="EUR")

    assert gtmos.money(price) == "€1,200"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOW - timedelta(seconds=20), "Just now"),
        (NOW - timedelta(minutes=12), f"12{NBSP}min ago"),
        (NOW + timedelta(minutes=7), f"In 7{NBSP}min"),
        (NOW - timedelta(hours=2), "Today 07:45"),
        (NOW - timedelta(days=1), "Yesterday 09:45"),
        (NOW + timedelta(days=1), "Tomorrow 09:45"),
        (NOW - timedelta(days=11), "Mon 9 Nov, 09:45"),
        (NOW - timedelta(days=700), "20 Dec 2024, 09:45"),
    ],
)
def test_a_moment_is_relative_only_under_one_hour(moment, expected):
    html = rendered("{% when moment %}", moment=moment, shell=SimpleNamespace(now=NOW))

    assert re.sub(r"<[^>]+>", "", html) == expected


def test_a_moment_is_exact_on_hover_and_in_the_readers_zone():
    with override_settings(TIME_ZONE="America/New_York"):
        html = rendered("{% when moment %}", moment=NOW - timedelta(hours=2), shell=SimpleNamespace(now=NOW))

    assert html == (
        '<time class="num" datetime="2026-11-20T07:45:00+00:00" title="Fri 20 Nov 2026, 02:45:00 EST">Today 02:45</time>'
    )


def test_a_date_has_no_clock_and_nothing_is_not_known():
    html = rendered(
        "{% when on %}|{% when none %}", on=date(2022, 8, 5), none=None, shell=SimpleNamespace(now=NOW)
    )

    assert re.sub(r"<[^>]+>", "", html) == "5 Aug 2022|Not known"


@override_settings(ROOT_URLCONF="gtmos.kernel.tests.test_templatetags")
def test_a_page_that_is_not_installed_is_left_out_of_the_navigation():
    request = RequestFactory().get("/")

    items = gtmos.navigation(Context({"request": request}))

    assert items == []


def test_the_entry_of_the_page_one_is_on_is_marked(monkeypatch):
    entry = ("home", "Today", "sun", "t")

    with override_settings(ROOT_URLCONF="gtmos.kernel.tests.test_templatetags"):
        here, elsewhere = gtmos._nav_item(entry, "/"), gtmos._nav_item(entry, "/campaigns/")

    assert (here.is_current, elsewhere.is_current) == (True, False)


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("/", "Today"),
        ("/alerts/", "Today"),
        ("/pipeline/", "Pipeline"),
        ("/deals/", "Pipeline"),
        ("/deals/new/", "Pipeline"),
        ("/target-lists/", "Companies"),
        ("/reports/deals/", "Reports"),
        ("/reports/pipeline/", "Reports"),
        ("/duplicates/", "Settings"),
        ("/settings/teams/", "Settings"),
    ],
)
def test_each_page_stands_under_one_entry(place: str, label: str):
    items = gtmos.navigation(Context({"request": RequestFactory().get(place)}))

    assert [item.label for item in items if item.is_current] == [label]


def test_a_query_keeps_what_it_does_not_change():
    request = RequestFactory().get("/companies/?q=fin&after=abc")

    link = rendered('{% query after="" %} {% query after="xyz" %}', request=request)

    assert link == "?q=fin ?q=fin&amp;after=xyz"


def test_a_value_in_a_data_attribute_cannot_leave_it():
    html = rendered('<i data-x="{{ value|as_json }}"></i>', value={"name": 'a"><script>'})

    assert html == '<i data-x="{&quot;name&quot;: &quot;a\\&quot;&gt;&lt;script&gt;&quot;}"></i>'


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 20.5, [0, 5, 10, 15, 20, 25]),
        (-2.6, 18.8, [-5, 0, 5, 10, 15, 20]),
        (0, 0.8, [0, 0.2, 0.4, 0.6, 0.8]),
        (0, 0, [0, 1]),
    ],
)
def test_an_axis_has_round_ticks_that_hold_the_values(low, high, expected):
    _, _, ticks = figures.axis(low, high)

    assert [round(tick, 6) for tick in ticks] == expected


@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(0.94, 1, 94.0), (19, 138, 13.77), (5, 4, 100.0), (None, 1, 0), (3, 0, 0)]
)
def test_a_bar_stays_inside_its_track(part, whole, expected):
    assert figures.bar_width(part, whole) == expected


def test_all_arms_stand_on_one_axis():
    arms = [
        {"label": "A", "rate": 0.05, "low": 0.02, "high": 0.10},
        {"label": "B", "rate": 0.10, "low": 0.05, "high": 0.20},
    ]

    fig = figures.rates_figure(arms)

    assert [(row["low"], row["at"], row["high"]) for row in fig["rows"]] == [
        (10.0, 25.0, 50.0),
        (25.0, 50.0, 100.0),
    ]


def test_a_difference_has_zero_on_its_axis_even_when_the_interval_does_not_hold_it():
    fig = figures.difference_figure([{"estimate": 0.08, "low": 0.05, "high": 0.10}])

    assert (fig["zero"], fig["ticks"][0]["text"]) == (0.0, "0")


def test_labels_of_touches_that_would_meet_go_to_a_second_line():
    touches = [{"day": 0, "name": "E-mail"}, {"day": 1, "name": "Call"}, {"day": 7, "name": "E-mail"}]

    fig = figures.sequence_figure(touches, 14, 8)

    assert [touch["y"] for touch in fig["touches"]] == [54, 92, 54]


def test_a_step_of_no_time_is_still_seen_in_the_waterfall():
    place = figures.waterfall(10.0, 0.0, 10.0)

    assert place == {"x": 98.5, "width": 1.5}
