import { type Argon2Cost, argon2id, concatBytes, randomBytes } from "@menshen/crypto/node";
import { CredentialKey } from "@menshen/domain";
import { CredentialError } from "../credential-error.ts";

/** A PIN has this many digits. It is drawn, never chosen: no birthdays, and none that somebody has already. */
export const PIN_DIGITS = 8;

/** 19 MiB and some 30 ms on a server's core, a quarter of a second on a small gate. */
const COST: Argon2Cost = { memoryKib: 19_456, passes: 2, lanes: 1 };
const PIN_KEY_BYTES = 16;
const CREDENTIAL_KEY_BYTES = 16;
/** The greatest multiple of 10^8 that fits into 32 bits: above it a draw would not be even. */
const EVEN_BELOW = 4_200_000_000;

/** Eight decimal digits, each number of them equally likely. */
export function drawPin(random: (lengthBytes: number) => Uint8Array = randomBytes): string {
  for (;;) {
    const [a = 0, b = 0, c = 0, d = 0] = random(4);
    const number = a * 0x1000000 + b * 0x10000 + c * 0x100 + d;
    if (number < EVEN_BELOW) return String(number % 10 ** PIN_DIGITS).padStart(PIN_DIGITS, "0");
  }
}

/**
 * A duress PIN: the PIN with another last digit, so that whoever is threatened finds it. Nobody who is told one of the two
 * can say which it is.
 */
export function drawDuressPin(
  pin: string,
  random: (lengthBytes: number) => Uint8Array = randomBytes,
): string {
  const last = Number(pin.at(-1));
  for (;;) {
    const [byte = 0] = random(1);
    // 252 is the greatest multiple of 9 that fits: above it a draw would not be even.
    if (byte < 252) return `${pin.slice(0, -1)}${(last + 1 + (byte % 9)) % 10}`;
  }
}

/**
 * The key that a PIN is looked up by (see `credentialKeyOf` for other kinds): Argon2id (RFC 9106) over
 * `"menshen pin v2" || 00 || digits` with the community's PIN key as salt, 16 bytes. Who has a table of these keys, but
 * not the PIN key, learns nothing; who has both must pay for each of the 10^8 tries.
 *
 * @param pinKey 16 bytes, from the keyring; the same at every gate of the community
 * @param digits ASCII digits, {@link PIN_DIGITS} of them
 * @throws {CredentialError} `bad-argument`
 */
export async function pinCredentialKey(pinKey: Uint8Array, digits: string): Promise<CredentialKey> {
  if (pinKey.length !== PIN_KEY_BYTES) {
    throw new CredentialError("bad-argument", `expected a PIN key of ${PIN_KEY_BYTES} bytes`);
  }
  if (digits.length !== PIN_DIGITS || !/^[0-9]*$/.test(digits)) {
    throw new CredentialError("bad-argument", `expected a PIN of ${PIN_DIGITS} digits`);
  }
  const encoder = new TextEncoder();
  const password = concatBytes(encoder.encode("menshen pin v2\u0000"), encoder.encode(digits));
  return CredentialKey(await argon2id(password, pinKey, COST, CREDENTIAL_KEY_BYTES));
}
