"""A real mail server beside the test, and terms under which nothing takes long."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.sink import InProcess, Sink
from outreach.channels.email.transport import Transport
from outreach.engine.drain import Drained, drain
from outreach.engine.terms import Terms

QUICK = Terms(lease=30.0, margin=0.5, grace=0.0, retry=(60.0,), give_up_after=3, pause_first=0.2)


class Post:
    """The sink, and the way to it."""

    def __init__(self, sink: Sink, port: int) -> None:
        self.sink = sink
        self.way = Transport(host="127.0.0.1", port=port, is_sandbox=True)

    def send(self, *, terms: Terms = QUICK, connections: int = 2, budget_seconds: float = 20.0) -> Drained:
        return drain(
            guard=False, way=self.way, terms=terms, connections=connections, budget_seconds=budget_seconds
        )

    @property
    def copies(self) -> int:
        return sum(self.sink.accepted.values())

    @property
    def doubles(self) -> int:
        return sum(count - 1 for count in self.sink.accepted.values())


@contextmanager
def a_post(directory: Path) -> Iterator[Post]:
    sink = Sink(directory / "accepted.log", keep=True)
    server = InProcess(sink)
    server.start()
    try:
        yield Post(sink, server.port)
    finally:
        server.stop()
