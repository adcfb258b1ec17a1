import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  inviteStaff,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  ROOT,
  type SiteDoor,
  type SmallSite,
  signIn,
  startCommunity,
  startGate,
  startProcess,
  waitForGate,
} from "@menshen/testkit/system";
import type { VirtualCard } from "@menshen/virtual-devices";
import { cardKeyEndpoints } from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "./harness/ports.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const MENSHEN = join(ROOT, "apps/cli/bin/menshen.js");
const LIBRARY = "/usr/lib/softhsm/libsofthsm2.so";
const TOKEN = "menshen e2e";
const PIN = "738219";

/** A server whose card keys are in a token that somebody unlocks after each start. */
describe("card keys in a PKCS#11 token", () => {
  const { runId, stateDir } = makeRun("card-keys");
  const env = { SOFTHSM2_CONF: join(stateDir, "softhsm2.conf") };
  let ports: { http: number; gateTls: number; mqtt: number };
  let server: CommunityServer | undefined;
  let gateProcess: GateProcess | undefined;
  let api: Api;
  let site: SmallSite;
  let door: SiteDoor | undefined;
  let card: VirtualCard;

  async function start(): Promise<CommunityServer> {
    const keyService = { backEnd: "pkcs11", library: LIBRARY, token: TOKEN } as const;
    server = await startCommunity({ runId, stateDir, ports, keyService, env });
    return server;
  }

  /** `menshen keys unlock`, as its user types it. */
  async function unlock(pin: string) {
    const file = join(stateDir, "pin");
    writeFileSync(file, `${pin}\n`, { mode: 0o600 });
    const link = await inviteStaff(api, "security");
    const args = ["keys", "unlock", "--sign-in", link, "--passphrase-file", file];
    const program = startProcess(MENSHEN, args, { runId, env: { LANG: "C.UTF-8" } });
    const { code } = await program.ended;
    return { code, said: program.stdout(), complained: program.stderr() };
  }

  const lock = async () => (await api.call(cardKeyEndpoints.store, {})).lock;

  async function tap(): Promise<void> {
    if (door === undefined) throw new Error("no door");
    const { releases, reader } = door;
    const before = releases.length;
    await reader.hold(card);
    await eventually("the strike is released", 10_000, () => releases.length > before);
  }

  beforeAll(async () => {
    const tokens = join(stateDir, "tokens");
    mkdirSync(tokens);
    writeFileSync(env.SOFTHSM2_CONF, `directories.tokendir = ${tokens}\nlog.level = ERROR\n`);
    const pins = ["--so-pin", "90817263", "--pin", PIN];
    execFileSync("softhsm2-util", ["--init-token", "--free", "--label", TOKEN, ...pins], {
      stdio: "ignore",
      env: { ...process.env, ...env },
    });
    const [http, gateTls, mqtt] = await freePorts(3);
    if (http === undefined || gateTls === undefined || mqtt === undefined) throw new Error("no free ports");
    ports = { http, gateTls, mqtt };
    const first = await start();
    api = await signIn(first.signInLink);
    site = await makeSmallSite(api);
  });

  afterAll(async () => {
    await endInOrder(gateProcess, server);
    await door?.close();
  });

  it("stay locked until their PIN came, and say so", async () => {
    expect(await lock()).toBe("waiting");
    await expect(makeResident(api, site, "陈静", "desfire")).rejects.toMatchObject({
      problem: { code: "keys-locked" },
    });
    const wrong = await unlock("000000");
    expect(wrong.code).toBe(1);
    expect(wrong.complained).toContain("this does not open the keys");
    expect(await lock()).toBe("wrong-unlock");
    const right = await unlock(PIN);
    expect(right).toMatchObject({ code: 0, complained: "" });
    expect(right.said).toMatch(/unlocked; \d+ keys/);
    expect(await lock()).toBeUndefined();
  });

  it("make a card that opens a door", async () => {
    if (server === undefined) throw new Error("no server");
    const gateDir = join(stateDir, "gate");
    mkdirSync(gateDir);
    const gate = await makeSiteGate({ api, server, site, name: "北区", stateDir: gateDir, doorCount: 1 });
    [door] = gate.doors;
    ({ card } = await makeResident(api, site, "陈静", "desfire"));
    gateProcess = await startGate({ runId, configFile: gate.configFile });
    await waitForGate(api, gate.gateId, { readers: 2 });
    await tap();
  });

  it("are locked again after a start, and the door still opens", async () => {
    await endInOrder(server);
    await start();
    await eventually("somebody is still signed in", 10_000, async () => (await lock()) === "waiting");
    await tap();
    expect((await unlock(PIN)).code).toBe(0);
    await makeResident(api, site, "王芳", "ntag424");
  });
});
