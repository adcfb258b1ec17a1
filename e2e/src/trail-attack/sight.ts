import { readFileSync } from "node:fs";
import { toHex } from "@menshen/crypto/node";
import type { Loot } from "./loot.ts";
import { type Attack, ENROLMENT_WINDOW_MS, type Named, register, spread } from "./register.ts";

// What stands there to be read: beside an entry, in a table, in a log, on the disk.

/** A row that holds a pseudonym and whose it is has both within so many bytes. */
const ROW_BYTES = 64;
/** Whoever looks at the own trail after going through does it so soon. */
const LOOK_WINDOW_MS = 5_000;

/** Reasons that name a rule of one person, or a state that one credential alone is in. */
export const reasons: Attack = (loot) => {
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
export const traits: Attack = (loot) => {
  const named = new Map<string, string>();
  for (const { name, body } of loot.entries) {
    const holders = register(loot).filter(({ kind }) => kind === body.kind);
    const [only, ...others] = new Set(holders.map(({ personId }) => personId));
    if (body.granted && only !== undefined && others.length === 0) named.set(name, only);
  }
  return named;
};

/**
 * A card that was enrolled soon after a door did not know it; or one that passed only where no card was asked for, until
 * somebody enrolled one.
 */
export const enrolmentTap: Attack = (loot) => {
  const byPseudonym = new Map<string, string>();
  const credentials = register(loot);
  for (const { at, body } of loot.entries) {
    const { pseudonym } = body;
    if (pseudonym === undefined) continue;
    const passedBy = loot.entries.find(
      (other) =>
        other.body.pseudonym !== undefined &&
        toHex(other.body.pseudonym) === toHex(pseudonym) &&
        other.body.reasons[0]?.code === "rule-allows",
    );
    const codes = body.reasons.map(({ code }) => code);
    const isBeforeAll = codes.includes("portal-unlocked") && passedBy !== undefined && at < passedBy.at;
    if (!isBeforeAll && !codes.includes("credential-unknown")) continue;
    const until = Math.min(at + ENROLMENT_WINDOW_MS, isBeforeAll ? passedBy.at : Number.POSITIVE_INFINITY);
    const [only, ...others] = credentials.filter(({ enrolledAt }) => enrolledAt >= at && enrolledAt < until);
    if (only !== undefined && others.length === 0) byPseudonym.set(toHex(pseudonym), only.personId);
  }
  return spread(loot.entries, byPseudonym);
};

/** Names, keys or pseudonyms beside a person in what the server printed, or in a table that has both. */
export const plainSight: Attack = (loot) => {
  const named = new Map<string, string>();
  const credentials = register(loot);
  const persons = new Set(credentials.map(({ personId }) => personId));
  for (const { name, body } of loot.entries) {
    if (body.pseudonym === undefined) continue;
    const hex = toHex(body.pseudonym);
    if (spellings(body.pseudonym).some((text) => loot.logs.includes(text))) named.set(name, "printed");
    for (const [table, rows] of loot.tables) {
      if (table.includes("public.event")) continue;
      for (const row of rows) {
        const values = Object.values(row);
        const holds = values.some((value) =>
          value instanceof Uint8Array
            ? Buffer.from(value).includes(Buffer.from(hex, "hex"))
            : JSON.stringify(value ?? "").includes(hex),
        );
        if (!holds) continue;
        const person = values.map(String).find((value) => persons.has(value));
        named.set(name, person ?? table);
      }
    }
  }
  for (const { id, key, personId } of credentials) {
    if ([personId, id, ...spellings(key)].some((text) => loot.logs.includes(text)))
      named.set(`log of ${personId}`, personId);
  }
  return named;
};

function spellings(bytes: Uint8Array): readonly string[] {
  const { length } = bytes;
  const buffer = Buffer.from(bytes);
  // The last character of base64 may hold bits of what follows.
  const whole = Math.floor((length * 8) / 6);
  return [
    buffer.toString("hex"),
    ...(["base64", "base64url"] as const).map((way) => buffer.toString(way).slice(0, whole)),
  ];
}

/** A resident's program that looks at its trail soon after each passage: whoever notes when, learns whose it was. */
export const fetches: Attack = (loot) => {
  const named = new Map<string, string>();
  const sessions = loot.tables.get("public.resident_session") ?? [];
  for (const [table, rows] of loot.tables) {
    if (!table.startsWith("public.resident_")) continue;
    for (const row of rows) {
      const ofSession = sessions.find(({ token_hash: token }) => isSame(token, row.token_hash));
      const person = row.person_id ?? ofSession?.person_id;
      for (const value of Object.values(row)) {
        if (!(value instanceof Date) || typeof person !== "string") continue;
        const before = loot.entries.filter(
          ({ at }) => at <= value.getTime() && value.getTime() - at < LOOK_WINDOW_MS,
        );
        const last = before.at(-1);
        if (last !== undefined) named.set(last.name, person);
      }
    }
  }
  for (const [line] of loot.logs.matchAll(/.*(?:\/resident\/|wraps).*/g)) named.set(line, "somebody");
  return named;
};

function isSame(one: unknown, other: unknown): boolean {
  return one instanceof Uint8Array && other instanceof Uint8Array && Buffer.from(one).equals(other);
}

/**
 * What the database's own files still hold of rows that are gone (dead rows, the write-ahead log): a pseudonym and,
 * right beside it, a credential or a person.
 */
export const residue: Attack = (loot) => {
  const named = new Map<string, string>();
  const owners = register(loot).flatMap(({ id, key, personId }) => [
    { bytes: Buffer.from(key), personId },
    ...[id, personId].map((uuid) => ({ bytes: Buffer.from(uuid.replaceAll("-", ""), "hex"), personId })),
  ]);
  const pseudonyms = new Map(
    loot.entries.flatMap(({ body }) => (body.pseudonym ? [[toHex(body.pseudonym), body.pseudonym]] : [])),
  );
  const found = new Map<string, string>();
  for (const file of loot.disk) {
    const bytes = readFileSync(file);
    for (const [hex, pseudonym] of pseudonyms) {
      for (let at = bytes.indexOf(pseudonym); at !== -1; at = bytes.indexOf(pseudonym, at + 1)) {
        const near = bytes.subarray(Math.max(0, at - ROW_BYTES), at + pseudonym.length + ROW_BYTES);
        const owner = owners.find((one) => near.includes(one.bytes));
        if (owner !== undefined) found.set(hex, owner.personId);
      }
    }
  }
  for (const [name, person] of spread(loot.entries, found)) named.set(name, person);
  return named;
};

/**
 * The files of the database that hold any of these bytes, raw or spelt out. Whoever tries every stretch of the disk as a
 * key finds one that is there; who knows the keys need only look.
 */
export function holdersOf(loot: Loot, secrets: readonly Uint8Array[]): readonly string[] {
  const needles = secrets.flatMap((secret) => [Buffer.from(secret), ...spellings(secret)]);
  return [...loot.disk].filter((file) => {
    const bytes = readFileSync(file);
    return needles.some((needle) => bytes.includes(needle));
  });
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
