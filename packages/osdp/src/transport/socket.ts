import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { OsdpError } from "../osdp-error.ts";
import type { ByteStream } from "./byte-stream.ts";
import { type Carrier, type CarrierEvents, makeCarriedStream } from "./link.ts";

export type SocketAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** A frame is at most 1.4 KB: more than this waiting to be sent means that nobody reads. */
const MAX_UNSENT_BYTES = 64 * 1024;

/** Connects, and connects again `retryMs` after each loss or refusal, until closed. */
export function connectSocket(address: SocketAddress, retryMs: number): ByteStream {
  return makeCarriedStream((events) => {
    let stopped = false;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let attempt: Socket | undefined;
    const dial = () => {
      const socket = connect(address);
      attempt = socket;
      carry(socket, events);
      socket.once("close", () => {
        if (!stopped) retry = setTimeout(dial, retryMs);
      });
    };
    dial();
    return async () => {
      stopped = true;
      clearTimeout(retry);
      attempt?.destroy();
    };
  });
}

/**
 * Listens; a new connection takes the place of the one before.
 *
 * @throws {OsdpError} `transport-failed` when the address cannot be listened on
 */
export async function listenSocket(address: SocketAddress): Promise<ByteStream> {
  const early: Socket[] = [];
  let accept = (socket: Socket): void => {
    early.push(socket);
  };
  const server = createServer((socket) => accept(socket));
  if ("path" in address) await removeStaleSocket(address.path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new OsdpError("transport-failed", `cannot listen on \`${nameOf(address)}\``, { cause }));
    });
    server.listen(address, resolve);
  });
  return makeCarriedStream((events) => {
    accept = (socket) => carry(socket, events, true);
    for (const socket of early) accept(socket);
    return () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      });
  });
}

function carry(socket: Socket, events: CarrierEvents, connected = false): void {
  // Without this a 14-byte poll would wait for the acknowledgement of the one before (Nagle).
  socket.setNoDelay(true);
  const carrier: Carrier = {
    write(bytes) {
      if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
      else socket.write(bytes);
    },
    destroy: () => socket.destroy(),
  };
  socket.on("data", (bytes) => events.received(carrier, bytes));
  // Every error is followed by close, which is where the loss is handled.
  socket.on("error", () => undefined);
  socket.on("close", () => events.closed(carrier));
  if (connected) events.opened(carrier);
  else socket.once("connect", () => events.opened(carrier));
}

/** A socket file nobody listens on is left from a process that was killed; a live one makes `listen` fail. */
function removeStaleSocket(path: string): Promise<void> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once("connect", () => {
      probe.destroy();
      resolve();
    });
    probe.once("error", (error) => {
      if ("code" in error && error.code === "ECONNREFUSED") rmSync(path, { force: true });
      resolve();
    });
  });
}

function nameOf(address: SocketAddress): string {
  return "path" in address ? `unix:${address.path}` : `tcp:${address.host}:${address.port}`;
}
