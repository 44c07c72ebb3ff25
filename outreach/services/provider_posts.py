"""Posts of mail providers: kept before they are acknowledged, understood later, each in one transaction."""

import hashlib

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gtmos.kernel import jobs
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require
from outreach.channels.email.providers import PROVIDERS, UnreadablePostError, read
from outreach.models import EmailProvider, ProviderPost
from outreach.selectors.providers import given_up_posts, waiting_posts
from outreach.services.provider_events import Heard, take_in

AT_ONCE = 100
MOST_AT_A_TIME = 5_000


def keep_post(
    provider: EmailProvider, kind: str, body: bytes, *, content_type: str = "", post_id: str = ""
) -> None:
    """Keep a post that proved itself. The same post is kept once; when this returns it is safe."""
    digest = hashlib.sha256(f"{provider.key} {kind} {post_id}\n".encode() + body).hexdigest()
    post = ProviderPost(
        provider=provider,
        kind=kind,
        digest=digest,
        body=body,
        content_type=content_type[:200],
        post_id=post_id[:200],
        received_at=timezone.now(),
    )
    with transaction.atomic():
        is_rung_for = waiting_posts().filter(attempts=0).exists()
        ProviderPost.objects.bulk_create([post], ignore_conflicts=True)
        if not is_rung_for:  # else a worker is on its way; a post that it just misses is found by the sweep
            jobs.enqueue("outreach.apply_provider_posts")


def note_refusal(provider: EmailProvider, reason: str) -> None:
    """Of what nobody vouches for only the number is kept."""
    EmailProvider.objects.filter(pk=provider.pk).update(
        refused=F("refused") + 1, refused_at=timezone.now(), refusal=reason[:200]
    )


def try_again(provider: EmailProvider, *, actor: Actor) -> int:
    """Start anew with the posts that were given up; returns how many those are."""
    require(actor, "outreach.configure_providers", provider)
    jobs.enqueue("outreach.apply_provider_posts")
    return given_up_posts().filter(provider=provider).update(attempts=0)


def apply_waiting(limit: int = MOST_AT_A_TIME) -> int:
    """Apply what waits; returns how many posts. Any number of these may run side by side."""
    done = 0
    while done < limit:
        claimed = _claim()
        if not claimed:
            break
        done += _apply(claimed)
    return done


@transaction.atomic
def _claim() -> list[int]:
    """Count the attempt before it is made. A post that failed before is tried alone, so that it fails alone."""
    rows = waiting_posts().select_for_update(skip_locked=True)
    first = list(rows.values_list("pk", "attempts")[:AT_ONCE])
    claimed = [pk for pk, attempts in first if attempts == 0] or [pk for pk, _ in first[:1]]
    ProviderPost.objects.filter(pk__in=claimed).update(attempts=F("attempts") + 1)
    return claimed


@transaction.atomic
def _apply(claimed: list[int]) -> int:
    rows = ProviderPost.objects.select_for_update(skip_locked=True, of=("self",))
    posts = list(
        rows.filter(pk__in=claimed, processed_at__isnull=True).select_related("provider").order_by("pk")
    )
    heard = [fact for post in posts for fact in _understood(post)]
    take_in(heard)
    now = timezone.now()
    for post in posts:
        post.processed_at = now
        post.body = b"" if not post.error else post.body
    ProviderPost.objects.bulk_update(posts, ["processed_at", "body", "facts", "error"])
    return len(posts)


def _understood(post: ProviderPost) -> list[Heard]:
    """The facts of a post; one that cannot be understood says why and keeps its body for a person."""
    try:
        told = read(
            PROVIDERS[post.provider.key],
            post.kind,
            bytes(post.body),
            content_type=post.content_type,
            post_id=post.post_id,
        )
    except UnreadablePostError as error:
        post.error = str(error)[:1000]
        return []
    post.facts = len(told)
    return [Heard(post.provider_id, each, each.happened_at or post.received_at) for each in told]
