"""The process that computes: tasks in on standard input, answers out on standard output.

A task is a line of JSON with ``do`` and what the task needs; an answer a line of JSON with its
``kind`` (``step``, ``done``), ``status`` and the number of bytes that follow. When nobody writes to
it any more it ends at once, whatever it is doing.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any


def main() -> None:
    """Do one task after the other until the input ends."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no answer
    tasks: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    from liantu import progress
    from liantu.formats import to_json
    from liantu.web.server import texts
    from liantu.web.server.options import LANGS
    from liantu.web.server.work import TASKS, Desk, failure, noted

    def step(code: str, value: str) -> None:
        from liantu.errors import Message

        words = {lang: Message(code, {"value": value}).text(lang) for lang in LANGS}
        _tell(out, {"kind": "step", "words": words})

    tasks_known = {**TASKS, **texts.TASKS}
    desk = Desk()
    with progress.told(step):
        for asked in _asked(tasks):
            status = 200
            try:
                found = tasks_known[asked["do"]](desk, asked)
            except BaseException as error:  # compiled readers panic past every `Exception`
                status, found = failure(error)
                noted(error)
            text = to_json(found).encode("utf-8", "replace")
            _tell(out, {"kind": "done", "status": status}, text)


def _listen(tasks: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        tasks.put(line)
    os._exit(0)  # the server is gone


def _asked(tasks: queue.SimpleQueue[str]) -> Iterator[dict[str, Any]]:
    while True:
        yield json.loads(tasks.get())


def _tell(out: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    line = json.dumps({**head, "bytes": len(body)}, ensure_ascii=True)
    out.write(line.encode() + b"\n" + body)
    out.flush()


if __name__ == "__main__":
    main()
