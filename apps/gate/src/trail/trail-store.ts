import { CommunityId, GateId, MAX_RETENTION_DAYS } from "@menshen/domain";
import { NAMING_SCOPES } from "@menshen/wire";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { GateError } from "../errors.ts";
import { Base64, fromBase64, toBase64 } from "../keys/device-keys.ts";
import type { PseudonymKey } from "./pseudonym-key.ts";
import type { TrailState } from "./trail-check.ts";

// How what a gate keeps of sealing stands in its state database, inside the seal.

const Whole = Type.Integer({ minimum: 0 });
const StoredTrail = Type.Object({
  gateId: Type.String(),
  communityId: Type.String(),
  version: Whole,
  anchorMs: Type.Integer(),
  epochMs: Type.Integer({ minimum: 1 }),
  retentionDays: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_RETENTION_DAYS })),
  generation: Whole,
  peers: Type.Array(
    Type.Object({ gateId: Type.String(), deviceKey: Base64, sealingKey: Base64, proven: Type.Boolean() }),
  ),
  epochKeys: Type.Array(Type.Object({ epoch: Whole, encoded: Base64, setVersion: Whole })),
  custodians: Type.Array(Base64),
  log: Type.Optional(
    Type.Object({
      logKey: Type.String(),
      witnesses: Type.Array(Type.String()),
      quorum: Whole,
      endorsedVersion: Whole,
    }),
  ),
  deskKeys: Type.Array(
    Type.Object({
      scope: Type.Enum([...NAMING_SCOPES]),
      fromMs: Type.Integer(),
      untilMs: Type.Integer(),
      key: Base64,
    }),
  ),
  // Not written by earlier versions.
  announced: Type.Optional(Type.Array(Type.Object({ statement: Type.String(), atMs: Type.Integer() }))),
  logRefused: Type.Boolean(),
  judged: Type.Array(Type.String()),
});

/** Whose state it is: one that was copied from another gate's disk is not this one's. */
interface Place {
  readonly gateId: GateId;
  readonly communityId: CommunityId;
}

export function storeTrail(state: TrailState, { gateId, communityId }: Place): Uint8Array {
  const value: Static<typeof StoredTrail> = {
    gateId,
    communityId,
    version: state.version,
    ...state.grid,
    ...(state.retentionDays === undefined ? {} : { retentionDays: state.retentionDays }),
    generation: state.generation,
    peers: state.peers.map((peer) => ({
      gateId: peer.gateId,
      deviceKey: toBase64(peer.deviceKey),
      sealingKey: toBase64(peer.sealingKey),
      proven: peer.proven,
    })),
    epochKeys: state.epochKeys.map(({ epoch, encoded, setVersion }) => ({
      epoch,
      encoded: toBase64(encoded),
      setVersion,
    })),
    custodians: state.custodians.map(toBase64),
    ...(state.log === undefined ? {} : { log: { ...state.log, witnesses: [...state.log.witnesses] } }),
    deskKeys: state.deskKeys.map((one) => ({ ...one, key: toBase64(one.key) })),
    announced: state.announced.map((one) => ({ ...one })),
    logRefused: state.logRefused,
    judged: [...state.judged],
  };
  return new TextEncoder().encode(JSON.stringify(value));
}

/** @throws {GateError} `seal-broken` for anything else than {@link storeTrail} wrote here */
export function restoreTrail(bytes: Uint8Array, place: Place): TrailState {
  const value = parsed(bytes);
  if (
    !Value.Check(StoredTrail, value) ||
    GateId(value.gateId) !== place.gateId ||
    CommunityId(value.communityId) !== place.communityId
  ) {
    throw new GateError("seal-broken", "expected a trail of this gate and version");
  }
  return {
    version: value.version,
    grid: { anchorMs: value.anchorMs, epochMs: value.epochMs },
    ...(value.retentionDays === undefined ? {} : { retentionDays: value.retentionDays }),
    generation: value.generation,
    peers: value.peers.map((peer) => ({
      gateId: GateId(peer.gateId),
      deviceKey: fromBase64(peer.deviceKey),
      sealingKey: fromBase64(peer.sealingKey),
      proven: peer.proven,
    })),
    epochKeys: value.epochKeys.map(({ epoch, encoded, setVersion }) => ({
      epoch,
      encoded: fromBase64(encoded),
      setVersion,
    })),
    custodians: value.custodians.map(fromBase64),
    ...(value.log === undefined ? {} : { log: value.log }),
    deskKeys: value.deskKeys.map((one) => ({ ...one, key: fromBase64(one.key) })),
    announced: value.announced ?? [],
    logRefused: value.logRefused,
    judged: value.judged,
  };
}

const StoredChain = Type.Object({ generation: Whole, epoch: Whole, key: Base64 });

export function storeChain({ generation, epoch, key }: PseudonymKey): Uint8Array {
  const value: Static<typeof StoredChain> = { generation, epoch, key: toBase64(key) };
  return new TextEncoder().encode(JSON.stringify(value));
}

/** @throws {GateError} `seal-broken` */
export function restoreChain(bytes: Uint8Array): PseudonymKey {
  const value = parsed(bytes);
  if (!Value.Check(StoredChain, value)) {
    throw new GateError("seal-broken", "expected a pseudonym key of this version");
  }
  return { generation: value.generation, epoch: value.epoch, key: fromBase64(value.key) };
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
