import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { aesGcmOpen, concatBytes, hkdfSha256, hmacSha256, toHex } from "@menshen/crypto/node";

/** The pseudonym key that a gate holds; docs/protocol/gate-link.md, "Pseudonyms". */
export interface GateChain {
  readonly generation: number;
  readonly epoch: number;
  readonly key: Uint8Array;
}

/** A gate whose disk is in other hands. */
interface StolenGate {
  readonly stateDir: string;
}

const ascii = (text: string) => new TextEncoder().encode(text);
const NONCE_BYTES = 12;

/**
 * Reads a gate's pseudonym key from its disk, as a thief of the gate would: no server has it. `undefined` while the gate
 * has none.
 */
export function readChain(gate: StolenGate): GateChain | undefined {
  const database = new DatabaseSync(join(gate.stateDir, "state", "state.db"), { readOnly: true });
  try {
    const sealed = database.prepare("select bytes from secrets where name = 'pseudonym-chain'").get()?.bytes;
    if (!(sealed instanceof Uint8Array)) return undefined;
    const stored = unsealed(gate, sealed, "menshen gate pseudonym chain v1");
    const { generation, epoch, key } = stored as { generation: number; epoch: number; key: string };
    return { generation, epoch, key: new Uint8Array(Buffer.from(key, "base64")) };
  } finally {
    database.close();
  }
}

/** The X25519 secret to which other gates wrap their pseudonym keys, and the server its keyrings. */
export function readSealingSecret(gate: StolenGate): Uint8Array {
  const sealed = new Uint8Array(readFileSync(join(gate.stateDir, "state", "identity.sealed")));
  const { sealingSecretKey } = unsealed(gate, sealed, "menshen gate identity v1") as {
    sealingSecretKey: string;
  };
  return new Uint8Array(Buffer.from(sealingSecretKey, "base64"));
}

function unsealed(gate: StolenGate, sealed: Uint8Array, purpose: string): object {
  const seal = new Uint8Array(readFileSync(join(gate.stateDir, "state", "seal.key")));
  const opened = aesGcmOpen(seal, sealed.slice(0, NONCE_BYTES), sealed.slice(NONCE_BYTES), ascii(purpose));
  return Object(JSON.parse(new TextDecoder().decode(opened)));
}

/** The one chain of several gates; `undefined` until they have agreed. */
export function agreedChain(gates: readonly { readonly stateDir: string }[]): GateChain | undefined {
  const [first, ...others] = gates.map(readChain);
  if (first === undefined) return undefined;
  const isSame = others.every(
    (chain) => chain?.epoch === first.epoch && toHex(chain.key) === toHex(first.key),
  );
  return isSame ? first : undefined;
}

/** The chain's key in a later epoch, or its own. */
export function keyIn(chain: GateChain, epoch: number): Uint8Array {
  if (epoch < chain.epoch) throw new Error(`the key of epoch ${epoch} is gone`);
  let { key } = chain;
  for (let next = chain.epoch + 1; next <= epoch; next++) {
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, next);
    key = hkdfSha256(key, new Uint8Array(), concatBytes(ascii("menshen/pseudonym-ratchet/v1"), number), 32);
  }
  return key;
}

/** Hexadecimal. */
export function pseudonymUnder(key: Uint8Array, credentialKey: Uint8Array): string {
  return toHex(hmacSha256(key, concatBytes(ascii("pseudonym"), credentialKey)).slice(0, 16));
}

/** What names refused uses of a lost card, in place of the key of the epoch. */
export function astrayKeyUnder(key: Uint8Array): Uint8Array {
  return hmacSha256(key, ascii("menshen/astray-pseudonym/v1"));
}

/** What a card's counter is raised by. */
export function counterOffsetUnder(key: Uint8Array, credentialKey: Uint8Array): number {
  const bytes = hmacSha256(key, concatBytes(ascii("counter"), credentialKey)).subarray(0, 5);
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}
