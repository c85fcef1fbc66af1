// Reads lines {"secret", "headers", "body"} on stdin and says of each whether standardwebhooks verifies it.
const { Webhook } = require("standardwebhooks");

const lines = require("fs").readFileSync(0, "utf-8").split("\n").filter(Boolean);
for (const line of lines) {
  const { secret, headers, body } = JSON.parse(line);
  try {
    new Webhook(secret).verify(body, headers);
    console.log("ok");
  } catch (error) {
    console.log(error.message);
  }
}
