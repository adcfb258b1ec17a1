import { randomUUID } from "node:crypto";
import { primitives, randomBytes, toHex } from "@menshen/crypto/node";
import type { Instant } from "@menshen/domain";
import { credentialTag, HOME_KEY_BYTES, HOME_NUMBERS, type TwoPersonTopic } from "@menshen/evidence";
import type { LeafRecorder, SqlScope } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { endEmptyHomes, insertHome, lockHomes, updateNextNumbers } from "./homes.store.ts";
import {
  type Concerned,
  endLeaves,
  type HeldCredential,
  insertCredentialLeaves,
  insertIssuer,
  insertPassLeaf,
  selectHeld,
  selectLeavesOfPasses,
  selectOpenLeaves,
  selectPersonsConcerned,
} from "./register.store.ts";

const TAG_BYTES = 16;

/** Brings the evidence log up to date with who holds which credential. */
export interface CredentialRegister {
  /**
   * Part of a change, after all else of it: what begins gets its leaf, what ended is said to have ended.
   *
   * @param staffId who makes the change; issues what it enrols
   */
  readonly follow: (
    trx: SqlScope,
    at: Instant,
    about: Concerned,
    staffId: string | undefined,
  ) => Promise<void>;
  /** The same for all that these persons hold, whoever changed it. */
  readonly followPersons: (trx: SqlScope, at: Instant, persons: readonly string[]) => Promise<void>;
  /**
   * Puts a visitor pass of the community into the log, under the next number of the home.
   *
   * @returns the home; `undefined` if it used all its numbers
   */
  readonly beginPass: (trx: SqlScope, at: Instant, pass: NewPass) => Promise<string | undefined>;
  /** Ends the leaves of these visitor passes. */
  readonly endPasses: (trx: SqlScope, at: Instant, passIds: readonly Uint8Array[]) => Promise<void>;
  /** Ends the leaf of a credential and gives it a new one, behind all that the log has now. */
  readonly renew: (trx: SqlScope, at: Instant, leaf: RenewedLeaf) => Promise<void>;
}

export interface RenewedLeaf {
  readonly leafId: string;
  readonly personId: string;
}

/** A visitor pass that the community signs for those who live in a dwelling. */
export interface NewPass {
  readonly dwellingId: string;
  /** 16 bytes, hexadecimal. */
  readonly credentialKey: string;
  /** Stores it, before its leaf refers to it. */
  readonly store: (homeId: string) => Promise<Uint8Array>;
}

/** A home whose credentials are being numbered. */
interface NumberingHome {
  readonly id: string;
  readonly tag: Uint8Array;
  readonly key: Uint8Array;
  next: number;
}

interface Missing {
  readonly credential: HeldCredential;
  readonly place: Place;
}

/** One thing that the log should say of a credential: in which home it is, or of which topic two answer for. */
type Place = { readonly dwellingId: string } | { readonly topic: TwoPersonTopic };

export function makeCredentialRegister(dependencies: {
  readonly leaves: LeafRecorder;
  readonly storageKey: StorageKey;
}): CredentialRegister {
  const { leaves, storageKey } = dependencies;

  async function bringUpToDate(
    trx: SqlScope,
    at: Instant,
    persons: readonly string[],
    staffId: string | undefined,
  ): Promise<void> {
    const held = await selectHeld(trx, at, persons);
    const open = await selectOpenLeaves(trx, persons);
    const wanted = new Map(held.map((credential) => [credential.id, placesOf(credential).map(nameOf)]));
    const over = open.filter(
      ({ credential_id: id, dwelling_id }) =>
        id === null || !wanted.get(id)?.includes(dwelling_id ?? TWO_PERSONS),
    );
    await endLeaves(
      trx,
      over.map(({ leaf_id }) => leaf_id),
      at,
    );
    await leaves.recordAll(
      trx,
      over.map(({ tag }) => endOf("credential-ended", tag, at)),
    );
    const there = new Set(
      open.map(({ credential_id, dwelling_id }) => `${credential_id} ${dwelling_id ?? TWO_PERSONS}`),
    );
    if (staffId !== undefined) {
      const alone = held.filter(
        ({ id, ...credential }) =>
          credential.issued_by === null &&
          !there.has(`${id} ${TWO_PERSONS}`) &&
          wanted.get(id)?.includes(TWO_PERSONS),
      );
      await insertIssuer(
        trx,
        alone.map(({ id }) => id),
        staffId,
        at,
      );
    }
    const missing = held.flatMap((credential) =>
      placesOf(credential)
        .filter((place) => !there.has(`${credential.id} ${nameOf(place)}`))
        .map((place) => ({ credential, place })),
    );
    await begin(trx, at, missing);
    const empty = await endEmptyHomes(trx, at, persons);
    await endPassLeaves(trx, at, { homeIds: empty.map(({ id }) => id) });
    await leaves.recordAll(
      trx,
      empty.flatMap(({ tag, leaf_id }) => (leaf_id === null ? [] : [endOf("dwelling-ended", tag, at)])),
    );
  }

  async function endPassLeaves(
    trx: SqlScope,
    at: Instant,
    of: { readonly passIds?: readonly Uint8Array[]; readonly homeIds?: readonly string[] },
  ): Promise<void> {
    const over = await selectLeavesOfPasses(trx, of.passIds ?? [], of.homeIds ?? []);
    if (over.length === 0) return;
    await endLeaves(
      trx,
      over.map(({ leaf_id }) => leaf_id),
      at,
    );
    await leaves.recordAll(
      trx,
      over.map(({ tag }) => endOf("credential-ended", tag, at)),
    );
  }

  async function begin(trx: SqlScope, at: Instant, missing: readonly Missing[]): Promise<void> {
    const dwellings = missing.flatMap(({ place }) => ("topic" in place ? [] : [place.dwellingId]));
    const homes = await homesOf(trx, at, [...new Set(dwellings)].toSorted());
    const drafts = missing.flatMap(({ credential, place }) => {
      const leaf =
        "topic" in place ? approvedLeaf(credential, place.topic) : homeLeaf(homes.get(place.dwellingId));
      return leaf === undefined ? [] : [{ credential, leaf }];
    });
    const leafIds = await leaves.recordAll(
      trx,
      drafts.map(({ credential, leaf: { topic, tag, statement } }) => ({
        at,
        topic,
        tag,
        subject: { kind: "person", id: credential.person_id },
        statement: { ...statement, credentialKey: credential.key, kind: credential.kind },
      })),
    );
    const rows = drafts.map(({ credential, leaf }, i) => ({
      ...leaf,
      leafId: leafIds[i] ?? "",
      credentialId: credential.id,
    }));
    await insertCredentialLeaves(trx, rows, at);
    await updateNextNumbers(trx, [...homes.values()]);
  }

  async function homesOf(
    trx: SqlScope,
    at: Instant,
    dwellingIds: readonly string[],
  ): Promise<ReadonlyMap<string, NumberingHome>> {
    const homes = new Map<string, NumberingHome>();
    for (const { id, dwelling_id, tag, sealed, next_number: next } of await lockHomes(trx, dwellingIds)) {
      homes.set(dwelling_id, { id, tag, next, key: storageKey.open(sealed, homeKeyContext(id)) });
    }
    for (const dwellingId of dwellingIds) {
      if (homes.has(dwellingId)) continue;
      const home = {
        id: randomUUID(),
        tag: randomBytes(TAG_BYTES),
        key: randomBytes(HOME_KEY_BYTES),
        next: 0,
      };
      const sealed = storageKey.seal(home.key, homeKeyContext(home.id));
      await insertHome(trx, { id: home.id, dwellingId, tag: home.tag, sealed, at });
      homes.set(dwellingId, home);
    }
    return homes;
  }

  return {
    async follow(trx, at, about, staffId) {
      const persons = await selectPersonsConcerned(trx, about);
      if (persons.length > 0) await bringUpToDate(trx, at, persons, staffId);
    },
    async beginPass(trx, at, { dwellingId, credentialKey, store }) {
      const homes = await homesOf(trx, at, [dwellingId]);
      const home = homes.get(dwellingId);
      const leaf = homeLeaf(home);
      if (home === undefined || leaf === undefined) return undefined;
      const passId = await store(home.id);
      const leafId = await leaves.record(trx, {
        at,
        topic: leaf.topic,
        tag: leaf.tag,
        subject: { kind: "community" },
        statement: { ...leaf.statement, credentialKey, kind: "pass" },
      });
      await insertPassLeaf(trx, { ...leaf, leafId, passId }, at);
      await updateNextNumbers(trx, [home]);
      return home.id;
    },
    endPasses: (trx, at, passIds) => endPassLeaves(trx, at, { passIds }),
    followPersons: (trx, at, persons) => bringUpToDate(trx, at, persons, undefined),
    async renew(trx, at, { leafId, personId }) {
      const [leaf] = (await selectOpenLeaves(trx, [personId])).filter(({ leaf_id }) => leaf_id === leafId);
      if (leaf === undefined) return;
      await endLeaves(trx, [leafId], at);
      await leaves.record(trx, endOf("credential-ended", leaf.tag, at));
      await bringUpToDate(trx, at, [personId], undefined);
    },
  };
}

/** Where a home key is sealed: it opens for no other home. */
export function homeKeyContext(homeId: string): string {
  return `home-key:${homeId}`;
}

const TWO_PERSONS = "two persons";

function nameOf(place: Place): string {
  return "topic" in place ? TWO_PERSONS : place.dwellingId;
}

/** Who lives here is seen by those at home; everybody else's credentials, also those of staff who live here, by two. */
function placesOf(credential: HeldCredential): readonly Place[] {
  const homes = credential.lives_in.map((dwellingId) => ({ dwellingId }));
  if (credential.works_here) return [...homes, { topic: "credential-of-staff" }];
  if (homes.length > 0) return homes;
  const topic = credential.dwelling_id === null ? "credential-of-service" : "credential-of-empty-dwelling";
  return [{ topic }];
}

function endOf(topic: "credential-ended" | "dwelling-ended", tag: Uint8Array, at: Instant) {
  return {
    at,
    topic,
    subject: { kind: "community" },
    tag,
    statement: { tag: toHex(tag) },
  } as const;
}

/** Takes the home's next number. A home that used all of them gets no more: its residents could not look for one. */
function homeLeaf(home: NumberingHome | undefined) {
  if (home === undefined || home.next >= HOME_NUMBERS) return undefined;
  const number = home.next;
  home.next += 1;
  return {
    topic: "credential-of-dwelling",
    tag: credentialTag(primitives, home.key, number),
    home: { id: home.id, number },
    statement: { number, dwellingTag: toHex(home.tag) },
  } as const;
}

/** Waits for the second person: until then no leaf, and no door. */
function approvedLeaf({ issued_by: issuer, confirmed_by: confirmer }: HeldCredential, topic: TwoPersonTopic) {
  if (issuer === null || confirmer === null) return undefined;
  const tag = randomBytes(TAG_BYTES);
  return {
    topic,
    tag,
    home: undefined,
    statement: { tag: toHex(tag), approvedBy: [issuer, confirmer] },
  } as const;
}
