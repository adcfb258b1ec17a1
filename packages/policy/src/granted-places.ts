import type { AccessPointId, PersonId } from "@menshen/domain";
import { leadsThrough, ruleSelector } from "./matching.ts";
import type { CommunityModel } from "./model.ts";
import { indexModel, isShared } from "./model-index.ts";
import { remember } from "./remember.ts";
import { ROW_WORDS, rowProfile, rowTraits, type Snapshot } from "./snapshot.ts";

/**
 * Prepares the question to which access points of the community a person is granted anything, at some time, by some
 * means. At least what a snapshot compiled from the model grants; a rule whose time is over counts too.
 *
 * @throws {PolicyError} `invalid-model`
 */
export function grantedPlaces(model: CommunityModel): (personId: PersonId) => ReadonlySet<AccessPointId> {
  const index = indexModel(model);
  const selectionsOf = ruleSelector(index, index.rules);
  const reachedBy = remember((position: number) => {
    const rule = index.rules[position];
    return rule === undefined
      ? []
      : model.accessPoints
          .filter((accessPoint) => leadsThrough(rule, accessPoint))
          .map((accessPoint) => ({ id: accessPoint.id, shared: isShared(index, accessPoint) }));
  });
  return (personId) => {
    const places = new Set<AccessPointId>();
    for (const { position, asHousehold, asResident, asPerson } of selectionsOf(personId)) {
      for (const { id, shared } of reachedBy(position)) {
        const times = shared ? asHousehold : asResident;
        if (asPerson || times.length > 0) places.add(id);
      }
    }
    return places;
  };
}

/** A credential that a snapshot lets through somewhere. */
export interface GrantedCredential {
  /** 16 bytes. */
  readonly key: Uint8Array;
  /** Of this gate, none twice; the same list for credentials that are granted the same. */
  readonly accessPointIds: readonly AccessPointId[];
}

/** The active credentials of a snapshot, by rising key, each with the access points it is granted anything at. */
export function* grantedCredentials(snapshot: Snapshot): Generator<GrantedCredential> {
  const { tables, accessPoints } = snapshot;
  const placesOf = remember((profile: number): readonly AccessPointId[] => {
    const grants = tables.grantAccessPoint.subarray(
      tables.profileStart[profile] ?? 0,
      tables.profileStart[profile + 1] ?? 0,
    );
    return [...new Set(grants)].flatMap((position) => accessPoints[position]?.id ?? []);
  });
  for (let row = 0; row < snapshot.credentialCount; row++) {
    if (rowTraits(tables, row) >> STATUS_SHIFT !== ACTIVE) continue;
    const key = new Uint8Array(16);
    const view = new DataView(key.buffer);
    for (let word = 0; word < 4; word++) view.setUint32(word * 4, tables.rows[row * ROW_WORDS + word] ?? 0);
    yield { key, accessPointIds: placesOf(rowProfile(tables, row)) };
  }
}

const STATUS_SHIFT = 7;
const ACTIVE = 0;
