"""Starts throw-away stores before Django reads its settings. Loaded with `-p` from pyproject.toml.

With `-n 2` every process of the run has stores of its own: what one test empties or stops is nobody else's.
"""

import atexit
import os
import tempfile
from contextlib import ExitStack

from gtmos.runtime.stores import throwaway

stack = ExitStack()
atexit.register(stack.close)
if "PYTEST_XDIST_WORKER" in os.environ and os.environ.get("GTMOS_TEST_STORES") == "own":
    for name in ("DATABASE_URL", "REDIS_URL", "GTMOS_HOME"):
        del os.environ[name]
if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    stores = stack.enter_context(throwaway(durable=False))
    stores.addresses.publish()
    os.environ.setdefault("GTMOS_HOME", str(stores.home))
    os.environ["GTMOS_TEST_STORES"] = "own"
elif not os.environ.get("GTMOS_HOME"):
    os.environ["GTMOS_HOME"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="gtmos-tests-"))
# Between two tests the tables are emptied, the history among them, which the product's database refuses.
os.environ["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} -c gtmos.emptying=on".strip()
