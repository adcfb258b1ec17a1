import { createServer, type Socket } from "node:net";
import { OsdpError, parseWhere, type Where } from "@menshen/osdp";
import { CliError } from "../command-line/cli-error.ts";
import type { PositionalSpec } from "../command-line/command.ts";

/** Where a card is met: a PC/SC reader by its name, or an APDU socket in the form of vpcd. */
export type CardPlace =
  | { readonly kind: "pcsc"; readonly readerName: string }
  | Exclude<Where, { readonly kind: "serial" }>;

export const CARD_WHERE: PositionalSpec = {
  name: "WHERE",
  help: {
    en: "a PC/SC reader's name, or an APDU socket: tcp:HOST:PORT, unix:PATH,\ntcp-listen:HOST:PORT, unix-listen:PATH",
    zh: "PC/SC 读卡器名称，或 APDU 套接字：tcp:HOST:PORT、unix:PATH、\ntcp-listen:HOST:PORT、unix-listen:PATH",
  },
};

/** Throws `CliError("usage")` for a socket that is not of the form; any other text is a reader's name. */
export function parseCardPlace(where: string): CardPlace {
  if (!/^(tcp|unix)(-listen)?:/.test(where)) return { kind: "pcsc", readerName: where };
  try {
    const parsed = parseWhere(where);
    return parsed.kind === "serial" ? { kind: "pcsc", readerName: where } : parsed;
  } catch (error) {
    if (!(error instanceof OsdpError)) throw error;
    throw new CliError(
      "usage",
      { en: `WHERE: ${error.message}`, zh: `WHERE 有误：${error.message}` },
      undefined,
      { cause: error },
    );
  }
}

/** The address part of a socket. */
export function socketAddress(place: Exclude<CardPlace, { kind: "pcsc" }>) {
  return "path" in place ? { path: place.path } : { host: place.host, port: place.port };
}

/**
 * Listens for connections until `stop`; throws `CliError("unavailable")` if the place cannot be listened on.
 *
 * @returns the address that is listened on and how to end; connections that are open stay open
 */
export function listenForSockets(
  place: Exclude<CardPlace, { kind: "pcsc" }>,
  onConnection: (socket: Socket) => void,
): Promise<{ readonly close: () => Promise<void> }> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    onConnection(socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new CliError(
          "unavailable",
          { en: `cannot listen there: ${cause.message}`, zh: `无法在此监听：${cause.message}` },
          { en: "another program may use the place already", zh: "可能已被其他程序占用" },
          { cause },
        ),
      );
    });
    server.listen(socketAddress(place), () => {
      resolve({ close: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
