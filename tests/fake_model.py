"""A language model that answers with what it is told to, on this machine alone."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


class Fake:
    """An endpoint on this machine that answers with what it is told to."""

    def __init__(self, answers):
        self.asked: list[dict] = []
        self.headers: list[dict] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                data = self.rfile.read(int(self.headers["Content-Length"]))
                fake.asked.append(json.loads(data))
                fake.headers.append(dict(self.headers))
                status, body = answers
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
