"""A stand-in for S3 behind HTTP, as strict as a bucket with object lock: for boto3 itself to talk to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

PAGE = 2


@dataclass
class FakeBucket:
    """What was put, with the headers that it came with. `is_down` answers 503 to everything."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    is_down: bool = False


@contextmanager
def running_bucket() -> Iterator[FakeBucket]:
    """The bucket at an address of this machine."""
    held = FakeBucket()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            """Nothing is printed."""

        def answer(self, status: int, body: bytes = b"", kind: str = "application/xml") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def refuse(self, status: int, code: str) -> None:
            self.answer(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            key = unquote(urlsplit(self.path).path)
            asked = {name.lower(): value for name, value in self.headers.items()}
            if held.is_down:
                self.refuse(503, "SlowDown")
            elif "x-amz-object-lock-mode" in asked and "x-amz-checksum-sha256" not in asked:
                self.refuse(400, "InvalidRequest")
            elif asked.get("if-none-match") == "*" and key in held.objects:
                self.refuse(412, "PreconditionFailed")
            else:
                held.objects[key], held.headers[key] = body, asked
                self.answer(200)

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = parse_qs(address.query)
            if held.is_down:
                self.refuse(503, "SlowDown")
            elif "list-type" in query:
                self.listing(address.path.rstrip("/") + "/", query)
            elif unquote(address.path) in held.objects:
                self.answer(200, held.objects[unquote(address.path)], "application/json")
            else:
                self.refuse(404, "NoSuchKey")

        def listing(self, root: str, query: dict[str, list[str]]) -> None:
            names = sorted(key.removeprefix(root) for key in held.objects if key.startswith(root))
            start = int(query.get("continuation-token", ["0"])[0])
            shown, rest = names[start : start + PAGE], names[start + PAGE :]
            contents = "".join(f"<Contents><Key>{escape(name)}</Key></Contents>" for name in shown)
            more = f"<NextContinuationToken>{start + PAGE}</NextContinuationToken>" if rest else ""
            said = f"<IsTruncated>{'true' if rest else 'false'}</IsTruncated>{more}{contents}"
            self.answer(200, f"<ListBucketResult>{said}</ListBucketResult>".encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    held.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
