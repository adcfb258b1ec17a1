import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  ed25519FromSecret,
  ed25519Sign,
  fromHex,
  randomBytes,
  toHex,
  x25519PublicKey,
} from "@menshen/crypto/node";
import {
  type Api,
  type CommunityServer,
  type CustodianPrograms,
  confirmCredential,
  eventually,
  type GateProcess,
  isCurrent,
  makeResident,
  makeSecondPerson,
  makeSiteGate,
  makeSmallSite,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  type SmallSite,
  sealsEntries,
  signIn,
  startCommunity,
  startGate,
} from "@menshen/testkit/system";
import { makeUidCard, type VirtualCard } from "@menshen/virtual-devices";
import {
  communityEndpoints,
  credentialEndpoints,
  gateEndpoints,
  modeEndpoints,
  personEndpoints,
  residentInvitationEndpoints,
  residentTexts,
  ruleEndpoints,
} from "@menshen/wire";
import { freePorts } from "../harness/ports.ts";
import { agreedChain, type GateChain, readChain, readSealingSecret } from "../harness/pseudonyms.ts";
import { shiftedTime } from "../harness/shifted-time.ts";
import { type Loot, takeLoot } from "./loot.ts";

const GREEN = 2;
const SHOW_FOR_A_WHILE = 2;
const DAY_MS = 86_400_000;
const EPOCH_MS = 28 * DAY_MS;
/** How often everybody passes in the first epoch. */
export const ROUNDS = 3;
/** In the truth: somebody whose card nobody has enrolled yet. */
export const NEWCOMER = "newcomer";

/** What was taken, and what only this test knows. */
export interface TakenSite {
  /** All that the server had at the end of the first epoch. */
  readonly backup: Loot;
  readonly loot: Loot;
  /** Who was at each access point, in order. */
  readonly truth: ReadonlyMap<string, readonly string[]>;
  /** The gates' pseudonym keys: of both epochs, and of the generation after a gate was stolen. */
  readonly chains: readonly [first: GateChain, second: GateChain, afterTheft: GateChain];
  /** The X25519 secret of a gate, as a thief of the gate reads it. */
  readonly gateSealingSecret: Uint8Array;
  readonly cards: readonly SiteCard[];
  /** Whose program looks at the own trail after each passage. */
  readonly resident: { readonly personId: string; readonly trailSecret: Uint8Array };
  readonly newcomer: SiteCard;
  readonly blockedPersonId: string;
  readonly ruleForOne: { readonly id: string; readonly personId: string };
}

/**
 * A small community over two epochs: custodians make keys, seven persons pass two doors, somebody's card is blocked,
 * another is enrolled; with the next epoch everybody passes again, then a gate is stolen, and everybody passes once more.
 * Gates, server and custodians are the real programs; between the epochs they are stopped and started 28 days later.
 */
export async function liveTwoEpochs(options: {
  readonly runId: string;
  readonly stateDir: string;
  readonly custodians: CustodianPrograms;
  /** To be closed at the end, whatever happens. */
  readonly gates: SiteGate[];
}): Promise<TakenSite> {
  const { runId, stateDir, custodians, gates } = options;
  const [http = 0, gateTls = 0, mqtt = 0] = await freePorts(3);
  const ports = { http, gateTls, mqtt };
  const printed: string[] = [];
  const truth = new Map<string, string[]>();
  const cards: SiteCard[] = [];
  let server: CommunityServer;
  let api: Api;
  let processes: GateProcess[] = [];

  async function start(env: Record<string, string> = {}) {
    const started = await startCommunity({ runId, stateDir, ports, env });
    return { server: started, api: await signIn(started.signInLink) };
  }
  async function startGates(env: Record<string, string> = {}): Promise<void> {
    processes = await Promise.all(gates.map(({ configFile }) => startGate({ runId, configFile, env })));
    await eventually("all doors are ready", 30_000, () =>
      gates.every((gate) => doorOf(gate).reader.link.secure && doorOf(gate).unit.link.secure),
    );
    await settled();
  }
  async function takeAll(name: string): Promise<Loot> {
    await eventually("every entry has arrived", 20_000, async () => {
      const all = await Promise.all(gates.map(statusOf));
      return all.every(({ journal }) => (journal.lastSequence ?? 0) > 0 && journal.gaps.length === 0);
    });
    for (const { process } of processes) {
      process.child.kill("SIGTERM");
      await process.ended;
    }
    server.process.child.kill("SIGTERM");
    await server.process.ended;
    printed.push(server.process.stdout(), server.process.stderr());
    return takeLoot({
      stateDirectory: join(stateDir, "community"),
      copyTo: join(stateDir, name),
      logs: printed.join("\n"),
    });
  }

  const statusOf = ({ gateId }: SiteGate) => api.call(gateEndpoints.status, { params: { id: gateId } });
  async function settled(): Promise<void> {
    await eventually("the gates hold what they should", 30_000, async () => {
      const all = await Promise.all(gates.map(statusOf));
      return all.every((detail) => isCurrent(detail) && sealsEntries(detail));
    });
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
  async function agreed(isDue: (chain: GateChain) => boolean): Promise<GateChain> {
    let chain: GateChain | undefined;
    await eventually("the gates agree on a pseudonym key", 30_000, () => {
      const found = agreedChain(gates);
      chain = found !== undefined && isDue(found) ? found : undefined;
      return chain !== undefined;
    });
    if (chain === undefined) throw new Error("no pseudonym key");
    return chain;
  }

  /** Holds a card until the reader shows an answer; true if the door opens. */
  const answers = new Map<SiteDoor, ((granted: boolean) => void) | undefined>();
  function watch(door: SiteDoor): void {
    door.onReaderEvent((event) => {
      if (event.kind !== "led") return;
      const { control, onColour } = event.control.temporary;
      if (control === SHOW_FOR_A_WHILE) answers.get(door)?.(onColour === GREEN);
    });
  }
  async function tap(gate: SiteGate, card: VirtualCard, personId: string, expected: boolean): Promise<void> {
    const door = doorOf(gate);
    const answer = new Promise<boolean>((resolve) => answers.set(door, resolve));
    await door.reader.hold(card);
    if ((await answer) !== expected) throw new Error(`${personId} at ${gate.gateId}: expected ${expected}`);
    truth.set(door.accessPointId, [...(truth.get(door.accessPointId) ?? []), personId]);
    if (personId === residentId) await look();
  }
  async function everybodyPasses(places: readonly SiteGate[], shift = 0): Promise<void> {
    for (const [index, { card, personId, credential }] of cards.entries()) {
      const gate = places[(index + shift) % places.length];
      if (gate !== undefined && credential.id !== blockedId) await tap(gate, card, personId, true);
    }
  }

  /** A person without a home here. */
  async function guestNamed(displayName: string): Promise<string> {
    return (await api.call(personEndpoints.create, { body: { displayName } })).id;
  }
  async function enrolUid(personId: string, identifier: string): Promise<SiteCard> {
    const { credential } = await api.call(credentialEndpoints.enrol, {
      body: { kind: "uid", identifier, personId, until: Date.now() + 30 * 86_400_000 },
    });
    // Who lives nowhere here needs two members of staff to answer for the card.
    await confirmCredential(await makeSecondPerson(api), credential.id);
    return { credential, personId, card: makeUidCard(fromHex(identifier)) };
  }
  /** A rule for one person alone. */
  async function letIn(personId: string, site: SmallSite): Promise<string> {
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

  /** A door stands open for all, or no longer. */
  async function standOpen(gate: SiteGate, open: boolean): Promise<void> {
    const { portalId } = doorOf(gate);
    await api.call(modeEndpoints.set, {
      params: { portalId },
      body: { mode: open ? "held-open" : "normal" },
    });
    await eventually("the door has its mode", 10_000, async () => {
      const { items } = await api.call(modeEndpoints.list, {});
      return items.some((item) => item.portalId === portalId && item.adopted);
    });
  }

  const trailSecret = randomBytes(32);
  let residentId = "";
  let residentCookie = "";
  let blockedId = "";
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
    if (!response.ok) throw new Error(await response.text());
    residentCookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    residentId = personId;
  }
  async function look(): Promise<void> {
    await fetch(`${server.http}/api/v1/resident/wraps/0`, { headers: { cookie: residentCookie } });
  }

  ({ server, api } = await start());
  await custodians.begin(api, server.http);
  const site = await makeSmallSite(api);
  for (const name of ["东", "西"]) {
    const dir = join(stateDir, `gate-${gates.length}`);
    mkdirSync(dir);
    gates.push(await makeSiteGate({ api, server, site, name, stateDir: dir, doorCount: 1 }));
  }
  for (const gate of gates) watch(doorOf(gate));
  const [east, west] = gates;
  if (east === undefined || west === undefined) throw new Error("too few gates");
  for (const kind of ["ntag424", "uid"] as const) {
    for (let index = 0; index < 3; index++)
      cards.push(await makeResident(api, site, `住户 ${kind} ${index}`, kind));
  }
  // A friend of the house, let in by a rule of their own.
  const guest = await enrolUid(await guestNamed("朋友"), "04777777777780");
  const ruleForOne = { id: await letIn(guest.personId, site), personId: guest.personId };
  const newcomerId = await guestNamed("新来的");
  await letIn(newcomerId, site);
  cards.push(guest);
  const [resident] = cards;
  const blocked = cards.at(-2);
  if (resident === undefined || blocked === undefined) throw new Error("too few cards");
  await joinAsResident(resident.personId);
  await startGates();
  const first = await agreed(() => true);

  for (let round = 0; round < ROUNDS; round++) await everybodyPasses(gates, round);
  await changed(async () => {
    await api.call(credentialEndpoints.block, { params: { id: blocked.credential.id } });
  });
  blockedId = blocked.credential.id;
  await tap(west, blocked.card, blocked.personId, false);
  // A card that a door does not know, also while it stands open for all, and that is enrolled a moment later.
  const uid = "04888888888880";
  const stranger = makeUidCard(fromHex(uid));
  await tap(west, stranger, NEWCOMER, false);
  await standOpen(west, true);
  await tap(west, stranger, NEWCOMER, true);
  await standOpen(west, false);
  let newcomer: SiteCard | undefined;
  await changed(async () => {
    newcomer = await enrolUid(newcomerId, uid);
  });
  if (newcomer === undefined) throw new Error("nobody was enrolled");
  await tap(west, newcomer.card, newcomer.personId, true);
  cards.push(newcomer);
  const backup = await takeAll("backup");

  const later = shiftedTime(EPOCH_MS);
  ({ server, api } = await start(later));
  await startGates(later);
  const second = await agreed(({ epoch }) => epoch === first.epoch + 1);
  await everybodyPasses(gates);
  // One gate is stolen: the other begins new pseudonyms.
  const gateSealingSecret = readSealingSecret(west);
  await api.call(gateEndpoints.revoke, { params: { id: west.gateId } });
  await eventually("a new generation", 20_000, () => (readChain(east)?.generation ?? 0) > 0);
  gates.splice(gates.indexOf(west), 1);
  for (const door of west.doors) await door.close();
  await settled();
  const afterTheft = await agreed(() => true);
  await everybodyPasses([east]);
  const loot = await takeAll("loot");

  return {
    backup,
    loot,
    truth,
    chains: [first, second, afterTheft],
    gateSealingSecret,
    cards,
    resident: { personId: resident.personId, trailSecret },
    newcomer,
    blockedPersonId: blocked.personId,
    ruleForOne,
  };
}

function doorOf(gate: SiteGate): SiteDoor {
  const [door] = gate.doors;
  if (door === undefined) throw new Error("a gate without a door");
  return door;
}
