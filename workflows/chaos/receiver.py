"""The receiver of the rehearsal's mails: a mail server of one page, which remembers every Message-ID that it took."""

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Receiver(socketserver.ThreadingTCPServer):
    """Takes every mail, at an address of this machine alone."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.taken: Counter[str] = Counter()

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over a sender that died while it spoke."""

    @property
    def port(self) -> int:
        """The port at which it listens."""
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Speak as much SMTP (RFC 5321) as a client needs that sends one mail."""
        self._say("220 ready")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                self._take()
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _take(self) -> None:
        name = ""
        for line in self.rfile:
            if line.rstrip(b"\r\n") == b".":
                break
            if not name and line.lower().startswith(b"message-id:"):
                name = line.split(b":", 1)[1].strip().decode("ascii", "replace")
        else:
            # The sender died in the middle; what has no end was never sent.
            return
        server = self.server
        if isinstance(server, Receiver):
            server.taken[name] += 1
        self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive mails for the length of the block."""
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()
