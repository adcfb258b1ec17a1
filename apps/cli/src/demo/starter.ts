import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomBytes, toHex } from "@menshen/crypto/node";
import { writeFileDurably } from "@menshen/service-kit/process";
import { gateEndpoints, sessionEndpoints, staffEndpoints } from "@menshen/wire";
import { type ApiClient, resumeSession, signInByLink } from "../api/client.ts";
import { CliError } from "../command-line/cli-error.ts";
import type { Text } from "../command-line/language.ts";
import type { Output } from "../command-line/output.ts";
import { askGate } from "../gate/ask-gate.ts";
import { joinCity } from "./city.ts";
import { cityConfig, communityConfig, gateConfig, type Ports } from "./configs.ts";
import type { Crew, Member } from "./crew.ts";
import { makeDemoClient } from "./demo-client.ts";
import { PEOPLE_SEED, planPeople } from "./people-plan.ts";
import { CUSTODIANS, custodianName, sealTrails, startWitnesses, WITNESSES } from "./seal-trails.ts";
import { confirmCards } from "./seed/confirm-cards.ts";
import { seedComplaints } from "./seed/seed-complaints.ts";
import { seedDetection } from "./seed/seed-detection.ts";
import { seedFloorPlan } from "./seed/seed-floor-plan.ts";
import { seedMessages } from "./seed/seed-messages.ts";
import { seedNotices } from "./seed/seed-notices.ts";
import { seedPeople, seedStaffRules } from "./seed/seed-people.ts";
import { idOf, seedSite } from "./seed/seed-site.ts";
import { seedVendor, seedVotes } from "./seed/seed-votes.ts";
import { emptySite, readSite, type Site, writeSite } from "./site-file.ts";
import { placeGates } from "./site-network.ts";
import { KIOSK } from "./site-plan.ts";
import { type GateWiring, WIRINGS } from "./wiring.ts";

/** A demonstration that runs. */
export interface RunningDemo {
  readonly console: string;
  /** Absent once somebody has a passkey: they sign in with it. */
  readonly signInLink: string | undefined;
  /** The city's pages. */
  readonly city: string;
  /** Absent while an officer is signed in, or once one has a passkey. */
  readonly citySignInLink: string | undefined;
  readonly people: number;
  /** Page of the screen at one door; absent in a community that was made without one. */
  readonly kiosk: string | undefined;
  /** What nobody has to wait for: the log's witnesses, custodians and their keys. Never rejects. */
  readonly carryOn: () => Promise<void>;
}

/** The order of stopping: gates hand in what they have, then the server with its database, then the devices. */
export const STOP_ORDER: readonly (readonly string[])[] = [
  [...WIRINGS.map(({ gate }) => gate.key), ...CUSTODIANS.map(custodianName)],
  ["community", "city"],
  ["devices", ...WITNESSES.map(({ member }) => member)],
];

const REASONS = { change: { code: "installation" }, view: { code: "move-in" } } as const;
const KIOSK_TOKEN_BYTES = 32;
const NOTE_EVERY_MS = 500;
const INSTALL_MINUTES = 10;
/** Gates that are not up to date by then begin anyway. */
const GATES_READY_MS = 15_000;

/**
 * Starts everything, and at the first start makes the community through its HTTP API. Begun again after an
 * interruption it goes on where it was.
 */
export async function startDemo(options: {
  readonly stateDir: string;
  /** The same folder by a path that leaves room for sockets' names. */
  readonly shortStateDir: string;
  readonly ports: Ports;
  readonly perMinute: number;
  readonly crew: Crew;
  readonly output: Output;
}): Promise<RunningDemo> {
  const { stateDir, crew, output } = options;
  const before = readSite(stateDir);
  const site = before ?? emptySite();
  const token = toHex(randomBytes(24));
  const lines = join(options.shortStateDir, "lines");
  const devices = await crew.startDevices(
    ["--state", options.shortStateDir, "--lines", lines, "--pace", String(options.perMinute)],
    { MENSHEN_DEMO_TOKEN: token },
  );
  const demo = makeDemoClient(textFact(devices, "url"), token);
  const starting = crew.startApp(
    "city",
    "city",
    writeConfig(stateDir, "city", cityConfig(stateDir, options.ports)),
  );
  // Whoever waits for it later hears of it.
  starting.catch(() => undefined);
  const load = (community: Member) =>
    demo.load({
      gateTls: hostPort(textFact(community, "gateTls")),
      mqtt: hostPort(textFact(community, "mqtt")),
    });
  const startCommunity = async () => {
    const endpoint = { url: textFact(devices, "url"), token };
    const config = communityConfig(stateDir, options.ports, endpoint);
    const community = await crew.startApp(
      "community",
      "community",
      writeConfig(stateDir, "community", config),
    );
    await load(community);
    return community;
  };
  const kioskToken = Buffer.from(randomBytes(KIOSK_TOKEN_BYTES)).toString("base64url");
  const startGates = async (): Promise<string | undefined> => {
    const gates = await Promise.all(
      WIRINGS.map((wiring) => startGate({ ...options, kioskToken }, devices, lines, wiring, site)),
    );
    const page = gates.map((gate) => optionalFact(gate, "kiosk")).find((url) => url !== undefined);
    return page === undefined ? undefined : `${page}#token=${kioskToken}`;
  };

  let community: Member;
  let kiosk: string | undefined;
  let signInLink: string | undefined;
  let staff: ApiClient | undefined;
  // The log waits for them, nobody else does.
  const witnesses = startWitnesses(stateDir, crew);
  if (site.complete) {
    // Gates decide by themselves, and their lines to the server wait for it.
    [community, kiosk] = await Promise.all([startCommunity(), startGates()]);
    signInLink = optionalFact(community, "signInLink");
    if (site.sealed !== true) {
      staff = await staffToGoOn(site, textFact(community, "http"), signInLink);
      if (staff !== undefined && signInLink !== undefined) signInLink = await ownSignInLink(staff);
    }
  } else {
    community = await startCommunity();
    output.remark({ en: "making the community …", zh: "正在建立小区……" });
    const api = await signIn(site, textFact(community, "http"), optionalFact(community, "signInLink"));
    const note = makeNotebook(stateDir, site);
    site.session = api.cookie;
    await seedVendor(api, Date.now());
    await seedSite(api, site, new Date().getFullYear());
    await seedFloorPlan(api, site);
    await seedDetection(api, site);
    await seedNotices(api, Date.now());
    note.now();
    const people = planPeople(PEOPLE_SEED);
    await seedPeople(api, site, people, note.soon);
    await seedStaffRules(api, site, people);
    await placeGates(api, site);
    await seedVotes(api, site, people, REASONS, Date.now());
    await seedComplaints(api);
    await seedMessages(api, Date.now());
    await confirmCards(api, REASONS);
    await makeEnrolmentCodes(api, site);
    note.now();
    // Only now: gates that are online would be sent every change by itself.
    kiosk = await startGates();
    // Where the installer of a real site stands before the readers: a start alone gives no reader a key.
    for (const { gate } of WIRINGS) {
      await askGate(join(options.shortStateDir, gate.key), {
        request: "open-install-window",
        minutes: INSTALL_MINUTES,
      });
    }
    await upToDate(api, site);
    signInLink = await ownSignInLink(api);
    site.complete = true;
    staff = api;
    note.now();
    await load(community);
  }
  await demo.begin();
  const city = await starting;
  const cityUrl = textFact(city, "http");
  const joined = await joinCity(
    site,
    { url: cityUrl, signInLink: optionalFact(city, "signInLink") },
    async () => {
      if (staff !== undefined || signInLink === undefined) return staff;
      const found = await staffToGoOn(site, textFact(community, "http"), signInLink);
      if (found !== undefined) signInLink = await ownSignInLink(found);
      return found;
    },
  );
  if (joined.isJoined) writeSite(stateDir, site);
  else output.remark(notJoined(cityUrl));
  const origin = textFact(community, "http");
  return {
    console: origin,
    signInLink,
    city: cityUrl,
    citySignInLink: joined.link,
    people: site.people.length,
    kiosk,
    carryOn: () =>
      sealTrails({
        stateDir,
        crew,
        origin,
        site,
        staff,
        witnesses,
        note: () => writeSite(stateDir, site),
      }).catch((error: unknown) => {
        // Where it was stopped the next start goes on.
        if (!crew.isStopping()) output.remark(notSealed(error));
      }),
  };
}

function notJoined(url: string): Text {
  return {
    en: `the community is not connected with the city at ${url}: take a code from its pages and enter it in the console, Cards for sale · City`,
    zh: `小区尚未接入城市 ${url}：请在城市页面取对接码，在控制台“复制卡线索 · 城市对接”填写`,
  };
}

function notSealed(error: unknown): Text {
  const why = error instanceof Error ? error.message : String(error);
  return {
    en: `the custodians' keys are not made yet, the next start goes on: ${why}`,
    zh: `保管人密钥尚未制成，下次启动时继续：${why}`,
  };
}

/** The session of the first start, or a new one while the one-time link can be used. */
async function staffToGoOn(
  site: Site,
  origin: string,
  link: string | undefined,
): Promise<ApiClient | undefined> {
  if (site.session !== undefined) {
    const api = resumeSession(origin, site.session, REASONS);
    if ((await api.call(sessionEndpoints.get, {})).signedIn) return api;
  }
  return link === undefined ? undefined : signInByLink(link, REASONS);
}

async function startGate(
  {
    stateDir,
    shortStateDir,
    ports,
    crew,
    kioskToken,
  }: Pick<Parameters<typeof startDemo>[0], "stateDir" | "shortStateDir" | "ports" | "crew"> & {
    readonly kioskToken: string;
  },
  devices: Member,
  lines: string,
  wiring: GateWiring,
  site: Site,
): Promise<Member> {
  const { key } = wiring.gate;
  const kioskReader = key === KIOSK.gate ? site.readers[KIOSK.key] : undefined;
  const config = gateConfig({
    stateDir: shortStateDir,
    lines,
    wiring,
    site,
    enrolmentPort: numberFact(devices, `${key} enrolment`),
    mqttPort: numberFact(devices, `${key} mqtt`),
    enrolmentCode: site.enrolmentCodes[key],
    kiosk:
      kioskReader === undefined
        ? undefined
        : {
            port: ports.kiosk,
            readerId: kioskReader,
            accessPointId: idOf(site.accessPoints, KIOSK.door),
            doorName: KIOSK.doorName,
            token: kioskToken,
          },
    sitePort: site.sitePorts?.[key],
  });
  const member = await crew.startApp("gate", key, writeConfig(stateDir, key, config));
  if (!site.enrolled.includes(key)) site.enrolled.push(key);
  delete site.enrolmentCodes[key];
  return member;
}

async function signIn(site: Site, origin: string, link: string | undefined): Promise<ApiClient> {
  if (link !== undefined) return signInByLink(link, REASONS);
  if (site.session !== undefined) return resumeSession(origin, site.session, REASONS);
  throw new CliError(
    "failed",
    {
      en: "the first start was interrupted, and nobody can sign in to go on",
      zh: "首次启动曾被中断，且无法登录以继续",
    },
    { en: "remove the state folder and start anew", zh: "请删除状态目录后重新启动" },
  );
}

/** Codes for the gates that have none; one that was used in an interrupted start is used again. */
async function makeEnrolmentCodes(api: ApiClient, site: Site): Promise<void> {
  for (const { gate } of WIRINGS) {
    if (site.enrolled.includes(gate.key)) continue;
    const params = { id: idOf(site.gates, gate.key) };
    const { enrolment } = await api.call(gateEndpoints.get, { params });
    if (enrolment === "enrolled") continue;
    site.enrolmentCodes[gate.key] = (await api.call(gateEndpoints.enrolmentCode, { params })).code;
  }
}

/** Waits until every gate is online and has applied what was last made for it. */
async function upToDate(api: ApiClient, site: Site): Promise<void> {
  const giveUpMs = performance.now() + GATES_READY_MS;
  for (const { gate } of WIRINGS) {
    for (;;) {
      const status = await api.call(gateEndpoints.status, { params: { id: idOf(site.gates, gate.key) } });
      const applied = [status.snapshot, status.keyring].every(
        (document) => document.applied !== undefined && document.applied >= document.desired,
      );
      const readers = status.readers.length > 0 && status.readers.every(({ secureChannel }) => secureChannel);
      if (
        (applied && !status.stale && readers && status.gate.link === "online") ||
        performance.now() > giveUpMs
      )
        break;
      await sleep(100);
    }
  }
}

/** The link of the first start was used up by the making; the person at the screen gets one of their own. */
async function ownSignInLink(api: ApiClient): Promise<string> {
  const session = await api.call(sessionEndpoints.get, {});
  if (!session.signedIn) throw new Error("the session of the first start has ended");
  const { link } = await api.call(staffEndpoints.invite, { params: { id: session.staffId } });
  return link;
}

/** Writes down what was made: at once, or soon where there is much to write. */
function makeNotebook(stateDir: string, site: Site) {
  let timer: NodeJS.Timeout | undefined;
  const now = () => {
    clearTimeout(timer);
    timer = undefined;
    writeSite(stateDir, site);
  };
  return {
    now,
    soon() {
      timer ??= setTimeout(now, NOTE_EVERY_MS).unref();
    },
  };
}

function writeConfig(stateDir: string, name: string, config: object): string {
  const file = join(stateDir, `${name}.json`);
  writeFileDurably(file, `${JSON.stringify(config, undefined, 2)}\n`, 0o600);
  return file;
}

function textFact(member: Member, name: string): string {
  const value = member.facts[name];
  if (typeof value === "string") return value;
  throw new Error(`${member.name} did not tell its \`${name}\``);
}

function optionalFact(member: Member, name: string): string | undefined {
  const value = member.facts[name];
  return typeof value === "string" ? value : undefined;
}

function numberFact(member: Member, name: string): number {
  const value = member.facts[name];
  if (typeof value === "number") return value;
  throw new Error(`${member.name} did not tell its \`${name}\``);
}

function hostPort(text: string): { readonly host: string; readonly port: number } {
  const separator = text.lastIndexOf(":");
  return { host: text.slice(0, separator), port: Number(text.slice(separator + 1)) };
}
