"""Reading in one thread while the database merges in another."""

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connections

from crm.services.import_staging import Segment

SWITCH_SECONDS = 0.00005  # a short statement must not wait long for the reading thread
GARBAGE = (
    200_000,
    20,
    20,
)  # lines are freed without it; looking through them again and again takes a third of reading


@contextmanager
def read_ahead(segments: Iterator[Segment]) -> Iterator[Iterator[Segment]]:
    """The first segment is read here; each further one in another thread while the one before is merged."""
    usual, garbage = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*GARBAGE)
    with ThreadPoolExecutor(1, thread_name_prefix="import") as reader:
        try:
            yield _ahead(segments, reader)
        finally:
            sys.setswitchinterval(usual)
            gc.set_threshold(*garbage)
            reader.submit(connections.close_all).result()


def _ahead(segments: Iterator[Segment], reader: ThreadPoolExecutor) -> Iterator[Segment]:
    segment = next(segments, None)
    while segment is not None:
        following = reader.submit(next, segments, None)
        yield segment
        segment = following.result()
