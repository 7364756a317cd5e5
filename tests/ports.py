"""Ports for servers that must know their number before they listen."""

import random
import socket

# Below those that systems give to whoever asks for any port (Linux: from 32768, others: from 49152), so that nobody
# else's connection or server takes the number between our look and the server's start.
_NOBODYS = range(20_000, 32_000)


def free_port() -> int:
    """Give a port of this machine that nobody listens at and that nobody is given by chance."""
    for port in random.sample(_NOBODYS, 100):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError("a hundred ports in a row are taken")
