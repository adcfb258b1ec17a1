import { argon2id, randomBytes, wipe } from "@menshen/crypto";
import {
  authorizeRequest,
  createStore,
  destroyOverdue,
  openStore,
  type ShareStore,
  type StoreContents,
  type StoreUnlock,
  sealStore,
} from "@menshen/custody";
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from "@menshen/wire";
import { type LooseParts, send } from "../../api/client.ts";
import { type SealedRecord, writeRecord } from "./sealed-record.ts";

type Parts<E extends Endpoint> = (ParamsOf<E> extends undefined ? unknown : { params: ParamsOf<E> }) &
  (QueryOf<E> extends undefined ? unknown : { query?: QueryOf<E> }) &
  (BodyOf<E> extends undefined ? unknown : { body: BodyOf<E> });

/** An unlocked store and what is done with it. */
export interface Desk {
  readonly contents: () => StoreContents;
  /** Tells of each change; gives back how to stop listening. */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Changes the contents: sealed and written before anything else sees them, one change after the other. Rejects if the
   * browser did not store them; then nothing has changed.
   */
  readonly change: (next: (contents: StoreContents) => StoreContents) => Promise<void>;
  /** Calls an operation, signed with the identity key; as `call` of the API client otherwise. */
  readonly call: <E extends Endpoint>(
    endpoint: E,
    parts: Parts<E> & { signal?: AbortSignal },
  ) => Promise<ResponseOf<E>>;
  /** Epochs whose shares were destroyed when the desk was opened. */
  readonly destroyedAtOpening: readonly number[];
  /** Forgets everything that opens the store, and lets other tabs have it. */
  readonly lock: () => void;
}

/** A desk, or why not. `elsewhere`: another tab of this browser has it. */
export type DeskOpened =
  | { readonly opened: true; readonly desk: Desk }
  | { readonly opened: false; readonly refusal: "elsewhere" | "wrong-unlock" | "damaged" };

/** Makes the store of a new custodian. */
export async function makeDesk(
  contents: StoreContents,
  unlock: StoreUnlock,
  passkeyId: Uint8Array<ArrayBuffer> | undefined,
): Promise<DeskOpened> {
  const release = await takeDesk(contents.communityId);
  if (release === undefined) return { opened: false, refusal: "elsewhere" };
  const store = await createStore({ contents, unlock, random: randomBytes, argon2id });
  const desk = await furnish(store, passkeyId, release);
  return { opened: true, desk };
}

/** Opens the store of this browser; shares whose time is over are destroyed before anything else happens. */
export async function openDesk(record: SealedRecord, unlock: StoreUnlock): Promise<DeskOpened> {
  const release = await takeDesk(record.communityId);
  if (release === undefined) return { opened: false, refusal: "elsewhere" };
  const opened = await openStore(record.sealed, unlock, argon2id);
  if (opened.opened) {
    return { opened: true, desk: await furnish(opened.store, record.passkeyId, release) };
  }
  release();
  const isWrong = opened.refusal === "wrong-unlock" || opened.refusal === "other-unlock";
  return { opened: false, refusal: isWrong ? "wrong-unlock" : "damaged" };
}

async function furnish(
  opened: ShareStore,
  passkeyId: Uint8Array<ArrayBuffer> | undefined,
  release: () => void,
): Promise<Desk> {
  let store = opened;
  const listeners = new Set<() => void>();
  let writing: Promise<void> = Promise.resolve();
  let isLocked = false;

  async function keep(contents: StoreContents): Promise<void> {
    const next = { ...store, contents };
    await writeRecord({
      communityId: contents.communityId,
      sealed: sealStore(next, randomBytes),
      ...(passkeyId === undefined ? {} : { passkeyId }),
    });
    store = next;
    for (const listener of listeners) listener();
  }

  const destruction = destroyOverdue(store.contents, Date.now());
  await keep(destruction.contents);

  return {
    contents: () => store.contents,
    destroyedAtOpening: destruction.destroyed.map(({ key }) => key.epoch),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change: (next) => {
      const changed = writing.then(async () => {
        // Whatever was under way when the desk was locked: its key is wiped, and nobody could open what it sealed.
        if (isLocked) throw new Error("the desk is locked");
        const contents = next(store.contents);
        if (contents !== store.contents) await keep(contents);
      });
      // A change that failed is its caller's to handle and does not stop the next one.
      writing = changed.catch(() => undefined);
      return changed;
    },
    call: async (endpoint, parts) => {
      const authorize: LooseParts["authorize"] = ({ method, path, body }) =>
        authorizeRequest({
          method,
          path,
          body: new TextEncoder().encode(body),
          secretKey: store.contents.identitySeed,
          timeMs: Date.now(),
          nonce: randomBytes(16),
        });
      return (await send(endpoint, { ...(parts as LooseParts), authorize })) as ResponseOf<typeof endpoint>;
    },
    lock: () => {
      void writing.then(() => {
        isLocked = true;
        wipe(store.key, store.contents.identitySeed);
        release();
      });
    },
  };
}

/** One tab at a time: two would write over each other's record of what was answered. */
function takeDesk(communityId: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(
      `menshen-custodian/${communityId}`,
      { ifAvailable: true },
      (lock) => {
        if (lock === null) {
          resolve(undefined);
          return undefined;
        }
        return new Promise<void>((release) => resolve(() => release()));
      },
    );
    held.catch(reject);
  });
}
