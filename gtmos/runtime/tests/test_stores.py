import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from gtmos.runtime.accounts import Account, can_reach
from gtmos.runtime.faults import StoreFault
from gtmos.runtime.places import PROJECT, read_json, temporary_home
from gtmos.runtime.postgres import Postgres
from gtmos.runtime.stores import Stores, running, throwaway

pytestmark = pytest.mark.kill
PLAIN_PYTHON = "/usr/bin/python3"  # of the same version as ours, where it is there
ATTACH = "from gtmos.runtime.stores import attach; print(attach().database_url, flush=True)"


@pytest.fixture(scope="module")
def started_stores() -> Iterator[Stores]:
    with throwaway() as made:
        yield made


@pytest.fixture
def stores(started_stores: Stores) -> Stores:
    """One pair of servers for the whole module; a test that stopped one finds it running again."""
    for server in started_stores.servers:
        server.start()
    return started_stores


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement).fetchall()


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def home() -> Iterator[Path]:
    """A home the servers' account can reach, without stores."""
    path = temporary_home()
    yield path
    subprocess.run(["/bin/rm", "-rf", path], check=True)


@pytest.fixture
def command(home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command in a process of its own, which ends when its input does."""
    outside = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    with ExitStack() as stack:

        def start(code: str = ATTACH) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", f"{code}\nimport sys; sys.stdin.read()"],
                cwd=PROJECT,
                env={**outside, "GTMOS_HOME": str(home), "PYTHONPATH": str(PROJECT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            return stack.enter_context(process)

        yield start


def finish(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_stores_answer_while_they_are_needed_and_leave_nothing_behind() -> None:
    with throwaway() as stores:
        version = rows(stores.addresses.database_url, "SHOW server_version")
        pong = redis.Redis.from_url(stores.addresses.redis_url).ping()
        pids = [stores.postgres.pid, stores.valkey.pid]

    assert version == [("18.6",)]
    assert pong is True
    assert stores.home.exists() is False
    assert [psutil.pid_exists(pid) for pid in pids] == [False, False]


def test_the_embedded_database_keeps_what_it_has_confirmed(stores: Stores) -> None:
    found = rows(
        stores.postgres.url,
        "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name",
    )

    assert found == [("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on")]


def test_the_embedded_database_has_the_extensions_the_product_uses(stores: Stores) -> None:
    found = rows(
        stores.postgres.url,
        "SELECT name FROM pg_available_extensions WHERE name IN ('vector', 'pg_trgm', 'unaccent', 'btree_gin') ORDER BY name",
    )

    assert found == [("btree_gin",), ("pg_trgm",), ("unaccent",), ("vector",)]


def test_nobody_gets_in_without_the_password(stores: Stores) -> None:
    stranger = stores.postgres.url.replace(stores.places.password(), "guess")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=stores.valkey.port).ping()


def test_confirmed_rows_survive_a_killed_database(stores: Stores) -> None:
    run(stores.postgres.url, "CREATE TABLE kept AS SELECT generate_series(1, 20000) AS number")
    address = stores.postgres.url

    stores.postgres.kill()
    stores.postgres.start()

    assert stores.postgres.url == address
    assert rows(address, "SELECT count(*) FROM kept") == [(20000,)]


def test_a_killed_broker_comes_back_at_the_same_address(stores: Stores) -> None:
    address = stores.valkey.url

    stores.valkey.kill()
    stores.valkey.start()

    assert stores.valkey.url == address
    assert redis.Redis.from_url(address).ping() is True


def test_stores_of_a_killed_process_end_and_their_home_goes(
    command: Callable[..., subprocess.Popen[str]],
) -> None:
    process = command(
        "from contextlib import ExitStack\nfrom gtmos.runtime.stores import throwaway\n"
        "stack = ExitStack()\ns = stack.enter_context(throwaway(durable=False))\n"
        "print(s.home, s.postgres.pid, s.valkey.pid, flush=True)"
    )
    place, *pids = line_of(process).split()
    servers = [psutil.Process(int(pid)) for pid in pids]
    janitor = next(each for each in psutil.Process(process.pid).children() if each.name() == "sh")

    process.kill()
    _, alive = psutil.wait_procs([*servers, janitor], timeout=20)

    assert alive == []
    assert Path(place).exists() is False


def test_two_commands_share_one_server_and_the_second_keeps_it_when_the_first_ends(
    home: Path, command: Callable[..., subprocess.Popen[str]]
) -> None:
    first = command()
    first_address = line_of(first)
    second = command()
    second_address = line_of(second)

    assert first.stdin is not None
    first.stdin.close()  # the first has nothing more to do, and waits for the second
    answer = rows(second_address, "SELECT 1")
    codes = [finish(second), first.wait(60)]

    assert second_address == first_address
    assert answer == [(1,)]
    assert codes == [0, 0]
    assert running(home) is None


def test_commands_that_start_together_start_one_server(
    command: Callable[..., subprocess.Popen[str]],
) -> None:
    together = [command() for _ in range(3)]

    addresses = {line_of(process) for process in together}
    for process in together:
        assert process.stdin is not None
        process.stdin.close()
    codes = [process.wait(60) for process in together]

    assert len(addresses) == 1
    assert codes == [0, 0, 0]


@pytest.mark.parametrize(
    "state",
    ['{"postgres_port": 1, "valkey_port": 1, "owner_pid": 1}', '{"postgres_port": 54'],
    ids=["of a dead run", "cut short"],
)
def test_a_state_file_misleads_nobody(
    home: Path, command: Callable[..., subprocess.Popen[str]], state: str
) -> None:
    (home / "stores.json").write_text(state)

    process = command()
    answer = rows(line_of(process), "SELECT 1")

    assert answer == [(1,)]
    assert finish(process) == 0


def test_a_number_in_the_lock_file_that_now_belongs_to_a_stranger_does_not_stop_the_start(
    stores: Stores,
) -> None:
    stores.postgres.stop()
    lock = stores.postgres.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n")

    stores.postgres.start()

    assert rows(stores.postgres.url, "SELECT 1") == [(1,)]


def test_a_server_that_lost_its_supervisor_is_ended_before_the_next_starts(stores: Stores) -> None:
    orphan = stores.postgres
    successor = Postgres(stores.places, orphan.binaries, orphan.account, port=orphan.port)

    successor.start()
    found = rows(successor.url, "SELECT 1")
    successor.stop()

    assert found == [(1,)]
    assert orphan.is_running is False


def test_data_of_another_version_are_refused_with_a_way_out(stores: Stores) -> None:
    stores.postgres.stop()
    version = stores.postgres.data / "PG_VERSION"
    version.write_text("17\n")

    with pytest.raises(StoreFault, match=r"was made by PostgreSQL 17, this is 18\.6\. Dump it"):
        stores.postgres.start()

    version.write_text("18\n")


def test_a_second_owner_is_told_who_is_in_the_way(stores: Stores) -> None:
    with pytest.raises(StoreFault, match="Another process runs the stores in"):
        Stores(stores.home).start(wait_seconds=0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(not Path(PLAIN_PYTHON).exists(), reason=f"{PLAIN_PYTHON} is not on this machine")
def test_stores_run_for_a_plain_user(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    site = next(path for path in sys.path if path.endswith("site-packages"))
    if not can_reach(PROJECT, Account(nobody.pw_uid, nobody.pw_gid)):
        pytest.skip(f"a plain user cannot read {PROJECT}")

    result = subprocess.run(
        [PLAIN_PYTHON, "-c", ATTACH],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{PROJECT}:{site}", "GTMOS_HOME": str(home)},
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stderr == ""
    assert result.stdout.startswith("postgresql://gtmos:")
    assert (home / "stores" / "postgres" / "data" / "PG_VERSION").stat().st_uid == nobody.pw_uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps data where its home is closed to the servers")
def test_roots_closed_home_keeps_its_data_in_a_system_directory(tmp_path: Path) -> None:
    stores = Stores(tmp_path / "home")  # pytest's directories are private
    try:
        stores.start()
        found = rows(stores.postgres.url, "SELECT 1")
        stores.stop()

        assert found == [(1,)]
        assert stores.places.stores.parent == Path("/var/lib/gtmos")
    finally:
        subprocess.run(["/bin/rm", "-rf", stores.places.stores], check=True)


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreFault, match="Set GTMOS_HOME to a directory you may write to"):
        Stores(tmp_path / "file" / "home")


@pytest.mark.parametrize("text", ["", "[]", '{"postgres_port": "1"}', '{"postgres_port": 54'])
def test_only_whole_state_files_with_numbers_are_believed(tmp_path: Path, text: str) -> None:
    (tmp_path / "stores.json").write_text(text)

    assert read_json(tmp_path / "stores.json") == {}
