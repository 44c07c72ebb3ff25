"""Tags and filters of every template: icons, navigation, numbers and times."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django import template
from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gtmos.kernel import clock, wording
from gtmos.kernel.masking import hidden_on

register = template.Library()

NOBODY = UUID(int=0)
GRADES = frozenset("abcd")
WORD_BREAK = mark_safe("<wbr>")
DOTS = {
    False: mark_safe('<span class="dot"></span>'),
    True: mark_safe('<span class="dot is-live"></span>'),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation. `go` is the letter after G."""

    url: str
    label: str
    icon: str
    go: str
    is_current: bool


NAVIGATION = (
    ("workspace:home", "Today", "sun", "t"),
    ("outreach:researches", "Research", "radar-2", "r"),
    ("outreach:campaigns", "Campaigns", "send", "c"),
    ("crm:pipeline", "Pipeline", "layout-kanban", "p"),
    ("crm:companies", "Companies", "building", "o"),
    ("crm:contacts", "Contacts", "users", "n"),
    ("crm:tasks", "Tasks", "list-check", "k"),
    ("crm:calendar", "Calendar", "calendar", "d"),
    ("crm:meetings", "Meetings", "calendar-event", "l"),
    ("crm:report-forecast", "Reports", "chart-bar", "e"),
    ("crm:imports", "Imports", "file-import", "m"),
    ("workspace:sandbox", "Sandbox mail", "mailbox", "s"),
    ("workspace:settings", "Settings", "adjustments-horizontal", "x"),
)
# Pages without an entry of their own, and the entry that stands for them.
BESIDE = {
    "workspace:home": (
        *("crm:alerts", "crm:mentions", "workspace:approvals"),
        *("workspace:notifications", "workspace:done-lately"),
    ),
    "crm:pipeline": ("crm:deals", "crm:objections", "crm:rates"),
    "crm:companies": ("crm:target-lists",),
    "crm:report-forecast": (
        *("crm:report-deals", "crm:report-review"),
        *("crm:report-stages", "crm:report-activity"),
    ),
    "workspace:settings": (
        *("crm:duplicates", "crm:hygiene", "crm:readings", "crm:documents"),
        *("workspace:audit", "workspace:webhooks", "outreach:domains"),
    ),
}
# Pages without an entry that people jump to by name.
JUMPS = (
    ("workspace:notifications", "Notifications", "bell"),
    ("workspace:notification-settings", "Notification settings", "bell"),
    ("workspace:done-lately", "Done lately", "history"),
    ("workspace:account", "Account and security", "lock"),
    ("workspace:keys", "Keys", "keyboard"),
    ("workspace:help", "What can be asked for", "info-circle"),
    ("crm:alerts", "Alerts", "alert-circle"),
    ("crm:mentions", "Mentions", "at"),
    ("crm:deals", "Deals", "cash"),
    ("crm:company-create", "New company", "plus"),
    ("crm:meeting-create", "New meeting", "calendar-plus"),
    ("crm:target-lists", "Target lists", "target"),
    ("crm:documents", "Documents", "files"),
    ("crm:duplicates", "Duplicates", "git-merge"),
    ("crm:report-review", "Deal review", "chart-bar"),
    ("outreach:domains", "Domain health", "world"),
    ("workspace:roadmap", "Roadmap", "flag"),
)
ON_PHONE = ("workspace:home", "outreach:campaigns", "crm:pipeline")


@register.filter
def hides(record: object, name: str) -> bool:
    """Whether this field is kept from the reader, so that the page leaves it out."""
    return name in hidden_on(record)


@register.simple_tag(takes_context=True)
def navigation(context: Context, where: str = "side") -> list[NavItem]:
    """What exists and whether the reader is there; a page that is not installed is left out."""
    path = _path(context)
    wanted = [entry for entry in NAVIGATION if where == "side" or entry[0] in ON_PHONE]
    return [item for entry in wanted if (item := _nav_item(entry, path))]


@register.simple_tag
def unchanging(name: str) -> SafeString:
    """A part that is the same for everybody on every page, drawn once while a server runs."""
    return _drawn(settings.ROOT_URLCONF, name)


@cache
def _drawn(of: str, name: str) -> SafeString:
    del of  # part of the key, as of the addresses in it
    return mark_safe(render_to_string(name))  # noqa: S308 -- a template of ours, escaped there


@register.simple_tag
def jumps() -> list[NavItem]:
    """Every page that one may jump to by name, the entries of the navigation first."""
    entries = [(name, label, drawn) for name, label, drawn, _ in NAVIGATION] + list(JUMPS)
    return [
        NavItem(url, label, drawn, "", is_current=False)
        for name, label, drawn in entries
        if (url := _address(name))
    ]


def _nav_item(entry: tuple[str, str, str, str], path: str) -> NavItem | None:
    name, label, icon_name, go = entry
    url = _address(name)
    if not url:
        return None
    return NavItem(url, label, icon_name, go, _is_there(path, url) or _is_beside(path, name))


def _is_there(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)


def _is_beside(path: str, name: str) -> bool:
    others = (_address(other) for other in BESIDE.get(name, ()))
    return any(path.startswith(url) for url in others if url)


def _address(name: str, *keys: UUID) -> str:
    """Nothing where there is no such page."""
    return _looked_up(settings.ROOT_URLCONF, name, keys)


@cache
def _looked_up(of: str, name: str, keys: tuple[UUID, ...]) -> str:
    del of  # part of the key: addresses do not change while a server with these pages runs
    try:
        return reverse(name, args=keys)
    except NoReverseMatch:
        return ""


@register.simple_tag
def record_url(name: str, key: UUID) -> str:
    """The address of a page about one record, for lists: the pattern is looked up once for all rows."""
    return _address(name, NOBODY).replace(str(NOBODY), str(key))


def _path(context: Context) -> str:
    request = context.get("request")
    return request.path if isinstance(request, HttpRequest) else ""


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """A symbol of `static/vendor/icons.svg`; `size` is "small", "large" or "huge". The words stand beside it."""
    return format_html(
        '<svg class="i{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" i-{size}" if size else "",
        static("vendor/icons.svg"),
        name,
    )


PEOPLE = frozenset({"person", "contact", "user", "crm.contact", "kernel.user"})
DRAWN = {
    "agent": ("is-agent", "terminal-2"),
    "run": ("is-agent", "terminal-2"),
    "campaign": ("is-company", "send"),
    "research": ("is-company", "radar-2"),
}


@register.simple_tag
def avatar(name: object, kind: str = "", size: str = "") -> SafeString:
    """People are round, companies rounded squares, agents dashed squares; campaigns and research have an icon.

    `size` is "", "large" or "huge". A tag and not a template, because lists show hundreds.
    """
    shape, drawn = DRAWN.get(kind, ("" if kind in PEOPLE else "is-company", ""))
    inside = icon(drawn, "small") if drawn else initials(name, wording.INITIALS_MOST if kind in PEOPLE else 1)
    classes = " ".join(filter(None, ("avatar", shape, f"is-{size}" if size else "")))
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, inside)


@register.simple_tag
def pill(text: object, tone: str = "", dot: bool = False, is_live: bool = False) -> SafeString:  # noqa: FBT001, FBT002 -- a template passes them by name
    """A state, never a button. `tone` is "", "good", "warn", "bad" or "accent"; the dot of what is live breathes."""
    mark = DOTS[bool(is_live)] if dot or is_live else ""
    return format_html('<span class="{}">{}{}</span>', f"pill {tone}" if tone else "pill", mark, text)


@register.simple_tag(takes_context=True)
def when(context: Context, moment: datetime | date | None) -> SafeString | str:
    """A moment in the reader's zone, the exact one on hover."""
    if moment is None:
        return wording.NOT_KNOWN
    if not isinstance(moment, datetime):
        return _time(moment.isoformat(), wording.day(moment, _today(context)), f"{moment:%A %d %B %Y}")
    return _time(moment.isoformat(), wording.when(moment, _now(context)), wording.exact(moment))


def _time(machine: str, text: str, title: str) -> SafeString:
    return format_html('<time class="num" datetime="{}" title="{}">{}</time>', machine, title, text)


def _today(context: Context) -> date:
    return timezone.localdate(_now(context))


def _now(context: Context) -> datetime:
    """Business time, read once for each page."""
    shell = context.get("shell")
    if shell is not None and isinstance(getattr(shell, "now", None), datetime):
        return shell.now  # type: ignore[no-any-return]
    if "business_now" not in context.render_context:
        context.render_context["business_now"] = clock.now()
    moment: datetime = context.render_context["business_now"]
    return moment


@register.filter
def exact(moment: datetime | None) -> str:
    return wording.exact(moment) if moment else wording.NOT_KNOWN


@register.filter
def counted(number: int | None) -> str:
    """1,254."""
    return wording.counted(number)


@register.filter
def plural(number: int, forms: str) -> str:
    """`{{ 3|plural:"person,people" }}` is "3 people"."""
    one, _, many = forms.partition(",")
    return wording.plural(number, one, many)


@register.filter
def money(amount: Any, currency: str = "USD") -> str:
    """An amount and its currency, or an object that has both."""
    if hasattr(amount, "currency"):
        return wording.money(amount.amount, amount.currency)
    return wording.money(amount if amount != "" else None, currency or "USD")


@register.filter
def percent(fraction: float | None) -> str:
    return wording.percent(fraction)


@register.filter
def points(fraction: float | None) -> str:
    return wording.points(fraction)


@register.filter
def signed(fraction: float | None) -> str:
    return wording.signed(fraction)


@register.filter
def rate(count: int | None, base: int | None) -> str:
    """`{{ replies|rate:sent }}` is "19 of 138, 13.8 % (9.0 to 20.5)"."""
    return wording.rate(count, base)


@register.filter
def share(count: int | None, base: int | None) -> str:
    """The same without the counts, for a place that shows them already."""
    return wording.share(count, base)


@register.filter
def p_value(value: float | None) -> str:
    return wording.p_value(value)


@register.filter
def score(value: float | None) -> str:
    return wording.score(value)


@register.filter
def duration(seconds: float | None) -> str:
    return wording.duration(seconds)


@register.filter
def initials(name: object, most: int = wording.INITIALS_MOST) -> str:
    return wording.initials(str(name or ""), most)


@register.filter
def known(value: object) -> object:
    """`Not known` instead of nothing; zero is something."""
    return wording.NOT_KNOWN if value is None or value == "" else value


@register.filter
def grade_class(grade: object) -> str:
    """A+ looks like A; F and unknown are grey."""
    letter = str(grade or "")[:1].lower()
    return f"grade-{letter}" if letter in GRADES else "grade-f"


@register.filter
def listed(value: object) -> object:
    """Several values in one line: `Region: North; Seats: 3`, `red, blue`. A single one stays."""
    if isinstance(value, dict):
        return "; ".join(f"{worded(str(name))}: {listed(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return value


@register.filter
def worded(name: str) -> str:
    """`SIGN_IN` and `crm.import_batch` as people say it: Sign in, Import batch."""
    return name.rpartition(".")[2].replace("_", " ").lower().capitalize()


@register.filter
def address_breaks(address: str) -> SafeString:
    """A long address breaks behind its @ and before its dots, never inside a word."""
    before, at, behind = str(address).partition("@")
    if not at:
        return format_html("{}", address)
    return format_html("{}@<wbr>{}", before, format_html_join(WORD_BREAK, "{}", _dotted(behind)))


def _dotted(text: str) -> list[tuple[str]]:
    head, *rest = text.split(".")
    return [(head,), *((f".{each}",) for each in rest)]


@register.filter
def noun(label: str) -> str:
    """`outreach.researchjob` as people call such a record: research job."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


@register.filter
def as_json(value: object) -> str:
    """For a `data-` attribute in double quotes; the template escapes it."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def attribute(item: Any, name: str) -> object:
    """`{{ row|attribute:column.name }}`, for tables whose columns are data."""
    return item.get(name, "") if isinstance(item, dict) else getattr(item, name, "")


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """The present address's query with some values changed; an empty value removes one."""
    request = context["request"]
    values = request.GET.copy()
    for key, value in changes.items():
        values.pop(key, None)
        if value not in {None, ""}:
            values[key] = str(value)
    return f"?{values.urlencode()}" if values else request.path
