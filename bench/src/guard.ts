import { setTimeout as delay } from "node:timers/promises";
import { AccessPointId } from "@menshen/domain";
import { makeSmallSite, type SmallSite } from "@menshen/testkit/system";
import {
  accessPointEndpoints,
  gateEndpoints,
  JOURNAL_BATCH_MAX_ENTRIES,
  portalEndpoints,
} from "@menshen/wire";
import { chromium, type Page } from "playwright-core";
import { type BatchSender, makeBatchSender } from "./harness/batch-sender.ts";
import { inWorld, type World } from "./harness/world.ts";
import { percentile } from "./measure.ts";
import { type Result, rounded } from "./result.ts";

const GATES = 10;
const DOORS_PER_GATE = 30;
const EVENTS_PER_S = 100;
const MEASURED_S = 60;
/** What comes in an hour at that rate, sent as fast as it is taken. */
const HOUR_EVENTS = EVENTS_PER_S * 3_600;
const KEY_EVERY_MS = 250;

interface LoadedGate {
  readonly sender: BatchSender;
  readonly accessPointIds: readonly AccessPointId[];
}

async function makeGate({ api, server }: World, site: SmallSite, index: number): Promise<LoadedGate> {
  const gate = await api.call(gateEndpoints.create, { body: { name: `控制器 ${index + 1}`, doorGroup: 1 } });
  const accessPointIds: AccessPointId[] = [];
  for (let door = 0; door < DOORS_PER_GATE; door++) {
    const portal = await api.call(portalEndpoints.create, {
      body: {
        gateId: gate.id,
        name: `${index + 1} 区 ${door + 1} 门`,
        unlockMs: 1_000,
        heldOpenLimitMs: 10_000,
      },
    });
    const { id } = await api.call(accessPointEndpoints.create, {
      body: {
        portalId: portal.id,
        name: "进",
        fromAreaId: site.outsideId,
        toAreaId: site.insideId,
        minimumGrade: "E",
      },
    });
    accessPointIds.push(AccessPointId(id));
  }
  const { code } = await api.call(gateEndpoints.enrolmentCode, { params: { id: gate.id } });
  const [accessPointId = ""] = accessPointIds;
  const sender = await makeBatchSender({ server, gateId: gate.id, enrolmentCode: code, accessPointId });
  return { sender, accessPointIds };
}

/** All gates together send so many events a second, each gate one batch a second at its turn. */
async function sendFor(gates: readonly LoadedGate[], seconds: number): Promise<void> {
  const begin = performance.now();
  for (let turn = 0; turn < seconds * GATES; turn++) {
    await delay(Math.max(0, begin + (turn * 1_000) / GATES - performance.now()));
    const gate = gates[turn % GATES];
    if (gate === undefined) throw new Error("no gates");
    const first = Math.floor(turn / GATES) % DOORS_PER_GATE;
    const doors = Array.from({ length: EVENTS_PER_S / GATES }, (_, index) => {
      const id = gate.accessPointIds[(first + index) % DOORS_PER_GATE];
      if (id === undefined) throw new Error("no doors");
      return id;
    });
    await gate.sender.sendNow(doors);
  }
}

/** What the page notes of itself: frames, from a key to the next frame, from an event's own time to its row. */
interface Seen {
  readonly frames: number[];
  readonly inputMs: number[];
  readonly liveMs: number[];
}

async function watchPage(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Seen = { frames: [], inputMs: [], liveMs: [] };
    Object.assign(globalThis, { seen });
    const frame = (at: number) => {
      seen.frames.push(at);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    addEventListener("keydown", ({ timeStamp }) => {
      requestAnimationFrame(() => setTimeout(() => seen.inputMs.push(performance.now() - timeStamp)));
    });
    new MutationObserver((changes) => {
      const now = Date.now();
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) {
          if (!(node instanceof HTMLElement) || !node.matches(".event-row")) continue;
          const at = Date.parse(node.querySelector("time")?.dateTime ?? "");
          if (!Number.isNaN(at)) seen.liveMs.push(now - at);
        }
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
}

const heapMb = async (page: Page): Promise<number> => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return usedSize / 2 ** 20;
};

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);

/** The guard's screen with 300 doors on it while 100 events a second come in, by ten gates' signed batches. */
export function benchGuard(): Promise<Result[]> {
  return inWorld(async (world) => {
    const site = await makeSmallSite(world.api);
    const gates: LoadedGate[] = [];
    for (let index = 0; index < GATES; index++) gates.push(await makeGate(world, site, index));
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
    });
    try {
      const context = await browser.newContext({ viewport: { width: 1024, height: 768 } });
      const [cookieName = "", cookieValue = ""] = world.api.cookie().split(/=(.*)/s);
      await context.addCookies([{ name: cookieName, value: cookieValue, url: world.server.http }]);
      const page = await context.newPage();
      await page.goto(`${world.server.http}/guard`);
      await page.locator(".guard__connection .ms-state--granted").waitFor({ timeout: 30_000 });
      await sendFor(gates, 5);
      const heapAtFirst = await heapMb(page);
      await watchPage(page);
      let isMeasuring = true;
      const typing = (async () => {
        while (isMeasuring) {
          await page.keyboard.press("Tab");
          await delay(KEY_EVERY_MS);
        }
      })();
      await sendFor(gates, MEASURED_S);
      isMeasuring = false;
      await typing;
      const { frames, inputMs, liveMs } = await page.evaluate<Seen>("seen");
      if (liveMs.length < MEASURED_S) throw new Error(`expected rows on the screen, came ${liveMs.length}`);
      const gaps = sorted(frames.slice(1).map((at, index) => at - (frames[index] ?? at)));
      const spanS = ((frames.at(-1) ?? 0) - (frames[0] ?? 0)) / 1_000;
      for (let sent = 0; sent < HOUR_EVENTS; ) {
        for (const { sender } of gates) sender.prepare(4);
        await Promise.all(gates.map(({ sender }) => sender.send()));
        sent += GATES * 4 * JOURNAL_BATCH_MAX_ENTRIES;
      }
      await delay(5_000);
      const heapAfter = await heapMb(page);
      const note =
        `${GATES * DOORS_PER_GATE} doors, ${EVENTS_PER_S} events/s for ${MEASURED_S} s in signed batches of ` +
        `${EVENTS_PER_S / GATES}, headless Chromium without a graphics processor on the same two cores`;
      return [
        {
          id: "guard.frames_per_s",
          value: rounded((frames.length - 1) / spanS),
          unit: "1/s",
          better: "higher",
          note: `${note}; longest gap between frames, p99: ${rounded(percentile(gaps, 0.99))} ms`,
        },
        {
          id: "guard.input_delay_p99_ms",
          value: rounded(percentile(sorted(inputMs), 0.99)),
          unit: "ms",
          better: "lower",
          note: `from a key (Tab, ${inputMs.length} of them) to the end of the frame that shows it; ${note}`,
        },
        {
          id: "guard.live_p99_ms",
          value: rounded(percentile(sorted(liveMs), 0.99)),
          unit: "ms",
          better: "lower",
          note: `from an event's own time at the gate, through broker, database and live stream, to its row; ${note}`,
        },
        {
          id: "guard.memory_hour_mb",
          value: rounded(heapAfter),
          unit: "MiB",
          better: "lower",
          note:
            `script memory of the page after the ${HOUR_EVENTS} events of an hour, sent as fast as they were taken; ` +
            `${rounded(heapAtFirst)} MiB after the first seconds`,
        },
      ];
    } finally {
      await browser.close();
      for (const { sender } of gates) sender.close();
    }
  });
}
