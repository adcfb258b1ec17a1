import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ed25519FromSecret,
  ed25519Sign,
  fromHex,
  randomBytes,
  toHex,
  x25519PublicKey,
} from "@menshen/crypto/node";
import { makeTrailOpener } from "@menshen/custody";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  killRun,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  type SmallSite,
  signIn,
  startCommunity,
  startGate,
} from "@menshen/testkit/system";
import { makeUidCard, type VirtualCard } from "@menshen/virtual-devices";
import {
  communityEndpoints,
  credentialEndpoints,
  gateEndpoints,
  personEndpoints,
  residentInvitationEndpoints,
  residentTexts,
  ruleEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  agreedChain,
  counterOffsetUnder,
  type GateChain,
  pseudonymUnder,
  readChain,
} from "./harness/pseudonyms.ts";
import { attack, newcomers } from "./trail-attack/attack.ts";
import { type Loot, type LootedEntry, takeLoot } from "./trail-attack/loot.ts";

const GREEN = 2;
const SHOW_FOR_A_WHILE = 2;
const ROUNDS = 3;
/** In the truth: somebody whose card nobody has enrolled yet. */
const NEWCOMER = "newcomer";

/**
 * Somebody takes the whole server, keys and logs included, and tries to find out who went through which door. Gates are
 * the real programs. There are no custodians here, so nothing is sealed to them: what it takes to open a sealed identity
 * is tested with the lawful opening.
 *
 * What this test does not deny, and docs/custody.md says: a pseudonym is a trace without a name for four weeks, and
 * whoever saw one of its passages with his own eyes knows the others. A door that one person alone may pass names that
 * person. So does the moment at which a new card is first used (the last test here shows it).
 */
describe("a server that was taken whole", () => {
  const runId = randomUUID();
  const stateDir = mkdtempSync(join(tmpdir(), "menshen-sealed-"));
  let server: CommunityServer;
  let api: Api;
  let site: SmallSite;
  const gates: SiteGate[] = [];
  const processes: GateProcess[] = [];
  const cards: SiteCard[] = [];
  /** Who was at each door, in order. */
  const truth = new Map<string, string[]>();
  const trailSecret = randomBytes(32);
  let chain: GateChain | undefined;
  let loot: Loot;
  let newcomer: SiteCard;
  let blockedPerson = "";
  let ruleForOne: { readonly id: string; readonly personId: string };

  const statusOf = ({ gateId }: SiteGate) => api.call(gateEndpoints.status, { params: { id: gateId } });
  const doorOf = (gate: SiteGate): SiteDoor => {
    const [door] = gate.doors;
    if (door === undefined) throw new Error("a gate without a door");
    return door;
  };

  /** Holds a card until the reader shows an answer; true if the door opens. */
  const answers = new Map<SiteDoor, ((granted: boolean) => void) | undefined>();
  function watch(door: SiteDoor): void {
    door.onReaderEvent((event) => {
      if (event.kind !== "led") return;
      const { control, onColour } = event.control.temporary;
      if (control === SHOW_FOR_A_WHILE) answers.get(door)?.(onColour === GREEN);
    });
  }
  async function tap(gate: SiteGate, card: VirtualCard, personId: string): Promise<boolean> {
    const door = doorOf(gate);
    const answer = new Promise<boolean>((resolve) => answers.set(door, resolve));
    await door.reader.hold(card);
    const granted = await answer;
    truth.set(door.accessPointId, [...(truth.get(door.accessPointId) ?? []), personId]);
    return granted;
  }

  /** A person without a home here. */
  async function guestNamed(displayName: string): Promise<string> {
    return (await api.call(personEndpoints.create, { body: { displayName } })).id;
  }

  async function enrolUid(personId: string, identifier: string): Promise<SiteCard> {
    const { credential } = await api.call(credentialEndpoints.enrol, {
      body: { kind: "uid", identifier, personId },
    });
    return { credential, personId, card: makeUidCard(fromHex(identifier)) };
  }

  /** A rule for one person alone. */
  async function letIn(personId: string): Promise<string> {
    const { id } = await api.call(ruleEndpoints.create, {
      body: {
        name: `只为 ${personId}`,
        who: { personIds: [personId] },
        where: { areaIds: [site.insideId] },
        minimumGrade: "E",
        validity: {},
      },
    });
    return id;
  }

  /** Until every gate has the snapshot that a change makes. */
  async function changed(change: () => Promise<void>): Promise<void> {
    const before = await Promise.all(gates.map(statusOf));
    await change();
    await eventually("the gates have the change", 20_000, async () => {
      const all = await Promise.all(gates.map(statusOf));
      return all.every(
        ({ snapshot }, index) => (snapshot.applied ?? 0) > (before[index]?.snapshot.applied ?? 0),
      );
    });
  }

  async function settled(): Promise<void> {
    await eventually("the gates hold what they should", 20_000, async () => {
      const all = await Promise.all(gates.map(statusOf));
      return all.every(
        ({ snapshot, keyring }) =>
          snapshot.applied === snapshot.desired && keyring.applied === keyring.desired,
      );
    });
  }

  /** The resident's own program: its trail key goes to the server, the secret stays. */
  async function joinAsResident(personId: string): Promise<void> {
    const { code } = await api.call(residentInvitationEndpoints.create, { params: { id: personId } });
    const key = ed25519FromSecret(randomBytes(32));
    const keys = { authKey: toHex(key.publicKey), trailKey: toHex(x25519PublicKey(trailSecret)) };
    const { id } = await api.call(communityEndpoints.get, {});
    const text = residentTexts.join(id, keys, code.replaceAll("-", ""));
    const signature = toHex(ed25519Sign(key.secretKey, new TextEncoder().encode(text)));
    const response = await fetch(`${server.http}/api/v1/resident/join`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.http },
      body: JSON.stringify({ code, ...keys, signature }),
    });
    expect(response.status).toBe(200);
    const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    // Fetched as it goes along, so that the server's logs have it.
    await fetch(`${server.http}/api/v1/resident/wraps/0`, { headers: { cookie } });
  }

  beforeAll(async () => {
    server = await startCommunity({ runId, stateDir });
    api = await signIn(server.signInLink);
    site = await makeSmallSite(api);
    for (const name of ["东", "西"]) {
      const dir = join(stateDir, `gate-${gates.length}`);
      mkdirSync(dir);
      gates.push(await makeSiteGate({ api, server, site, name, stateDir: dir, doorCount: 1 }));
    }
    for (const gate of gates) watch(doorOf(gate));
    for (const kind of ["ntag424", "uid"] as const) {
      for (let index = 0; index < 3; index++)
        cards.push(await makeResident(api, site, `住户 ${kind} ${index}`, kind));
    }
    // A friend of the house, let in by a rule of their own.
    const guest = await enrolUid(await guestNamed("朋友"), "04777777777780");
    const newcomerId = await guestNamed("新来的");
    await letIn(newcomerId);
    const id = await letIn(guest.personId);
    ruleForOne = { id, personId: guest.personId };
    cards.push(guest);
    const [first] = cards;
    if (first === undefined) throw new Error("no cards");
    await joinAsResident(first.personId);

    for (const { configFile } of gates) processes.push(await startGate({ runId, configFile }));
    await eventually("both doors are ready", 30_000, () =>
      gates.every((gate) => doorOf(gate).reader.link.secure && doorOf(gate).unit.link.secure),
    );
    await settled();
    await eventually("the gates agree on a pseudonym key", 30_000, () => {
      chain = agreedChain(gates);
      return chain !== undefined;
    });

    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, { card, personId }] of cards.entries()) {
        const gate = gates[(index + round) % gates.length];
        if (gate !== undefined) expect(await tap(gate, card, personId)).toBe(true);
      }
    }
    const [, west] = gates;
    const blocked = cards.at(-2);
    if (west === undefined || blocked === undefined) throw new Error("too few");
    await changed(async () => {
      await api.call(credentialEndpoints.block, { params: { id: blocked.credential.id } });
    });
    expect(await tap(west, blocked.card, blocked.personId)).toBe(false);
    blockedPerson = blocked.personId;
    // A card that a door does not know, and that is enrolled a moment later.
    const uid = "04888888888880";
    expect(await tap(west, makeUidCard(fromHex(uid)), NEWCOMER)).toBe(false);
    await changed(async () => {
      newcomer = await enrolUid(newcomerId, uid);
    });
    expect(await tap(west, newcomer.card, newcomer.personId)).toBe(true);
    cards.push(newcomer);

    // One gate is stolen: the other begins new pseudonyms, and everybody passes again.
    const [east] = gates;
    if (east === undefined) throw new Error("too few");
    await api.call(gateEndpoints.revoke, { params: { id: west.gateId } });
    gates.pop();
    await eventually("a new generation", 20_000, () => (readChain(east)?.generation ?? 0) > 0);
    await settled();
    for (const { card, personId, credential } of cards.toReversed()) {
      if (credential.id !== blocked.credential.id) expect(await tap(east, card, personId)).toBe(true);
    }
    await eventually("every event has arrived", 20_000, async () => {
      const { journal } = await statusOf(east);
      return (journal.lastSequence ?? 0) > 0 && journal.gaps.length === 0;
    });
    for (const { process } of processes) {
      process.child.kill("SIGTERM");
      await process.ended;
    }
    server.process.child.kill("SIGTERM");
    await server.process.ended;
    loot = await takeLoot({
      stateDirectory: join(stateDir, "community"),
      logs: server.process.stdout() + server.process.stderr(),
      remade: [],
    });
  });

  afterAll(async () => {
    killRun(runId);
    for (const gate of gates) for (const door of gate.doors) await door.close();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("names nobody, whatever is tried (privacy row L1)", async () => {
    expect(loot.entries.length).toBeGreaterThan(25);
    expect(loot.entries.filter(({ body }) => body.pseudonym !== undefined).length).toBeGreaterThan(25);
    expect(loot.entries.every(({ body }) => body.wrap?.length === 96)).toBe(true);
    expect(await attack(loot)).toEqual({});
  });

  it("and the resident whose key it is reads their own passages, and no others (privacy row L3)", async () => {
    const open = await makeTrailOpener(trailSecret);
    const [own] = cards;
    const wraps = loot.entries.flatMap(({ body }) => (body.wrap === undefined ? [] : [body.wrap]));
    const opened = (await Promise.all(wraps.map(open))).filter((text) => text !== undefined);
    expect(opened).toHaveLength(ROUNDS + 1);
    expect(own).toBeDefined();
    expect(opened.every(({ granted, kind }) => granted && kind === "ntag424")).toBe(true);
  });

  /** Who really was at the door, by entry. */
  function persons(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const places = new Map<string, number>();
    for (const { name, body } of loot.entries) {
      const place = places.get(body.accessPointId) ?? 0;
      places.set(body.accessPointId, place + 1);
      found.set(name, truth.get(body.accessPointId)?.[place] ?? "");
    }
    return found;
  }

  /** Entries that an attack named, and wrongly so. */
  function wrong(named: ReadonlyMap<string, string> | undefined): string[] {
    const really = persons();
    return [...(named ?? [])].flatMap(([name, person]) => (really.get(name) === person ? [] : [name]));
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

  describe("the same script finds a leak that is planted:", () => {
    it("a server that kept the pseudonym key names everybody", async () => {
      const key = chain?.key ?? new Uint8Array();
      const counted = withEntries(({ body }, person) => {
        const row = loot.tables.get("public.credential")?.find(({ person_id: holder }) => holder === person);
        if (body.kind !== "ntag424" || !(row?.key instanceof Uint8Array)) return {};
        const credentialKey = new Uint8Array(row.key);
        const isUnderKey = toHex(body.pseudonym ?? new Uint8Array()) === pseudonymUnder(key, credentialKey);
        return isUnderKey ? { evidence: { counter: 5 + counterOffsetUnder(key, credentialKey) } } : {};
      });
      // Cards that count, as gates write it: without the key it says nothing.
      expect(await attack(counted, ["counters", "linkKeys"])).toEqual({});
      const value = Buffer.from(key);
      const tables = new Map(loot.tables).set("public.setting", [{ name: "pseudonym-key", value }]);
      const { enumerate, counters } = await attack({ ...counted, tables }, ["enumerate", "counters"]);
      // All of the first generation, at both doors.
      expect(enumerate?.size).toBe(ROUNDS * 7 + 1);
      expect(wrong(enumerate)).toEqual([]);
      expect(counters?.size).toBe(ROUNDS * 3);
      expect(wrong(counters)).toEqual([]);
    });

    it("a resident's secret key in a backup", async () => {
      const files = new Map(loot.files).set("backup.key", trailSecret);
      const { wraps } = await attack({ ...loot, files }, ["wraps"]);
      expect(wraps?.size).toBeGreaterThan(0);
      expect(wrong(wraps)).toEqual([]);
    });

    it("reasons that name a rule for one person", async () => {
      const row = loot.tables.get("public.access_rule")?.find(({ id }) => id === ruleForOne.id);
      const rule = Number(row?.number);
      const { reasons } = await attack(
        withEntries((_, person) =>
          person === ruleForOne.personId ? { reasons: [{ code: "rule-allows", rule }] } : {},
        ),
        ["reasons"],
      );
      expect(reasons?.size).toBe(ROUNDS + 1);
      expect(wrong(reasons)).toEqual([]);
    });

    it("a pseudonym for a blocked card's refusal", async () => {
      const { reasons } = await attack(
        withEntries(({ body }) => {
          if (body.reasons[0]?.code !== "credential-blocked") return {};
          const really = persons();
          const before = loot.entries.find(
            (other) => really.get(other.name) === blockedPerson && other.body.pseudonym,
          );
          return before?.body.pseudonym === undefined ? {} : { pseudonym: before.body.pseudonym };
        }),
        ["reasons"],
      );
      expect(reasons?.size).toBeGreaterThan(ROUNDS);
      expect(wrong(reasons)).toEqual([]);
    });

    it("a pseudonym for a card that is enrolled a moment later", async () => {
      const really = persons();
      const known = loot.entries.find(({ name }) => really.get(name) === newcomer.personId)?.body.pseudonym;
      const { enrolmentTap } = await attack(
        withEntries((_, person) => (person === NEWCOMER && known !== undefined ? { pseudonym: known } : {})),
        ["enrolmentTap"],
      );
      expect(enrolmentTap?.size).toBeGreaterThan(1);
    });

    it("cards' own counters", async () => {
      const { counters, linkKeys } = await attack(
        withEntries(({ body }) => (body.kind === "ntag424" ? { evidence: { counter: 7 } } : {})),
        ["counters", "linkKeys"],
      );
      expect(counters?.size).toBe((ROUNDS + 1) * 3);
      expect(linkKeys?.size).toBeGreaterThan(0);
    });

    it("a pseudonym in what the server prints", async () => {
      const seen = loot.entries.find(({ body }) => body.pseudonym !== undefined)?.body.pseudonym;
      const { plainSight } = await attack(
        {
          ...loot,
          logs: `${loot.logs}tap ${toHex(seen ?? new Uint8Array())}`,
        },
        ["plainSight"],
      );
      expect(plainSight?.size).toBeGreaterThan(0);
    });
  });

  // Not closed. A gate that gave a new card no pseudonym before the next epoch would close it, and would notice a copy of
  // a new card up to four weeks later.
  it("what is left: a pseudonym that nobody had, right after a card was enrolled, is that card's", () => {
    const named = newcomers(loot);
    const really = persons();
    const own = [...really].filter(([, person]) => person === newcomer.personId).map(([name]) => name);
    expect(own.some((name) => named.get(name) === newcomer.personId)).toBe(true);
  });
});
