import { coseSign1, equalBytes, fromHex, type SigningKey, sha256 } from "@menshen/crypto/node";
import type { TimeInterval } from "@menshen/domain";
import {
  codeVouchesFor,
  isIssuedBy,
  keyIdentifier,
  makeCertificateRequest,
  NEW_GATE_NAME,
  parseEnrolmentCode,
  readCertificate,
} from "@menshen/trust";
import { enrolRequest, enrolResponse, externalAad, renewRequest, renewResponse } from "@menshen/wire";
import { GateError } from "../errors.ts";
import type { DeviceKeys } from "../keys/device-keys.ts";
import type { GateIdentity } from "../keys/identity.ts";
import { postCbor } from "./post-cbor.ts";
import { connectVerified } from "./verified-socket.ts";

/** Host and port of `https://host:port`. @throws {GateError} `config-invalid` */
export function gateEndpoint(enrolUrl: string): { readonly host: string; readonly port: number } {
  if (!URL.canParse(enrolUrl)) throw new GateError("config-invalid", "expected enrolUrl to be a URL");
  const url = new URL(enrolUrl);
  if (url.protocol !== "https:") {
    throw new GateError("config-invalid", `expected enrolUrl to begin with https, came \`${url.protocol}\``);
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 443 : Number(url.port),
  };
}

/**
 * Enrols this gate: checks the server by the second half of the code before the first half is sent, and gets a
 * certificate for the gate's keys. Nothing is stored here.
 *
 * @param keys stored durably already: the server answers the same code again to the same device only
 * @param pinnedFingerprint SHA-256 of the authority's DER, hex, if the configuration names one
 * @throws {GateError} `enrolment-failed`, `link-failed`; TrustError `bad-code`
 */
export async function enrol(options: {
  readonly enrolUrl: string;
  readonly code: string;
  readonly keys: DeviceKeys;
  readonly pinnedFingerprint?: string | undefined;
  readonly now: TimeInterval;
}): Promise<GateIdentity> {
  const { host, port } = gateEndpoint(options.enrolUrl);
  const code = parseEnrolmentCode(options.code);
  const pinned =
    options.pinnedFingerprint === undefined
      ? undefined
      : fromHex(options.pinnedFingerprint.replaceAll(":", "").toLowerCase());
  const vouches = (ca: Uint8Array): boolean =>
    codeVouchesFor(code, ca) && (pinned === undefined || equalBytes(sha256(ca), pinned));

  const { deviceKey, sealingKey } = options.keys;
  const csr = await makeCertificateRequest(deviceKey, NEW_GATE_NAME);
  const { socket, ca } = await connectVerified({ host, port, trust: { vouches }, now: options.now });
  const body = enrolRequest.encode({
    version: 1,
    code: options.code.replaceAll(/\s/g, "").toUpperCase(),
    csr,
    sealingKey: sealingKey.publicKey,
  });
  const answer = await postCbor(socket, host, "/gate/v1/enrol", body, enrolResponse.maxBytes);
  const enrolled = decoded(() => enrolResponse.decode(answer));
  if (!equalBytes(enrolled.ca, ca)) {
    throw new GateError("enrolment-failed", "expected the authority that the code vouches for in the answer");
  }
  await checkCertificate(enrolled.certificate, ca, deviceKey, enrolled.gateId);
  return {
    gateId: enrolled.gateId,
    communityId: enrolled.communityId,
    deviceKey,
    sealingKey,
    certificate: enrolled.certificate,
    ca,
    policyKey: enrolled.policyKey,
    mqtt: enrolled.mqtt,
    timeZone: enrolled.timeZone,
  };
}

/**
 * Gets a new certificate for the same key; works with an expired one, because the request is signed by the key.
 *
 * @returns DER
 * @throws {GateError} `enrolment-failed`, `link-failed`
 */
export async function renewCertificate(
  identity: GateIdentity,
  enrolUrl: string,
  now: TimeInterval,
): Promise<Uint8Array> {
  const { host, port } = gateEndpoint(enrolUrl);
  const csr = await makeCertificateRequest(identity.deviceKey, identity.gateId);
  const payload = renewRequest.encode({ version: 1, gateId: identity.gateId, csr, at: now.earliest });
  const message = coseSign1({
    payload,
    key: identity.deviceKey,
    kid: keyIdentifier(identity.deviceKey),
    externalAad: externalAad("renew"),
  });
  const { socket } = await connectVerified({ host, port, trust: { ca: identity.ca }, now });
  const answer = await postCbor(socket, host, "/gate/v1/renew", message, renewResponse.maxBytes);
  const { certificate } = decoded(() => renewResponse.decode(answer));
  await checkCertificate(certificate, identity.ca, identity.deviceKey, identity.gateId);
  return certificate;
}

/** Refuses a certificate that is not for this gate's key and name: a connection with it could only fail later. */
async function checkCertificate(
  certificate: Uint8Array,
  ca: Uint8Array,
  deviceKey: SigningKey,
  gateId: string,
): Promise<void> {
  const facts = decoded(() => readCertificate(certificate));
  if (
    facts.commonName !== gateId ||
    !equalBytes(facts.publicKey.publicKey, deviceKey.publicKey) ||
    !(await isIssuedBy(certificate, ca))
  ) {
    throw new GateError("enrolment-failed", "expected a certificate for this gate's own key and name");
  }
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new GateError("enrolment-failed", "expected an answer of this protocol's version", { cause });
  }
}
