"""A seeded big customer record, filled with COPY: companies, people, deals, what happened, and its vectors."""

import random
import struct
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

COMPANIES, CONTACTS, DEALS, NOTES = 1_000_000, 3_000_000, 500_000, 1_000_000
DIMENSIONS, CLUSTERS = 384, 500
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
HEADS = "Alder Birch Cedar Delta Ember Falcon Granit Harbor Indigo Juniper Kestrel Lumen Meridian Nimbus Orchid".split()
TAILS = (
    "Systems Works Labs Foods Energy Health Logistics Partners Robotics Media Finance Textiles Motors".split()
)
CITIES = (
    "Berlin Hamburg London Paris Boston Austin Denver Madrid Oslo Vienna Zurich Lyon Porto Gdansk".split()
)
FIELDS = "Software Retail Banking Insurance Energy Media Education Logistics Health Food".split()
FIRST = (
    "Ada Ben Cleo Dan Eva Finn Gita Hugo Ines Jan Kira Liam Mara Noah Olga Paul Rosa Sven Tara Uma".split()
)
SYLLABLES = "ba ber can do fer gal har im jo kle lor mun nes or pet quin ros stein tor ul ven wal zim".split()
TITLES = "Head of Sales;Chief Executive;Engineer;Buyer;Marketing Manager;Controller".split(";")
WORDS = (
    "invoice renewal export onboarding training support contract security pricing report dashboard integration "
    "migration delay budget approval legal procurement demo feedback roadmap outage performance login mobile "
    "question answer meeting visit plan team quarter region partner order delivery upgrade licence seats usage"
).split()


def key(kind: int, number: int) -> str:
    """Spread over the key space, as random keys are."""
    return str(uuid.UUID(int=random.Random(kind * 10_000_000 + number).getrandbits(128)))


def moment(number: int) -> str:
    return (EPOCH - timedelta(seconds=number)).isoformat()


def surname(draw: random.Random) -> str:
    return "".join(draw.choices(SYLLABLES, k=3)).capitalize()


def companies(count: int) -> Iterator[tuple[Any, ...]]:
    draw = random.Random(1)
    for number in range(count):
        name = f"{draw.choice(HEADS)} {surname(draw)} {draw.choice(TAILS)}"
        field, city, site = draw.choice(FIELDS), draw.choice(CITIES), f"c{number}.example"
        text = f"{name} {site} {field} {city}"
        yield key(1, number), moment(number), moment(number), name, name.lower(), site, field, city, text


def contacts(count: int, homes: int) -> Iterator[tuple[Any, ...]]:
    draw = random.Random(2)
    for number in range(count):
        first, last = draw.choice(FIRST), surname(draw)
        mail, title = f"{first}.{last}.{number}@c{number % homes}.example".lower(), draw.choice(TITLES)
        home, name = key(1, number % homes), f"{first} {last}"
        yield (
            *(key(2, number), moment(number), moment(number), home, name, first, last, mail, mail, title),
            f"{name} {mail} {title}",
        )


def deals(count: int, homes: int, stages: list[str]) -> Iterator[tuple[Any, ...]]:
    draw = random.Random(3)
    for number in range(count):
        name = f"{draw.choice(WORDS)} {surname(draw)} {number}".capitalize()
        yield (
            *(key(3, number), moment(number), moment(number), 10_000 + number, name, key(1, number % homes)),
            *(draw.choice(stages), draw.randrange(1000, 90_000), name),
        )


def notes(count: int, homes: int) -> Iterator[tuple[Any, ...]]:
    draw = random.Random(4)
    for number in range(count):
        text = f"{' '.join(draw.choices(WORDS, k=9))} {surname(draw)}.".capitalize()
        yield key(4, number), moment(number), moment(number), text[:60], text, key(1, number % homes)


def vectors(count: int) -> Iterator[tuple[Any, ...]]:
    """Around some hundred centres, as sentences of one trade are; a passage for each of the first notes."""
    import numpy as np

    draw = np.random.default_rng(5)
    centres = draw.standard_normal((CLUSTERS, DIMENSIONS), dtype="float32")
    for begin in range(0, count, 5000):
        size = min(5000, count - begin)
        rows = centres[draw.integers(0, CLUSTERS, size)]
        rows = rows + 0.9 * draw.standard_normal((size, DIMENSIONS), dtype="float32")
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        packed = rows.astype(">f2")
        for at in range(size):
            yield key(4, begin + at), begin + at, packed[at].tobytes()


def fill(cursor: Any, share: int, passages: int, stages: list[str]) -> None:
    homes = COMPANIES // share
    copied(cursor, "crm_company", "id created_at updated_at name name_key domain industry_vertical city search_text",
           companies(homes))  # fmt: skip
    copied(
        cursor,
        "crm_contact",
        "id created_at updated_at company_id name first_name last_name email email_key title search_text",
        contacts(CONTACTS // share, homes),
    )
    copied(cursor, "crm_deal",
           "id created_at updated_at deal_id name company_id stage_id deal_amount search_text",
           deals(DEALS // share, homes, stages))  # fmt: skip
    copied(cursor, "crm_activity", "id created_at updated_at subject body company_id",
           notes(NOTES // share, homes))  # fmt: skip
    copy_vectors(cursor, passages)


PLAIN = {
    "crm_company": {"customer_state": "dormant"},
    "crm_contact": {"lifecycle": "prospect", "email_status": "verified", "influence_role": "unknown"},
    "crm_deal": {"deal_state": "open", "deal_amount_currency": "USD", "deal_payment_status": "none",
                 "deal_policy_state": "ok", "deal_health": "green", "payment_frequency": "yearly"},
    "crm_activity": {"type": "note", "direction": "out"},
}  # fmt: skip


def copied(cursor: Any, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Without its indexes, which are made again at once afterwards; columns left out get a plain value meanwhile."""
    names = columns.split()
    defaults = _plain_values(cursor, table, names)
    for name, value in defaults.items():
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {value}")
    indexes = _dropped_indexes(cursor, table)
    with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    for statement in indexes:
        cursor.execute(statement)
    for name in defaults:
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT")
    cursor.execute(f"ANALYZE {table}")


def _plain_values(cursor: Any, table: str, given: list[str]) -> dict[str, str]:
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
        "AND is_nullable = 'NO' AND is_generated = 'NEVER' AND column_default IS NULL AND is_identity = 'NO'",
        [table],
    )
    kinds = {"integer": "1", "smallint": "0", "boolean": "false", "double precision": "0", "jsonb": "'{}'",
             "timestamp with time zone": "now()", "bigint": "0"}  # fmt: skip
    plain = {name: kinds.get(kind, "''") for name, kind in cursor.fetchall() if name not in given}
    lists = {"tags", "technologies", "other_countries"}
    plain |= dict.fromkeys(plain.keys() & lists, "'[]'")
    return plain | {name: f"'{value}'" for name, value in PLAIN[table].items()}


def _dropped_indexes(cursor: Any, table: str) -> list[str]:
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint)",
        [table],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]


def copy_vectors(cursor: Any, count: int) -> None:
    """In the binary form; in bulk before the index exists."""
    indexes = [each for each in _dropped_indexes(cursor, "kernel_embedding") if "hnsw" in each]
    columns = "subject_type, subject_id, source_version, number, text, model, dimensions, vector"
    head = struct.pack(">HH", DIMENSIONS, 0)
    with cursor.copy(f"COPY kernel_embedding ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + struct.pack(">II", 0, 0))
        for subject, number, packed in vectors(count):
            text = f"passage {number}".encode()
            parts = (b"activity", uuid.UUID(subject).bytes, struct.pack(">i", 1), struct.pack(">h", 0), text,
                     b"synthetic", struct.pack(">h", DIMENSIONS), head + packed)  # fmt: skip
            copy.write(struct.pack(">h", 8) + b"".join(struct.pack(">i", len(each)) + each for each in parts))
        copy.write(struct.pack(">h", -1))
    for statement in indexes:
        cursor.execute(statement)
    cursor.execute("ANALYZE kernel_embedding")
