import { OsdpError } from "../osdp-error.ts";
import type { ByteStream } from "./byte-stream.ts";
import { openSerial } from "./serial.ts";
import { connectSocket, listenSocket } from "./socket.ts";

export type Where =
  | { readonly kind: "serial"; readonly path: string }
  | { readonly kind: "tcp" | "tcp-listen"; readonly host: string; readonly port: number }
  | { readonly kind: "unix" | "unix-listen"; readonly path: string };

export interface TransportOptions {
  /** of a serial port; default 9600, the speed every OSDP device knows */
  readonly baudRate?: number;
  /** pause before looking for a lost far side again; default 250 */
  readonly retryMs?: number;
}

/** sockaddr_un holds 108 bytes; some systems less. */
const MAX_SOCKET_PATH_BYTES = 100;

/**
 * Reads the name of a line: `tcp:HOST:PORT`, `unix:PATH`, their listening forms `tcp-listen:HOST:PORT` and
 * `unix-listen:PATH`, or else the path of a serial port or PTY. An IPv6 host stands in brackets.
 *
 * @throws {OsdpError} `invalid-where`
 */
export function parseWhere(where: string): Where {
  const scheme = /^(tcp|tcp-listen|unix|unix-listen):(.*)$/s.exec(where);
  if (scheme === null) return serialWhere(where);
  const [, kind, rest = ""] = scheme;
  if (kind === "tcp" || kind === "tcp-listen") {
    const [, bracketed, bare, portText] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(rest) ?? [];
    const host = bracketed ?? bare;
    const port = Number(portText);
    if (host === undefined || !(port <= 65_535)) throw invalid(where, `${kind}:HOST:PORT`);
    return { kind, host, port };
  }
  const listening = kind === "unix-listen";
  if (rest === "" || new TextEncoder().encode(rest).length > MAX_SOCKET_PATH_BYTES) {
    throw invalid(where, `${kind}:PATH of 1 to ${MAX_SOCKET_PATH_BYTES} bytes`);
  }
  return { kind: listening ? "unix-listen" : "unix", path: rest };
}

/**
 * Opens a line by name (see `parseWhere`). Connecting forms and serial ports return at once and keep trying until
 * closed, before the first success as after a loss; listening forms are bound when the promise resolves.
 *
 * @throws {OsdpError} `invalid-where`, or `transport-failed` when a listening form cannot be bound
 */
export async function openTransport(where: string, options: TransportOptions = {}): Promise<ByteStream> {
  const parsed = parseWhere(where);
  const retryMs = options.retryMs ?? 250;
  switch (parsed.kind) {
    case "serial":
      return openSerial(parsed.path, options.baudRate ?? 9_600, retryMs);
    case "tcp":
      return connectSocket({ host: parsed.host, port: parsed.port }, retryMs);
    case "unix":
      return connectSocket({ path: parsed.path }, retryMs);
    case "tcp-listen":
      return listenSocket({ host: parsed.host, port: parsed.port });
    case "unix-listen":
      return listenSocket({ path: parsed.path });
  }
}

function serialWhere(where: string): Where {
  // A mistyped scheme must not become the name of a serial port.
  if (where === "" || /^[a-z-]+:/.test(where) || where.includes("\0")) {
    throw invalid(where, "a serial path, tcp:HOST:PORT or unix:PATH");
  }
  return { kind: "serial", path: where };
}

function invalid(where: string, expected: string): OsdpError {
  return new OsdpError("invalid-where", `expected ${expected}, came \`${where.slice(0, 120)}\``);
}
