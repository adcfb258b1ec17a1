import { existsSync } from "node:fs";
import type { Argon2Cost } from "@menshen/crypto/node";
import {
  type KeyAccess,
  type KeyDescription,
  type KeyService,
  KeyServiceError,
  openFileKeyService,
  openPkcs11KeyService,
} from "@menshen/key-service";
import type { Logger } from "@menshen/service-kit";
import type { CardKeyLock } from "@menshen/wire";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { CommunityError, refusal } from "../errors.ts";
import { settleKeys } from "./settle-keys.ts";
import type { StorageKey } from "./storage-key.ts";

/** Where the keys of cards are. */
export type KeyPlace =
  | {
      readonly backEnd: "file";
      readonly file: string;
      /** Of a new file; dear enough for a passphrase that a person chose, unless told. */
      readonly cost?: Argon2Cost;
    }
  | { readonly backEnd: "pkcs11"; readonly library: string; readonly token: string };

/** Where they are, and what opens them without anybody's help. */
export interface KeyPlan {
  readonly place: KeyPlace;
  /** Passphrase or PIN; absent: a member of staff unlocks them. */
  readonly secret?: string;
}

/**
 * The keys of cards, which are locked until their passphrase or PIN came. A server runs without them: doors open, what was
 * compiled stands; cards are not written, PINs are not drawn and keyrings are not made anew.
 */
export interface KeyVault {
  /** Throws `keys-locked`. */
  readonly keys: () => KeyService;
  /** What opens them in another thread; `undefined` while they are locked. A secret. */
  readonly access: () => KeyAccess | undefined;
  /** Why they are locked; `undefined` once they are open. */
  readonly lock: () => CardKeyLock | undefined;
  /** All keys that are kept, without their values. Throws `keys-locked`. */
  readonly list: () => Promise<readonly KeyDescription[]>;
  readonly backEnd: KeyPlace["backEnd"];
  /**
   * Opens them; repeating it is no trouble. Throws `conflict` for another passphrase or other keys than this community's,
   * `rate-limited` after five wrong ones, `unavailable` for a token that is not there.
   */
  readonly unlock: (secret: string) => Promise<void>;
  /** Wipes them from memory. */
  readonly close: () => Promise<void>;
}

const MOST_TRIES = 5;
const TRIES_WITHIN_MS = 600_000;
/** A passphrase for a store that is to be made. */
const LEAST_CHARACTERS = 12;

/**
 * @param dependencies.onOpening called when keys can be had in other threads and before anybody here may write a card:
 *   marks the gates that need new keyrings
 */
export async function openKeyVault(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storageKey: StorageKey;
  readonly communityId: string;
  readonly plan: KeyPlan;
  readonly onOpening: () => Promise<void>;
}): Promise<KeyVault> {
  const { db, clock, logger, storageKey, communityId, plan, onOpening } = dependencies;
  const { place } = plan;
  let service: KeyService | undefined;
  let access: KeyAccess | undefined;
  let lock: CardKeyLock | undefined = "waiting";
  let turn: Promise<unknown> = Promise.resolve();
  const tries: number[] = [];

  async function openService(secret: string): Promise<KeyService> {
    if (place.backEnd === "pkcs11") return openPkcs11KeyService({ ...place, pin: secret });
    if (!existsSync(place.file)) {
      // INVARIANT: keys that a community has are never drawn anew; a disk that is not mounted looks like a first start.
      const known = await db.selectFrom("kept_key").select("name").limit(1).executeTakeFirst();
      if (known !== undefined) throw new CommunityError("keys-unreadable", "the key store is not there");
      if (secret.length < LEAST_CHARACTERS) {
        throw refusal(
          "invalid-request",
          `a passphrase for a new key store has ${LEAST_CHARACTERS} characters`,
        );
      }
    }
    return openFileKeyService(place.file, secret, place.cost === undefined ? {} : { cost: place.cost });
  }

  async function settle(opened: KeyService): Promise<void> {
    const steps = settleKeys({ db, storageKey, service: opened, communityId, now: clock.now() });
    let step = await steps.next();
    while (step.done !== true) step = await steps.next();
    const { moved } = step.value;
    if (moved.length > 0) logger.info({ count: moved.length }, "keys moved into the key service");
  }

  async function open(secret: string): Promise<void> {
    if (service !== undefined) return;
    let opened: KeyService | undefined;
    try {
      opened = await openService(secret);
      await settle(opened);
      access = opened.access();
      await onOpening();
      service = opened;
      lock = undefined;
    } catch (error) {
      access = undefined;
      await opened?.close();
      lock = lockAfter(error) ?? lock;
      throw error;
    }
  }

  function demandFewTries(): void {
    const now = clock.now();
    while (tries[0] !== undefined && tries[0] <= now - TRIES_WITHIN_MS) tries.shift();
    const [first] = tries;
    if (tries.length < MOST_TRIES || first === undefined) return;
    const retryAfterSeconds = Math.ceil((first + TRIES_WITHIN_MS - now) / 1000);
    throw refusal("rate-limited", "too many wrong passphrases", { retryAfterSeconds });
  }

  if (plan.secret !== undefined) {
    try {
      await open(plan.secret);
    } catch (error) {
      if (lockAfter(error) === undefined) throw error;
      logger.error({ error }, "the keys of cards stay locked");
    }
  }

  const keys = () => {
    if (service === undefined) throw keysLocked();
    return service;
  };
  return {
    keys,
    access: () => access,
    lock: () => lock,
    list: async () => keys().list(),
    backEnd: place.backEnd,
    async unlock(secret) {
      const work = turn.then(async () => {
        if (service !== undefined) return;
        demandFewTries();
        try {
          await open(secret);
        } catch (error) {
          if (error instanceof KeyServiceError && error.code === "wrong-unlock") tries.push(clock.now());
          throw refusedUnlock(error);
        }
      });
      turn = work.catch(() => undefined);
      return work;
    },
    async close() {
      await service?.close();
      service = undefined;
      access = undefined;
      lock = "waiting";
    },
  };
}

/** What everything says that needs keys while they are locked. */
export function keysLocked(): CommunityError {
  return refusal(
    "keys-locked",
    "the keys of cards are locked until a member of staff for security unlocks them",
  );
}

/** Why keys stay locked after this; `undefined` for what is no matter of theirs, like a database that is gone. */
function lockAfter(error: unknown): CardKeyLock | undefined {
  if (error instanceof CommunityError) return error.code === "keys-unreadable" ? "other-keys" : undefined;
  if (!(error instanceof KeyServiceError)) return undefined;
  switch (error.code) {
    case "wrong-unlock":
      return "wrong-unlock";
    case "token-absent":
    case "token-refused":
      return "token-absent";
    default:
      return "unreadable";
  }
}

function refusedUnlock(error: unknown): unknown {
  switch (lockAfter(error)) {
    case "wrong-unlock":
      return refusal("conflict", "this does not open the keys");
    case "token-absent":
      return refusal("unavailable", "the token is not there, or refused");
    case "other-keys":
      return refusal("conflict", "the keys there are not, or not all, this community's");
    case "unreadable":
      return refusal("conflict", "the key store cannot be read");
    default:
      return error;
  }
}
