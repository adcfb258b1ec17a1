import { sha256 } from "@menshen/crypto/node";
import { type CommunityId, GateId, Instant } from "@menshen/domain";
import { publicKeySha256 } from "@menshen/trust";
import { doorRulesMessage } from "@menshen/wire";
import type { Pool } from "pg";
import type { DocumentRow } from "./document-store.ts";
import type { DoorRulesContent } from "./types.ts";

/** The door rules of a gate; `sign` is by the policy key. Peers are the other sites whose gates are enrolled now. */
export async function makeDoorRulesRow(options: {
  readonly pool: Pool;
  readonly content: DoorRulesContent;
  readonly gateId: GateId;
  readonly communityId: CommunityId;
  readonly version: number;
  readonly issuedAt: Instant;
  readonly sign: (payload: Uint8Array) => Uint8Array;
}): Promise<DocumentRow> {
  const { pool, gateId, communityId, version, issuedAt } = options;
  const { sites, ...rules } = options.content;
  const keys = await readDeviceKeys(pool);
  const peers = sites.flatMap(({ gateId: peer, host, port }) => {
    const publicKey = keys.get(peer);
    if (publicKey === undefined || peer === gateId) return [];
    return [{ gateId: peer, host, port, keySha256: publicKeySha256({ alg: "ES256", publicKey }) }];
  });
  const content = { ...rules, peers, version: 1, gateId, communityId } as const;
  // The digest is over all but number and time, so that an unchanged document is seen as one.
  const unchanging = doorRulesMessage.encode({ ...content, doorRulesVersion: 1, issuedAt: Instant(0) });
  return {
    what: "door-rules",
    version,
    message: options.sign(doorRulesMessage.encode({ ...content, doorRulesVersion: version, issuedAt })),
    content: sha256(unchanging),
    madeAt: issuedAt,
  };
}

async function readDeviceKeys(pool: Pool): Promise<ReadonlyMap<GateId, Uint8Array>> {
  const { rows } = await pool.query<{ gate_id: string; device_key: Buffer }>(
    "select gate_id, device_key from gate_device where enrolment = 'enrolled'",
  );
  return new Map(rows.map((row) => [GateId(row.gate_id), new Uint8Array(row.device_key)]));
}
