import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { concatBytes } from "@menshen/crypto/node";
import { MAX_ADD_CHECKPOINT_BYTES } from "../log/add-checkpoint.ts";
import type { Witness } from "./witness.ts";

/** A witness that listens. */
export interface WitnessServer {
  readonly port: number;
  /** Takes no more requests, finishes those under way. */
  readonly stop: () => Promise<void>;
}

/** Whoever sends slower than this, or opens more connections, keeps others out. */
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 128;

/**
 * Serves a witness over HTTP. There is no sign-in: a checkpoint's signature is the permission.
 *
 * @param options.onFault told when the witness's memory fails; the request is answered with 500
 */
export async function serveWitness(options: {
  readonly witness: Witness;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly onFault: (error: unknown) => void;
}): Promise<WitnessServer> {
  const server = createServer((request, response) => {
    answer(options.witness, request, response).catch((error: unknown) => {
      options.onFault(error);
      if (!response.headersSent) reply(response, 500, "text/plain; charset=utf-8", "cannot remember\n");
    });
  });
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(options.port, options.host);
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}

async function answer(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const plain = "text/plain; charset=utf-8";
  if (request.url !== "/add-checkpoint") return reply(response, 404, plain, "expected /add-checkpoint\n");
  if (request.method !== "POST") return reply(response, 405, plain, "expected POST\n");
  const body = await readBody(request);
  if (body === "gone") return;
  if (body === "too-long") {
    response.setHeader("connection", "close");
    return reply(response, 413, plain, `expected at most ${MAX_ADD_CHECKPOINT_BYTES} bytes\n`);
  }
  const { status, contentType, body: text } = witness.addCheckpoint(body);
  reply(response, status, contentType, text);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | "too-long" | "gone"> {
  const chunks: Uint8Array[] = [];
  let lengthBytes = 0;
  try {
    for await (const chunk of request) {
      if (!(chunk instanceof Uint8Array)) return "gone";
      lengthBytes += chunk.length;
      if (lengthBytes > MAX_ADD_CHECKPOINT_BYTES) return "too-long";
      chunks.push(chunk);
    }
  } catch {
    return "gone";
  }
  return concatBytes(...chunks);
}

function reply(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(body);
}
