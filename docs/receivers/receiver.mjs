// A receiver of rasid's webhooks with nothing but Node (18 or newer): verifies, drops repetitions, answers at once.
//
//     WEBHOOK_SECRET=whsec_... node receiver.mjs 8000
//
// What matters is said in receiver.py beside this file. An ed25519 subscription is verified with its public key:
// WEBHOOK_SECRET=whpk_...
import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const TOLERANCE = 300; // seconds a timestamp may be off, so that an old message cannot be played again
const LONGEST_BODY = 256 * 1024;

const secret = process.env.WEBHOOK_SECRET ?? "";
const seenFile = process.env.WEBHOOK_SEEN ?? "seen.txt";
const seen = new Set(existsSync(seenFile) ? readFileSync(seenFile, "utf-8").split("\n") : []);

function isOurs(headers, body) {
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE) return false;
  const signed = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${timestamp}.`), body]);
  // while a secret changes there are two signatures; one that fits is enough
  return (headers["webhook-signature"] ?? "").split(" ").some((given) => fits(given, signed));
}

function fits(given, signed) {
  const [version, signature] = given.split(",", 2);
  const bytes = Buffer.from(signature ?? "", "base64");
  if (secret.startsWith("whpk_")) {
    const raw = Buffer.from(secret.slice("whpk_".length), "base64").toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw }, format: "jwk" });
    return version === "v1a" && verify(null, signed, key, bytes);
  }
  const expected = createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64")).update(signed).digest();
  return version === "v1" && bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

// Keeps the id durably before the answer; false where it was there already. A database's unique column does the same.
function keep(id) {
  if (seen.has(id)) return false;
  const file = openSync(seenFile, "a");
  appendFileSync(file, `${id}\n`);
  fsyncSync(file);
  closeSync(file);
  seen.add(id);
  return true;
}

const server = createServer((request, response) => {
  const pieces = [];
  let length = 0;
  request.on("data", (piece) => {
    length += piece.length;
    if (length <= LONGEST_BODY) pieces.push(piece);
  });
  request.on("end", () => {
    const body = Buffer.concat(pieces); // the raw bytes: what is parsed and written again is signed no more
    if (length > LONGEST_BODY) return response.writeHead(413).end();
    if (request.method !== "POST" || !isOurs(request.headers, body)) return response.writeHead(401).end();
    const message = JSON.parse(body);
    if (message.type === "challenge") {
      // rasid asks whether messages are wanted here
      return response.writeHead(200).end(JSON.stringify({ challenge: message.data.challenge }));
    }
    const id = request.headers["webhook-id"];
    if (keep(id)) console.log(message.type, id, message.data.article?.title ?? "");
    return response.writeHead(204).end();
  });
});

server.listen(Number(process.argv[2] ?? 8000), "127.0.0.1", () => {
  console.error(`http://127.0.0.1:${server.address().port}/`);
});
