"""Business time: one shared row that only the sandbox may move.

Due-time queries, windows and dates that people see use `now()`. Leases and heartbeats use the
server's own time (`django.utils.timezone.now` or SQL `now()`), because a moved clock must not
make a living worker look dead.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.once import forget, hold, once
from gtmos.kernel.permissions import require

ONCE = "business_clock"
_told: ContextVar[datetime | None] = ContextVar("clock_told", default=None)


class BusinessClock(models.Model):
    """Real time, or the sandbox's: `base_at` at the real moment `set_at`, running `rate` times as fast."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    base_at = models.DateTimeField()
    set_at = models.DateTimeField()
    rate = models.FloatField(default=1.0)

    class Meta:
        verbose_name = "business clock"
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="kernel_one_clock"),
            models.CheckConstraint(
                condition=models.Q(rate__gte=0, rate__lte=100_000), name="kernel_clock_rate"
            ),
        )

    def __str__(self) -> str:
        return f"{self.base_at} × {self.rate}"

    def at(self, real: datetime) -> datetime:
        return self.base_at + (real - self.set_at) * self.rate


def now() -> datetime:
    """Business time, aware, UTC."""
    real = timezone.now()
    if not settings.SANDBOX:
        return real
    told = _told.get()
    if told is not None:
        return told
    clock = once(ONCE, _clock)
    return clock.at(real) if clock else real


def of(real: datetime) -> datetime:
    """The business time of a moment that was noted in the server's own, as the clock runs now."""
    told = _told.get()
    if told is not None:
        return told
    clock = once(ONCE, _clock) if settings.SANDBOX else None
    return clock.at(real) if clock else real


def today() -> date:
    """The day where the reader is; in the background, where nobody reads, that of UTC."""
    return timezone.localdate(now())


@contextmanager
def as_if_on(moment: datetime) -> Iterator[None]:
    """For the demo's story alone: what is done inside happened then. Only for this thread, and only in the sandbox."""
    if not settings.SANDBOX:
        raise DomainError("Only the sandbox may move the clock.", code="clock_is_real")
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


def reader() -> Callable[[], datetime]:
    """`now` for a short burst of work: the shared row is read once, here."""
    clock = _clock() if settings.SANDBOX else None
    return (lambda: clock.at(timezone.now())) if clock else timezone.now


def is_moved() -> bool:
    return settings.SANDBOX and BusinessClock.objects.exists()


@transaction.atomic
def advance(by: timedelta, *, actor: Actor) -> datetime:
    """Move business time forward; never back, so that nothing happens twice."""
    if by < timedelta(0):
        raise DomainError("The clock only moves forward.", code="clock_backwards")
    return _set(now() + by, rate=_rate(), actor=actor)


@transaction.atomic
def run_at(rate: float, *, actor: Actor) -> datetime:
    """Let business time run `rate` times as fast as real time from here on."""
    return _set(now(), rate=rate, actor=actor)


def hold_read(base_at: datetime | None, set_at: datetime | None, rate: float | None) -> None:
    """The shared row, or that there is none, as it was read along with something else, for the rest of this burst."""
    if base_at is None or set_at is None or rate is None:
        hold(ONCE, None)
    else:
        hold(ONCE, BusinessClock(base_at=base_at, set_at=set_at, rate=rate))


def _clock() -> BusinessClock | None:
    return BusinessClock.objects.filter(pk=1).first()


def _rate() -> float:
    clock = _clock()
    return clock.rate if clock else 1.0


def _set(base_at: datetime, *, rate: float, actor: Actor) -> datetime:
    require(actor, "kernel.move_clock")
    if not settings.SANDBOX:
        raise DomainError("Only the sandbox may move the clock.", code="clock_is_real")
    BusinessClock.objects.update_or_create(
        pk=1, defaults={"base_at": base_at, "set_at": timezone.now(), "rate": rate}
    )
    forget(ONCE)
    return base_at
