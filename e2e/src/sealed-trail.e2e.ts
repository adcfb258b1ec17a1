import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { concatBytes, randomBytes, toHex } from "@menshen/crypto/node";
import { makeTrailOpener, type StoreContents } from "@menshen/custody";
import {
  CUSTODIAN_PASSPHRASE,
  type CustodianBody,
  type CustodianPrograms,
  killRun,
  makeCustodianPrograms,
  type SiteGate,
} from "@menshen/testkit/system";
import { uuidBytes } from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backedUp, readStore } from "./harness/custodian-store.ts";
import { counterOffsetUnder, type GateChain, pseudonymUnder } from "./harness/pseudonyms.ts";
import { makeRun } from "./harness/run.ts";
import { shiftedTime } from "./harness/shifted-time.ts";
import { attack } from "./trail-attack/attack.ts";
import type { Loot, LootedEntry } from "./trail-attack/loot.ts";
import { type Named, register } from "./trail-attack/register.ts";
import { holdersOf, newcomers } from "./trail-attack/sight.ts";
import { liveTwoEpochs, NEWCOMER, ROUNDS, type TakenSite } from "./trail-attack/taken-site.ts";

const DAY_MS = 86_400_000;
/** 28 days of the first epoch and 30 of retention, and some. */
const FIRST_IS_OVER_MS = 60 * DAY_MS;
/** Seven cards three times, and the newcomer's once. */
const FIRST_EPOCH_NAMED = ROUNDS * 7 + 1;
/** All but the blocked card. */
const EVERYBODY = 7;
/** Attacks that a key more may help. */
const WITH_KEYS = ["enumerate", "counters", "wraps", "sealed"] as const;
/** Those without which no attack with a key begins. All others are searched once, for keys, by the first test. */
const FEW_TABLES: ReadonlySet<string> = new Set([
  ...["public.community", "public.credential", "public.resident_account"],
  ...["public.gate_device", "public.gate_pseudonym", "public.custody_ceremony"],
]);
/** Cards that could tell a counter. */
const COUNTING = 3;

/**
 * Somebody takes the whole server, keys and logs included, twice: at the end of an epoch and in the next. The script
 * tries to find out who went through which door. Gates, server and custodians are the real programs.
 *
 * What this test does not deny, and docs/custody.md says: a pseudonym is a trace without a name for four weeks, and
 * whoever saw one of its passages with his own eyes knows the others. A door that one person alone may pass names that
 * person. So does the moment at which a new card is first used (the last test here shows it). Habits go on over the end
 * of an epoch.
 */
describe("a server that was taken whole", () => {
  const { runId, stateDir } = makeRun("sealed");
  const gates: SiteGate[] = [];
  let custodians: CustodianPrograms;
  let site: TakenSite;
  let loot: Loot;
  /** What each custodian's program held while the first epoch could be opened. */
  let held: Readonly<Record<CustodianBody, StoreContents>>;

  const storeOf = (body: CustodianBody) => readStore(custodians.directoryOf(body), CUSTODIAN_PASSPHRASE);

  beforeAll(async () => {
    custodians = makeCustodianPrograms({ runId, stateDir });
    site = await liveTwoEpochs({ runId, stateDir, custodians, gates });
    loot = withBackup(site);
    const [committee, property, city] = await Promise.all([
      storeOf("committee"),
      storeOf("property"),
      storeOf("city"),
    ]);
    held = { committee, property, city };
  });

  afterAll(async () => {
    killRun(runId);
    for (const gate of gates) for (const door of gate.doors) await door.close();
  });

  it("names nobody, whatever is tried (privacy row L1)", async () => {
    // 21 rounds, two of somebody who is refused, a stranger at an open door, the newcomer, and twice everybody.
    expect(loot.entries).toHaveLength(ROUNDS * 7 + 4 + 2 * EVERYBODY);
    const keys = new Set(loot.entries.map(({ body }) => toHex(body.pseudonymKeyId ?? new Uint8Array())));
    keys.delete("");
    expect(keys.size).toBe(3);
    expect(new Set(loot.entries.map(({ body }) => body.epoch ?? 0))).toEqual(new Set([0, 1, 2]));
    expect(loot.entries.every(({ body }) => body.wrap?.length === 96 && body.sealed !== undefined)).toBe(
      true,
    );
    expect(await attack(loot)).toEqual({});
  });

  it("the database's own files hold no key of gates, residents or custodians, nor ever did (privacy row L1)", async () => {
    const secrets = [
      ...site.chains.map(({ key }) => key),
      site.gateSealingSecret,
      site.resident.trailSecret,
      ...Object.values(held).flatMap(({ shares, identitySeed }) => [
        identitySeed,
        ...shares.slice(0, 2).map(({ secret }) => secret.toBytes()),
      ]),
    ];
    expect(holdersOf(loot, secrets)).toEqual([]);
    // The search sees what is there: a pseudonym stands in the rows, and in the log that was written before them.
    const [first] = loot.entries;
    const holders = holdersOf(loot, [first?.body.pseudonym ?? randomBytes(16)]);
    expect(holders.some((file) => file.includes("pg_wal"))).toBe(true);
    expect(holders.some((file) => file.includes("base"))).toBe(true);
  });

  it("and the resident whose key it is reads their own passages, and no others (privacy row L3)", async () => {
    const open = await makeTrailOpener(site.resident.trailSecret);
    const wraps = loot.entries.flatMap(({ body }) => (body.wrap === undefined ? [] : [body.wrap]));
    const opened = (await Promise.all(wraps.map(open))).filter((text) => text !== undefined);
    expect(opened).toHaveLength(ROUNDS + 2);
    expect(opened.every(({ granted, kind }) => granted && kind === "ntag424")).toBe(true);
  });

  /** Who really was at the door, by entry. */
  function persons(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const places = new Map<string, number>();
    for (const { name, body } of loot.entries) {
      const place = places.get(body.accessPointId) ?? 0;
      places.set(body.accessPointId, place + 1);
      found.set(name, site.truth.get(body.accessPointId)?.[place] ?? "");
    }
    return found;
  }

  /** Entries that an attack named, and wrongly so. */
  function wrong(named: Named | undefined): string[] {
    const really = persons();
    // Whose card it would be was not known yet: opened, it says a number that is nobody's.
    const strangers = new Set(["nobody's", site.newcomer.personId]);
    return [...(named ?? [])].flatMap(([name, person]) => {
      const who = really.get(name);
      const isRight = who === person || (who === NEWCOMER && strangers.has(person));
      return isRight ? [] : [name];
    });
  }

  /** The same loot, had the gates written other entries. */
  function withEntries(change: (entry: LootedEntry, person: string) => Partial<LootedEntry["body"]>): Loot {
    const really = persons();
    return {
      ...loot,
      entries: loot.entries.map((entry) => ({
        ...entry,
        body: { ...entry.body, ...change(entry, really.get(entry.name) ?? "") },
      })),
    };
  }

  /** The same loot with secrets that should not be there, and few tables. */
  function withSecrets(secrets: readonly Uint8Array[], from: Loot = loot): Loot {
    const files = new Map(from.files);
    for (const [number, secret] of secrets.entries()) files.set(`leaked-${number}`, secret);
    const tables = new Map([...from.tables].filter(([table]) => FEW_TABLES.has(table)));
    return { ...from, files, tables };
  }

  /** Counting cards, as gates write them: what the card tells, and the offset under the key of the epoch. */
  function counted(keyFor: (entry: LootedEntry) => Uint8Array | undefined): Loot {
    const taps = new Map<string, number>();
    return withEntries((entry, person) => {
      const held = register(loot).find(({ personId }) => personId === person);
      const key = keyFor(entry);
      if (entry.body.kind !== "ntag424" || held === undefined || key === undefined) return {};
      const tap = (taps.get(person) ?? 5) + 1;
      taps.set(person, tap);
      return { evidence: { counter: tap + counterOffsetUnder(key, held.key) } };
    });
  }
  const chainOf = ({ body }: LootedEntry): GateChain | undefined => {
    const id = toHex(body.pseudonymKeyId ?? new Uint8Array());
    const index = [...new Set(loot.entries.map((one) => toHex(one.body.pseudonymKeyId ?? new Uint8Array())))]
      .filter((one) => one !== "")
      .indexOf(id);
    return site.chains[index];
  };

  it("counters of cards say nothing across entries, epochs or keys", async () => {
    const written = counted((entry) => chainOf(entry)?.key);
    const numbers = written.entries.flatMap(({ body }) => body.evidence?.counter ?? []);
    expect(numbers).toHaveLength((ROUNDS + 2) * COUNTING);
    expect(await attack(written, ["counters", "linkKeys", "fingerprint"])).toEqual({});
  });

  it("once an epoch's shares are destroyed, two custodians and any backup open nothing of it (privacy row L2)", async () => {
    const pair = ["committee", "property"] as const;
    const sharesOf = (contents: StoreContents) => contents.shares.map(({ secret }) => secret.toBytes());
    const before = pair.flatMap((body) => sharesOf(held[body]));
    const firstEpoch = loot.entries.filter(({ name }) =>
      site.backup.entries.some((one) => one.name === name),
    );
    expect(firstEpoch).toHaveLength(ROUNDS * 7 + 4);

    // As long as their time runs, the two of them open every entry: that is what they are for. One alone opens none.
    const { sealed } = await attack(withSecrets(before), ["sealed"]);
    expect(sealed?.size).toBe(loot.entries.length);
    expect(wrong(sealed)).toEqual([]);
    expect(await attack(withSecrets(sharesOf(held.city)), ["sealed"])).toEqual({});

    // Nobody's backup holds a share: the server never had one, and the programs mark their directories.
    const saved = (body: CustodianBody) =>
      backedUp(custodians.directoryOf(body)).map((path) => path.split("/").at(-1));
    for (const body of pair) expect(saved(body)).not.toContain("shares");

    // The server is down; the programs destroy what is over before they do anything else.
    const later = shiftedTime(FIRST_IS_OVER_MS);
    const ends = await Promise.all(pair.map((body) => custodians.run(body, ["destroy"], later)));
    for (const { out, err } of ends) expect(out, err).toContain('{"destroyed":[1]}');
    const kept = (await Promise.all(pair.map(storeOf))).flatMap(sharesOf);
    expect(kept.length).toBe(before.length - 2);
    const { sealed: after, ...others } = await attack(withSecrets(kept), WITH_KEYS);
    expect(others).toEqual({});
    expect(after?.size).toBe(2 * EVERYBODY);
    expect(wrong(after)).toEqual([]);
    expect(firstEpoch.filter(({ name }) => after?.has(name))).toEqual([]);
    expect(await attack(withSecrets(kept, site.backup), WITH_KEYS)).toEqual({});
  });

  describe("the same script finds a leak that is planted:", () => {
    it("a server that kept a pseudonym key: its epoch and later ones, until gates made a new one", async () => {
      const [first, second, afterTheft] = site.chains;
      const leak = async ({ key }: GateChain) => {
        const few = withSecrets([]);
        const row = { name: "pseudonym-key", value: Buffer.from(key) };
        const tables = new Map(few.tables).set("public.setting", [row]);
        const { enumerate } = await attack({ ...few, tables }, ["enumerate"]);
        expect(wrong(enumerate)).toEqual([]);
        return [...(enumerate?.keys() ?? [])];
      };
      const ofFirst = await leak(first);
      expect(ofFirst).toHaveLength(FIRST_EPOCH_NAMED + EVERYBODY);
      const ofSecond = await leak(second);
      expect(ofSecond).toHaveLength(EVERYBODY);
      expect(ofSecond.every((name) => ofFirst.includes(name))).toBe(true);
      const last = await leak(afterTheft);
      expect(last).toHaveLength(EVERYBODY);
      expect(last.some((name) => ofFirst.includes(name))).toBe(false);
    });

    it("a gate's own key, which opens what the others told it", async () => {
      // In the backup: the server forgets the words of a gate that was revoked.
      const { enumerate } = await attack(withSecrets([site.gateSealingSecret], site.backup), ["enumerate"]);
      expect(enumerate?.size).toBe(FIRST_EPOCH_NAMED);
      expect(wrong(enumerate)).toEqual([]);
    });

    it("the key of a counter's offset", async () => {
      const written = counted((entry) => chainOf(entry)?.key);
      const leaked = withSecrets([site.chains[0].key], written);
      const { counters } = await attack(leaked, ["counters"]);
      expect(counters?.size).toBe((ROUNDS + 1) * COUNTING);
      expect(wrong(counters)).toEqual([]);
    });

    it("offsets that stay over the end of an epoch", async () => {
      const { linkKeys } = await attack(
        counted(() => site.chains[0].key),
        ["linkKeys"],
      );
      expect(linkKeys?.size).toBe((ROUNDS + 2) * COUNTING);
    });

    it("cards' own counters", async () => {
      const { counters, linkKeys } = await attack(
        withEntries(({ body }) => (body.kind === "ntag424" ? { evidence: { counter: 7 } } : {})),
        ["counters", "linkKeys"],
      );
      expect(counters?.size).toBe((ROUNDS + 2) * COUNTING);
      expect(linkKeys?.size).toBeGreaterThan(0);
    });

    it("a resident's secret key in a backup", async () => {
      const { wraps } = await attack(withSecrets([site.resident.trailSecret]), ["wraps"]);
      expect(wraps?.size).toBe(ROUNDS + 2);
      expect(wrong(wraps)).toEqual([]);
    });

    it("wraps for nobody that are bytes of chance only", async () => {
      const { personId } = site.resident;
      const { wrapShape } = await attack(
        withEntries((_, person) => (person === personId ? {} : { wrap: randomBytes(96) })),
        ["wrapShape"],
      );
      const theirs = [...persons()].filter(([, person]) => person === personId).map(([name]) => name);
      expect(theirs.filter((name) => wrapShape?.has(name))).toHaveLength(ROUNDS + 2);
      // Of 34 others about one in four looks as it should, by chance.
      expect(wrapShape?.size).toBeLessThan(ROUNDS + 2 + 24);
    });

    it("a seal, and a sender's key, that were used for two entries", async () => {
      const [{ sealed, wrap } = {}, other] = loot.entries.map(({ body }) => body);
      if (sealed === undefined || wrap === undefined) throw new Error("an entry without a seal");
      const { twins } = await attack(
        withEntries(({ body }) => (body === other ? { sealed, wrap } : {})),
        ["twins"],
      );
      expect(twins?.size).toBe(2);
    });

    it("a card that tells of itself what no other does", async () => {
      const [odd] = site.cards;
      const { fingerprint } = await attack(
        withEntries(({ body }, person) =>
          person === odd?.personId ? { evidence: { ...body.evidence, keyVersion: 9 } } : {},
        ),
        ["fingerprint"],
      );
      expect(fingerprint?.size).toBe(ROUNDS + 2);
    });

    it("reasons that name a rule for one person", async () => {
      const row = loot.tables.get("public.access_rule")?.find(({ id }) => id === site.ruleForOne.id);
      const rule = Number(row?.number);
      const { reasons } = await attack(
        withEntries((_, person) =>
          person === site.ruleForOne.personId ? { reasons: [{ code: "rule-allows", rule }] } : {},
        ),
        ["reasons"],
      );
      expect(reasons?.size).toBe(ROUNDS + 2);
      expect(wrong(reasons)).toEqual([]);
    });

    it("a pseudonym for a blocked card's refusal", async () => {
      const { reasons } = await attack(
        withEntries(({ body }) => {
          if (body.reasons[0]?.code !== "credential-blocked") return {};
          const really = persons();
          const before = loot.entries.find(
            (other) => really.get(other.name) === site.blockedPersonId && other.body.pseudonym,
          );
          return before?.body.pseudonym === undefined ? {} : { pseudonym: before.body.pseudonym };
        }),
        ["reasons"],
      );
      expect(reasons?.size).toBe(ROUNDS + 1);
      expect(wrong(reasons)).toEqual([]);
    });

    it("a pseudonym for a card that is enrolled a moment later, refused or at a door that stands open", async () => {
      const really = persons();
      const key = register(loot).find(({ personId }) => personId === site.newcomer.personId)?.key;
      const known = Buffer.from(pseudonymUnder(site.chains[0].key, key ?? new Uint8Array()), "hex");
      const strange = loot.entries.filter(({ name }) => really.get(name) === NEWCOMER);
      expect(strange.map(({ body }) => [body.granted, body.pseudonym])).toEqual([
        [false, undefined],
        [true, undefined],
      ]);
      for (const { name } of strange) {
        const { enrolmentTap } = await attack(
          withEntries((entry) => (entry.name === name ? { pseudonym: known } : {})),
          ["enrolmentTap"],
        );
        expect(enrolmentTap?.size).toBe(2);
        expect(wrong(enrolmentTap)).toEqual([]);
      }
    });

    it("a pseudonym, or a card, in what the server prints", async () => {
      const seen = loot.entries.find(({ body }) => body.pseudonym !== undefined)?.body.pseudonym;
      const [card] = register(loot);
      for (const text of [toHex(seen ?? new Uint8Array()), card?.id, card?.personId]) {
        const { plainSight } = await attack({ ...loot, logs: `${loot.logs}tap ${text}` }, ["plainSight"]);
        expect(plainSight?.size).toBeGreaterThan(0);
      }
    });

    it("when a resident looked at the own trail", async () => {
      const really = persons();
      const own = loot.entries.find(({ name }) => really.get(name) === site.resident.personId);
      const row = { person_id: site.resident.personId, last_used_at: new Date(own?.at ?? 0) };
      const tables = new Map(loot.tables).set("public.resident_session", [row]);
      const { fetches } = await attack({ ...loot, tables }, ["fetches"]);
      expect(fetches?.size).toBe(1);
      expect(wrong(fetches)).toEqual([]);
      const logs = '{"url":"/api/v1/resident/wraps/0"}';
      expect((await attack({ ...loot, logs }, ["fetches"])).fetches?.size).toBe(1);
    });

    it("a dead row of the database that had a pseudonym and a card", async () => {
      const really = persons();
      const entry = loot.entries.find(({ name }) => really.get(name) === site.resident.personId);
      const { id } = register(loot).find(({ personId }) => personId === site.resident.personId) ?? { id: "" };
      const page = join(stateDir, "page");
      const row = concatBytes(
        randomBytes(4_000),
        uuidBytes(id as Parameters<typeof uuidBytes>[0]),
        entry?.body.pseudonym ?? new Uint8Array(),
      );
      writeFileSync(page, concatBytes(row, randomBytes(100)));
      const { residue } = await attack({ ...loot, disk: [page] }, ["residue"]);
      expect(residue?.size).toBe(ROUNDS);
      expect(wrong(residue)).toEqual([]);
      expect(
        holdersOf({ ...loot, disk: [page] }, [uuidBytes(id as Parameters<typeof uuidBytes>[0])]),
      ).toEqual([page]);
    });
  });

  // Not closed. A gate that gave a new card no pseudonym before the next epoch would close it, and would notice a copy of
  // a new card up to four weeks later.
  it("what is left: a pseudonym that nobody had, right after a card was enrolled, is that card's", () => {
    const named = newcomers(loot);
    const really = persons();
    const own = [...really].filter(([, person]) => person === site.newcomer.personId).map(([name]) => name);
    expect(own.some((name) => named.get(name) === site.newcomer.personId)).toBe(true);
  });
});

/** What was taken at last, and beside it all that the earlier backup holds. */
function withBackup({ loot, backup }: TakenSite): Loot {
  const tables = new Map(loot.tables);
  for (const [table, rows] of backup.tables) tables.set(`backup.${table}`, rows);
  const files = new Map(loot.files);
  for (const [name, bytes] of backup.files) files.set(`backup/${name}`, bytes);
  return { ...loot, tables, files };
}
