import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ed25519Generate, type SigningKey, signingKeyFromPem, signingKeyToPem } from "@menshen/crypto/node";
import type { CommunityId } from "@menshen/domain";
import { writeFileDurably } from "@menshen/service-kit";
import { communityCaFromPem, communityCaToPem, createCommunityCa } from "@menshen/trust";
import { GateLinkError } from "./errors.ts";
import type { GateLinkKeys } from "./types.ts";

/**
 * Secrets in `<stateDirectory>/keys` (0700, files 0600), made at the first start. Losing them means enrolling every
 * gate again, so a file that is there but unreadable stops the process instead of being replaced.
 *
 * @throws {GateLinkError} `keys-unreadable`
 */
export async function loadGateLinkKeys(
  stateDirectory: string,
  communityId: CommunityId,
): Promise<GateLinkKeys> {
  const directory = join(stateDirectory, "keys");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ca = await loadOrMake(join(directory, "community-ca.pem"), communityCaFromPem, async () =>
    communityCaToPem(await createCommunityCa(communityId)),
  );
  const policy = await loadOrMake(join(directory, "policy-key.pem"), policyKeyFromPem, async () =>
    signingKeyToPem(ed25519Generate()),
  );
  return { ca, policy };
}

async function loadOrMake<T>(
  file: string,
  parse: (pem: string) => T,
  make: () => Promise<string>,
): Promise<T> {
  if (!existsSync(file)) writeFileDurably(file, await make(), 0o600);
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new GateLinkError("keys-unreadable", `${file}: expected a file that only its owner can read`);
  }
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new GateLinkError("keys-unreadable", `${file}: expected keys as this server wrote them`, { cause });
  }
}

function policyKeyFromPem(pem: string): SigningKey {
  const key = signingKeyFromPem(pem);
  if (key.alg !== "EdDSA") throw new Error("expected an Ed25519 key");
  return key;
}
