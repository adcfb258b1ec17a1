import { wipe } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import type { AliroPrimitives } from "./aliro-primitives.ts";
import type { AliroChannelKeys } from "./key-derivation.ts";

/** Who speaks. */
export type AliroRole = "reader" | "device";

/** No counter goes beyond this; a new transaction begins then. */
const LAST_COUNTER = 0xffff;

/**
 * One end of a secure channel: AES-256-GCM, a counter for each direction that begins at 1, and a nonce of
 * `0000000000000000 || counter` from the reader, `0000000000000001 || counter` from the device.
 *
 * INVARIANT: no counter is used twice under one key. A message that does not open ends the channel and wipes its keys,
 * so a replayed, reordered or changed message is the last one.
 */
export class AliroChannel {
  readonly #primitives: Pick<AliroPrimitives, "aesGcmSeal" | "aesGcmOpen">;
  readonly #role: AliroRole;
  readonly #keys: AliroChannelKeys;
  readonly #counters: { reader: number; device: number } = { reader: 1, device: 1 };
  #ended = false;

  constructor(
    primitives: Pick<AliroPrimitives, "aesGcmSeal" | "aesGcmOpen">,
    role: AliroRole,
    keys: AliroChannelKeys,
  ) {
    this.#primitives = primitives;
    this.#role = role;
    this.#keys = { reader: keys.reader.slice(), device: keys.device.slice() };
  }

  /**
   * Enciphers this side's next message.
   *
   * @throws {CredentialError} `integrity` when the channel has ended, `exhausted` after message 65,535
   */
  seal(plaintext: Uint8Array, aad?: Uint8Array): Uint8Array {
    const { key, nonce } = this.#next(this.#role);
    return this.#primitives.aesGcmSeal(key, nonce, plaintext, aad);
  }

  /**
   * Opens the other side's next message.
   *
   * @throws {CredentialError} `integrity` when it is not that message, and ever after; `exhausted`
   */
  open(ciphertext: Uint8Array, aad?: Uint8Array): Uint8Array {
    const { key, nonce } = this.#next(this.#role === "reader" ? "device" : "reader");
    const plaintext = this.#primitives.aesGcmOpen(key, nonce, ciphertext, aad);
    if (plaintext !== undefined) return plaintext;
    this.end();
    throw new CredentialError("integrity", "expected the next message of the secure channel");
  }

  /** Wipes the keys; every later call is refused. */
  end(): void {
    this.#ended = true;
    wipe(this.#keys.reader, this.#keys.device);
  }

  #next(sender: AliroRole): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
    if (this.#ended) throw new CredentialError("integrity", "the secure channel has ended");
    const counter = this.#counters[sender];
    if (counter > LAST_COUNTER) throw new CredentialError("exhausted", "the secure channel is used up");
    this.#counters[sender] = counter + 1;
    const nonce = new Uint8Array(12);
    nonce[7] = sender === "reader" ? 0 : 1;
    new DataView(nonce.buffer).setUint32(8, counter);
    return { key: this.#keys[sender], nonce };
  }
}
