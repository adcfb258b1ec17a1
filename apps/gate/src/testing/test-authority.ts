import { p256Generate, type SigningKey } from "@menshen/crypto/node";
import { type GateId, Instant } from "@menshen/domain";
import {
  type CommunityCa,
  createCommunityCa,
  issueGateCertificate,
  makeCertificateRequest,
  NEW_GATE_NAME,
  publicKeySha256,
  readCertificate,
} from "@menshen/trust";
import { TEST_COMMUNITY_ID } from "./test-community.ts";

/** What a gate that the community enrolled can show to other gates. */
export interface TestGateIdentity {
  readonly gateId: GateId;
  readonly certificate: Uint8Array;
  readonly deviceKey: SigningKey;
  readonly ca: Uint8Array;
  readonly keySha256: Uint8Array;
}

export const makeTestAuthority = (): Promise<CommunityCa> => createCommunityCa(TEST_COMMUNITY_ID);

export async function makeTestIdentity(
  authority: CommunityCa,
  gateId: GateId,
  now = Date.now(),
): Promise<TestGateIdentity> {
  const deviceKey = p256Generate();
  const request = await makeCertificateRequest(deviceKey, NEW_GATE_NAME);
  const { certificate } = await issueGateCertificate(authority, { request, gateId, now: Instant(now) });
  return {
    gateId,
    certificate,
    deviceKey,
    ca: authority.certificate,
    keySha256: publicKeySha256(readCertificate(certificate).publicKey),
  };
}
