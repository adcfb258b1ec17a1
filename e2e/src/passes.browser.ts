import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Api,
  type CommunityServer,
  eventually,
  isCurrent,
  killRun,
  makeSiteGate,
  makeSmallSite,
  type SiteDoor,
  type SiteGate,
  type SmallSite,
  signIn,
  startCommunity,
  startGate,
} from "@menshen/testkit/system";
import {
  alarmEndpoints,
  eventEndpoints,
  gateEndpoints,
  personEndpoints,
  residentInvitationEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type DrivenClock, driveClock } from "./harness/driven-clock.ts";
import { type FakeCamera, makeFakeCamera } from "./harness/fake-camera.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { expectFit } from "./harness/looks.ts";
import { makeRun } from "./harness/run.ts";

const PHONE = { width: 390, height: 844 };
const SCREENS = [PHONE, { width: 768, height: 1024 }, { width: 1440, height: 900 }];
/** A phone pass holds for 30 seconds, of which 25 are left at its second (docs/protocol/passes.md). */
const LATER_MS = 31_000;

/** A gate with one door and the screen beside it. */
interface Post {
  readonly gate: SiteGate;
  readonly door: SiteDoor;
  /** Address of its screens' page. */
  readonly kiosk: string;
}

/**
 * A telephone, two doors of one group with gates of their own, and screens that see the telephone through a camera: real
 * programs throughout, only the light between display and camera is a file.
 */
describe("phone passes at doors with a screen", () => {
  const { runId, stateDir } = makeRun("passes");
  const watch: Watch = { troubles: [], foreign: [] };
  const camera: FakeCamera = makeFakeCamera(join(stateDir, "camera.y4m"));
  const clockSocket = join(stateDir, "clock.sock");
  let server: CommunityServer;
  let api: Api;
  let posts: { readonly north: Post; readonly south: Post };
  let clock: DrivenClock;
  let stopClock: () => Promise<void>;
  /** How far the southern gate's clock has been turned on. */
  let aheadMs = 0;
  let screenings = 0;
  let phones: Browser;
  let screens: Browser;
  let phone: Page;
  let screen: Page;
  let darkroom: Page;

  async function makePost(site: SmallSite, name: string, at?: string): Promise<Post> {
    const folder = join(stateDir, `gate-${name}`);
    mkdirSync(folder);
    const gate = await makeSiteGate({
      ...{ api, server, site, name, stateDir: folder, doorCount: 1, hasKiosk: true },
      ...(at === undefined ? {} : { clockSocket: at }),
    });
    const { kiosk } = await startGate({ runId, configFile: gate.configFile });
    const [door] = gate.doors;
    if (door === undefined || kiosk === undefined) throw new Error("a gate without door or screen");
    return { gate, door, kiosk };
  }

  beforeAll(async () => {
    [server, phones, screens] = await Promise.all([
      startCommunity({ runId, stateDir }),
      launchBrowser(),
      launchBrowser(camera.args),
    ]);
    api = await signIn(server.signInLink);
    const site = await makeSmallSite(api);
    clock = driveClock({ socket: clockSocket, trueMs: Date.now(), driftMsPerDay: 0 });
    stopClock = clock.follow(() => Date.now() + aheadMs);
    const [north, south] = await Promise.all([makePost(site, "北门"), makePost(site, "南门", clockSocket)]);
    posts = { north, south };
    const person = await api.call(personEndpoints.create, {
      body: { displayName: "陈静", residency: { role: "tenant", dwellingId: site.dwellingId } },
    });
    const invitation = await api.call(residentInvitationEndpoints.create, { params: { id: person.id } });
    phone = await openPage(phones, watch, server.http, PHONE);
    darkroom = await (await phones.newContext()).newPage();
    screen = await openPage(screens, watch, new URL(north.kiosk).origin, { width: 768, height: 1024 });
    await joinByLink(phone, invitation.link);
  });

  afterAll(async () => {
    await Promise.all([phones?.close(), screens?.close()]);
    await stopClock?.();
    clock?.close();
    killRun(runId);
    for (const post of Object.values(posts ?? {})) await post.door.close();
  });

  const events = async ({ door }: Post) =>
    (await api.call(eventEndpoints.list, { query: { portalId: door.portalId, kind: "access" } })).items;

  const isReady = async ({ gate, door }: Post): Promise<boolean> => {
    const status = await api.call(gateEndpoints.status, { params: { id: gate.gateId } });
    return isCurrent(status) && door.reader.link.secure;
  };

  async function goTo(page: Page, hash: string): Promise<void> {
    await page.evaluate((name) => {
      location.hash = name;
    }, hash);
  }

  /** A pass that was made just now, as a camera behind the phone's owner takes it. */
  async function photographPass(): Promise<Buffer> {
    await goTo(phone, "#/home");
    await phone.locator(".rights").waitFor();
    await goTo(phone, "#/pass");
    const code = phone.locator(".pass-code .ms-qr[data-code^='MP:']");
    await code.waitFor();
    return code.screenshot();
  }

  /** Opens the screen's page anew, whatever stood there: its camera looks at what is before it now. */
  async function openScreen({ kiosk, gate }: Post, language = "zh-CN"): Promise<void> {
    screenings += 1;
    await screen.goto(`${kiosk}?${screenings}#token=${gate.kioskToken}&lang=${language}`);
  }

  /** Holds a picture to the screen beside a door, and tells what the screen says in the end. */
  async function show(post: Post, picture: Buffer): Promise<string> {
    await camera.show(darkroom, picture);
    await openScreen(post);
    const notice = screen.locator(".notice--granted, .notice--refused");
    await notice.waitFor({ timeout: 30_000 });
    return (await notice.innerText()).replaceAll(/\s+/g, " ");
  }

  it("a resident makes a phone pass, and it stands in the public log", async () => {
    await goTo(phone, "#/pass");
    await phone.getByRole("button", { name: "开通这部手机" }).click();
    await phone.locator(".pass-code .ms-qr[data-code^='MP:']").waitFor();
    await phone.getByText("正在记入公开日志").waitFor({ state: "detached" });
    for (const post of Object.values(posts)) {
      await eventually("the gate knows the phone", 20_000, () => isReady(post));
    }
  });

  it("the screen reads it from its camera, and the door opens", async () => {
    const { north } = posts;
    const before = north.door.releases.length;
    const picture = await photographPass();
    expect(await show(north, picture)).toContain("请进");
    await eventually("the lock is released", 2_000, () => north.door.releases.length === before + 1);
    await eventually("the event is stored", 5_000, async () => (await events(north)).length === 1);
    expect((await events(north))[0]).toMatchObject({
      granted: true,
      credentialKind: "phone-pass",
      grade: "C",
      reasons: [{ code: "rule-allows" }],
    });

    expect(await show(north, picture), "the same a second time").toContain("已经用过");
    await eventually("the refusal is stored", 5_000, async () => (await events(north)).length === 2);
    expect((await events(north))[0]).toMatchObject({ granted: false, reasons: [{ code: "pass-used" }] });
    expect(north.door.releases.length).toBe(before + 1);
  });

  it("fits its screen and has no serious accessibility finding, refused or waiting", async () => {
    // Would be refused if the viewfinder stood before it.
    await screen.locator(".notice--refused h1").click({ trial: true, timeout: 5_000 });
    await expectFit(screen, "kiosk refused");
    await camera.show(darkroom);
    for (const language of ["zh-CN", "en"]) {
      await openScreen(posts.north, language);
      await screen.locator(".viewfinder--on").waitFor();
      await screen.locator(".challenge .ms-qr[data-code^='MC:']").waitFor();
      for (const size of SCREENS) {
        await screen.setViewportSize(size);
        await expectFit(screen, "kiosk ready");
        // Nobody scrolls a screen on a wall.
        const hidden = "document.documentElement.scrollHeight - innerHeight";
        if (size !== PHONE) expect(await screen.evaluate(hidden), `${size.width} px`).toBeLessThanOrEqual(0);
      }
    }
  });

  it("the phone answers what the door asks, and that opens once", async () => {
    const { north } = posts;
    const before = north.door.releases.length;
    const asked = (await screen.locator(".challenge__code").innerText()).trim();
    expect(asked).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    await goTo(phone, "#/pass/door");
    await phone.getByLabel("或者输入屏幕上的八个字符").fill(asked.toLowerCase());
    await phone.getByRole("button", { name: "回答这扇门" }).click();
    const answer = phone.locator(".ms-qr[data-code^='MA:']");
    await answer.waitFor();
    const picture = await answer.screenshot();
    expect(await show(north, picture)).toContain("请进");
    await eventually("the lock is released", 2_000, () => north.door.releases.length === before + 1);
    expect(await show(north, picture), "the same a second time").toContain("没有开门");
    expect(north.door.releases.length).toBe(before + 1);
  });

  it("a call at the screen rings for guards, and the screen says that somebody knows when one takes it", async () => {
    await camera.show(darkroom);
    await openScreen(posts.north);
    await screen.getByRole("button", { name: "呼叫值班员" }).click();
    await screen.getByText("值班室正在响铃，还没有人接手。").waitFor({ timeout: 20_000 });
    const calls = async () =>
      (await api.call(alarmEndpoints.list, { query: { kind: "call" } })).items.filter(
        ({ state }) => state === "open",
      );
    await eventually("it rings", 10_000, async () => (await calls()).length === 1);
    const [ringing] = await calls();
    if (ringing === undefined) throw new Error("no alarm");
    expect(ringing).toMatchObject({ portalId: posts.north.door.portalId, rank: 3, late: false });
    expect(await screen.getByText("值班员已知道").count()).toBe(0);
    await expectFit(screen, "kiosk calling");
    await api.call(alarmEndpoints.acknowledge, {
      params: { id: ringing.id },
      body: { revision: ringing.revision },
    });
    await screen.getByText("值班员已知道您在这里，请稍候。").waitFor({ timeout: 20_000 });
    await expectFit(screen, "kiosk heard");
  });

  it("a gate that nobody reaches takes a pass once within its seconds, and not after them", async () => {
    const { north, south } = posts;
    server.process.child.kill("SIGTERM");
    await server.process.ended;
    // The phone, too, is without a network from here on.
    await phone.context().setOffline(true);
    const before = south.door.releases.length;
    const shown = await photographPass();
    expect(await show(north, shown)).toContain("请进");
    // Promised is no more than this: neither gate can know of the other, so each takes the same pass once.
    expect(await show(south, shown)).toContain("请进");
    await eventually("the lock is released", 2_000, () => south.door.releases.length === before + 1);
    expect(await show(south, shown), "the same a second time").toContain("已经用过");

    const kept = await photographPass();
    aheadMs = LATER_MS;
    await clock.moveTo(Date.now() + aheadMs);
    expect(await show(south, shown), "used, and its seconds are over").toContain("没有开门");
    expect(await show(south, kept), "a screenshot that nobody has seen, 31 s later").toContain("已过期");
    expect(south.door.releases.length).toBe(before + 1);
  });

  it("a screen that no guard can hear says so, for as long as that holds", async () => {
    await openScreen(posts.south, "en");
    await screen.getByRole("button", { name: "Call a guard" }).click();
    await screen.getByText("The call has not reached the duty room yet.").waitFor();
    expect(await screen.getByRole("button", { name: "Calling" }).isDisabled()).toBe(true);
  });

  it("asked nobody but its own gate or server, and threw no error", () => {
    expect(watch.foreign.filter((url) => !url.startsWith(new URL(posts.south.kiosk).origin))).toEqual([]);
    expect(watch.troubles).toEqual([]);
  });
});
