"""Starts throw-away stores before Django reads its settings. Loaded with `-p` from pyproject.toml."""

import atexit
import os
import tempfile
from contextlib import ExitStack

from gtmos.runtime.stores import throwaway

if not os.environ.get("DATABASE_URL"):
    stack = ExitStack()
    stores = stack.enter_context(throwaway(durable=False))
    stores.addresses.publish()
    atexit.register(stack.close)
if not os.environ.get("GTMOS_HOME"):
    home = tempfile.TemporaryDirectory(prefix="gtmos-tests-")
    os.environ["GTMOS_HOME"] = home.name
    atexit.register(home.cleanup)
