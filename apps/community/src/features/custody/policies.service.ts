import { fromHex, toHex } from "@menshen/crypto/node";
import { asksForNoLess, type LogTrust, verifyPolicyEndorsement } from "@menshen/custody";
import type { WitnessList } from "@menshen/wire";
import type { SignedInCustodian } from "../../authority/signed-in-custodian.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import {
  deleteWaitingPolicies,
  insertPolicy,
  policyInForce,
  type StoredPolicy,
  selectPolicies,
} from "../trail/index.ts";
import { BY_CUSTODIAN, presentOf } from "./appointments.service.ts";
import {
  insertPolicyEndorsement,
  lockCustody,
  putPolicyInForce,
  type StoredSet,
  selectSets,
} from "./custody.store.ts";

export type PoliciesService = ReturnType<typeof makePoliciesService>;

/**
 * Which log and witnesses gates and custodians' programs are to believe. What asks for no less than before goes to the
 * gates at once; everything else when enough custodians endorsed it.
 */
export function makePoliciesService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  /** After a change that gates must hear of. */
  readonly trailChanged: () => void;
}) {
  const { db, change, trailChanged } = dependencies;
  return {
    /** Proposes what holds now, unless it is the last proposal already, or what is in force. Within a change. */
    async propose(trx: Trx, at: number, trust: LogTrust): Promise<void> {
      await lockCustody(trx);
      const policies = await selectPolicies(trx);
      const latest = policies.at(-1);
      if (latest !== undefined && isSame(latest.policy, trust)) return;
      await deleteWaitingPolicies(trx);
      const inForce = policyInForce(policies);
      if (inForce !== undefined && isSame(inForce.policy, trust)) return;
      const hasCustodians = presentOf(await selectSets(trx)) !== undefined;
      await insertPolicy(
        trx,
        { ...trust, version: (inForce?.policy.version ?? 0) + 1 },
        {
          proposedAt: at,
          inForce:
            !hasCustodians || inForce === undefined || asksForNoLess(keysOf(inForce.policy), keysOf(trust)),
        },
      );
    },

    /** Throws `forbidden` unless the custodian is in office, `conflict` for another policy, `key-refused`. */
    async endorse(
      custodian: SignedInCustodian,
      input: { readonly version: number; readonly signature: string },
    ): Promise<void> {
      const { present: seat } = custodian;
      if (seat === undefined) throw refusal("forbidden", "only custodians in office endorse witnesses");
      await change(BY_CUSTODIAN, async ({ trx, at, leaf, record }) => {
        await lockCustody(trx);
        const sets = await selectSets(trx);
        const present = found(presentOf(sets), "set of custodians");
        const waiting = waitingIn(await selectPolicies(trx), sets);
        if (waiting?.policy.version !== input.version || present.set.version !== seat.version) {
          throw refusal("conflict", "no such policy waits: read again which one does");
        }
        const endorsement = { index: seat.index, signature: fromHex(input.signature) };
        if (!verifyPolicyEndorsement(present.set, waiting.policy, endorsement)) {
          throw refusal("key-refused", "the signature does not endorse this policy");
        }
        const { version, logKey, witnesses, quorum } = waiting.policy;
        const setVersion = present.set.version;
        await insertPolicyEndorsement(trx, version, setVersion, endorsement);
        const by = [...new Set([...endorsersOf(waiting, present), seat.index])].toSorted((a, b) => a - b);
        if (by.length < present.set.threshold) return;
        await putPolicyInForce(trx, version, setVersion, at);
        const statement = {
          version,
          logKey,
          witnesses: witnesses.map(({ body, key }) => ({ body, key })),
          quorum,
          setVersion,
          endorsedBy: by,
        };
        await leaf({
          topic: "witness-policy-endorsed",
          subject: { kind: "community" },
          statement,
          public: true,
        });
        await record({
          action: "witness-policy.endorsed",
          entity: "witness-policy",
          entityId: String(version),
          after: statement,
        });
      });
      trailChanged();
    },

    /** For custodians' programs: the policy that waits for the custodians in office. */
    async waitingFor(reader: Reader, sets: readonly StoredSet[]) {
      const present = presentOf(sets);
      const waiting = waitingIn(await selectPolicies(reader), sets);
      return (
        present &&
        waiting && {
          version: waiting.policy.version,
          encoded: toHex(waiting.encoded),
          endorsements: waiting.endorsements
            .filter(({ setVersion }) => setVersion === present.set.version)
            .map(({ index, signature }) => ({ index, signature: toHex(signature) })),
        }
      );
    },

    /** For staff: what waits for whom. */
    async waiting(): Promise<WitnessList["waiting"]> {
      const sets = await selectSets(db);
      const present = presentOf(sets);
      const waiting = waitingIn(await selectPolicies(db), sets);
      if (present === undefined || waiting === undefined) return undefined;
      const by = endorsersOf(waiting, present);
      const { members, threshold } = present.set;
      return {
        version: waiting.policy.version,
        proposedAt: waiting.proposedAt,
        threshold,
        endorsedBy: members.flatMap(({ body }, position) => (by.includes(position + 1) ? [body] : [])),
        missing: members.flatMap(({ body }, position) => (by.includes(position + 1) ? [] : [body])),
        inForce: waiting.inForceSince !== undefined,
      };
    },
  };
}

/**
 * The last policy, if custodians have still to endorse it. What held before the first of them were appointed they pinned
 * themselves.
 */
function waitingIn(policies: readonly StoredPolicy[], sets: readonly StoredSet[]): StoredPolicy | undefined {
  const latest = policies.at(-1);
  const firstSince = sets[0]?.inForceSince;
  if (latest === undefined || firstSince === undefined || latest.endorsedBy !== undefined) return undefined;
  return latest.proposedAt > firstSince ? latest : undefined;
}

function endorsersOf({ endorsements }: StoredPolicy, { set }: StoredSet): readonly number[] {
  return endorsements.flatMap(({ index, setVersion }) => (setVersion === set.version ? [index] : []));
}

function keysOf({ logKey, witnesses, quorum }: LogTrust) {
  return { logKey, witnesses: witnesses.map(({ key }) => key), quorum };
}

function isSame(one: LogTrust, other: LogTrust): boolean {
  const text = ({ logKey, witnesses, quorum }: LogTrust) =>
    JSON.stringify([logKey, quorum, ...witnesses.map(({ body, key }) => `${body} ${key}`).toSorted()]);
  return text(one) === text(other);
}
