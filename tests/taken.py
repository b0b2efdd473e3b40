"""A port that is taken: a server asked to listen there ends when it has read its source."""

import socket

_LISTENER = socket.create_server(("127.0.0.1", 0))
PORT = str(_LISTENER.getsockname()[1])
