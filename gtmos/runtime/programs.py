"""Starting and ending other programs so that none outlives the process that started it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import psutil

from gtmos.runtime.accounts import Account

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
LARGEST_LOG = 10 * 1024 * 1024


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path | None,
    environ: Mapping[str, str],
    account: Account | None = None,
    at_parent_death: signal.Signals = signal.SIGKILL,
    directory: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own: Ctrl-C reaches only us, and we end the rest in order.

    Without a log it writes where we write.
    """
    with log.open("ab") if log else nullcontext() as output:
        return subprocess.Popen(
            [str(each) for each in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env=dict(environ),
            cwd="/" if account else directory,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
            preexec_fn=bond_to_parent(at_parent_death),  # noqa: PLW1509 -- the bond is made between fork and exec
        )


def bond_to_parent(number: signal.Signals) -> Callable[[], None]:
    """For the child to call: the kernel sends it this signal when the parent dies. Linux only."""
    parent = os.getpid()

    def bond() -> None:
        if LIBC is None:
            return
        LIBC.prctl(PR_SET_PDEATHSIG, number)  # after the change of user, which would clear it
        if os.getppid() != parent:  # the parent died before the bond was made
            os._exit(1)

    return bond


def name_process(name: str) -> None:
    """What `top` shows. Linux only; the kernel keeps fifteen characters."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_NAME, name.encode()[:15])


def rotate(log: Path) -> None:
    """Keep one older log once the present one is large."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def last_lines(log: Path, count: int = 12) -> str:
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def end(process: subprocess.Popen[bytes], *signals: signal.Signals, seconds: float) -> None:
    """Send each signal in turn, waiting so long after each; the last resort is SIGKILL."""
    for number in (*signals, signal.SIGKILL):
        if process.poll() is not None:  # poll also reaps: an unreaped child would still count as alive
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def end_orphan(pid: int, *, mark: str, polite: signal.Signals, seconds: float) -> None:
    """End a program an earlier run left behind; the mark in its command line proves that it is ours."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or mark not in " ".join(process.cmdline()):
            return
        for number in (polite, signal.SIGQUIT, signal.SIGKILL):
            process.send_signal(number)
            try:
                process.wait(seconds)
            except psutil.TimeoutExpired:
                continue
    except psutil.NoSuchProcess:
        return
