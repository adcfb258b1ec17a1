import { hmacSha256, randomBytes, wipe } from "@menshen/crypto/node";
import { type DwellingId, epochAt, type PersonId, type Residency, type ResidencyRole } from "@menshen/domain";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { selectEpochGrid } from "../trail/index.ts";
import { selectAreaRules, selectPortalRules, selectSettings } from "./door-rules.store.ts";
import { deleteOtherSecrets, insertHolderSecret, selectHolderSecret } from "./holder-secrets.store.ts";
import { areaRuleOf } from "./rules-of.ts";

const SECRET_BYTES = 32;
const HOLDER_BYTES = 8;

/** Somebody as gates know them among themselves (docs/protocol/door-rules.md). */
export interface HolderFacts {
  readonly holder: Uint8Array;
  readonly isStaff: boolean;
  /** Neither lives nor works here now. */
  readonly needsEscort: boolean;
  /** Absent unless gates tell guards whom they refused. */
  readonly dwellingId?: DwellingId;
  readonly role?: ResidencyRole;
}

/** Who is who to gates in this epoch. */
export interface Holders {
  /** Equal for the same answers, as far as residencies are the same. */
  readonly signature: string;
  readonly of: (personId: PersonId, residencies: readonly Residency[]) => HolderFacts;
}

export interface HolderDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
}

const contextOf = (epoch: number) => `holder-secret:${epoch}`;

async function openSecret({ db, storageKey }: HolderDependencies) {
  const stored = await selectHolderSecret(db);
  if (stored === undefined) return undefined;
  const { epoch, sealed } = stored;
  return { epoch, secret: storageKey.open(sealed, contextOf(epoch)) };
}

const holderFrom = (secret: Uint8Array, personId: string): Uint8Array =>
  hmacSha256(secret, new TextEncoder().encode(personId)).slice(0, HOLDER_BYTES);

/**
 * Makes the secret of the present epoch and overwrites that of the one before.
 *
 * @returns whether gates must hear of it
 */
export async function reviewHolderSecret({ db, clock, storageKey }: HolderDependencies): Promise<boolean> {
  const epoch = epochAt(await selectEpochGrid(db), clock.now());
  if (epoch === undefined || (await selectHolderSecret(db))?.epoch === epoch) return false;
  await db.transaction().execute(async (trx) => {
    const secret = randomBytes(SECRET_BYTES);
    await insertHolderSecret(trx, { epoch, sealed: storageKey.seal(secret, contextOf(epoch)) });
    await deleteOtherSecrets(trx, epoch);
    wipe(secret);
  });
  return true;
}

/** What gates call a person now; `undefined` before there is a secret. */
export async function holderOf(
  dependencies: HolderDependencies,
  personId: string,
): Promise<Uint8Array | undefined> {
  const opened = await openSecret(dependencies);
  if (opened === undefined) return undefined;
  const holder = holderFrom(opened.secret, personId);
  wipe(opened.secret);
  return holder;
}

/**
 * Reads who is who; `undefined` where no rule asks who somebody is, nobody has a PIN, and guards are not told whom gates
 * refused.
 */
export async function readHolders(dependencies: HolderDependencies): Promise<Holders | undefined> {
  const { db, clock } = dependencies;
  const { tellsAtDoor } = await selectSettings(db);
  const opened = await openSecret(dependencies);
  if (opened === undefined || !(tellsAtDoor || (await asksWho(db)) || (await hasPins(db)))) return undefined;
  const { epoch, secret } = opened;
  const now = clock.now();
  return {
    signature: `${epoch} ${tellsAtDoor}`,
    of(personId, residencies) {
      const living = residencies.filter(({ validity: { from, until } }) => {
        return (from === undefined || from <= now) && (until === undefined || now < until);
      });
      const isStaff = living.some(({ role }) => role === "staff");
      const home = living.find(({ dwellingId }) => dwellingId !== undefined);
      const shown = isStaff ? living.find(({ role }) => role === "staff") : home;
      return {
        holder: holderFrom(secret, personId),
        isStaff,
        needsEscort: living.length === 0,
        ...(tellsAtDoor && shown !== undefined ? { role: shown.role } : {}),
        ...(tellsAtDoor && !isStaff && home?.dwellingId !== undefined ? { dwellingId: home.dwellingId } : {}),
      };
    },
  };
}

/** Whether any rule asks who somebody is. */
async function asksWho(db: Database): Promise<boolean> {
  const areas = await selectAreaRules(db);
  if (areas.some((rules) => areaRuleOf(rules) !== undefined)) return true;
  const portals = await selectPortalRules(db);
  return portals.some(
    ({ twoPersonWithinMs, doubleTapHold }) => twoPersonWithinMs !== undefined || doubleTapHold !== undefined,
  );
}

/** Whether anybody has a PIN: a gate must know whose card it comes with. */
async function hasPins(db: Database): Promise<boolean> {
  const pin = db
    .selectFrom("credential")
    .select("id")
    .where("kind", "=", "pin")
    .where("state", "=", "active");
  return (await pin.executeTakeFirst()) !== undefined;
}
