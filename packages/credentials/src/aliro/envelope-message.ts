import { CredentialError } from "../credential-error.ts";
import { encodeTlv, readTlvMap, requiredValue } from "../tlv/ber-tlv.ts";
import { byteString, mapOf, readCbor, writeCbor } from "./document/document-cbor.ts";

/** Data of ENVELOPE and of its answer: 53{ {"data": bytes} } around one message of the step-up channel. */
export function encodeEnvelope(ciphertext: Uint8Array): Uint8Array {
  return encodeTlv(0x53, writeCbor(new Map([["data", ciphertext]])));
}

/** @throws {CredentialError} `malformed` */
export function parseEnvelope(bytes: Uint8Array): Uint8Array {
  const elements = readTlvMap(bytes);
  if (elements.size !== 1) throw new CredentialError("malformed", "expected one element 53");
  const map = mapOf(readCbor(requiredValue(elements, 0x53)), "envelope");
  return byteString(map.get("data"), "data");
}
