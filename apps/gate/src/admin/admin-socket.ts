import { chmodSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PortalId, ReaderId } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { GateError } from "../errors.ts";

const Strict = { additionalProperties: false } as const;

/** What a person at the gate may ask; one JSON object a line. */
const AdminRequest = Type.Union([
  Type.Object({ request: Type.Literal("status") }, Strict),
  /** With `wires` an installer's: lines are taken from their readers for seconds, locks released for one. */
  Type.Object({ request: Type.Literal("self-test"), wires: Type.Optional(Type.Boolean()) }, Strict),
  /** What somebody far away needs to help, without a word about persons. */
  Type.Object({ request: Type.Literal("diagnose") }, Strict),
  /** A new code after the first was used up or expired. */
  Type.Object({ request: Type.Literal("enrol"), code: Type.String({ maxLength: 64 }) }, Strict),
  /** The reader may be given its key through SCBK-D for this long; without one, all that may and have none. */
  Type.Object(
    {
      request: Type.Literal("open-install-window"),
      readerId: Type.Optional(Type.String()),
      minutes: Type.Integer({ minimum: 1, maximum: 15 }),
    },
    Strict,
  ),
  /** The disk of the gate in whose place this one stands is there. */
  Type.Object({ request: Type.Literal("take-over"), from: Type.String({ minLength: 1 }) }, Strict),
  /** After a fire, and only when the fire input is off. */
  Type.Object({ request: Type.Literal("reset-fire"), portalId: Type.String() }, Strict),
]);
export type AdminRequest = Static<typeof AdminRequest>;

/** What the gate can do for a person who stands before it. Each throws `GateError("request-invalid")` when it cannot. */
export interface AdminActions {
  status(): object;
  selfTest(withWires: boolean): Promise<object>;
  diagnose(): object;
  enrol(code: string): Promise<void>;
  /** Without a reader: for all that an installer may give one and that have none. @returns for which */
  openInstallWindows(readerId: ReaderId | undefined, durationMs: number): readonly ReaderId[];
  takeOver(oldStateDir: string): Promise<object>;
  resetFire(portalId: PortalId): void;
}

/** `sockaddr_un` holds 108 bytes; some systems less. */
const MAX_PATH_BYTES = 100;
const MAX_LINE_BYTES = 4_096;

/** Where the socket of a gate with this state directory is. */
export function adminSocketPath(stateDir: string): string {
  return join(stateDir, "admin.sock");
}

/**
 * Listens on a Unix socket that only the gate's own user can open (the directory is 0700, the socket 0600): whoever
 * may ask there may as well read the gate's disk.
 *
 * @throws {GateError} `config-invalid` if the path is too long for a socket
 */
export async function startAdminSocket(
  stateDir: string,
  actions: AdminActions,
): Promise<() => Promise<void>> {
  const path = adminSocketPath(stateDir);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new GateError(
      "config-invalid",
      `stateDir: expected a path of at most ${MAX_PATH_BYTES - 11} bytes`,
    );
  }
  // Left over from a process that was killed: the state lock says that no other gate uses it.
  await rm(path, { force: true });
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => socket.destroy());
    createInterface({ input: socket }).on("line", (line) => {
      obey(line, actions).then(
        (answer) => socket.write(`${JSON.stringify(answer)}\n`),
        (fault: unknown) => socket.write(`${JSON.stringify(refusal(fault))}\n`),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return async () => {
    for (const socket of connections) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

function refusal(fault: unknown): object {
  const code = fault instanceof GateError ? fault.code : "request-invalid";
  return { ok: false, code, message: fault instanceof Error ? fault.message : "refused" };
}

async function obey(line: string, actions: AdminActions): Promise<object> {
  const request = parseAdminRequest(line);
  switch (request.request) {
    case "status":
      return { ok: true, status: actions.status() };
    case "self-test":
      return { ok: true, result: await actions.selfTest(request.wires === true) };
    case "diagnose":
      return { ok: true, result: actions.diagnose() };
    case "enrol":
      await actions.enrol(request.code);
      return { ok: true };
    case "open-install-window": {
      const readerId = request.readerId === undefined ? undefined : ReaderId(request.readerId);
      const readers = actions.openInstallWindows(readerId, request.minutes * 60_000);
      return { ok: true, result: { readers } };
    }
    case "take-over":
      return { ok: true, result: await actions.takeOver(request.from) };
    case "reset-fire":
      actions.resetFire(PortalId(request.portalId));
      return { ok: true };
  }
}

/** @throws {GateError} `request-invalid` */
export function parseAdminRequest(line: string): AdminRequest {
  let value: unknown;
  try {
    value = line.length > MAX_LINE_BYTES ? undefined : JSON.parse(line);
  } catch {
    // Falls through to the same refusal as any other value.
  }
  if (!Value.Check(AdminRequest, value)) {
    throw new GateError(
      "request-invalid",
      "expected one of status, self-test, diagnose, enrol, open-install-window, take-over, reset-fire with its values",
    );
  }
  return value;
}

/** Asks a running gate; the answer as it came. @throws {GateError} `link-failed` if no gate listens there */
export function askGate(stateDir: string, request: AdminRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(adminSocketPath(stateDir));
    socket.on("error", (cause) => {
      reject(new GateError("link-failed", `expected a gate running in ${stateDir}`, { cause }));
    });
    socket.on("connect", () => socket.write(`${JSON.stringify(request)}\n`));
    createInterface({ input: socket }).once("line", (line) => {
      resolve(line);
      socket.destroy();
    });
  });
}
