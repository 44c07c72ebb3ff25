"""System checks: what must not be true of a production installation."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.management.base import SystemCheckError

from gtmos.env import env
from gtmos.kernel.events import catalogue


@register(Tags.security, deploy=True)
def production_is_not_embedded(**kwargs: Any) -> list[Error]:
    del kwargs
    if not settings.PRODUCTION:
        return []
    found = []
    if settings.DEBUG:
        found.append(Error("DEBUG is on. Unset it in production.", id="gtmos.E001"))
    if "*" in settings.ALLOWED_HOSTS or not settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS must name the host names that are served.", id="gtmos.E002"))
    if not env.database_url or not env.redis_url:
        found.append(
            Error(
                "DATABASE_URL and REDIS_URL must name servers; the embedded ones are for trying out.",
                id="gtmos.E003",
            )
        )
    if len(settings.SECRET_KEY) < 50:
        found.append(Error("SECRET_KEY is too short. Use 50 or more random characters.", id="gtmos.E004"))
    return found


@register(deploy=True)
def events_are_as_kept(**kwargs: Any) -> list[CheckMessage]:
    """Listeners outside rely on the shape of every fact, so that it changes only on purpose."""
    del kwargs
    return [
        Caution(
            each,
            hint="Count its schema_version up if it is there, then run manage.py events lock.",
            id="gtmos.W001",
        )
        for each in catalogue.drift(settings.EVENT_SCHEMAS)
    ]


def refuse_unsafe() -> None:
    """A production server that would be unsafe does not start; the sentences say what to set."""
    found = production_is_not_embedded()
    if found:
        raise SystemCheckError("\n".join(f"{each.id}: {each.msg}" for each in found))
