"""Clears a temporary home away when the process that made it ends, however it ends."""

import subprocess

from gtmos.runtime.places import Places

# The end of its input is the end of our process. On Linux the kernel has told the servers by then; elsewhere
# their own files say whom to end.
SCRIPT = """
cat >/dev/null
for file in "$2"/postgres/data/postmaster.pid "$2"/valkey/pid; do
  [ -r "$file" ] && kill -QUIT "$(head -n 1 "$file")" 2>/dev/null
done
tries=0
until rm -rf "$1" "$2" 2>/dev/null || [ "$tries" -ge 100 ]; do tries=$((tries + 1)); sleep 0.05; done
"""


class Janitor:
    def __init__(self, places: Places) -> None:
        command = ["/bin/sh", "-c", SCRIPT, "gtmos-janitor", str(places.home), str(places.stores)]
        # A session of its own: Ctrl-C must not stop the one who clears up.
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd="/")

    def finish(self) -> None:
        """Clear up now and wait for it. The servers have stopped."""
        self._process.communicate()
