"""Run a function on untrusted input in a child process with limits on time, memory and output.

    with Sandbox("assistant.readers.child:answer") as sandbox:
        reply = sandbox.run(request)     # SandboxError when the child was too slow, too big or died

Request and reply are strings, the request a short one. One child serves many requests; when one breaks it, the next
request gets a new child.
"""

import importlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

_HEAD = 8  # bytes that give the length of what follows
_CHUNK = 1 << 16
_LONGEST_REQUEST = 1 << 15  # bytes; less than a pipe holds, so that writing to a stuck child never waits
_OPEN_FILES = 64  # descriptors a child may hold
_KEPT = ("PATH", "SYSTEMROOT", "TMPDIR", "OFFLINE_GUARD_LOG")  # of the environment; a parser needs to know no more


@dataclass(frozen=True)
class Limits:
    """What one request may cost."""

    seconds: float = 18.0  # wall clock, start of the child included
    memory: int = 1 << 30  # bytes of address space
    output: int = 1 << 27  # bytes of one reply
    requests: int = 2000  # before a child is replaced, so that its leaks do not add up


class SandboxError(Exception):
    """The child gave no reply. The message says why, as the end of "the file ..."."""


class Overtime(SandboxError):
    """The child was stopped at the end of its time."""


class Sandbox:
    """A child process that answers requests with ``task``, named as ``module:function``, a function of str to str."""

    def __init__(self, task: str, limits: Limits | None = None) -> None:
        self.task = task
        self.limits = limits or Limits()
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, request: str, seconds: float | None = None) -> str:
        """Return the task's reply. Raises SandboxError; ``seconds`` shortens the time."""
        fresh = self._child is None
        try:
            return self._ask(request, seconds)
        except Overtime:
            raise
        except SandboxError:
            # What earlier requests left behind in the child may be to blame: a fresh one decides.
            if fresh:
                raise
            return self._ask(request, seconds)

    def start(self) -> None:
        """Start the child now, so that it has imported what it needs when the first request comes."""
        self._child = self._child or self._start()

    def close(self) -> None:
        """End the child."""
        child, self._child, self._served = self._child, None, 0
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()

    def _ask(self, request: str, seconds: float | None) -> str:
        data = request.encode("utf-8", "surrogatepass")
        if len(data) > _LONGEST_REQUEST:
            raise SandboxError("has too long a name")
        if self._served >= self.limits.requests:
            self.close()
        limit = min(seconds or self.limits.seconds, self.limits.seconds)
        deadline = time.monotonic() + limit
        child = self._child = self._child or self._start()
        self._served += 1
        try:
            assert child.stdin and child.stdout  # both are pipes
            child.stdin.write(len(data).to_bytes(_HEAD, "big") + data)
            length = int.from_bytes(self._receive(child.stdout, _HEAD, deadline), "big")
            if length > self.limits.output:
                raise SandboxError(f"made {length:,} bytes of text, more than {self.limits.output:,}")
            return self._receive(child.stdout, length, deadline).decode("utf-8", "surrogatepass")
        except TimeoutError as error:
            self.close()
            raise Overtime(f"took more than {limit:g} s to read") from error
        except (EOFError, BrokenPipeError) as error:
            raise SandboxError(self._why_it_died(child)) from error
        except BaseException:  # Ctrl-C too: the reply that is still to come would be taken for the next request's
            self.close()
            raise

    def _start(self) -> "subprocess.Popen[bytes]":
        root = str(Path(__file__).parents[1])
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"  # it could not: see _limit
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        # -P: the current folder is not searched for modules.
        command = [
            sys.executable,
            "-P",
            "-m",
            "assistant.sandbox",
            self.task,
            str(self.limits.memory),
            str(self.limits.seconds),
        ]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere, env=environment, bufsize=0)

    def _receive(self, pipe: IO[bytes], length: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while length:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise TimeoutError
                part = os.read(pipe.fileno(), min(length, _CHUNK))
                if not part:
                    raise EOFError
                parts.append(part)
                length -= len(part)
        return b"".join(parts)

    def _why_it_died(self, child: "subprocess.Popen[bytes]") -> str:
        try:
            status = child.wait(1)
        except subprocess.TimeoutExpired:
            status = None
        self.close()
        if status == _OUT_OF_MEMORY:
            return f"needs more than {self.limits.memory >> 20:,} MiB of memory to read"
        by_signal = status is not None and status < 0
        return f"made its reader crash ({signal.strsignal(-status) if status and by_signal else f'status {status}'})"


_OUT_OF_MEMORY = 77  # exit status of a child that reached its memory limit


def serve(task: Callable[[str], str], requests: IO[bytes], replies: IO[bytes], seconds: float) -> None:
    """Answer requests until there are no more. The child's side."""
    while head := requests.read(_HEAD):
        request = requests.read(int.from_bytes(head, "big")).decode("utf-8", "surrogatepass")
        _alarm(2 * seconds)  # should the parent be gone, nobody else ends this
        try:
            data = task(request).encode("utf-8", "surrogatepass")
        except MemoryError:
            os._exit(_OUT_OF_MEMORY)
        _alarm(0)
        replies.write(len(data).to_bytes(_HEAD, "big") + data)
        replies.flush()


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the time limit of the parent is all there is
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # a parser writes no file
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


def _main() -> None:
    task, memory, seconds = sys.argv[1:]
    _limit(int(memory))
    module, _, function = task.partition(":")
    # Whatever a parser prints must not get between the replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    serve(getattr(importlib.import_module(module), function), sys.stdin.buffer, replies, float(seconds))


if __name__ == "__main__":
    _main()
