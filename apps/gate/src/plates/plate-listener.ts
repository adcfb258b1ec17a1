import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { signingKeyToPem } from "@menshen/crypto/node";
import type { Plate, ReaderId } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import { certificateToPem } from "@menshen/trust";
import {
  PLATE_EVENT_MAX_BYTES,
  PLATE_EVENT_PATH,
  PLATE_HEARTBEAT_S,
  type PlateRefusal,
  type PlateRefusalCode,
} from "@menshen/wire";
import { faultName } from "../errors.ts";
import type { GateIdentity } from "../keys/identity.ts";
import type { PlateEvents } from "./plate-events.ts";

export interface PlateListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: () => Pick<GateIdentity, "certificate" | "deviceKey">;
  readonly events: PlateEvents;
  /** Decides a plate; false if nothing was decided. */
  readonly decide: (readerId: ReaderId, plate: Plate) => Promise<boolean>;
  /** A camera was heard, or not for long. */
  readonly heard: (readerId: ReaderId, isHeard: boolean) => void;
  readonly logger: Logger;
}

export interface PlateListener {
  readonly port: number;
  close(): Promise<void>;
}

const STATUS: Readonly<Record<PlateRefusalCode, number>> = {
  "not-found": 404,
  "secret-refused": 401,
  "too-large": 413,
  "not-json": 415,
  "invalid-event": 400,
  stale: 409,
  replayed: 409,
  unsure: 422,
  "no-plate": 422,
  "rate-limited": 429,
  unavailable: 503,
};
const REQUEST_TIMEOUT_MS = 5_000;
const MOST_CONNECTIONS = 64;
/** Three heartbeats that did not come. */
const SILENT_MS = 3 * PLATE_HEARTBEAT_S * 1_000;
const JSON_TYPE = /^application\/json\s*(;\s*charset=utf-8\s*)?$/i;

/**
 * Listens for the cameras of vehicle barriers (docs/protocol/plates.md). Only texts of a few hundred bytes are taken in:
 * whatever calls itself anything but JSON, is packed or is longer is refused unread.
 *
 * Rejects if the address cannot be listened on.
 */
export async function startPlateListener(options: PlateListenerOptions): Promise<PlateListener> {
  const { events, logger } = options;
  const silence = new Map<ReaderId, NodeJS.Timeout>();
  const tlsOf = () => {
    const { certificate, deviceKey } = options.identity();
    return { cert: certificateToPem(certificate), key: signingKeyToPem(deviceKey) };
  };
  let inUse = options.identity().certificate;
  const server = createServer({ ...tlsOf(), minVersion: "TLSv1.2" }, (request, response) => {
    answer(request, response).catch((fault: unknown) => {
      logger.debug({ code: faultName(fault) }, "a camera's request came to nothing");
      response.destroy();
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  // Before the handshake: a certificate that was renewed serves the next connection.
  server.prependListener("connection", () => {
    const { certificate } = options.identity();
    if (certificate === inUse) return;
    inUse = certificate;
    server.setSecureContext(tlsOf());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const code = await refusalOf(request);
    if (code === undefined) response.writeHead(204).end();
    else refuse(response, code);
  }

  async function refusalOf(request: IncomingMessage): Promise<PlateRefusalCode | undefined> {
    if (request.url !== PLATE_EVENT_PATH || request.method !== "POST") return "not-found";
    const { "content-type": type = "", "content-encoding": encoding } = request.headers;
    if (!JSON_TYPE.test(type) || encoding !== undefined) return "not-json";
    const body = await readBody(request);
    if (body === undefined) return "too-large";
    const camera = events.cameraOf(request.headers.authorization, body);
    if (camera === undefined) return "secret-refused";
    const { readerId } = camera;
    const taken = events.take(camera, body);
    if (taken.kind === "refused") return taken.code;
    noteHeard(readerId);
    if (taken.kind === "nothing") return undefined;
    return (await options.decide(readerId, taken.plate)) ? undefined : "unavailable";
  }

  function noteHeard(readerId: ReaderId): void {
    clearTimeout(silence.get(readerId));
    const timer = setTimeout(() => options.heard(readerId, false), SILENT_MS);
    timer.unref();
    silence.set(readerId, timer);
    options.heard(readerId, true);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        for (const timer of silence.values()) clearTimeout(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `undefined` for one that is too large: what is left of it is not read. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > PLATE_EVENT_MAX_BYTES) return undefined;
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const chunks: AsyncIterable<Uint8Array> = request;
  for await (const part of chunks) {
    sizeBytes += part.length;
    if (sizeBytes > PLATE_EVENT_MAX_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function refuse(response: ServerResponse, code: PlateRefusalCode): void {
  const refusal: PlateRefusal = { code };
  response
    .writeHead(STATUS[code], {
      "content-type": "application/json",
      "cache-control": "no-store",
      // Whatever of a body was not read must not be taken for a request.
      connection: "close",
    })
    .end(JSON.stringify(refusal));
}
