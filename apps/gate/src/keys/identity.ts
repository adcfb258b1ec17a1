import { join } from "node:path";
import { wipe } from "@menshen/crypto/node";
import { CommunityId, GateId } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { GateError } from "../errors.ts";
import {
  Base64,
  type DeviceKeys,
  fromBase64,
  restoreDeviceKeys,
  storeDeviceKeys,
  storedDeviceKeys,
  toBase64,
} from "./device-keys.ts";
import { readDurable, writeDurable } from "./durable-file.ts";
import type { Seal } from "./seal.ts";

/** Who this gate is, and whom it believes. Made at enrolment, the certificate renewed. */
export interface GateIdentity extends DeviceKeys {
  readonly gateId: GateId;
  readonly communityId: CommunityId;
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER; the community's authority, pinned at enrolment. */
  readonly ca: Uint8Array;
  /** Ed25519, 32 bytes. */
  readonly policyKey: Uint8Array;
  readonly mqtt: string;
  /** IANA name, for the status page only: decisions use the snapshot's own transitions. */
  readonly timeZone: string;
}

const StoredIdentity = Type.Object({
  gateId: Type.String(),
  communityId: Type.String(),
  ...storedDeviceKeys,
  certificate: Base64,
  ca: Base64,
  policyKey: Base64,
  mqtt: Type.String(),
  timeZone: Type.String(),
});

const PURPOSE = "menshen gate identity v1";
const FILE = "identity.sealed";

/** The stored identity, or undefined before enrolment. @throws {GateError} `seal-broken`, `disk-failed` */
export function readIdentity(stateDir: string, seal: Seal): GateIdentity | undefined {
  const sealed = readDurable(join(stateDir, FILE));
  if (sealed === undefined) return undefined;
  const plaintext = seal.open(PURPOSE, sealed);
  const value: unknown = JSON.parse(Buffer.from(plaintext).toString("utf8"));
  wipe(plaintext);
  if (!Value.Check(StoredIdentity, value)) {
    throw new GateError("seal-broken", `${FILE}: expected an identity of this version`);
  }
  return {
    gateId: GateId(value.gateId),
    communityId: CommunityId(value.communityId),
    ...restoreDeviceKeys(value),
    certificate: fromBase64(value.certificate),
    ca: fromBase64(value.ca),
    policyKey: fromBase64(value.policyKey),
    mqtt: value.mqtt,
    timeZone: value.timeZone,
  };
}

/** @throws {GateError} `disk-full`, `disk-failed` */
export function writeIdentity(stateDir: string, seal: Seal, identity: GateIdentity): void {
  const value: Static<typeof StoredIdentity> = {
    gateId: identity.gateId,
    communityId: identity.communityId,
    ...storeDeviceKeys(identity),
    certificate: toBase64(identity.certificate),
    ca: toBase64(identity.ca),
    policyKey: toBase64(identity.policyKey),
    mqtt: identity.mqtt,
    timeZone: identity.timeZone,
  };
  const plaintext = new TextEncoder().encode(JSON.stringify(value));
  writeDurable(join(stateDir, FILE), seal.seal(PURPOSE, plaintext));
  wipe(plaintext);
}
