import { primitives, toHex } from "@menshen/crypto/node";
import { PersonId } from "@menshen/domain";
import { homeKeyCommitment } from "@menshen/evidence";
import type { EvidenceLog } from "@menshen/evidence/node";
import { grantedPlaces } from "@menshen/policy";
import type { CredentialProofsMessage, ProofsRequest } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database, Trx } from "../../database/database.ts";
import { type LeafRecorder, type OpenedStatement, openStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { ModelCache } from "../publishing/index.ts";
import { type HomeRow, lockHomes, updateRegistration } from "./homes.store.ts";
import { type AskedLeaf, selectAskedLeaves, selectResidents, selectTakenAt } from "./proofs.store.ts";
import { type CredentialRegister, homeKeyContext } from "./register.ts";

/** Witnesses that cosigned nothing for so long are not waited for: gates open on the log's word alone, under an alarm. */
const WITNESS_PATIENCE_MS = 10_000;

/** What a gate is answered. */
export type ProofsAnswer = Pick<CredentialProofsMessage, "checkpoint" | "leaves" | "homeKeys" | "proof">;

/** What a telephone carries of its credential. */
export type WitnessedProof = ProofsAnswer & {
  /** Of the credential: one for each home, and what two answer for. */
  readonly leafIds: readonly string[];
};

export type ProofsService = ReturnType<typeof makeProofsService>;

/** Proves to gates that credentials are in the log; says in the log which doors a home leads through. */
export function makeProofsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
  readonly leaves: LeafRecorder;
  readonly log: Pick<EvidenceLog, "inclusionOfMany" | "published">;
  readonly cache: ModelCache;
  readonly register: CredentialRegister;
}) {
  const { db, clock, storageKey, leaves, log, cache, register } = dependencies;

  /** What the log is to prove: leaves of credentials, and where one is of a home, that home's. */
  function prepare(wanted: ProofsRequest["wanted"]) {
    return db.transaction().execute(async (trx) => {
      const keys = wanted.map(({ credentialKey }) => credentialKey);
      const asked = await renewed(trx, await selectAskedLeaves(trx, keys), wanted);
      const dwellings = new Set(asked.flatMap(({ dwelling_id }) => dwelling_id ?? []));
      const homes = await registered(trx, [...dwellings]);
      return { asked, homes };
    });
  }

  /** A credential that was away and is back needs a leaf that its home saw since: a new one. */
  async function renewed(trx: Trx, asked: readonly AskedLeaf[], wanted: ProofsRequest["wanted"]) {
    const floors = new Map(wanted.map(({ credentialKey, floor }) => [toHex(credentialKey), floor]));
    const stale = asked.filter(
      ({ key, index, state }) => state === "active" && index !== null && index < (floors.get(key) ?? 0),
    );
    for (const { leaf_id: leafId, person_id: personId } of stale) {
      // A visitor pass that was taken back never comes back.
      if (personId !== null) await register.renew(trx, clock.now(), { leafId, personId });
    }
    return asked.filter((leaf) => !stale.includes(leaf));
  }

  /** Homes as they are registered now; a door more than the log says is said first. */
  async function registered(trx: Trx, dwellingIds: readonly string[]): Promise<ReadonlyMap<string, HomeRow>> {
    const homes = new Map((await lockHomes(trx, dwellingIds)).map((home) => [home.dwelling_id, home]));
    if (homes.size === 0) return homes;
    const at = clock.now();
    const placesOf = grantedPlaces((await cache.current()).model);
    const residents = await selectResidents(trx, at, dwellingIds);
    for (const home of homes.values()) {
      // Who works here too opens staff doors by another leaf, which two answer for.
      const living = residents.filter((one) => one.dwelling_id === home.dwelling_id && !one.works_here);
      const places = new Set(living.flatMap(({ person_id }) => [...placesOf(PersonId(person_id))]));
      const known = new Set(home.access_point_ids ?? []);
      if (home.access_point_ids !== null && [...places].every((id) => known.has(id))) continue;
      const accessPointIds = [...places].toSorted();
      const leafId = await leaves.record(trx, {
        at,
        topic: "dwelling-registered",
        subject: { kind: "community" },
        tag: home.tag,
        statement: {
          dwellingTag: toHex(home.tag),
          keyCommitment: toHex(homeKeyCommitment(primitives, keyOf(home))),
          accessPointIds,
        },
        public: true,
      });
      await updateRegistration(trx, home.id, accessPointIds, leafId);
      homes.set(home.dwelling_id, { ...home, access_point_ids: accessPointIds, leaf_id: leafId });
    }
    return homes;
  }

  function keyOf({ id, sealed }: HomeRow): Uint8Array {
    return storageKey.open(sealed, homeKeyContext(id));
  }

  /** Proves what stands before `size`. */
  async function answerUnder(
    prepared: Awaited<ReturnType<typeof prepare>>,
    opened: ReadonlyMap<string, OpenedStatement>,
    tree: { readonly from: number; readonly size: number; readonly kind: "published" | "signed" },
  ): Promise<ProofsAnswer | undefined> {
    const { asked, homes } = prepared;
    const provable = asked.filter(({ leaf_id, dwelling_id }) => {
      const ids = [leaf_id, ...(dwelling_id === null ? [] : [homes.get(dwelling_id)?.leaf_id ?? ""])];
      const last = Math.max(...ids.map((id) => indexOf(opened.get(id))));
      return last >= tree.from && last < tree.size;
    });
    const usedHomes = new Set(provable.flatMap(({ dwelling_id }) => homes.get(dwelling_id ?? "") ?? []));
    const ids = new Set([
      ...provable.map(({ leaf_id }) => leaf_id),
      ...[...usedHomes].flatMap(({ leaf_id }) => leaf_id ?? []),
    ]);
    const proven = [...ids]
      .flatMap((id) => opened.get(id) ?? [])
      .flatMap(({ index, statement, salt }) =>
        index === undefined || salt === undefined ? [] : [{ index, statement, salt }],
      )
      .sort((a, b) => a.index - b.index);
    if (proven.length === 0) return undefined;
    const inclusion = await log.inclusionOfMany(
      proven.map(({ index }) => index),
      tree.kind,
    );
    if (inclusion === undefined) return undefined;
    return {
      checkpoint: new TextDecoder().decode(inclusion.checkpoint),
      leaves: proven,
      homeKeys: [...usedHomes].map(keyOf),
      proof: inclusion.hashes,
    };
  }

  /** The leaves that answer, opened as far as the log has them. */
  async function look(wanted: ProofsRequest["wanted"]) {
    const prepared = await prepare(wanted);
    const { asked, homes } = prepared;
    const leafIds = [
      ...asked.map(({ leaf_id }) => leaf_id),
      ...[...homes.values()].flatMap(({ leaf_id }) => leaf_id ?? []),
    ];
    const opened = new Map(
      (await openStatements(db, storageKey, leafIds)).map((statement) => [statement.leafId, statement]),
    );
    const published = (await log.published())?.signed.checkpoint.size ?? 0;
    const unseen = leafIds.filter((id) => indexOf(opened.get(id)) >= published);
    return { prepared, leafIds, opened, published, unseen };
  }

  return {
    /**
     * Proofs for as many of these credentials as the log proves now: those that witnesses saw, and apart from them those
     * that the log alone answers for because witnesses are silent. Nothing for a credential without a leaf.
     */
    async prove(wanted: ProofsRequest["wanted"]): Promise<readonly ProofsAnswer[]> {
      const { prepared, leafIds, opened, published, unseen } = await look(wanted);
      if (leafIds.length === 0) return [];
      const seen = await answerUnder(prepared, opened, { from: 0, size: published, kind: "published" });
      const takenAt = await selectTakenAt(db, unseen);
      const isPatient = takenAt === undefined || clock.now() - takenAt < WITNESS_PATIENCE_MS;
      const unwitnessed = isPatient
        ? undefined
        : await answerUnder(prepared, opened, {
            from: published,
            size: Number.POSITIVE_INFINITY,
            kind: "signed",
          });
      return [seen, unwitnessed].flatMap((answer) => answer ?? []);
    },

    /** The whole proof of one credential in a tree that witnesses saw; `undefined` while a part of it is on its way. */
    async proveWitnessed(credentialKey: Uint8Array): Promise<WitnessedProof | undefined> {
      const { prepared, opened, published, unseen } = await look([{ credentialKey, floor: 0 }]);
      const leafIds = prepared.asked.map(({ leaf_id }) => leaf_id);
      if (leafIds.length === 0 || unseen.length > 0) return undefined;
      const answer = await answerUnder(prepared, opened, { from: 0, size: published, kind: "published" });
      return answer && { ...answer, leafIds };
    },
  };
}

function indexOf(statement: OpenedStatement | undefined): number {
  return statement?.index ?? Number.POSITIVE_INFINITY;
}
