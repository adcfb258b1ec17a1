import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
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
import { acquireStateLock, ServiceError, writeFileDurably } from "@menshen/service-kit";
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
import { splitKey } from "./key-shares.ts";
import {
  type FileSeal,
  KEY_STORE_COST,
  newSeal,
  openContents,
  sealContents,
  sealOf,
  sealUnder,
} from "./sealed-file.ts";

const FILE_MODE = 0o600;

/**
 * Keys in a file that a passphrase seals (Argon2id, XChaCha20-Poly1305), made if there is none. Open, the keys are in
 * this process's memory: whoever reads that has them, which a token prevents. Every change is on the disk before the call
 * returns. Several processes may have it open: each sees what another changed at its next call.
 *
 * @param unlock its passphrase, or the key of `KeyAccess`, which opens a file that is there
 * @param options.cost of a new file; {@link KEY_STORE_COST} unless told, less is for passphrases that nobody chose
 * @throws {KeyServiceError} `wrong-unlock`, `malformed`, `too-large`, `unknown-version`; `bad-argument` for an empty
 *   passphrase, or a file that others may read. Changes throw `busy` while another process makes one, and all calls
 *   `wrong-unlock` once the file was sealed under another passphrase
 */
export async function openFileKeyService(
  file: string,
  unlock: string | { readonly sealKey: Uint8Array },
  options: { readonly cost?: Argon2Cost } = {},
): Promise<KeyService> {
  const seal = await openOrMake(file, unlock, options.cost ?? KEY_STORE_COST);
  let keys = new Map<string, KeyRecord>();
  let seen: string | undefined;
  let open = true;

  /** Reads what another process wrote since. */
  const refresh = () => {
    if (!open) throw new KeyServiceError("closed", "the key service is closed");
    const now = markOf(file);
    // A file that is gone takes nothing away from whoever has the keys.
    if (now === undefined || now === seen) return;
    const records = readRecords(file, seal);
    for (const { value } of keys.values()) wipe(value);
    keys = new Map(records.map((record) => [referenceText(record.reference), record]));
    seen = now;
  };
  const recordOf = (reference: KeyReference, ...uses: readonly KeyUse[]): KeyRecord => {
    refresh();
    requireReference(reference);
    const record = keys.get(referenceText(reference));
    if (record === undefined) throw unknownKey(reference);
    if (!uses.includes(record.use)) {
      throw new KeyServiceError(
        "wrong-use",
        `key \`${referenceText(reference)}\`: expected ${uses.join(" or ")}, is ${record.use}`,
      );
    }
    return record;
  };
  /** Writes all keys as `change` leaves them. A change that is not on the disk is not in use either. */
  const change = (make: (before: ReadonlyMap<string, KeyRecord>) => Map<string, KeyRecord>) => {
    exclusively(file, () => {
      refresh();
      const next = make(keys);
      writeKeys(file, seal, [...next.values()]);
      keys = next;
      seen = markOf(file);
    });
  };
  const add = (record: KeyRecord): KeyDescription => {
    requireReference(record.reference);
    const text = referenceText(record.reference);
    change((before) => {
      if (before.has(text)) throw new KeyServiceError("exists", `key \`${text}\` exists`);
      return new Map([...before, [text, record]]);
    });
    return describe(record);
  };

  refresh();
  return {
    async list() {
      refresh();
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
    async reveal(reference) {
      return recordOf(reference, "shared").value.slice();
    },
    async export(reference, into) {
      const { use, value } = recordOf(reference, "diversify", "mac", "shared");
      if (use === "sign") throw new KeyServiceError("wrong-use", "expected a symmetric key");
      return splitKey(value, { reference, use }, into);
    },
    access: () => ({ backEnd: "file", file, sealKey: seal.key.slice() }),
    async destroy(reference) {
      requireReference(reference);
      const text = referenceText(reference);
      change((before) => {
        if (!before.has(text)) throw unknownKey(reference);
        return new Map([...before].filter(([name]) => name !== text));
      });
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

/**
 * Seals a key store under another passphrase. Processes that have it open lose it and need the new one.
 *
 * @throws {KeyServiceError} as {@link openFileKeyService}
 */
export async function changePassphrase(
  file: string,
  before: string,
  after: string,
  options: { readonly cost?: Argon2Cost } = {},
): Promise<void> {
  requirePrivate(file);
  const old = await sealOf(readFile(file), before);
  const fresh = await newSeal(after, randomBytes, options.cost ?? KEY_STORE_COST);
  exclusively(file, () => {
    const records = readRecords(file, old);
    writeKeys(file, fresh, records);
    for (const { value } of records) wipe(value);
  });
  wipe(old.key, fresh.key);
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

async function openOrMake(
  file: string,
  unlock: string | { readonly sealKey: Uint8Array },
  cost: Argon2Cost,
): Promise<FileSeal> {
  if (typeof unlock !== "string") return sealUnder(readFile(file), unlock.sealKey);
  if (!existsSync(file)) {
    const seal = await newSeal(unlock, randomBytes, cost);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeKeys(file, seal, []);
    return seal;
  }
  requirePrivate(file);
  return sealOf(readFile(file), unlock);
}

function requirePrivate(file: string): void {
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new KeyServiceError("bad-argument", "the key store can be read by other users: expected mode 0600");
  }
}

/** Differs for each time that a file was written: every time it is a new one in the old one's place. */
function markOf(file: string): string | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const { ino, mtimeNs, size } = stat;
  return `${ino} ${mtimeNs} ${size}`;
}

/** Two processes that change a store at once would lose one of the changes. */
function exclusively(file: string, work: () => void): void {
  // The lock would make the directory that a store was in, and it is not to be made anew for one that is lost.
  statSync(dirname(file));
  let lock: ReturnType<typeof acquireStateLock>;
  try {
    lock = acquireStateLock(dirname(file), basename(file));
  } catch (cause) {
    if (!(cause instanceof ServiceError) || cause.code !== "already-running") throw cause;
    throw new KeyServiceError("busy", "another process changes the key store", { cause });
  }
  try {
    work();
  } finally {
    lock.release();
  }
}

function readFile(file: string): Uint8Array {
  return new Uint8Array(readFileSync(file));
}

function readRecords(file: string, seal: FileSeal): readonly KeyRecord[] {
  const contents = openContents(readFile(file), seal);
  try {
    return parseRecords(contents);
  } finally {
    wipe(contents);
  }
}

function writeKeys(file: string, seal: FileSeal, records: readonly KeyRecord[]): void {
  const contents = encodeRecords(records);
  writeFileDurably(file, sealContents(seal, contents, randomBytes), FILE_MODE);
  wipe(contents);
}

function describe({ reference, use, value }: KeyRecord): KeyDescription {
  if (use !== "sign") return { reference, use, checkValue: symmetricCheckValue(value) };
  const { publicKey } = p256FromSecret(value);
  return { reference, use, publicKey, checkValue: checkValueOf(sha256(publicKey)) };
}
