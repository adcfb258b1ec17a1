import { toHex } from "@menshen/crypto/node";
import type { CustodianSet } from "@menshen/custody";
import { CEREMONY_STATES, type CeremonyView, type CustodianSetView } from "@menshen/wire";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";
import { failureOf, type StoredCeremony } from "./ceremonies.store.ts";
import type { StoredSet } from "./custody.store.ts";

/** A set of custodians as everybody may see it. */
export function viewOfSet({ set, inForceSince, endorsements, lastSeenAt }: StoredSet): CustodianSetView {
  return {
    version: set.version,
    threshold: set.threshold,
    members: set.members.map(({ body, identityKey }, position) => ({
      index: position + 1,
      body,
      identityKey: toHex(identityKey),
      ...optional("lastSeenAt", lastSeenAt.get(position + 1)),
    })),
    ...optional("inForceSince", inForceSince),
    endorsedBy: endorsements.map(({ index }) => index),
  };
}

/** A ceremony as everybody may see it; `set` is the one it is held under. */
export function viewOfCeremony({ row, seats }: StoredCeremony, set: CustodianSet): CeremonyView {
  const state = CEREMONY_STATES.find((name) => name === row.state);
  if (state === undefined) throw new CommunityError("internal", "a stored ceremony has an unknown state");
  return {
    id: row.id,
    setVersion: row.set_version,
    state,
    firstEpoch: row.first_epoch,
    epochCount: row.epoch_count,
    ...optional("motionId", row.motion_id ?? undefined),
    startedAt: row.started_at,
    expiresAt: row.expires_at,
    ...optional("endedAt", row.ended_at),
    present: seats.map(({ custodian }) => custodian),
    ...optional("failure", failureOf(row.failure)),
    named: (row.named ?? []).flatMap((index) => {
      const body = set.members[index - 1]?.body;
      return body === undefined ? [] : [{ index, body }];
    }),
  };
}
