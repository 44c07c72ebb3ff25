"""The time zones that somebody can choose."""

import zoneinfo


def zones() -> list[tuple[str, str]]:
    names = sorted(
        each for each in zoneinfo.available_timezones() if "/" in each and not each.startswith("Etc/")
    )
    return [("UTC", "UTC"), *((each, each.replace("_", " ")) for each in names)]
