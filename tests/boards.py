"""What the browser tests of boards and lists have in common: names, deals on a pipeline, a line that can be cut."""

import re
import time
from itertools import count
from typing import Any

from tests.conftest import Seat

LIVE_MS, LATER_MS = 5_000, 30_000
_numbers = count(1)


def fresh(word: str) -> str:
    """A name that no other test of this run uses."""
    return f"{word} {next(_numbers)} {time.monotonic_ns() % 10**9}"


class Line:
    """The live socket of one page, which can be cut and given back."""

    def __init__(self, seat: Seat) -> None:
        self.page, self.is_cut, self.sockets = seat.page, False, list[Any]()
        seat.expects("ERR_INTERNET_DISCONNECTED")
        seat.expects("htmx:")
        self.page.route_web_socket(re.compile("/live/"), self._opened)

    def _opened(self, socket: Any) -> None:
        if self.is_cut:
            socket.close()
            return
        self.sockets.append(socket)
        socket.connect_to_server()

    def cut(self) -> None:
        self.is_cut = True
        self.page.context.set_offline(offline=True)
        for socket in self.sockets:
            socket.close()
        self.page.wait_for_selector("html[data-connection=polling]")

    def mend(self) -> None:
        self.is_cut = False
        self.page.context.set_offline(offline=False)


def a_deal(seat: Seat, pipeline: str, word: str) -> Any:
    company = seat.make("companies", {"name": f"Buyer {word}"})
    deal = seat.make("deals", {"name": f"Deal {word}", "company_id": company["id"]})
    return seat.ask("PATCH", f"/api/v1/deals/{deal['id']}/", {"pipeline_id": pipeline})


def column(seat: Seat, deal: dict[str, Any]) -> str:
    """Where the card stands."""
    return str(
        seat.page.locator(f"#deal-{deal['id']}").evaluate(
            "card => card.closest('[data-stage]').dataset.stage"
        )
    )


def drag(seat: Seat, card: str, stage: str) -> None:
    seat.page.locator(card).drag_to(
        seat.page.locator(f"[data-stage='{stage}']"), target_position={"x": 40, "y": 12}
    )


def cell(seat: Seat, record: dict[str, Any], key: str) -> Any:
    return seat.page.locator(f"#row-{record['id']} > td[data-cell='{key}']")
