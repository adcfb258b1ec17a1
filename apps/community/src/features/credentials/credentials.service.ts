import { randomUUID } from "node:crypto";
import { credentialKeyOf } from "@menshen/credentials";
import { drawPin, pinCredentialKey } from "@menshen/credentials/node";
import { primitives } from "@menshen/crypto/node";
import type { CredentialKey } from "@menshen/domain";
import type {
  BodyOf,
  CardPersonalisation,
  Credential,
  CredentialEnrol,
  CredentialHistoryItem,
  CredentialReplace,
  CredentialState,
  credentialEndpoints,
  QueryOf,
  ResponseOf,
} from "@menshen/wire";
import { CHANGE_REASON_CODES } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, type ChangeScope, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { demandFresh, found } from "../../database/records.ts";
import { CommunityError, refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { CardKeys } from "./card-keys.ts";
import { chooseDoorGroups, gradeOf, isKeyed, labelOf, parseIdentifier } from "./card-kinds.ts";
import { insertApproval, selectUnconfirmed, withLogStates } from "./credential-log.store.ts";
import {
  dwellingExists,
  hasResidency,
  insertCredential,
  lockCredential,
  personExists,
  restateModelOf,
  selectActiveIds,
  selectCredential,
  selectCredentialByKey,
  selectCredentials,
  selectDoorGroups,
  selectHistory,
  selectKeyVersion,
  updateState,
  updateValidity,
} from "./credentials.store.ts";

export interface CredentialsDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly cardKeys: CardKeys;
  readonly storageKey: StorageKey;
  readonly pinKey: Uint8Array;
}

/** What the desk gets back: the record, for a card with keys what to write onto it, for a PIN its digits. */
export interface Enrolment {
  readonly credential: Credential;
  readonly personalisation?: CardPersonalisation;
  readonly pin?: string;
}

/** What makes a new credential this one. Of a PIN nothing is kept that it could be read back from. */
interface Identified {
  readonly key: CredentialKey;
  readonly identifier: Uint8Array;
  readonly label: string;
  readonly pin?: string;
}

/** Of a million PINs one draw in a hundred meets one; so many in a row only meet a broken random source. */
const MAX_DRAWS = 16;

interface Holder {
  readonly personId: string;
  readonly dwellingId: string | undefined;
}

const ACTIONS: Readonly<Record<Exclude<CredentialState, "replaced">, CredentialHistoryItem["action"]>> = {
  active: "unblocked",
  blocked: "blocked",
  lost: "lost",
};
const HISTORY_ACTIONS = [
  "enrolled",
  "confirmed",
  "blocked",
  "unblocked",
  "lost",
  "replaced",
  "validity-changed",
] as const;

/** A credential with how it stands to the public log. */
async function stated(db: Reader, at: number, id: string): Promise<Credential> {
  const credential = found(await selectCredential(db, id), "credential");
  const [withLog] = await withLogStates(db, at, [credential]);
  return withLog ?? credential;
}

/** Where a sealed identifier belongs: it opens for no other record. */
export function identifierContext(credentialId: string): string {
  return `identifier:${credentialId}`;
}

export type CredentialsService = ReturnType<typeof makeCredentialsService>;

/** Cards and other credentials: enrolled at a desk reader, blocked, found again, replaced. */
export function makeCredentialsService(dependencies: CredentialsDependencies) {
  const { db, clock, change, cardKeys, storageKey, pinKey } = dependencies;

  async function locked(trx: Trx, id: string): Promise<Credential> {
    await lockCredential(trx, id);
    return found(await selectCredential(trx, id), "credential");
  }

  /** A PIN nobody has: drawn, so that a refusal never tells anybody that some PIN is taken. */
  async function drawFreePin(trx: Trx, asked: string | undefined): Promise<Identified> {
    if (asked !== undefined) {
      throw refusal("invalid-request", "a PIN is drawn, not chosen", {
        fields: [{ path: "body/identifier", message: "expected none for a PIN" }],
      });
    }
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const pin = drawPin();
      const key = await pinCredentialKey(pinKey, pin);
      if ((await selectCredentialByKey(trx, key)) === undefined) {
        return { key, identifier: new Uint8Array(), label: "PIN", pin };
      }
    }
    throw new CommunityError("internal", "expected a PIN that nobody has");
  }

  async function identify(trx: Trx, card: CredentialReplace): Promise<Identified> {
    if (card.kind === "pin") return drawFreePin(trx, card.identifier);
    const identifier = parseIdentifier(card.kind, card.identifier);
    return {
      key: credentialKeyOf(primitives, card.kind, identifier),
      identifier,
      label: labelOf(identifier),
    };
  }

  /** Stores a new credential. A card that was somebody's before and is blocked now begins a new life. */
  async function enrolIn(
    scope: ChangeScope,
    card: CredentialReplace,
    holder: Holder,
    replacesId?: string,
  ): Promise<Enrolment> {
    const { trx, at } = scope;
    const { key, identifier, label, pin } = await identify(trx, card);
    demandOrder(card.from, card.until);
    const doorGroups = chooseDoorGroups(card.kind, card.doorGroups, await selectDoorGroups(trx));
    const modelVersion = await scope.touch("credentials");
    const earlier = await selectCredentialByKey(trx, key);
    if (earlier !== undefined) {
      if (earlier.state === "active") throw refusal("conflict", "this card is enrolled already");
      await updateState(trx, earlier.id, "replaced", at, modelVersion);
      await scope.record({ action: "credential.replaced", entity: "credential", entityId: earlier.id });
    }
    const id = randomUUID();
    const keyVersion = await selectKeyVersion(trx);
    await insertCredential(trx, {
      id,
      key,
      kind: card.kind,
      grade: gradeOf(card.kind),
      label,
      sealedIdentifier: storageKey.seal(identifier, identifierContext(id)),
      doorGroups,
      ...holder,
      from: card.from,
      until: card.until,
      at,
      replacesId: replacesId ?? earlier?.id,
      modelVersion,
      keyVersion,
    });
    await scope.record({
      action: "credential.enrolled",
      entity: "credential",
      entityId: id,
      after: { kind: card.kind, doorGroups, ...holder, from: card.from, until: card.until },
    });
    const credential = await stated(trx, at, id);
    if (pin !== undefined) return { credential, pin };
    if (!isKeyed(card.kind)) return { credential };
    const personalisation = cardKeys.personalisation(card.kind, identifier, doorGroups, keyVersion);
    return { credential, personalisation };
  }

  async function setState(
    author: StaffAuthor,
    id: string,
    state: Exclude<CredentialState, "replaced">,
  ): Promise<Credential> {
    demandReason(author.reason);
    return change(author, async (scope) => {
      const before = await locked(scope.trx, id);
      if (before.state === "replaced")
        throw refusal("conflict", "this credential was replaced: that is final");
      if (before.state === state) return before;
      await updateState(scope.trx, id, state, scope.at, await scope.touch("credentials"));
      await scope.record({
        action: `credential.${ACTIONS[state]}`,
        entity: "credential",
        entityId: id,
        before: { state: before.state },
        after: { state },
      });
      return found(await selectCredential(scope.trx, id), "credential");
    });
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof credentialEndpoints.list>) {
      authorise(actor, "credentials.read");
      const page = await selectCredentials(db, query);
      return { ...page, items: await withLogStates(db, clock.now(), page.items) };
    },

    async read(actor: Actor, id: string): Promise<Credential> {
      authorise(actor, "credentials.read");
      return stated(db, clock.now(), id);
    },

    async history(actor: Actor, id: string): Promise<ResponseOf<typeof credentialEndpoints.history>> {
      authorise(actor, "credentials.read");
      const { personId } = found(await selectCredential(db, id), "credential");
      const rows = await selectHistory(db, id);
      const items = rows.flatMap((row): CredentialHistoryItem[] => {
        const action = HISTORY_ACTIONS.find((candidate) => `credential.${candidate}` === row.action);
        const code = CHANGE_REASON_CODES.find((candidate) => candidate === row.reason_code);
        if (action === undefined || code === undefined) return [];
        const reason = { code, ...(row.reason_text === null ? {} : { text: row.reason_text }) };
        return [{ at: row.at, action, staffName: row.display_name ?? "", reason }];
      });
      return { personId, items };
    },

    /** Throws `conflict` for a card that is somebody's already. */
    async enrol(author: StaffAuthor, input: CredentialEnrol): Promise<Enrolment> {
      authorise(author.actor, "credentials.write");
      return change(author, async (scope) => {
        if (!(await personExists(scope.trx, input.personId))) throw refusal("not-found", "no such person");
        if (input.dwellingId !== undefined && !(await dwellingExists(scope.trx, input.dwellingId))) {
          throw refusal("not-found", "no such dwelling");
        }
        return enrolIn(scope, input, { personId: input.personId, dwellingId: input.dwellingId });
      });
    },

    /** Credentials that open nothing until a second member of staff answers for them. */
    async unconfirmed(actor: Actor): Promise<ResponseOf<typeof credentialEndpoints.unconfirmed>> {
      authorise(actor, "credentials.read");
      return { items: [...(await selectUnconfirmed(db, clock.now()))] };
    },

    /**
     * Answers for a credential beside the one who issued it; of one that nobody answered for yet, as the first. Throws
     * `conflict` for who issued it, and for one that needs no second person or has it.
     */
    async confirm(author: StaffAuthor, id: string): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return change(author, async (scope) => {
        await locked(scope.trx, id);
        const waiting = (await selectUnconfirmed(scope.trx, scope.at)).find(
          ({ credentialId }) => credentialId === id,
        );
        if (waiting === undefined) throw refusal("conflict", "this credential waits for nobody");
        const { staffId } = author.actor;
        if (waiting.issuedBy === staffId) {
          throw refusal("conflict", "another member of staff confirms what you issued");
        }
        await scope.touch("credentials");
        await insertApproval(scope.trx, id, staffId, scope.at);
        await scope.record({ action: "credential.confirmed", entity: "credential", entityId: id, after: {} });
        return stated(scope.trx, scope.at, id);
      });
    },

    async block(author: StaffAuthor, id: string): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return setState(author, id, "blocked");
    },

    async unblock(author: StaffAuthor, id: string): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return setState(author, id, "active");
    },

    async reportLost(author: StaffAuthor, id: string): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return setState(author, id, "lost");
    },

    /** The old one is refused from the same moment on. */
    async replace(author: StaffAuthor, id: string, card: CredentialReplace) {
      authorise(author.actor, "credentials.write");
      demandReason(author.reason);
      return change(author, async (scope) => {
        const before = await locked(scope.trx, id);
        if (before.state === "replaced") throw refusal("conflict", "this credential was replaced already");
        await updateState(scope.trx, id, "replaced", scope.at, await scope.touch("credentials"));
        await scope.record({
          action: "credential.replaced",
          entity: "credential",
          entityId: id,
          before: { state: before.state },
          after: { state: "replaced" },
        });
        const holder = { personId: before.personId, dwellingId: before.dwellingId };
        const enrolment = await enrolIn(scope, card, holder, id);
        return { ...enrolment, replaced: found(await selectCredential(scope.trx, id), "credential") };
      });
    },

    async setValidity(
      author: StaffAuthor,
      id: string,
      input: BodyOf<typeof credentialEndpoints.validity>,
    ): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      demandOrder(input.from, input.until);
      return change(author, async (scope) => {
        const before = await locked(scope.trx, id);
        demandFresh(before, input.revision);
        const validity = { from: input.from, until: input.until };
        await updateValidity(scope.trx, id, validity, await scope.touch("credentials"));
        await scope.record({
          action: "credential.validity-changed",
          entity: "credential",
          entityId: id,
          before: { from: before.from, until: before.until },
          after: validity,
        });
        return found(await selectCredential(scope.trx, id), "credential");
      });
    },
  };
}

function demandOrder(from: number | undefined, until: number | undefined): void {
  if (from !== undefined && until !== undefined && from >= until) {
    throw refusal("invalid-request", "`until` lies after `from`", {
      fields: [{ path: "body/until", message: "expected later than `from`" }],
    });
  }
}

/**
 * Blocks what a person who moves out holds: the credentials enrolled for that dwelling, and all others too if the person
 * neither lives nor works here any more. Part of the caller's change.
 *
 * @returns ids of the credentials blocked
 */
export async function blockForMoveOut(
  scope: ChangeScope,
  personId: string,
  dwellingId: string | undefined,
): Promise<string[]> {
  const { trx, at } = scope;
  const stays = await hasResidency(trx, personId, at);
  // Staff who go without a dwelling to name, but live here too, keep what they have as residents.
  if (stays && dwellingId === undefined) return [];
  const ids = await selectActiveIds(trx, personId, stays ? dwellingId : undefined);
  if (ids.length === 0) return [];
  const modelVersion = await scope.touch("credentials");
  for (const id of ids) {
    await updateState(trx, id, "blocked", at, modelVersion);
    await scope.record({
      action: "credential.blocked",
      entity: "credential",
      entityId: id,
      before: { state: "active" },
      after: { state: "blocked" },
    });
  }
  return [...ids];
}

/** Gates hear anew of a person's credentials, because the person was removed or restored. */
export async function restateCredentialsOf(scope: ChangeScope, personId: string): Promise<void> {
  await restateModelOf(scope.trx, personId, await scope.touch("credentials"));
}
