import { request } from "node:http";
import type { TLSSocket } from "node:tls";
import { GateError } from "../errors.ts";

const TIMEOUT_MS = 20_000;

/**
 * One POST over a connection that was verified before; the connection is closed afterwards.
 *
 * @throws {GateError} `enrolment-failed` for any answer but 200; `link-failed` without one
 */
export function postCbor(
  socket: TLSSocket,
  host: string,
  path: string,
  body: Uint8Array,
  maxAnswerBytes: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const fail = (code: "enrolment-failed" | "link-failed", message: string, cause?: unknown): void => {
      socket.destroy();
      reject(new GateError(code, message, { cause }));
    };
    const outgoing = request({
      createConnection: () => socket,
      method: "POST",
      path,
      headers: {
        host,
        "content-type": "application/cbor",
        "content-length": body.length,
        connection: "close",
      },
      timeout: TIMEOUT_MS,
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("error", (cause) => fail("link-failed", `${path}: expected an answer`, cause));
    outgoing.on("response", (incoming) => {
      const parts: Buffer[] = [];
      let sizeBytes = 0;
      incoming.on("data", (part: Buffer) => {
        sizeBytes += part.length;
        if (sizeBytes > maxAnswerBytes) incoming.destroy(new Error("answer too long"));
        else parts.push(part);
      });
      incoming.on("error", (cause) => fail("link-failed", `${path}: expected a whole answer`, cause));
      incoming.on("end", () => {
        socket.destroy();
        if (incoming.statusCode === 200) resolve(new Uint8Array(Buffer.concat(parts)));
        else fail("enrolment-failed", `${path}: expected status 200, came ${incoming.statusCode ?? "none"}`);
      });
    });
    outgoing.end(body);
  });
}
