/** What this browser keeps of a custodian: the store, sealed, and which passkey opens it. */
export interface SealedRecord {
  readonly communityId: string;
  /** As `sealStore` of `@menshen/custody` writes it. */
  readonly sealed: Uint8Array<ArrayBuffer>;
  /** Id of the passkey whose PRF opens the store; absent: a passphrase does. */
  readonly passkeyId?: Uint8Array<ArrayBuffer>;
}

const NAME = "menshen-custodian";
const VERSION = 1;
const RECORDS = "records";

/** IndexedDB may leave an error out. */
function faultOf(error: DOMException | null): Error {
  return error ?? new Error("the browser did not store it");
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(faultOf(request.error));
  });
}

async function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(NAME, VERSION);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(RECORDS, { keyPath: "communityId" });
  };
  return done(opening);
}

/** The record of a community, if there is one. Rejects where the browser keeps nothing, as in some private windows. */
export async function readRecord(communityId: string): Promise<SealedRecord | undefined> {
  const database = await open();
  try {
    const store = database.transaction(RECORDS).objectStore(RECORDS);
    // What is read was written by this file.
    return (await done(store.get(communityId))) as SealedRecord | undefined;
  } finally {
    database.close();
  }
}

/** Writes the record over the one before; resolves when it is on the disk. */
export async function writeRecord(record: SealedRecord): Promise<void> {
  const database = await open();
  try {
    const transaction = database.transaction(RECORDS, "readwrite", { durability: "strict" });
    transaction.objectStore(RECORDS).put(record);
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(faultOf(transaction.error));
    });
  } finally {
    database.close();
  }
}
