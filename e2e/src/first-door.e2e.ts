import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  processesOfRun,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  type SmallSite,
  signIn,
  startCommunity,
  startGate,
  waitForGate,
} from "@menshen/testkit/system";
import {
  accessPointEndpoints,
  credentialEndpoints,
  type EventItem,
  eventEndpoints,
  gateEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endInOrder, makeRun } from "./harness/run.ts";

/**
 * The whole path of one tap: real processes, a real database and broker, real OSDP with secure channel and
 * pass-through, real card cryptography. Only the plastic, the wires and the wood are made of software.
 */
describe("the first door", () => {
  const { runId, stateDir } = makeRun("first");
  let server: CommunityServer;
  let api: Api;
  let site: SmallSite;
  let gate: SiteGate;
  let gateProcess: GateProcess;
  let desfire: SiteCard;
  let ntag: SiteCard;

  const doorOf = (index: number): SiteDoor => {
    const door = gate.doors[index];
    if (door === undefined) throw new Error(`the gate has no door ${index}`);
    return door;
  };
  const events = async (door: SiteDoor): Promise<EventItem[]> =>
    (await api.call(eventEndpoints.list, { query: { portalId: door.portalId, kind: "access" } })).items;

  const snapshotVersions = async () =>
    (await api.call(gateEndpoints.status, { params: { id: gate.gateId } })).snapshot;

  /** Sets whether a door asks for a card and a PIN, and waits until its gate knows. */
  const askForBoth = async (door: SiteDoor, cardAndPin: boolean) => {
    const point = await api.call(accessPointEndpoints.get, { params: { id: door.accessPointId } });
    const { id, portalId, name, fromAreaId, toAreaId, minimumGrade, revision } = point;
    const { desired } = await snapshotVersions();
    const changed = await api.call(accessPointEndpoints.update, {
      params: { id },
      body: { portalId, name, fromAreaId, toAreaId, minimumGrade, revision, cardAndPin },
    });
    await eventually("the gate knows what the door asks for", 5_000, async () => {
      return ((await snapshotVersions()).applied ?? 0) > desired;
    });
    return changed;
  };

  beforeAll(async () => {
    server = await startCommunity({ runId, stateDir });
    api = await signIn(server.signInLink);
    site = await makeSmallSite(api);
    const gateDir = join(stateDir, "gate-1");
    mkdirSync(gateDir);
    gate = await makeSiteGate({ api, server, site, name: "北区", stateDir: gateDir, doorCount: 2 });
    desfire = await makeResident(api, site, "陈静", "desfire");
    ntag = await makeResident(api, site, "王强", "ntag424");
    gateProcess = await startGate({ runId, configFile: gate.configFile });
    await waitForGate(api, gate.gateId, { readers: 4 });
  });

  afterAll(async () => {
    await endInOrder(gateProcess, server);
    for (const door of gate?.doors ?? []) await door.close();
  });

  it("opens for a DESFire card through pass-through and secure channel, and the server knows why", async () => {
    const door = doorOf(0);
    expect(door.reader.link).toMatchObject({ online: true, secure: true });
    expect(await door.reader.hold(desfire.card)).toBe("released");
    await eventually("the strike is released", 2_000, () => door.releases.length === 1);
    await eventually("the event is stored", 5_000, async () => (await events(door)).length === 1);
    const [event] = await events(door);
    expect(event).toMatchObject({
      granted: true,
      credentialKind: "desfire",
      grade: "B",
      reasons: [{ code: "rule-allows" }],
    });
  });

  it("opens for an NTAG 424 card at another door", async () => {
    const door = doorOf(1);
    expect(await door.reader.hold(ntag.card)).toBe("released");
    await eventually("the strike is released", 2_000, () => door.releases.length === 1);
    await eventually("the event is stored", 5_000, async () => (await events(door)).length === 1);
    expect((await events(door))[0]).toMatchObject({ granted: true, credentialKind: "ntag424", grade: "B" });
  });

  it("asks for a card beside a PIN at a door from the street, and opens for both of one person", async () => {
    const door = doorOf(1);
    await eventually("the door is locked again", 5_000, () => !door.door.released);
    const before = door.releases.length;
    let known = (await events(door)).length;
    const isStored = async (count: number) => (await events(door)).length === known + count;
    const version = (await snapshotVersions()).desired;
    const { pin } = await api.call(credentialEndpoints.enrol, {
      body: { kind: "pin", personId: ntag.personId, dwellingId: site.dwellingId },
    });
    if (pin === undefined) throw new Error("no PIN was drawn");
    await eventually("the gate knows the PIN", 5_000, async () => {
      return ((await snapshotVersions()).applied ?? 0) > version;
    });
    door.reader.type(`${pin.startsWith("0") ? "1" : "0"}${pin.slice(1)}#`);
    await eventually("the refusal is stored", 5_000, () => isStored(1));
    expect((await events(door))[0]).toMatchObject({
      granted: false,
      credentialKind: "pin",
      reasons: [{ code: "credential-unknown" }],
    });
    door.reader.type(`${pin}#`);
    await eventually("the waiting is stored", 5_000, () => isStored(2));
    expect((await events(door))[0]).toMatchObject({
      granted: false,
      credentialKind: "pin",
      grade: "D",
      reasons: [{ code: "second-factor-needed", missing: "other" }],
    });
    expect(door.releases.length).toBe(before);
    // The rule admits the card by itself.
    await door.reader.hold(ntag.card);
    await eventually("the strike is released", 5_000, () => door.releases.length === before + 1);
    await eventually("the event is stored", 5_000, () => isStored(3));
    await eventually("the door is locked again", 5_000, () => !door.door.released);

    const asked = await askForBoth(door, true);
    known = (await events(door)).length;
    await door.reader.hold(ntag.card);
    await eventually("the card's waiting is stored", 5_000, () => isStored(1));
    expect((await events(door))[0]).toMatchObject({
      granted: false,
      credentialKind: "ntag424",
      reasons: [{ code: "second-factor-needed", missing: "pin" }],
    });
    door.reader.type(`${pin}#`);
    await eventually("the strike is released", 5_000, () => door.releases.length === before + 2);
    await eventually("the event is stored", 5_000, () => isStored(2));
    expect((await events(door))[0]).toMatchObject({
      granted: true,
      credentialKind: "ntag424",
      grade: "B",
      reasons: [{ code: "rule-allows" }],
    });
    expect(asked.pinUse).toBe("both");
    expect((await askForBoth(door, false)).pinUse).toBe("second");
  });

  it("refuses a blocked card at an online gate as soon as it hears of it", async () => {
    const door = doorOf(0);
    const before = door.releases.length;
    const version = (await snapshotVersions()).desired;
    await api.call(credentialEndpoints.block, { params: { id: desfire.credential.id } });
    await eventually("the gate has the revocation", 10_000, async () => {
      return ((await snapshotVersions()).applied ?? 0) > version;
    });
    await door.reader.hold(desfire.card);
    await eventually("the refusal is stored", 5_000, async () => (await events(door)).length === 2);
    expect((await events(door))[0]).toMatchObject({
      granted: false,
      reasons: [{ code: "credential-blocked" }],
    });
    expect(door.releases.length).toBe(before);
    const why = await api.call(eventEndpoints.why, {
      params: { gateId: gate.gateId, sequence: (await events(door))[0]?.sequence ?? 0 },
    });
    expect(why.remedies.map((remedy) => remedy.code)).toContain("unblock-credential");
  });

  it("shows a silent gate as offline within a minute, and it goes on when it is back", async () => {
    const door = doorOf(1);
    const before = door.releases.length;
    const known = (await events(door)).length;
    const main = processesOfRun(runId).find(({ command }) => command.includes("apps/gate/src/main.ts"));
    if (main === undefined) throw new Error("no gate process");
    process.kill(main.pid, "SIGSTOP");
    await eventually("the gate is shown as offline", 60_000, async () => {
      const { gate: shown } = await api.call(gateEndpoints.status, { params: { id: gate.gateId } });
      return shown.link === "offline";
    });
    process.kill(main.pid, "SIGCONT");
    await eventually("the gate is back", 30_000, async () => {
      const { gate: shown } = await api.call(gateEndpoints.status, { params: { id: gate.gateId } });
      return shown.link === "online" && door.reader.link.secure;
    });
    await door.reader.hold(ntag.card);
    await eventually("the strike is released", 5_000, () => door.releases.length === before + 1);
    await eventually("the event is stored", 5_000, async () => (await events(door)).length === known + 1);
  });
});
