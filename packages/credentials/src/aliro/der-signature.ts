import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv, readTlvs } from "../tlv/ber-tlv.ts";

const HALF_BYTES = 32;

/** `r || s` (64 bytes) as the DER `SEQUENCE { INTEGER r, INTEGER s }` of RFC 3279 §2.2.3. */
export function signatureToDer(signature: Uint8Array): Uint8Array {
  const integer = (half: Uint8Array) => {
    let begin = 0;
    while (begin < HALF_BYTES - 1 && half[begin] === 0) begin += 1;
    const magnitude = half.slice(begin);
    const sign = (magnitude[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
    return encodeTlv(0x02, sign, magnitude);
  };
  return encodeTlv(
    0x30,
    integer(signature.subarray(0, HALF_BYTES)),
    integer(signature.subarray(HALF_BYTES, 2 * HALF_BYTES)),
  );
}

/**
 * The reverse of {@link signatureToDer}, for its canonical form only.
 *
 * @throws {CredentialError} `malformed`
 */
export function signatureFromDer(der: Uint8Array): Uint8Array {
  const [sequence, ...beyond] = readTlvs(der);
  const [r, s, ...others] = sequence?.tag === 0x30 ? readTlvs(sequence.value) : [];
  if (beyond.length > 0 || others.length > 0 || r?.tag !== 0x02 || s?.tag !== 0x02) {
    throw new CredentialError("malformed", "expected a DER signature");
  }
  return concatBytes(half(r.value), half(s.value));
}

function half(integer: Uint8Array): Uint8Array {
  const [first, second] = integer;
  const padded = first === 0 && integer.length > 1;
  const minimal = !padded || (second ?? 0) >= 0x80;
  const magnitude = padded ? integer.slice(1) : integer;
  if (first === undefined || !minimal || (!padded && first >= 0x80) || magnitude.length > HALF_BYTES) {
    throw new CredentialError("malformed", "expected positive integers of at most 32 bytes");
  }
  return concatBytes(new Uint8Array(HALF_BYTES - magnitude.length), magnitude);
}
