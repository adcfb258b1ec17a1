import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import type { Direction, SessionCipher } from "./session-cipher.ts";

/** How one command and its answer are protected: nothing, MAC, or MAC and encryption. */
export type CommunicationMode = "plain" | "mac" | "full";

/** A command before protection. The header (file number, offset …) is never encrypted. */
export interface SecureCommand {
  /** Native command code. */
  readonly command: number;
  readonly header: Uint8Array;
  readonly data: Uint8Array;
  readonly mode: CommunicationMode;
}

const MAC_BYTES = 8;
const MAX_COMMAND_COUNTER = 0xffff;

/**
 * EV2 secure messaging after an authentication (AN12196 §4): one object at each end, reader (PCD) or card (PICC),
 * each counting the commands.
 *
 * Any `integrity` failure ends the session at this end: a peer that once sent something false gets no second try.
 */
export class SecureSession {
  readonly #primitives: Pick<Primitives, "constantTimeEqual">;
  readonly #cipher: SessionCipher;
  readonly #transactionId: Uint8Array;
  #commandCounter: number;
  #ended = false;

  /**
   * @param transactionId 4 bytes, chosen by the card
   * @param commandCounter 0 after a first authentication; kept over a non-first one
   */
  constructor(
    primitives: Pick<Primitives, "constantTimeEqual">,
    cipher: SessionCipher,
    transactionId: Uint8Array,
    commandCounter = 0,
  ) {
    this.#primitives = primitives;
    this.#cipher = cipher;
    this.#transactionId = transactionId;
    this.#commandCounter = commandCounter;
  }

  /** 4 bytes. */
  get transactionId(): Uint8Array {
    return this.#transactionId;
  }

  /** Commands of this transaction so far. */
  get commandCounter(): number {
    return this.#commandCounter;
  }

  /**
   * Reader: the data field of a protected command.
   *
   * @throws {CredentialError} `exhausted` after 65,535 commands; `closed` after the session's end
   */
  wrapCommand({ command, header, data, mode }: SecureCommand): Uint8Array {
    this.#requireOpen();
    const body = mode === "full" && data.length > 0 ? this.#encrypt("command", pad(data)) : data;
    const payload = concatBytes(header, body);
    const wrapped = mode === "plain" ? payload : concatBytes(payload, this.#mac(command, payload));
    this.#commandCounter += 1;
    return wrapped;
  }

  /**
   * Reader: the data of a protected answer whose native status was `ok`.
   *
   * @throws {CredentialError} `integrity` for a MAC or padding that does not verify, `malformed` for a length that
   *   does not fit; `closed` after the session's end
   */
  unwrapResponse(status: number, payload: Uint8Array, mode: CommunicationMode): Uint8Array {
    this.#requireOpen();
    if (mode === "plain") return payload;
    const body = this.#verified(status, payload);
    return mode === "full" && body.length > 0 ? this.#decrypt("response", body) : body;
  }

  /**
   * Card: header and data of a protected command.
   *
   * @param headerLengthBytes how many bytes of this command are its header
   * @throws {CredentialError} as {@link unwrapResponse}
   */
  unwrapCommand(
    command: number,
    payload: Uint8Array,
    headerLengthBytes: number,
    mode: CommunicationMode,
  ): { readonly header: Uint8Array; readonly data: Uint8Array } {
    this.#requireOpen();
    const body = mode === "plain" ? payload : this.#verified(command, payload);
    if (body.length < headerLengthBytes) {
      throw this.#end("malformed", `expected a header of ${headerLengthBytes} bytes`);
    }
    const header = body.slice(0, headerLengthBytes);
    const rest = body.slice(headerLengthBytes);
    const data = mode === "full" && rest.length > 0 ? this.#decrypt("command", rest) : rest;
    this.#commandCounter += 1;
    return { header, data };
  }

  /**
   * Card: the data field of a protected answer with status `ok`.
   *
   * @throws {CredentialError} `closed` after the session's end
   */
  wrapResponse(status: number, data: Uint8Array, mode: CommunicationMode): Uint8Array {
    if (this.#ended) throw new CredentialError("closed", "the session has ended");
    if (mode === "plain") return data;
    const body = mode === "full" && data.length > 0 ? this.#encrypt("response", pad(data)) : data;
    return concatBytes(body, this.#mac(status, body));
  }

  /** Forgets the session keys. May be called more than once. */
  end(): void {
    this.#ended = true;
    this.#cipher.wipe();
  }

  #requireOpen(): void {
    if (this.#ended) throw new CredentialError("closed", "the session has ended");
    // A counter that wrapped would repeat IVs and MACs.
    if (this.#commandCounter >= MAX_COMMAND_COUNTER) {
      throw new CredentialError("exhausted", "expected fewer than 65535 commands in one transaction");
    }
  }

  /** Body without its MAC. `code` is the command's or the status byte. */
  #verified(code: number, payload: Uint8Array): Uint8Array {
    if (payload.length < MAC_BYTES) throw this.#end("malformed", "expected at least the 8 bytes of a MAC");
    const body = payload.slice(0, -MAC_BYTES);
    const expected = this.#mac(code, body);
    if (!this.#primitives.constantTimeEqual(expected, payload.subarray(-MAC_BYTES))) {
      throw this.#end("integrity", "expected a MAC of this session");
    }
    return body;
  }

  /** MACt: bytes 1, 3, … 15 of the MAC over code, counter, transaction identifier and body. */
  #mac(code: number, body: Uint8Array): Uint8Array {
    const counter = Uint8Array.of(this.#commandCounter & 0xff, this.#commandCounter >> 8);
    return truncateMac(
      this.#cipher.mac(concatBytes(Uint8Array.of(code), counter, this.#transactionId, body)),
    );
  }

  #encrypt(direction: Direction, blocks: Uint8Array): Uint8Array {
    return this.#cipher.encrypt(this.#context(direction), blocks);
  }

  #decrypt(direction: Direction, body: Uint8Array): Uint8Array {
    if (body.length % 16 !== 0) throw this.#end("malformed", "expected whole blocks of 16 bytes");
    const plain = unpad(this.#cipher.decrypt(this.#context(direction), body));
    if (plain === undefined) throw this.#end("integrity", "expected padding 80 00…");
    return plain;
  }

  #context(direction: Direction) {
    return { direction, transactionId: this.#transactionId, commandCounter: this.#commandCounter };
  }

  #end(code: "integrity" | "malformed", message: string): CredentialError {
    this.end();
    return new CredentialError(code, message);
  }
}

/** The odd-numbered bytes (1, 3, … 15) of a 16-byte MAC, as every truncated MAC of these cards. */
export function truncateMac(mac: Uint8Array): Uint8Array {
  return mac.filter((_byte, index) => index % 2 === 1);
}

/** ISO/IEC 9797-1 method 2: 80, then zeros to a whole block; a whole block more when the data fill theirs. */
function pad(data: Uint8Array): Uint8Array {
  const padded = new Uint8Array((Math.floor(data.length / 16) + 1) * 16);
  padded.set(data);
  padded[data.length] = 0x80;
  return padded;
}

function unpad(padded: Uint8Array): Uint8Array | undefined {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end -= 1;
  return end >= 0 && padded[end] === 0x80 ? padded.slice(0, end) : undefined;
}
