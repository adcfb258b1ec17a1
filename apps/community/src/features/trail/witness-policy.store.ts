import {
  type Endorsement,
  encodeWitnessPolicy,
  parseWitnessPolicy,
  type WitnessPolicy,
} from "@menshen/custody";
import { moment, type Reader, type Trx } from "../../database/database.ts";

/** A policy as stored. */
export interface StoredPolicy {
  readonly policy: WitnessPolicy;
  readonly encoded: Uint8Array;
  readonly proposedAt: number;
  /** Since when gates are told of it. */
  readonly inForceSince: number | undefined;
  /** Version of the custodians that endorsed it. */
  readonly endorsedBy: number | undefined;
  /** With the version of the set of each. */
  readonly endorsements: readonly (Endorsement & { readonly setVersion: number })[];
}

/** All policies that were in force or wait, the oldest first. They change rarely: there are few. */
export async function selectPolicies(db: Reader): Promise<readonly StoredPolicy[]> {
  const rows = await db.selectFrom("witness_policy").selectAll().orderBy("version").execute();
  const endorsements = await db
    .selectFrom("witness_policy_endorsement")
    .selectAll()
    .orderBy("set_version")
    .orderBy("custodian")
    .execute();
  return rows.map((row) => ({
    policy: parseWitnessPolicy(row.encoded),
    encoded: new Uint8Array(row.encoded),
    proposedAt: row.proposed_at,
    inForceSince: row.in_force_since ?? undefined,
    endorsedBy: row.endorsed_by ?? undefined,
    endorsements: endorsements
      .filter(({ version }) => version === row.version)
      .map(({ custodian: index, set_version: setVersion, signature }) => ({ index, setVersion, signature })),
  }));
}

/** The policy that gates are told of. */
export function policyInForce(policies: readonly StoredPolicy[]): StoredPolicy | undefined {
  return policies.findLast(({ inForceSince }) => inForceSince !== undefined);
}

/** The last policy that custodians endorsed, with their word. */
export function endorsedPolicy(policies: readonly StoredPolicy[]) {
  const stored = policies.findLast(({ endorsedBy }) => endorsedBy !== undefined);
  if (stored?.endorsedBy === undefined) return undefined;
  const { endorsedBy: setVersion, encoded } = stored;
  return {
    encoded,
    setVersion,
    endorsements: stored.endorsements
      .filter((one) => one.setVersion === setVersion)
      .map(({ index, signature }) => ({ index, signature })),
  };
}

export async function deleteWaitingPolicies(trx: Trx): Promise<void> {
  await trx.deleteFrom("witness_policy").where("in_force_since", "is", null).execute();
}

export async function insertPolicy(
  trx: Trx,
  policy: WitnessPolicy,
  times: { readonly proposedAt: number; readonly inForce: boolean },
): Promise<void> {
  const at = moment(times.proposedAt);
  await trx
    .insertInto("witness_policy")
    .values({
      version: policy.version,
      encoded: encodeWitnessPolicy(policy),
      proposed_at: at,
      in_force_since: times.inForce ? at : null,
    })
    .execute();
}
