import { concatBytes, equalBytes, hkdfSha256, hmacSha256, sha256, toHex } from "@menshen/crypto/node";
import { makeTrailOpener } from "@menshen/custody";
import type { Loot, LootedEntry } from "./loot.ts";
import { secretsIn } from "./secrets.ts";

/** Whom an attack names, by entry. */
export type Named = ReadonlyMap<string, string>;

/** One way to get from the loot to names. */
type Attack = (loot: Loot) => Promise<Named> | Named;

interface HeldCredential {
  readonly key: Uint8Array;
  readonly personId: string;
  readonly kind: string;
  readonly grade: string;
  readonly state: string;
  readonly enrolledAt: number;
}

const ascii = (text: string) => new TextEncoder().encode(text);
/** Epochs that a key found may be brought forward to. */
const RATCHET_STEPS = 3;
/** A card is tapped so often since it was made. */
const MAX_TAPS = 64;
/** True counters of cards have three bytes. */
const TRUE_COUNTERS_END = 1 << 24;
/** Somebody who enrols a card that the door did not know does it soon. */
const ENROLMENT_WINDOW_MS = 10 * 60_000;

function register(loot: Loot): readonly HeldCredential[] {
  return (loot.tables.get("public.credential") ?? []).map((row) => ({
    key: row.key instanceof Uint8Array ? new Uint8Array(row.key) : new Uint8Array(),
    personId: String(row.person_id),
    kind: String(row.kind),
    grade: String(row.grade),
    state: String(row.state),
    enrolledAt: row.enrolled_at instanceof Date ? row.enrolled_at.getTime() : 0,
  }));
}

/** All entries of whoever stands behind each pseudonym that was named. */
function spread(entries: readonly LootedEntry[], byPseudonym: ReadonlyMap<string, string>): Named {
  const named = new Map<string, string>();
  for (const { name, body } of entries) {
    const person = body.pseudonym && byPseudonym.get(toHex(body.pseudonym));
    if (person !== undefined) named.set(name, person);
  }
  return named;
}

/** Every credential's pseudonym under every secret, in the present form and in the plain one that servers once had. */
const enumerate: Attack = (loot) => {
  const seen = new Set(loot.entries.flatMap(({ body }) => (body.pseudonym ? [toHex(body.pseudonym)] : [])));
  const found = new Map<string, string>();
  const credentials = register(loot);
  for (const secret of secretsIn(loot)) {
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
    const number = Uint8Array.of(0, 0, 0, epoch);
    const info = concatBytes(ascii("menshen/pseudonym-ratchet/v1"), number);
    keys.push(hkdfSha256(secret, new Uint8Array(), info, 32));
  }
  return keys;
}

/** A counter that is a card's own, or becomes one when the offset under some secret is taken away. */
const counters: Attack = (loot) => {
  const named = new Map<string, string>();
  const counted = loot.entries.filter(({ body }) => body.evidence?.counter !== undefined);
  const plain = counted.filter(({ body }) => (body.evidence?.counter ?? 0) < TRUE_COUNTERS_END);
  const holders = new Set(register(loot).map(({ personId }) => personId));
  const [someone] = holders;
  // A true counter goes on from epoch to epoch: whoever was known once stays known.
  for (const { name } of plain) named.set(name, someone ?? "");
  for (const secret of secretsIn(loot)) {
    for (const credential of register(loot)) {
      const offset = numberIn(
        hmacSha256(secret, concatBytes(ascii("counter"), credential.key)).subarray(0, 5),
      );
      for (const { name, body } of counted) {
        const left = (body.evidence?.counter ?? 0) - offset;
        if (left >= 0 && left <= MAX_TAPS) named.set(name, credential.personId);
      }
    }
  }
  return named;
};

function numberIn(bytes: Uint8Array): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

/** Opens wraps with everything that could be a private key; and looks for a recipient's key in them. */
const wraps: Attack = async (loot) => {
  const named = new Map<string, string>();
  const openers = await Promise.all(
    secretsIn(loot)
      .filter(({ length }) => length === 32)
      .map((secret) => makeTrailOpener(secret)),
  );
  const accounts = loot.tables.get("public.resident_account") ?? [];
  const tried = new Set<string>();
  for (const { name, body } of loot.entries) {
    const { wrap, pseudonym } = body;
    // All wraps of one card are for one key: opening one is enough.
    const card = pseudonym === undefined ? name : toHex(pseudonym);
    if (wrap === undefined || tried.has(card)) continue;
    tried.add(card);
    for (const account of accounts) {
      const { trail_key: trailKey } = account;
      if (trailKey instanceof Uint8Array && Buffer.from(wrap).includes(Buffer.from(trailKey))) {
        named.set(name, String(account.person_id));
      }
    }
    for (const open of openers) {
      const opened = await open(wrap);
      if (opened === undefined) continue;
      const holder = register(loot).find(({ key }) => equalBytes(key.slice(0, 8), opened.credential));
      named.set(name, holder?.personId ?? "somebody");
    }
  }
  return named;
};

/** Reasons that name a rule of one person, or a state that one credential alone is in. */
const reasons: Attack = (loot) => {
  const named = new Map<string, string>();
  const byPseudonym = new Map<string, string>();
  const credentials = register(loot);
  const rules = loot.tables.get("public.access_rule") ?? [];
  for (const { name, body } of loot.entries) {
    const candidates = body.reasons.map((reason): readonly string[] | undefined => {
      if ("rule" in reason && reason.rule !== undefined) {
        const rule = rules.find((row) => row.number === reason.rule);
        return Array.isArray(rule?.who_person_ids) ? rule.who_person_ids.map(String) : undefined;
      }
      if (reason.code === "credential-blocked") {
        return credentials.filter(({ state }) => state === "blocked").map(({ personId }) => personId);
      }
      return undefined;
    });
    for (const persons of candidates) {
      const [only, ...others] = new Set(persons);
      if (only === undefined || others.length > 0) continue;
      // A blocked card's refusal is told on purpose; what must not follow is the rest of that card's epoch.
      if (body.reasons[0]?.code !== "credential-blocked") named.set(name, only);
      if (body.pseudonym !== undefined) byPseudonym.set(toHex(body.pseudonym), only);
    }
  }
  return new Map([...named, ...spread(loot.entries, byPseudonym)]);
};

/** Kind and grade of what was presented, where only one person has such a thing. */
const traits: Attack = (loot) => {
  const named = new Map<string, string>();
  for (const { name, body } of loot.entries) {
    const holders = register(loot).filter(({ kind }) => kind === body.kind);
    const [only, ...others] = new Set(holders.map(({ personId }) => personId));
    if (body.granted && only !== undefined && others.length === 0) named.set(name, only);
  }
  return named;
};

/** A card that the door did not know, and that was enrolled soon after. */
const enrolmentTap: Attack = (loot) => {
  const byPseudonym = new Map<string, string>();
  for (const { at, body } of loot.entries) {
    if (body.reasons[0]?.code !== "credential-unknown" || body.pseudonym === undefined) continue;
    const next = register(loot).filter(
      ({ enrolledAt }) => enrolledAt >= at && enrolledAt - at < ENROLMENT_WINDOW_MS,
    );
    const [only, ...others] = next;
    if (only !== undefined && others.length === 0) byPseudonym.set(toHex(body.pseudonym), only.personId);
  }
  return spread(loot.entries, byPseudonym);
};

/** What links a card's pseudonyms under two keys: the same value, or counters that go on. */
const linkKeys: Attack = (loot) => {
  const named = new Map<string, string>();
  const [person = ""] = register(loot).map(({ personId }) => personId);
  const keyOf = (entry: LootedEntry) => toHex(entry.body.pseudonymKeyId ?? new Uint8Array());
  for (const one of loot.entries) {
    for (const other of loot.entries) {
      if (one.body.pseudonym === undefined || other.body.pseudonym === undefined) continue;
      if (keyOf(one) === keyOf(other)) continue;
      const gap = Math.abs(
        (one.body.evidence?.counter ?? 0) - (other.body.evidence?.counter ?? Number.MAX_VALUE),
      );
      if (equalBytes(one.body.pseudonym, other.body.pseudonym) || gap <= MAX_TAPS)
        named.set(other.name, person);
    }
  }
  return named;
};

/** Names, keys or pseudonyms beside a person in what the server printed, or in a table that has both. */
const plainSight: Attack = (loot) => {
  const named = new Map<string, string>();
  const persons = new Set(register(loot).map(({ personId }) => personId));
  for (const { name, body } of loot.entries) {
    if (body.pseudonym === undefined) continue;
    const hex = toHex(body.pseudonym);
    if (loot.logs.includes(hex)) named.set(name, "printed");
    for (const [table, rows] of loot.tables) {
      if (table.startsWith("public.event")) continue;
      for (const row of rows) {
        const values = Object.values(row);
        const holds = values.some(
          (value) => value instanceof Uint8Array && Buffer.from(value).includes(Buffer.from(hex, "hex")),
        );
        if (!holds) continue;
        const person = values.map(String).find((value) => persons.has(value));
        named.set(name, person ?? table);
      }
    }
  }
  for (const person of persons) if (loot.logs.includes(person)) named.set(`log of ${person}`, person);
  return named;
};

export const ATTACKS: Readonly<Record<string, Attack>> = {
  enumerate,
  counters,
  wraps,
  reasons,
  traits,
  enrolmentTap,
  linkKeys,
  plainSight,
};

/** Tries everything, or what is named; by attack whom it names, those without success left out. */
export async function attack(
  loot: Loot,
  names: readonly (keyof typeof ATTACKS)[] = Object.keys(ATTACKS),
): Promise<Readonly<Record<string, Named>>> {
  const named: Record<string, Named> = {};
  for (const name of names) {
    const found = (await ATTACKS[name]?.(loot)) ?? new Map();
    if (found.size > 0) named[name] = found;
  }
  return named;
}

/**
 * Whom the moment of enrolment gives away: a pseudonym that appears for the first time, under a key that others had used
 * before, soon after one card alone was enrolled. Kept apart: this is what the journal still tells (docs/custody.md).
 */
export function newcomers(loot: Loot): Named {
  const byPseudonym = new Map<string, string>();
  const firstSeen = new Map<string, number>();
  const keySince = new Map<string, number>();
  for (const { at, body } of loot.entries) {
    if (body.pseudonym === undefined || body.pseudonymKeyId === undefined) continue;
    const key = toHex(body.pseudonymKeyId);
    const pseudonym = toHex(body.pseudonym);
    const since = keySince.get(key) ?? at;
    keySince.set(key, since);
    if (firstSeen.has(pseudonym)) continue;
    firstSeen.set(pseudonym, at);
    const last = register(loot)
      .filter(({ enrolledAt }) => enrolledAt <= at)
      .toSorted((one, other) => one.enrolledAt - other.enrolledAt)
      .at(-1);
    if (last === undefined || last.enrolledAt < since || at - last.enrolledAt > ENROLMENT_WINDOW_MS) continue;
    byPseudonym.set(pseudonym, last.personId);
  }
  return spread(loot.entries, byPseudonym);
}
