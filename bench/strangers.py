"""What comes to a receiver that anybody can reach: requests made to cost much before anybody proves anything, and clients that
take places and keep them. All without a secret, all from 127.0.0.1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

TURN_S = 0.02
ROOT = Path(__file__).parents[1]
_HEAD = b"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_LAST = b"0\r\n\r\n"
_UNKNOWN = b"POST /webhooks/nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def costly(most_body: int) -> Mapping[str, bytes]:
    """Requests without proof, each as large as a body may be or as headers may be, by what is odd about them."""
    few = most_body // 300  # chunks that are large enough to be followed to their end
    one = b"POST /webhooks/nope HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    return {
        "body": _HEAD + b"Content-Length: %d\r\n\r\n" % most_body + b" " * most_body,
        "body of brackets": _HEAD + b"Content-Length: %d\r\n\r\n" % most_body + b"[" * most_body,
        "one chunk": _CHUNKED + b"%x\r\n%s\r\n" % (most_body, b" " * most_body) + _LAST,
        "tiny chunks": _CHUNKED + b"1\r\na\r\n" * (most_body // 6) + _LAST,
        "small chunks": _CHUNKED + (b"12c\r\n" + b"a" * 300 + b"\r\n") * few + _LAST,
        "few tiny chunks": _CHUNKED + b"1\r\na\r\n" * 4000 + _LAST,
        "chunk extensions": _CHUNKED + (b"1;" + b"a=b;" * 19 + b"c\r\na\r\n") * (most_body // 85) + _LAST,
        "long chunk extension": _CHUNKED + b"1;a=" + b"b" * most_body + b"\r\na\r\n" + _LAST,
        "chunk size without end": _CHUNKED + b"0" * most_body,
        "trailers": _CHUNKED + b"1\r\na\r\n0\r\n" + b"a: b\r\n" * (most_body // 6) + b"\r\n",
        "many headers": _HEAD + b"a:b\r\n" * 6400 + b"\r\n",
        "large headers": _HEAD + (b"a: " + b"b" * 400 + b"\r\n") * 70 + b"\r\n",
        "header of blanks": _HEAD + b"a:" + b" " * 32_000 + b"\x01\r\n\r\n",
        "folded header": _HEAD + b"a: b\r\n" + b" c\r\n" * 8000 + b"\r\n",
        "coding over and over": _HEAD + b"Transfer-Encoding: " + b"chunked, " * 3600 + b"\r\n\r\n",
        "long address": b"POST /" + b"a" * 32_000 + b" HTTP/1.1\r\n\r\n",
        "address of digits": b"POST a://" + b"1" * 32_000 + b" HTTP/1.1x\r\n\r\n",
        "a hundred in one piece": one * 100,
        "empty lines": b"\r\n" * (most_body // 2),
    }


def sent(port: int, request: bytes, patience_s: float = 20.0) -> bytes:
    """The first bytes of the answer; b"" where the connection was closed without one."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=patience_s)) as line:
        with suppress(ConnectionError, BrokenPipeError):
            line.sendall(request)
        with suppress(OSError):
            line.shutdown(socket.SHUT_WR)  # a size line without end, say: nothing more comes
        said = b""
        with suppress(ConnectionError):
            while piece := line.recv(65_536):
                said = said or piece[:20]
        return said


def loop_s(pid: int) -> float:
    """CPU seconds of a process's main thread, to the nanosecond (Linux)."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def cost_s(port: int, pid: int, request: bytes, times: int = 3) -> float:
    """CPU seconds of the loop for one such request: the least of some tries, since anything else it does then counts too."""
    found = []
    for _ in range(times):
        before = loop_s(pid)
        sent(port, request)
        found.append(loop_s(pid) - before)
    return min(found)


Act = Callable[[int, threading.Event], None]


@contextmanager
def around(port: int, *acts: Act) -> Iterator[None]:
    """All of these meanwhile, in a process that gives way to every other: strangers have machines of their own, and what they
    compute takes nothing of ours."""
    command = [sys.executable, "-m", "bench.strangers", str(port), *(act.__name__ for act in acts)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"here\n"
        try:
            yield
        finally:
            child.stdin.close()


class _Over(threading.Event):
    """`turns`: how often each act asked whether it is over, which it does before each round."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: Counter[str] = Counter()

    def wait(self, timeout: float | None = None) -> bool:
        self.turns[threading.current_thread().name] += 1
        return super().wait(timeout)


def main(port: int, names: Sequence[str]) -> None:
    """Those acts at once, until standard input ends. Says `here` when each has come round once."""
    os.nice(10)
    over = _Over()
    for name in names:
        threading.Thread(target=globals()[name], args=(port, over), name=name, daemon=True).start()
    while any(over.turns[name] < 2 for name in names):
        time.sleep(TURN_S)
    sys.stdout.write("here\n")
    sys.stdout.flush()
    sys.stdin.read()
    over.set()  # nobody waits for them: the process ends, and all its connections with it


def sends_tiny_chunks(port: int, over: threading.Event) -> None:
    """100 000 chunks of a byte, again and again: once 20 s of the loop, or its end."""
    request = costly(600_000)["tiny chunks"]
    while not over.wait(0.5):
        with suppress(OSError):
            sent(port, request)


def never_hangs_up(port: int, over: threading.Event, count: int = 230) -> None:
    """Clients that ask for the end of their connection, do not take it, and send on: once the end of the process."""
    lines: dict[socket.socket, float] = {}
    while not over.wait(TURN_S):
        while len(lines) < count:
            lines[_dialled(port)] = 0.0
        for line, since in list(lines.items()):
            try:
                if not since:
                    lines[line] = time.monotonic() if line.send(_UNKNOWN) else 0.0
                elif time.monotonic() - since > 1.5:
                    raise ConnectionError
                else:
                    line.send(b"x")
            except BlockingIOError:
                continue
            except OSError:
                line.close()
                del lines[line]
    for line in lines:
        line.close()


def keeps_places(port: int, over: threading.Event, count: int = 1500, say: bytes = _HEALTH) -> None:
    """More connections than there are places, each with a request now and then; dialled again where they are closed."""
    lines: list[socket.socket] = []
    turn = 0
    while not over.wait(TURN_S * 5):
        lines += [_dialled(port) for _ in range(min(100, count - len(lines)))]
        turn += 1
        for line in lines[turn % 40 :: 40]:
            try:
                with suppress(BlockingIOError):
                    line.send(say)
                    if not line.recv(65_536):
                        raise ConnectionError
            except OSError:
                line.close()
                lines.remove(line)
    for line in lines:
        line.close()


def sends_halves(port: int, over: threading.Event) -> None:
    """The same with requests that never end."""
    keeps_places(port, over, say=b"P")


def _dialled(port: int) -> socket.socket:
    line = socket.socket()
    line.setblocking(False)
    with suppress(BlockingIOError):
        line.connect(("127.0.0.1", port))
    return line


def waits(port: int, requests: list[bytes], every_s: float, patience_s: float = 20.0) -> list[float]:
    """Seconds that each waited for its answer, each over a connection of its own. Raises ValueError where one is no 202."""
    found = []
    for request in requests:
        started = time.monotonic()
        with closing(socket.create_connection(("127.0.0.1", port), timeout=patience_s)) as line:
            line.sendall(request)
            said = line.recv(4096)
        if said[9:12] != b"202":
            raise ValueError(f"answered {said[:40]!r}")
        found.append(time.monotonic() - started)
        time.sleep(max(0.0, every_s - found[-1]))
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
