import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectApduSocket, openApduStream } from "@menshen/credentials/node";
import { type SigningKey, signingKeyToPem } from "@menshen/crypto/node";
import { eventually, ROOT, startProcess } from "@menshen/testkit/system";
import type { HeldCard } from "@menshen/virtual-devices";
import type { AccessDocument } from "@menshen/wire";

/** A telephone in a program of its own, to be held to a reader. */
export interface Telephone {
  readonly held: HeldCard;
  /** Instructions of the commands that it was sent. */
  readonly instructions: (number | undefined)[];
  /** What readers told it at the end, in their order. */
  readonly statuses: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * `menshen card emulate aliro` with what it is given in files.
 *
 * @param folder of this telephone alone; its keys for fast transactions stay there
 */
export async function startTelephone(options: {
  readonly runId: string;
  readonly folder: string;
  readonly key: SigningKey;
  readonly groups: AccessDocument["groups"];
  readonly documents: readonly (Uint8Array | string)[];
}): Promise<Telephone> {
  const { folder, key } = options;
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const socket = join(folder, "apdu.sock");
  const program = startProcess(
    join(ROOT, "apps/cli/bin/menshen.js"),
    [
      ...["card", "emulate", "aliro", `unix-listen:${socket}`],
      ...["--key", file("phone.pem", signingKeyToPem(key)), "--fast-keys", join(folder, "fast.json")],
      ...options.groups.flatMap(({ identifier, publicKey }, i) => [
        "--group",
        `${identifier}:${file(`group-${i}.hex`, publicKey)}`,
      ]),
      ...options.documents.flatMap((document, i) => ["--document", file(`document-${i}`, document)]),
    ],
    { runId: options.runId },
  );
  await program.waitForOutput(/^READY aliro/m, 60_000);
  // The socket is there a moment before anybody listens at it.
  let stream: Awaited<ReturnType<typeof openApduStream>> | undefined;
  await eventually("it listens", 30_000, async () => {
    stream = await openApduStream({ path: socket }).catch(() => undefined);
    return stream !== undefined;
  });
  if (stream === undefined) throw new Error("nobody listens");
  const channel = await connectApduSocket(stream);
  const instructions: (number | undefined)[] = [];
  return {
    held: {
      kind: "phone",
      // A telephone tells a random identifier.
      uid: Uint8Array.of(0x08, 1, 2, 3),
      reset: () => undefined,
      powerOff: () => undefined,
      transceive(command) {
        instructions.push(command[1]);
        return channel.transceive(command);
      },
    },
    instructions,
    statuses: () =>
      [...program.stdout().matchAll(/^STATUS ([0-9a-f]{4})$/gm)].map(([, status = ""]) => status),
    async stop() {
      await channel.close();
      program.child.kill("SIGTERM");
      await program.ended;
    },
  };
}
