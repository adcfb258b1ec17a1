import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import {
  type Argon2Cost,
  aesCmac,
  p256FromSecret,
  p256Generate,
  p256Sign,
  randomBytes,
  sha256,
  wipe,
} from "@menshen/crypto/node";
import { writeFileDurably } from "@menshen/service-kit";
import { symmetricCheckValue } from "./ceremony.ts";
import { KeyServiceError } from "./errors.ts";
import { encodeRecords, type KeyRecord, parseRecords } from "./key-records.ts";
import {
  checkValueOf,
  diversificationMessage,
  type KeyDescription,
  type KeyReference,
  type KeyService,
  type KeyUse,
  referenceText,
  requireMessage,
  requireReference,
  SYMMETRIC_KEY_BYTES,
} from "./key-service.ts";
import { KEY_STORE_COST, newSeal, openSealed, sealContents } from "./sealed-file.ts";

const FILE_MODE = 0o600;

/**
 * Keys in a file that a passphrase seals (Argon2id, XChaCha20-Poly1305), made if there is none. Open, the keys are in
 * this process's memory: whoever reads that has them, which a token prevents. Every change is on the disk before the call
 * returns. One process at a time.
 *
 * @param options.cost of a new file; {@link KEY_STORE_COST} unless told, less is for tests only
 * @throws {KeyServiceError} `wrong-unlock`, `malformed`, `too-large`, `unknown-version`; `bad-argument` for an empty
 *   passphrase, or a file that others may read
 */
export async function openFileKeyService(
  file: string,
  passphrase: string,
  options: { readonly cost?: Argon2Cost } = {},
): Promise<KeyService> {
  const { seal, records } = await openOrMake(file, passphrase, options.cost ?? KEY_STORE_COST);
  const keys = new Map(records.map((record) => [referenceText(record.reference), record]));
  let open = true;

  const requireOpen = () => {
    if (!open) throw new KeyServiceError("closed", "the key service is closed");
  };
  const keep = () => writeKeys(file, seal, [...keys.values()]);
  const recordOf = (reference: KeyReference, use: KeyUse): KeyRecord => {
    requireOpen();
    requireReference(reference);
    const record = keys.get(referenceText(reference));
    if (record === undefined) throw unknownKey(reference);
    if (record.use !== use) {
      throw new KeyServiceError(
        "wrong-use",
        `key \`${referenceText(reference)}\`: expected ${use}, is ${record.use}`,
      );
    }
    return record;
  };
  const add = (record: KeyRecord): KeyDescription => {
    requireOpen();
    requireReference(record.reference);
    const text = referenceText(record.reference);
    if (keys.has(text)) throw new KeyServiceError("exists", `key \`${text}\` exists`);
    keys.set(text, record);
    try {
      keep();
    } catch (cause) {
      // Not on the disk, so not in use either: what is made from it could never be made again.
      keys.delete(text);
      throw cause;
    }
    return describe(record);
  };

  return {
    async list() {
      requireOpen();
      return [...keys.values()].map(describe).sort(byReference);
    },
    async create(reference, use) {
      const value = use === "sign" ? p256Generate().secretKey : randomBytes(SYMMETRIC_KEY_BYTES);
      return add({ reference, use, value });
    },
    async take(reference, use, value) {
      if (value.length !== SYMMETRIC_KEY_BYTES) {
        throw new KeyServiceError("bad-argument", `expected a key of ${SYMMETRIC_KEY_BYTES} bytes`);
      }
      return add({ reference, use, value: value.slice() });
    },
    async diversify(reference, input) {
      return aesCmac(recordOf(reference, "diversify").value, diversificationMessage(input));
    },
    async mac(reference, message) {
      requireMessage(message);
      return aesCmac(recordOf(reference, "mac").value, message);
    },
    async sign(reference, message) {
      requireMessage(message);
      return p256Sign(recordOf(reference, "sign").value, message);
    },
    async destroy(reference) {
      requireOpen();
      requireReference(reference);
      const text = referenceText(reference);
      const record = keys.get(text);
      if (record === undefined) throw unknownKey(reference);
      keys.delete(text);
      try {
        keep();
      } catch (cause) {
        keys.set(text, record);
        throw cause;
      }
      wipe(record.value);
    },
    async close() {
      if (!open) return;
      open = false;
      for (const { value } of keys.values()) wipe(value);
      wipe(seal.key);
      keys.clear();
    },
  };
}

/** Order of {@link KeyService.list}. */
export function byReference(a: KeyDescription, b: KeyDescription): number {
  const [left, right] = [a.reference, b.reference];
  if (left.name !== right.name) return left.name < right.name ? -1 : 1;
  return left.version - right.version;
}

export function unknownKey(reference: KeyReference): KeyServiceError {
  return new KeyServiceError("unknown-key", `there is no key \`${referenceText(reference)}\``);
}

async function openOrMake(file: string, passphrase: string, cost: Argon2Cost) {
  if (!existsSync(file)) {
    const seal = await newSeal(passphrase, randomBytes, cost);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeKeys(file, seal, []);
    return { seal, records: [] };
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new KeyServiceError("bad-argument", "the key store can be read by other users: expected mode 0600");
  }
  const { seal, contents } = await openSealed(new Uint8Array(readFileSync(file)), passphrase);
  try {
    return { seal, records: parseRecords(contents) };
  } finally {
    wipe(contents);
  }
}

function writeKeys(
  file: string,
  seal: Parameters<typeof sealContents>[0],
  records: readonly KeyRecord[],
): void {
  const contents = encodeRecords(records);
  writeFileDurably(file, sealContents(seal, contents, randomBytes), FILE_MODE);
  wipe(contents);
}

function describe({ reference, use, value }: KeyRecord): KeyDescription {
  if (use !== "sign") return { reference, use, checkValue: symmetricCheckValue(value) };
  const { publicKey } = p256FromSecret(value);
  return { reference, use, publicKey, checkValue: checkValueOf(sha256(publicKey)) };
}
