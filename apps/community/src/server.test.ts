import { once } from "node:events";
import { connect } from "node:net";
import { sessionEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { ORIGIN, startTestServer } from "./testing/test-server.ts";

const server = await startTestServer();

test("closing waits for a request on its way, not for its connection's idle time", async () => {
  const body = JSON.stringify({ code: "nobody-was-given-this-code" });
  await server.app.listen({ host: "127.0.0.1", port: 0 });
  const port =
    server.app.addresses().map((address) => (typeof address === "object" ? address.port : 0))[0] ?? 0;
  const client = connect(port, "127.0.0.1");
  let answer = "";
  client.on("data", (chunk) => {
    answer += String(chunk);
  });
  const ended = once(client, "close");
  const arrived = once(server.app.server, "request");
  const { method, path } = sessionEndpoints.signInWithCode;
  client.write(
    `${method} ${path} HTTP/1.1\r\nhost: localhost\r\norigin: ${ORIGIN}\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n`,
  );
  await arrived;
  const closed = server.close();
  client.write(body);
  await closed;
  await ended;
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
});
