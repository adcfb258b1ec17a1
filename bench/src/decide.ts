import type { Presentation } from "@menshen/domain";
import { Instant } from "@menshen/domain";
import { compileSnapshot, decide, loadSnapshot, snapshotBytes } from "@menshen/policy";
import { measure } from "./measure.ts";
import { type Result, rounded } from "./result.ts";
import { makeCasbin, makeCasl, makeCedar, type Rival } from "./rivals.ts";
import { END, expected, makeRequests, makeSite, type Request, type Site, START } from "./site.ts";

const DOOR_STATE = { mode: "normal", lockdown: 0, fireRelease: false } as const;

function loaded(site: Site) {
  const { document } = compileSnapshot(site.model, { gateId: site.gateId, version: 1, at: START, until: END });
  const result = loadSnapshot(document);
  if (!result.ok) throw new Error(`the snapshot does not load: ${JSON.stringify(result.error)}`);
  return result.snapshot;
}

/** Decisions on the site, each as a closure over what a gate has at hand. */
function ours(site: Site) {
  const snapshot = loaded(site);
  const presentations = site.holders.map(
    (holder): Presentation => ({ credentialKey: holder.key, kind: "desfire", grade: "B", evidence: {} }),
  );
  const decideRequest = (request: Request): boolean => {
    const presentation = presentations[request.holder];
    const door = site.doors[request.door];
    if (presentation === undefined || door === undefined) throw new Error("request names nothing");
    const at = Instant(request.at);
    return decide(snapshot, presentation, door, DOOR_STATE, { earliest: at, latest: at }).granted;
  };
  return { decideRequest, bytes: snapshotBytes(snapshot) };
}

async function agree(site: Site, name: string, answer: (request: Request) => boolean | Promise<boolean>, count: number) {
  for (const request of makeRequests(site, count)) {
    const want = expected(site, request);
    if ((await answer(request)) !== want) {
      throw new Error(`${name} disagrees with the tables: expected ${want} for ${JSON.stringify(request)}`);
    }
  }
}

/** Decisions at 10,000 and 100,000 credentials, and the rivals on the same site of 10,000 in the same run. */
export async function benchDecide(): Promise<Result[]> {
  const results: Result[] = [];
  const small = makeSite(10_000);
  const oursSmall = ours(small);
  await agree(small, "menshen", oursSmall.decideRequest, 20_000);
  const smallLatency = await measure(makeRequests(small, 300_000), oursSmall.decideRequest);

  const rivals: { rival: Rival; count: number }[] = [
    { rival: makeCedar(small), count: 3_000 },
    { rival: makeCasl(small), count: 30_000 },
    { rival: await makeCasbin(small), count: 2_000 },
  ];
  const rates: { name: string; value: number; ratio: number }[] = [];
  for (const { rival, count } of rivals) {
    await agree(small, rival.name, (request) => rival.decide(request), 1_000);
    const latency = await measure(makeRequests(small, count), (request) => rival.decide(request), 500);
    rates.push({
      name: rival.name,
      value: rounded(latency.perSecond),
      ratio: rounded(smallLatency.perSecond / latency.perSecond),
    });
  }
  results.push({
    id: "decide.per_s_10k",
    value: rounded(smallLatency.perSecond),
    unit: "1/s",
    better: "higher",
    rivals: rates,
    note: "10,000 credentials, 100 doors, 160 rules; rivals hold the same site and agree on every sampled answer",
  });
  results.push({ id: "decide.p99_us_10k", value: rounded(smallLatency.p99Us), unit: "µs", better: "lower" });

  const large = makeSite(100_000);
  const oursLarge = ours(large);
  await agree(large, "menshen", oursLarge.decideRequest, 20_000);
  const latency = await measure(makeRequests(large, 300_000), oursLarge.decideRequest);
  results.push(
    { id: "decide.per_s", value: rounded(latency.perSecond), unit: "1/s", better: "higher", note: "100,000 credentials" },
    { id: "decide.p50_us", value: rounded(latency.p50Us), unit: "µs", better: "lower" },
    { id: "decide.p99_us", value: rounded(latency.p99Us), unit: "µs", better: "lower", target: 5 },
    {
      id: "decide.bytes_per_credential",
      value: rounded(oursLarge.bytes / large.holders.length),
      unit: "B",
      better: "lower",
      target: 64,
      note: "everything the loaded snapshot holds, divided by its credentials",
    },
  );
  return results;
}
