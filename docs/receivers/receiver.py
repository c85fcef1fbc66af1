"""A receiver of rasid's webhooks with nothing but Python's standard library: verifies, drops repetitions, answers at once.

    WEBHOOK_SECRET=whsec_... python receiver.py 8000

What matters, whatever you write yours in:

1. Verify over the raw bytes of the body, before they are parsed.
2. Keep each webhook-id in the same transaction as the work, or before it: the same message may come again, for days.
3. Answer 2xx within some seconds and work afterwards. 410 says: never again. 429 or 503 with Retry-After says: later.
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 300  # seconds a timestamp may be off, so that an old message cannot be played again
LONGEST_BODY = 256 * 1024

SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
SEEN = os.environ.get("WEBHOOK_SEEN", "seen.db")


def is_ours(headers, body):
    """Whether one of the signatures (there are two while a secret changes) fits, and the message is of now."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(SECRET, signed, hashlib.sha256))
    return any(hmac.compare_digest(expected, given.encode()) for given in headers.get("webhook-signature", "").split(" "))


def keep(message_id, body):
    """Keeps the message, durably; False where it was there already. What works on it reads it from there."""
    with sqlite3.connect(SEEN, timeout=10) as database:
        database.execute("CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, body BLOB NOT NULL)")
        return database.execute("INSERT OR IGNORE INTO messages VALUES (?, ?)", (message_id, body)).rowcount == 1


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        if length > LONGEST_BODY:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(length)
        if not is_ours(self.headers, body):
            return self.answer(401)
        message = json.loads(body)
        if message["type"] == "challenge":  # rasid asks whether messages are wanted here
            return self.answer(200, json.dumps({"challenge": message["data"]["challenge"]}).encode())
        if keep(self.headers["webhook-id"], body):
            print(message["type"], self.headers["webhook-id"], message["data"].get("article", {}).get("title", ""), flush=True)
        return self.answer(204)

    def answer(self, status, body=b""):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8000), Receiver)
    print(f"http://127.0.0.1:{server.server_port}/", file=sys.stderr, flush=True)
    server.serve_forever()
