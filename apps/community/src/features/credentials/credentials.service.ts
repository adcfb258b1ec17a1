import { randomUUID } from "node:crypto";
import { randomBytes } from "@menshen/crypto/node";
import { CredentialKey } from "@menshen/domain";
import {
  type BodyOf,
  CHANGE_REASON_CODES,
  CREDENTIAL_ACTIONS,
  type Credential,
  type CredentialEnrol,
  type CredentialHandOver,
  type CredentialHistoryItem,
  type CredentialOrder,
  type CredentialPersonalise,
  type CredentialReplace,
  type credentialEndpoints,
  type QueryOf,
  type ResponseOf,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, type ChangeScope, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Trx } from "../../database/database.ts";
import { demandFresh, found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { CardKeys } from "./card-keys.ts";
import { chooseDoorGroups, ENROLLABLE_KINDS, gradeOf, isKeyed, mayCount } from "./card-kinds.ts";
import { demandHonestChip } from "./chip-check.ts";
import { type LifeStep, takeStep } from "./credential-life.ts";
import { insertApproval, selectUnconfirmed, withLogStates } from "./credential-log.store.ts";
import {
  dwellingExists,
  hasResidency,
  insertCredential,
  insertReceipt,
  lockCredential,
  personExists,
  restateModelOf,
  selectActiveIds,
  selectCredential,
  selectCredentials,
  selectDoorGroups,
  selectHistory,
  selectKeyVersion,
  selectLegacyUntil,
  updateCard,
  updateLeft,
  updateState,
  updateValidity,
} from "./credentials.store.ts";
import {
  demandEnd,
  demandOrder,
  type Enroller,
  type Enrolment,
  type Holder,
  identifierContext,
  stated,
} from "./enrolment.ts";
import { demandLegacyEnd } from "./legacy-end.ts";

export interface CredentialsDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly cardKeys: CardKeys;
  readonly storageKey: StorageKey;
  readonly enroller: Enroller;
}

/** In the place of a key that no card has yet; found by nothing. */
const KEY_BYTES = 16;

export type CredentialsService = ReturnType<typeof makeCredentialsService>;

/** Cards and other credentials: enrolled at a desk reader, blocked, found again, replaced. */
export function makeCredentialsService(dependencies: CredentialsDependencies) {
  const { db, clock, change, cardKeys, storageKey, enroller } = dependencies;

  async function locked(trx: Trx, id: string): Promise<Credential> {
    await lockCredential(trx, id);
    return found(await selectCredential(trx, id), "credential");
  }

  /** Takes a step of a credential's life; one that leads to where it is already changes nothing. */
  async function step(
    author: StaffAuthor,
    id: string,
    chosen: LifeStep | ((before: Credential) => LifeStep),
  ): Promise<Credential> {
    demandReason(author.reason);
    return change(author, async (scope) => {
      const before = await locked(scope.trx, id);
      const named = typeof chosen === "string" ? chosen : chosen(before);
      if (reached(before, named)) return before;
      const { to, action } = takeStep(before.state, named);
      await updateState(scope.trx, id, to, scope.at, await scope.touch("credentials"));
      await scope.record({
        action: `credential.${action}`,
        entity: "credential",
        entityId: id,
        before: { state: before.state },
        after: { state: to },
      });
      return found(await selectCredential(scope.trx, id), "credential");
    });
  }

  async function demandHolder(trx: Trx, { personId, dwellingId }: Holder): Promise<void> {
    if (!(await personExists(trx, personId))) throw refusal("not-found", "no such person");
    if (dwellingId !== undefined && !(await dwellingExists(trx, dwellingId))) {
      throw refusal("not-found", "no such dwelling");
    }
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
        const action = CREDENTIAL_ACTIONS.find((candidate) => `credential.${candidate}` === row.action);
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
        const holder = { personId: input.personId, dwellingId: input.dwellingId };
        await demandHolder(scope.trx, holder);
        return enroller.enrol(scope, input, holder);
      });
    },

    /** A card that somebody is to get: it has no number yet, and opens nothing. */
    async order(author: StaffAuthor, input: CredentialOrder): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      demandOrder(input.from, input.until);
      demandEnd(input);
      return change(author, async (scope) => {
        const { trx, at } = scope;
        const holder = { personId: input.personId, dwellingId: input.dwellingId };
        await demandHolder(trx, holder);
        demandLegacyEnd(input.kind, input.until, await selectLegacyUntil(trx));
        const id = randomUUID();
        await insertCredential(trx, {
          id,
          key: CredentialKey(randomBytes(KEY_BYTES)),
          kind: input.kind,
          grade: gradeOf(input.kind),
          label: "",
          sealedIdentifier: storageKey.seal(new Uint8Array(), identifierContext(id)),
          doorGroups: [],
          ...holder,
          from: input.from,
          until: input.until,
          temporary: input.temporary === true,
          hidesUid: false,
          countsTaps: false,
          state: "ordered",
          at,
          replacesId: undefined,
          modelVersion: await scope.touch("credentials"),
          keyVersion: await selectKeyVersion(trx),
        });
        await scope.record({
          action: "credential.ordered",
          entity: "credential",
          entityId: id,
          after: { kind: input.kind, ...holder, from: input.from, until: input.until },
        });
        return found(await selectCredential(trx, id), "credential");
      });
    },

    /** The order's card lies on the desk reader. Throws `conflict` for a card that is somebody's. */
    async personalise(author: StaffAuthor, id: string, input: CredentialPersonalise): Promise<Enrolment> {
      authorise(author.actor, "credentials.write");
      return change(author, async (scope) => {
        const { trx, at } = scope;
        const before = await locked(trx, id);
        const { to, action } = takeStep(before.state, "personalise");
        const kind = found(
          ENROLLABLE_KINDS.find((candidate) => candidate === before.kind),
          "order",
        );
        demandHonestChip(kind, input.chip);
        const { key, identifier, label } = await enroller.identify(trx, { kind, ...input });
        const hidesUid = input.hidesUid === true;
        const countsTaps = mayCount(kind, input.countsTaps);
        const doorGroups = chooseDoorGroups({ ...input, kind }, await selectDoorGroups(trx));
        const modelVersion = await scope.touch("credentials");
        await enroller.endEarlierLife(scope, key, modelVersion);
        const keyVersion = await selectKeyVersion(trx);
        const sealedIdentifier = storageKey.seal(identifier, identifierContext(id));
        await updateCard(trx, id, {
          key,
          label,
          doorGroups,
          keyVersion,
          hidesUid,
          countsTaps,
          sealedIdentifier,
        });
        await updateState(trx, id, to, at, modelVersion);
        await scope.record({
          action: `credential.${action}`,
          entity: "credential",
          entityId: id,
          before: { state: before.state },
          after: { state: to, doorGroups },
        });
        const credential = found(await selectCredential(trx, id), "credential");
        if (!isKeyed(kind)) return { credential };
        const countsAs = countsTaps ? id : undefined;
        const written = { kind, uid: identifier, doorGroups, hidesUid, countsAs };
        const personalisation = await cardKeys.personalisation(written, keyVersion);
        return { credential, personalisation };
      });
    },

    /** From now on it opens. What the holder signed leaves a leaf of theirs; it is signed once. */
    async handOver(author: StaffAuthor, id: string, { paper }: CredentialHandOver): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return change(author, async (scope) => {
        const { trx, at } = scope;
        const before = await locked(trx, id);
        if (before.state === "active" && (paper === undefined || before.receipt !== undefined)) {
          throw refusal("conflict", "this credential was handed over already");
        }
        const { to, action } = takeStep(before.state, "hand-over");
        if (before.state !== to) await updateState(trx, id, to, at, await scope.touch("credentials"));
        await scope.record({
          action: `credential.${action}`,
          entity: "credential",
          entityId: id,
          before: { state: before.state },
          after: { state: to, ...(paper === undefined ? {} : { receipt: "paper" }) },
        });
        if (paper !== undefined) {
          const leafId = await scope.leaf({
            topic: "credential-handed-over",
            subject: { kind: "person", id: before.personId },
            statement: { credentialId: id, kind: before.kind, way: "paper", ...paper },
          });
          await insertReceipt(trx, id, { at, leafId, paper });
        }
        return stated(trx, at, id);
      });
    },

    /** It lies at the desk again. */
    async takeBack(author: StaffAuthor, id: string): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return step(author, id, "return");
    },

    async destroy(author: StaffAuthor, id: string): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return step(author, id, "destroy");
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
      return step(author, id, "block");
    },

    async unblock(author: StaffAuthor, id: string): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return step(author, id, ({ state }) => (state === "lost" ? "find" : "unblock"));
    },

    async reportLost(author: StaffAuthor, id: string): Promise<Credential> {
      authorise(author.actor, "credentials.write");
      return step(author, id, "lose");
    },

    /** The old one is refused from the same moment on. */
    async replace(author: StaffAuthor, id: string, card: CredentialReplace) {
      authorise(author.actor, "credentials.write");
      demandReason(author.reason);
      return change(author, async (scope) => {
        const before = await locked(scope.trx, id);
        const { to } = takeStep(before.state, "replace");
        await updateState(scope.trx, id, to, scope.at, await scope.touch("credentials"));
        await scope.record({
          action: "credential.replaced",
          entity: "credential",
          entityId: id,
          before: { state: before.state },
          after: { state: to },
        });
        const holder = { personId: before.personId, dwellingId: before.dwellingId };
        const enrolment = await enroller.enrol(scope, card, holder, id);
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
        const kind = ENROLLABLE_KINDS.find((candidate) => candidate === before.kind);
        if (kind !== undefined) demandLegacyEnd(kind, input.until, await selectLegacyUntil(scope.trx));
        const validity = { from: input.from, until: input.until };
        demandEnd({ ...validity, temporary: before.temporary === true });
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

/** Whether a step leads to where a credential is already. */
function reached({ state }: Credential, step: LifeStep): boolean {
  switch (step) {
    case "block":
      return state === "blocked";
    case "unblock":
    case "find":
      return state === "active";
    case "lose":
      return state === "lost";
    case "return":
      return state === "returned";
    case "destroy":
      return state === "destroyed";
    default:
      return false;
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
  const home = stays ? dwellingId : undefined;
  const ids = await selectActiveIds(trx, personId, home);
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
  await updateLeft(trx, personId, home, modelVersion);
  return [...ids];
}

/** Gates hear anew of a person's credentials, because the person was removed or restored. */
export async function restateCredentialsOf(scope: ChangeScope, personId: string): Promise<void> {
  await restateModelOf(scope.trx, personId, await scope.touch("credentials"));
}
