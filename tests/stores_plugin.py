"""Starts throw-away stores before Django reads its settings. Loaded with `-p` from pyproject.toml."""

import atexit
import os
import tempfile
from contextlib import ExitStack

from gtmos.runtime.stores import throwaway

stack = ExitStack()
atexit.register(stack.close)
if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    stores = stack.enter_context(throwaway(durable=False))
    stores.addresses.publish()
    os.environ.setdefault("GTMOS_HOME", str(stores.home))
elif not os.environ.get("GTMOS_HOME"):
    os.environ["GTMOS_HOME"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="gtmos-tests-"))
# Between two tests the tables are emptied, the history among them, which the product's database refuses.
os.environ["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} -c gtmos.emptying=on".strip()
