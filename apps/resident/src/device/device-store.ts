import type { HeldKey } from "@menshen/crypto";
import type { VisitPurpose } from "@menshen/wire";

/** Whose device this is. The seed never leaves it but as the recovery code that its owner writes down. */
export interface DeviceOwner {
  readonly communityId: string;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** The server has not said yet that it took the key. */
  readonly isPending: boolean;
  readonly hasConfirmedCode: boolean;
}

/** One entry of the trail, as it was opened on this device. */
export interface TrailEntry {
  /** Access point and sequence: an entry that is read again is the same entry. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly accessPointId: string;
  readonly kind: string;
  readonly granted: boolean;
  readonly reason: string;
  /** First 8 bytes of the credential's key, hexadecimal. */
  readonly keyStart: string;
}

/** How far the trail was read. */
export interface TrailProgress {
  /** The first bucket that was not full when it was read. */
  readonly nextBucket: number;
  readonly readAt: number;
}

/** The key with which this telephone shows passes; the browser keeps its secret half and gives it to nobody. */
export interface HeldPhonePass extends HeldKey {
  /** 16 bytes. */
  readonly credentialKey: Uint8Array;
  readonly communityId: string;
  readonly label: string;
  /** Unix milliseconds; absent while the server has not said that it took the key. */
  readonly enrolledAt?: number;
}

/** A visitor's pass that this device signed. */
export interface VisitRecord {
  /** 8 bytes, hexadecimal. */
  readonly passId: string;
  /** The signed pass. */
  readonly message: Uint8Array;
  readonly purpose: VisitPurpose;
  /** For whom, as the resident calls them; stays on this device. */
  readonly label: string;
  /** Names of the doors. */
  readonly doors: readonly string[];
  /** Unix milliseconds; `until` is exclusive. */
  readonly from: number;
  readonly until: number;
  readonly weekdays?: readonly number[];
  readonly windows?: readonly { readonly startMinute: number; readonly endMinute: number }[];
  readonly uses?: number;
  readonly madeAt: number;
  readonly revokedAt?: number;
}

/** A one-time token that the community signed unseen. */
export interface TokenRecord {
  /** Of the token, hexadecimal: tells this device's tokens apart. */
  readonly serial: string;
  readonly message: Uint8Array;
  readonly doors: readonly string[];
  readonly from: number;
  readonly until: number;
  readonly madeAt: number;
  /** Whoever has it can use it: it is shared once. */
  readonly sharedAt?: number;
}

const NAME = "menshen-resident";
const VERSION = 1;
const OWNER = "owner";
const PROGRESS = "progress";
const PHONE_PASS = "phone-pass";
const VISITS = "visits";
const TOKENS = "tokens";
/** Records of the app besides entries: the owner, the progress, what was last shown. */
const RECORDS = "records";
const ENTRIES = "entries";

/** Everything this app keeps on a device, in IndexedDB. */
export interface DeviceStore {
  readonly owner: () => Promise<DeviceOwner | undefined>;
  readonly keepOwner: (owner: DeviceOwner) => Promise<void>;
  /** Forgets a key that was never registered. */
  readonly dropOwner: () => Promise<void>;
  readonly progress: () => Promise<TrailProgress | undefined>;
  /** Stores what a step found together with how far it came, if it came further: a crash in between reads a bucket again. */
  readonly keepTrail: (entries: readonly TrailEntry[], progress?: TrailProgress) => Promise<void>;
  /** Newest first. */
  readonly entries: () => Promise<readonly TrailEntry[]>;
  readonly phonePass: () => Promise<HeldPhonePass | undefined>;
  readonly keepPhonePass: (pass: HeldPhonePass) => Promise<void>;
  readonly dropPhonePass: () => Promise<void>;
  /** Newest first. */
  readonly visits: () => Promise<readonly VisitRecord[]>;
  readonly keepVisits: (visits: readonly VisitRecord[]) => Promise<void>;
  /** Newest first. */
  readonly tokens: () => Promise<readonly TokenRecord[]>;
  readonly keepTokens: (tokens: readonly TokenRecord[]) => Promise<void>;
  /** The last answer of an operation, for when there is no network. */
  readonly remembered: (name: string) => Promise<unknown>;
  readonly remember: (name: string, value: unknown) => Promise<void>;
  readonly close: () => void;
}

/** Opens the store of this browser. Rejects where the browser keeps nothing, as in some private windows. */
export async function openDeviceStore(): Promise<DeviceStore> {
  const opening = indexedDB.open(NAME, VERSION);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(RECORDS);
    opening.result.createObjectStore(ENTRIES, { keyPath: "id" }).createIndex("at", "at");
  };
  const database = await done(opening);
  // Another tab erases this device: it must not wait for us.
  database.onversionchange = () => database.close();

  // What is read was written by this file; the casts stand where IndexedDB gives `any`.
  async function record<T>(name: string): Promise<T | undefined> {
    const found = await done(database.transaction(RECORDS).objectStore(RECORDS).get(name));
    return found as T | undefined;
  }
  async function keep(name: string, value: unknown): Promise<void> {
    const transaction = database.transaction(RECORDS, "readwrite");
    transaction.objectStore(RECORDS).put(value, name);
    await finished(transaction);
  }
  async function drop(name: string): Promise<void> {
    const transaction = database.transaction(RECORDS, "readwrite");
    transaction.objectStore(RECORDS).delete(name);
    await finished(transaction);
  }
  return {
    owner: () => record<DeviceOwner>(OWNER),
    keepOwner: (owner) => keep(OWNER, owner),
    dropOwner: () => drop(OWNER),
    progress: () => record<TrailProgress>(PROGRESS),
    async keepTrail(entries, progress) {
      const transaction = database.transaction([RECORDS, ENTRIES], "readwrite");
      const store = transaction.objectStore(ENTRIES);
      for (const entry of entries) store.put(entry);
      if (progress !== undefined) transaction.objectStore(RECORDS).put(progress, PROGRESS);
      await finished(transaction);
    },
    async entries() {
      const index = database.transaction(ENTRIES).objectStore(ENTRIES).index("at");
      const found = (await done(index.getAll())) as TrailEntry[];
      return found.reverse();
    },
    phonePass: () => record<HeldPhonePass>(PHONE_PASS),
    keepPhonePass: (pass) => keep(PHONE_PASS, pass),
    dropPhonePass: () => drop(PHONE_PASS),
    visits: async () => (await record<readonly VisitRecord[]>(VISITS)) ?? [],
    keepVisits: (visits) => keep(VISITS, visits),
    tokens: async () => (await record<readonly TokenRecord[]>(TOKENS)) ?? [],
    keepTokens: (tokens) => keep(TOKENS, tokens),
    remembered: (name) => record(`answer:${name}`),
    remember: (name, value) => keep(`answer:${name}`, value),
    close: () => database.close(),
  };
}

/** Removes all that this app keeps in this browser: key, entries, everything. */
export async function eraseDevice(): Promise<void> {
  await done(indexedDB.deleteDatabase(NAME));
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("indexeddb failed"));
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("indexeddb aborted"));
  });
}
