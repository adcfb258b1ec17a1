import {
  concatBytes,
  equalBytes,
  hkdfSha256,
  hmacSha256,
  RistrettoElement,
  RistrettoScalar,
  randomBytes,
  sha256,
  toHex,
  x25519PublicKey,
} from "@menshen/crypto/node";
import {
  combinePartials,
  type EpochKey,
  type KeyShare,
  keysOfCertificate,
  makePartial,
  makeTrailOpener,
  parseCertificate,
  parseIdentityText,
  parseSealedEntry,
} from "@menshen/custody";
import { type Attack, ascii, register, spread } from "./register.ts";
import { secretsIn, u32 } from "./secrets.ts";

/** Epochs that a key found may be brought forward to. */
const RATCHET_STEPS = 3;
/** A card is tapped so often since it was made. */
const MAX_TAPS = 64;
/** True counters of cards have three bytes. */
const TRUE_COUNTERS_END = 1 << 24;

/** Every credential's pseudonym under every secret, in the present form and in the plain one that servers once had. */
export const enumerate: Attack = async (loot) => {
  const seen = new Set(loot.entries.flatMap(({ body }) => (body.pseudonym ? [toHex(body.pseudonym)] : [])));
  const found = new Map<string, string>();
  const credentials = register(loot);
  for (const secret of await secretsIn(loot)) {
    for (const key of withRatchets(secret)) {
      for (const credential of credentials) {
        for (const message of [credential.key, concatBytes(ascii("pseudonym"), credential.key)]) {
          const pseudonym = toHex(hmacSha256(key, message).slice(0, 16));
          if (seen.has(pseudonym)) found.set(pseudonym, credential.personId);
        }
      }
    }
  }
  for (const { key, personId } of credentials) {
    for (const guess of [key, sha256(key).slice(0, 16)]) {
      if (seen.has(toHex(guess))) found.set(toHex(guess), personId);
    }
  }
  return spread(loot.entries, found);
};

function withRatchets(secret: Uint8Array): Uint8Array[] {
  const keys = [secret];
  if (secret.length !== 32) return keys;
  for (let epoch = 1; epoch <= RATCHET_STEPS; epoch++) {
    const info = concatBytes(ascii("menshen/pseudonym-ratchet/v1"), u32(epoch));
    keys.push(hkdfSha256(secret, new Uint8Array(), info, 32));
  }
  return keys;
}

/** A counter that is a card's own, or becomes one when the offset under some secret is taken away. */
export const counters: Attack = async (loot) => {
  const named = new Map<string, string>();
  const counted = loot.entries.filter(({ body }) => body.evidence?.counter !== undefined);
  const plain = counted.filter(({ body }) => (body.evidence?.counter ?? 0) < TRUE_COUNTERS_END);
  const credentials = register(loot);
  const [someone] = credentials;
  // A true counter goes on from epoch to epoch: whoever was known once stays known.
  for (const { name } of plain) named.set(name, someone?.personId ?? "");
  if (counted.length === 0) return named;
  for (const secret of await secretsIn(loot)) {
    for (const key of withRatchets(secret)) {
      for (const credential of credentials) {
        const raised = hmacSha256(key, concatBytes(ascii("counter"), credential.key)).subarray(0, 5);
        const offset = raised.reduce((number, byte) => number * 256 + byte, 0);
        for (const { name, body } of counted) {
          const left = (body.evidence?.counter ?? 0) - offset;
          if (left >= 0 && left <= MAX_TAPS) named.set(name, credential.personId);
        }
      }
    }
  }
  return named;
};

/** Wraps of a resident whose key is in the loot, or that a sender's own key in it opens; a recipient's key in one. */
export const wraps: Attack = async (loot) => {
  const named = new Map<string, string>();
  const accounts = (loot.tables.get("public.resident_account") ?? []).flatMap((row) =>
    row.trail_key instanceof Uint8Array
      ? [{ key: Buffer.from(row.trail_key), personId: String(row.person_id) }]
      : [],
  );
  const wrapped = loot.entries.flatMap(({ name, body: { wrap } }) =>
    wrap === undefined ? [] : [{ name, wrap: Buffer.from(wrap) }],
  );
  for (const { name, wrap } of wrapped) {
    for (const { key, personId } of accounts) if (wrap.includes(key)) named.set(name, personId);
  }
  // A secret opens something exactly if its public half stands beside it.
  const senders = new Map(wrapped.map(({ name, wrap }) => [toHex(wrap.subarray(0, 32)), name]));
  for (const secret of await secretsIn(loot)) {
    if (secret.length !== 32) continue;
    const own = Buffer.from(x25519PublicKey(secret));
    const sent = senders.get(toHex(own));
    if (sent !== undefined) named.set(sent, "opened");
    if (!accounts.some(({ key }) => key.equals(own))) continue;
    const open = await makeTrailOpener(secret);
    for (const { name, wrap } of wrapped) {
      const opened = await open(wrap);
      if (opened === undefined) continue;
      const holder = register(loot).find(({ key }) => equalBytes(key.slice(0, 8), opened.credential));
      named.set(name, holder?.personId ?? "somebody");
    }
  }
  return named;
};

/**
 * Opens sealed identities with every secret that is a custodian's share, an epoch's whole key or the random number of a
 * seal: each shows by what it makes of the generator, which stands in the ceremonies' certificates and in the entries.
 */
export const sealed: Attack = async (loot) => {
  const named = new Map<string, string>();
  const keys = (loot.tables.get("public.custody_ceremony") ?? []).flatMap(({ certificate }) =>
    certificate instanceof Uint8Array ? keysOfCertificate(parseCertificate(new Uint8Array(certificate))) : [],
  );
  const entries = loot.entries.flatMap(({ name, body }) =>
    body.sealed === undefined ? [] : [{ name, entry: parseSealedEntry(body.sealed) }],
  );
  const publicKeys = new Map(keys.map((key) => [hexOf(key.publicKey), key.epoch]));
  const verifiers = new Map(
    keys.flatMap((key) => key.verificationKeys.map((image, i) => [hexOf(image), { key, index: i + 1 }])),
  );
  const randomness = new Map(entries.map(({ name, entry }) => [hexOf(entry.u), name]));
  const shares = new Map<EpochKey, KeyShare[]>();
  for (const secret of await secretsIn(loot)) {
    const scalar = RistrettoScalar.parse(secret);
    if (scalar === undefined || scalar.isZero) continue;
    const image = hexOf(RistrettoElement.base.times(scalar));
    const sent = randomness.get(image);
    if (sent !== undefined) named.set(sent, "opened");
    const epoch = publicKeys.get(image);
    for (const { name, entry } of entries) if (entry.epoch === epoch) named.set(name, "opened");
    const verifier = verifiers.get(image);
    if (verifier === undefined) continue;
    const { key, index } = verifier;
    shares.set(key, [...(shares.get(key) ?? []), { epoch: key.epoch, index, secret: scalar }]);
  }
  for (const [key, held] of shares) {
    for (const { name, entry } of entries) {
      if (entry.epoch !== key.epoch) continue;
      const partials = held.flatMap((share) => {
        const made = makePartial({ key, share, label: entry.label, entry, random: randomBytes });
        return made.made ? [made.partial] : [];
      });
      const opening = combinePartials({ key, entry, partials });
      if (!opening.opened) continue;
      const { credentialKey } = parseIdentityText(opening.plaintext);
      const holder = register(loot).find((credential) => equalBytes(credential.key, credentialKey));
      named.set(name, holder?.personId ?? "nobody's");
    }
  }
  return named;
};

function hexOf(element: RistrettoElement): string {
  return toHex(element.toBytes());
}
