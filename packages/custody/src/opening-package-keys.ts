import { fromHex, primitives } from "@menshen/crypto";
import { type NoteKey, parseVerifierKey } from "@menshen/evidence";
import { malformed } from "./bytes.ts";
import { type CustodianSet, encodeCustodianSet, parseCustodianSet } from "./custodian-set.ts";
import { CustodyError } from "./errors.ts";
import type { PackageKeys } from "./opening-package-verify.ts";

const MAX_KEYS = 64;
const HEX_32 = /^[0-9a-f]{64}$/;

/**
 * Reads the file of keys that a verifier pins: `{ origin, logKey, communityKey, witnesses: [{ body, key }], quorum,
 * custodianSets: [{ version, threshold, members: [{ body, identityKey }] }] }`. Keys of the log, the community and the
 * witnesses are C2SP verifier keys, those of custodians 64 hexadecimal digits.
 *
 * @param value parsed JSON
 * @throws {CustodyError} `malformed`; the text names the field
 */
export function parsePackageKeys(value: unknown): PackageKeys {
  const file = object(value, "the file");
  const origin = file.origin;
  if (typeof origin !== "string" || origin === "") throw malformed("no `origin`");
  const witnesses = list(file.witnesses, "witnesses").map((item) => {
    const { body, key } = object(item, "witnesses");
    if (typeof body !== "string" || body === "") throw malformed("a witness without its body");
    return { body, key: verifierKey(key, "ed25519-cosignature", "witnesses") };
  });
  const { quorum } = file;
  if (typeof quorum !== "number" || !Number.isInteger(quorum) || quorum < 0) throw malformed("no `quorum`");
  const bodies = new Set(witnesses.map(({ body }) => body));
  if (quorum > bodies.size) throw malformed("a `quorum` above the count of bodies");
  return {
    log: { origin, logKeys: [verifierKey(file.logKey, "ed25519", "logKey")] },
    policy: { witnesses, quorum },
    communityKey: verifierKey(file.communityKey, "ed25519", "communityKey"),
    custodianSets: list(file.custodianSets, "custodianSets").map(custodianSet),
  };
}

function custodianSet(item: unknown): CustodianSet {
  const { version, threshold, members } = object(item, "custodianSets");
  if (typeof version !== "number" || typeof threshold !== "number") throw malformed("no set of custodians");
  const set = {
    version,
    threshold,
    members: list(members, "members").map((one) => {
      const { body, identityKey } = object(one, "members");
      if (typeof body !== "string" || typeof identityKey !== "string" || !HEX_32.test(identityKey)) {
        throw malformed("a custodian without body and key");
      }
      return { body, identityKey: fromHex(identityKey) };
    }),
  };
  try {
    return parseCustodianSet(encodeCustodianSet(set));
  } catch (cause) {
    throw new CustodyError("malformed", "expected a set of custodians", { cause });
  }
}

function verifierKey(value: unknown, type: NoteKey["type"], field: string): NoteKey {
  const parsed = typeof value === "string" ? parseVerifierKey(primitives.sha256, value) : undefined;
  if (!parsed?.parsed || parsed.key.type !== type) throw malformed(`no verifier key in \`${field}\``);
  return parsed.key;
}

function object(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(`no object in ${field}`);
  }
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MAX_KEYS) throw malformed(`no list \`${field}\``);
  return value;
}
