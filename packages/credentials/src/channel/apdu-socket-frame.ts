import { CredentialError } from "../credential-error.ts";

// The form that vsmartcard's virtual reader driver (vpcd) speaks: u16 big-endian length, then as many bytes.
// A message of one byte from the reader is a control, any other an APDU.

/** Controls of the reader side. */
export const ApduSocketControl = { powerOff: 0x00, powerOn: 0x01, reset: 0x02, getAtr: 0x04 } as const;

/** Largest message that the length field can announce. */
export const APDU_SOCKET_MAX_BYTES = 0xffff;

/**
 * One framed message.
 *
 * @throws {CredentialError} `bad-argument` for an empty message or one above 65,535 bytes
 */
export function encodeApduSocketMessage(message: Uint8Array): Uint8Array<ArrayBuffer> {
  if (message.length === 0 || message.length > APDU_SOCKET_MAX_BYTES) {
    throw new CredentialError("bad-argument", `expected 1 to 65535 message bytes, got ${message.length}`);
  }
  const frame = new Uint8Array(2 + message.length);
  new DataView(frame.buffer).setUint16(0, message.length);
  frame.set(message, 2);
  return frame;
}

/** Cuts a byte stream into messages, however the transport split it. */
export class ApduSocketDecoder {
  #pending: Uint8Array = new Uint8Array();

  /**
   * @returns the messages completed by these bytes, in order
   * @throws {CredentialError} `malformed` for a message of length 0, which the protocol has no use for
   */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const all = new Uint8Array(this.#pending.length + bytes.length);
    all.set(this.#pending);
    all.set(bytes, this.#pending.length);

    const messages: Uint8Array[] = [];
    let offset = 0;
    while (all.length - offset >= 2) {
      const lengthBytes = ((all[offset] ?? 0) << 8) | (all[offset + 1] ?? 0);
      if (lengthBytes === 0) throw new CredentialError("malformed", "expected a message of at least 1 byte");
      if (all.length - offset - 2 < lengthBytes) break;
      messages.push(all.slice(offset + 2, offset + 2 + lengthBytes));
      offset += 2 + lengthBytes;
    }
    this.#pending = all.slice(offset);
    return messages;
  }
}
