import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { constantTimeEqual, fromHex, sha256 } from "@menshen/crypto/node";
import type { ReaderId } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import {
  KIOSK_CALL_PATH,
  KIOSK_HEARTBEAT_S,
  KIOSK_PAGE_PATH,
  KIOSK_SCAN_BURST,
  KIOSK_SCAN_MAX_BYTES,
  KIOSK_SCAN_PATH,
  KIOSK_SCANS_PER_SECOND,
  KIOSK_STATE_PATH,
  KIOSK_TOKEN_CHARACTERS,
  type KioskCall,
  type KioskMessage,
  type KioskRefusal,
  type KioskResult,
  KioskScan,
  type KioskState,
} from "@menshen/wire";
import { Value } from "typebox/value";
import type { KioskConfig } from "../config.ts";
import { faultName } from "../errors.ts";
import type { ScanOutcome } from "../tap/reader-place.ts";
import { makeTokenBucket } from "../tap/token-bucket.ts";
import { PAGE_NOT_BUILT, readKioskPage } from "./kiosk-page.ts";
import { sameState } from "./kiosk-state.ts";

export interface KioskServerOptions {
  readonly config: Pick<KioskConfig, "host" | "port" | "places">;
  /** Where the built page lies. */
  readonly pageFolder: string;
  readonly stateOf: (readerId: ReaderId) => KioskState;
  readonly scan: (readerId: ReaderId, text: string) => Promise<ScanOutcome | undefined>;
  /** Somebody calls for a guard; `undefined` for too many calls. */
  readonly call: (readerId: ReaderId) => Promise<KioskCall | undefined>;
  /** A screen came, or the last one of a place went. */
  readonly watched: (readerId: ReaderId, isWatched: boolean) => void;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}

/** The screens of a gate. */
export interface KioskServer {
  /** Of the page, without the token that has to stand behind it. */
  readonly url: string;
  close(): Promise<void>;
}

type Place = KioskConfig["places"][number];

/** Nothing is loaded from or sent to anywhere else, and nothing runs that stands in the page itself. */
const HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "permissions-policy": "camera=(self), microphone=(), geolocation=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};
const STATUS: Readonly<Record<KioskRefusal["code"], number>> = {
  "not-found": 404,
  "invalid-request": 400,
  "token-refused": 401,
  "too-large": 413,
  "rate-limited": 429,
  unavailable: 503,
};
const TOKEN = new RegExp(`^Kiosk ([A-Za-z0-9_-]{${KIOSK_TOKEN_CHARACTERS}})$`);
const LOOK_EVERY_MS = 250;
const MOST_STREAMS_OF_A_PLACE = 4;
/** A screen that does not read what it is told is gone. */
const MOST_UNREAD_BYTES = 64 * 1024;
const BODY_TIMEOUT_MS = 5_000;

interface Stream {
  readonly response: ServerResponse;
  told: KioskState | undefined;
  quietMs: number;
}

/** Rejects if the address cannot be listened on. */
export async function startKioskServer(options: KioskServerOptions): Promise<KioskServer> {
  const { config, logger } = options;
  const { host, port } = config;
  const page = readKioskPage(options.pageFolder);
  if (page.size === 0) logger.warn({}, "the page of the kiosk is not built");
  const streams = new Map<ReaderId, Set<Stream>>(config.places.map(({ readerId }) => [readerId, new Set()]));
  const buckets = new Map(
    config.places.map(({ readerId }) => [
      readerId,
      makeTokenBucket(KIOSK_SCAN_BURST, KIOSK_SCANS_PER_SECOND),
    ]),
  );

  const server = createServer((request, response) => {
    answer(request, response).catch((fault: unknown) => {
      logger.debug({ code: faultName(fault) }, "a kiosk's request came to nothing");
      response.destroy();
    });
  });
  server.maxConnections = 64;
  server.headersTimeout = BODY_TIMEOUT_MS;
  server.requestTimeout = BODY_TIMEOUT_MS;
  const looking = setInterval(look, LOOK_EVERY_MS);
  looking.unref();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = "/"] = (request.url ?? "/").split("?", 1);
    const method = request.method ?? "";
    if (path === KIOSK_STATE_PATH || path === KIOSK_SCAN_PATH || path === KIOSK_CALL_PATH) {
      const place = placeOf(request);
      if (place === undefined) refuse(response, "token-refused");
      else if (path === KIOSK_STATE_PATH && method === "GET") follow(place, response);
      else if (path === KIOSK_SCAN_PATH && method === "POST") await scan(place, request, response);
      else if (path === KIOSK_CALL_PATH && method === "POST") await call(place, request, response);
      else refuse(response, "not-found");
      return;
    }
    if (method !== "GET" && method !== "HEAD") {
      refuse(response, "not-found");
      return;
    }
    if (path === KIOSK_PAGE_PATH.slice(0, -1) || path === "/") {
      response.writeHead(302, { ...HEADERS, location: KIOSK_PAGE_PATH }).end();
      return;
    }
    const file = page.get(path);
    if (file !== undefined) {
      const cache = file.isHashed ? "public, max-age=31536000, immutable" : "no-cache";
      response
        .writeHead(200, { ...HEADERS, "content-type": file.type, "cache-control": cache })
        .end(method === "HEAD" ? undefined : file.bytes);
    } else if (path === KIOSK_PAGE_PATH) {
      response
        .writeHead(503, {
          ...HEADERS,
          "content-type": "text/html; charset=utf-8",
          "cache-control": "no-store",
        })
        .end(PAGE_NOT_BUILT);
    } else {
      refuse(response, "not-found");
    }
  }

  /** All places are compared, and hashes only: how long it takes tells nothing of a token. */
  function placeOf(request: IncomingMessage): Place | undefined {
    const token = TOKEN.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined) return undefined;
    const hash = sha256(new TextEncoder().encode(token));
    let found: Place | undefined;
    for (const place of config.places) {
      if (constantTimeEqual(hash, fromHex(place.tokenSha256))) found = place;
    }
    return found;
  }

  function follow({ readerId }: Place, response: ServerResponse): void {
    const watching = streams.get(readerId);
    if (watching === undefined || watching.size >= MOST_STREAMS_OF_A_PLACE) {
      refuse(response, "rate-limited");
      return;
    }
    response.writeHead(200, {
      ...HEADERS,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
    const stream: Stream = { response, told: undefined, quietMs: 0 };
    watching.add(stream);
    options.watched(readerId, true);
    response.on("close", () => {
      watching.delete(stream);
      if (watching.size === 0) options.watched(readerId, false);
    });
    tellState(readerId, stream);
  }

  function look(): void {
    for (const [readerId, watching] of streams) for (const stream of watching) tellState(readerId, stream);
  }

  function tellState(readerId: ReaderId, stream: Stream): void {
    const state = options.stateOf(readerId);
    if (!sameState(stream.told, state)) {
      stream.told = state;
      tell(stream, { state });
      return;
    }
    stream.quietMs += LOOK_EVERY_MS;
    // Twice as often as promised: one that comes late is no silence.
    if (stream.quietMs >= (KIOSK_HEARTBEAT_S * 1_000) / 2) write(stream, ":\n\n");
  }

  function tell(stream: Stream, message: KioskMessage): void {
    write(stream, `data: ${JSON.stringify(message)}\n\n`);
  }

  function write(stream: Stream, text: string): void {
    stream.quietMs = 0;
    if (stream.response.writableLength > MOST_UNREAD_BYTES) stream.response.destroy();
    else stream.response.write(text);
  }

  async function decide(
    readerId: ReaderId,
    request: IncomingMessage,
  ): Promise<ScanOutcome | KioskRefusal["code"]> {
    if (buckets.get(readerId)?.take(options.monotonicMs()) !== true) return "rate-limited";
    const body = await readBody(request);
    if (body === undefined) return "too-large";
    const asked = parseScan(body);
    if (asked === undefined) return "invalid-request";
    return (await options.scan(readerId, asked.text)) ?? "unavailable";
  }

  async function scan(
    { readerId }: Place,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const answered = await decide(readerId, request);
    if (typeof answered === "string") {
      refuse(response, answered);
      return;
    }
    const { granted, reasons, forMs } = answered;
    const result = { granted, reasons: [...reasons], forMs };
    for (const stream of streams.get(readerId) ?? []) tell(stream, { result });
    answerWith(response, result);
  }

  async function call(
    { readerId }: Place,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if ((await readBody(request)) === undefined) {
      refuse(response, "too-large");
      return;
    }
    const called = await options.call(readerId);
    if (called === undefined) refuse(response, "rate-limited");
    else answerWith(response, called);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const boundPort = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}${KIOSK_PAGE_PATH}`,
    close: () =>
      new Promise((resolve) => {
        clearInterval(looking);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a body asks; `undefined` for anything else. */
export function parseScan(body: Uint8Array): KioskScan | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return Value.Check(KioskScan, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `undefined` for one that is too large: what is left of it is not read. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const chunks: AsyncIterable<Uint8Array> = request;
  for await (const part of chunks) {
    sizeBytes += part.length;
    if (sizeBytes > KIOSK_SCAN_MAX_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function answerWith(response: ServerResponse, body: KioskResult | KioskCall): void {
  response
    .writeHead(200, { ...HEADERS, "content-type": "application/json", "cache-control": "no-store" })
    .end(JSON.stringify(body));
}

function refuse(response: ServerResponse, code: KioskRefusal["code"]): void {
  const refusal: KioskRefusal = { code };
  response
    .writeHead(STATUS[code], {
      ...HEADERS,
      "content-type": "application/json",
      "cache-control": "no-store",
      // Whatever of a body was not read must not be taken for a request.
      connection: "close",
    })
    .end(JSON.stringify(refusal));
}
