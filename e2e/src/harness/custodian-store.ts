import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argon2id, randomBytes } from "@menshen/crypto/node";
import { authorizeRequest, openStore, type StoreContents } from "@menshen/custody";
import { type BodyOf, type Endpoint, fillPath, type ResponseOf } from "@menshen/wire";

/** What stands in the share store of a custodian's directory, for one who has its passphrase. */
export async function readStore(directory: string, passphrase: string): Promise<StoreContents> {
  const bytes = new Uint8Array(readFileSync(join(directory, "shares")));
  const opened = await openStore(bytes, { by: "passphrase", passphrase }, argon2id);
  if (!opened.opened) throw new Error(opened.refusal);
  return opened.store.contents;
}

/** What a backup of a custodian's directory holds: paths of its files, by a tar that heeds the marks of caches. */
export function backedUp(directory: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync("tar", ["--exclude-caches", "-cvf", "/dev/null", directory], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.split("\n").filter((path) => path !== "" && !path.endsWith("/"));
}

/** Sends a custodian's program to another server; answers the address that it had. */
export function sendTo(directory: string, server: string): string {
  const file = join(directory, "server");
  const before = readFileSync(file, "utf8").trim();
  writeFileSync(file, `${server}\n`);
  return before;
}

/** The answer to a request that was signed with a custodian's key, and what was sent, to be sent again. */
export interface SignedCall<E extends Endpoint> {
  readonly status: number;
  readonly answer: ResponseOf<E>;
  /** Status of the same bytes sent once more. */
  readonly again: () => Promise<number>;
}

/** Calls an operation with the identity key of a custodian, by no program of ours. */
export async function callAs<E extends Endpoint>(
  { identitySeed }: StoreContents,
  server: string,
  endpoint: E,
  params: Readonly<Record<string, string>>,
  body?: BodyOf<E>,
): Promise<SignedCall<E>> {
  const path = fillPath(endpoint.path, params);
  const text = body === undefined ? "" : JSON.stringify(body);
  const authorization = authorizeRequest({
    method: endpoint.method,
    path,
    body: new TextEncoder().encode(text),
    secretKey: identitySeed,
    timeMs: Date.now(),
    nonce: randomBytes(16),
  });
  const send = () =>
    fetch(new URL(path, server), {
      method: endpoint.method,
      headers: { authorization, ...(text === "" ? {} : { "content-type": "application/json" }) },
      ...(text === "" ? {} : { body: text }),
    });
  const response = await send();
  const answer = await response.text();
  return {
    status: response.status,
    answer: JSON.parse(answer === "" ? "null" : answer),
    again: async () => (await send()).status,
  };
}
