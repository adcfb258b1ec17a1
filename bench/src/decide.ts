import {
  type AccessPointId,
  CredentialKey,
  Instant,
  type Presentation,
  type TimeInterval,
} from "@menshen/domain";
import { compileSnapshot, decide, loadSnapshot, snapshotBytes } from "@menshen/policy";
import { contender, latencyOf, ratesSideBySide } from "./measure.ts";
import { type Result, rounded } from "./result.ts";
import { makeCasbin, makeCaslByGroups, makeCaslByPerson, makeCedar, type Rival } from "./rivals.ts";
import { END, expected, makeRequests, makeSite, type Request, type Site, START } from "./site.ts";

const DOOR_STATE = { mode: "normal", lockdown: 0, fireRelease: false } as const;

function loaded(site: Site) {
  const { document } = compileSnapshot(site.model, {
    gateId: site.gateId,
    version: 1,
    at: START,
    until: END,
  });
  const result = loadSnapshot(document);
  if (!result.ok) throw new Error(`the snapshot does not load: ${JSON.stringify(result.error)}`);
  return result.snapshot;
}

/** A request as a gate has it at hand: the card just read, the clock just asked. */
interface Tap {
  readonly presentation: Presentation;
  readonly door: AccessPointId;
  readonly now: TimeInterval;
}

/** Each tap with a presentation of its own, as at a gate, where it was made a moment ago. */
function tapsOf(site: Site, requests: readonly Request[]): Tap[] {
  return requests.map((request) => {
    const holder = site.holders[request.holder];
    const door = site.doors[request.door];
    if (holder === undefined || door === undefined) throw new Error("request names nothing");
    const credentialKey = CredentialKey(holder.key.slice());
    const at = Instant(request.at);
    return {
      presentation: { credentialKey, kind: "desfire", grade: "B", evidence: {} },
      door,
      now: { earliest: at, latest: at },
    };
  });
}

function ours(site: Site) {
  const snapshot = loaded(site);
  const isGranted = ({ presentation, door, now }: Tap) =>
    decide(snapshot, presentation, door, DOOR_STATE, now).granted;
  return { isGranted, bytes: snapshotBytes(snapshot) };
}

/** Throws unless every answer is what the tables say. */
async function agree<Input>(
  name: string,
  site: Site,
  requests: readonly Request[],
  inputs: readonly Input[],
  act: (input: Input) => boolean | Promise<boolean>,
): Promise<void> {
  for (const [index, input] of inputs.entries()) {
    const request = requests[index];
    if (request === undefined) return;
    const want = expected(site, request);
    if ((await act(input)) !== want) {
      throw new Error(`${name} disagrees with the tables: expected ${want} for ${JSON.stringify(request)}`);
    }
  }
}

/** Decisions at 10,000 and 100,000 credentials, and the rivals on the same site of 10,000 in the same run. */
export async function benchDecide(): Promise<Result[]> {
  const small = makeSite(10_000);
  const requests = makeRequests(small, 50_000);
  const taps = tapsOf(small, requests);
  const oursSmall = ours(small);
  await agree("menshen", small, requests, taps, oursSmall.isGranted);
  const rivals: readonly Rival[] = [
    makeCedar(small),
    makeCaslByPerson(small),
    makeCaslByGroups(small),
    await makeCasbin(small),
  ];
  for (const rival of rivals) {
    await agree(rival.name, small, requests, requests.slice(0, 2_000), (request) => rival.decide(request));
  }
  const large = makeSite(100_000);
  const requestsLarge = makeRequests(large, 50_000);
  const tapsLarge = tapsOf(large, requestsLarge);
  const oursLarge = ours(large);
  await agree("menshen", large, requestsLarge, tapsLarge, oursLarge.isGranted);

  const latencySmall = latencyOf(taps, oursSmall.isGranted);
  const latencyLarge = latencyOf(tapsLarge, oursLarge.isGranted);
  const [perSecondSmall = 0, perSecondLarge = 0, ...rivalRates] = await ratesSideBySide([
    contender(taps, oursSmall.isGranted),
    contender(tapsLarge, oursLarge.isGranted),
    ...rivals.map((rival) => contender(requests, (request) => rival.decide(request))),
  ]);
  const ratiosTo = (perSecond: number) =>
    rivals.map(({ name }, index) => ({
      name,
      value: rounded(rivalRates[index] ?? 0),
      ratio: rounded(perSecond / (rivalRates[index] ?? 0)),
    }));
  const granted = requests.filter((request) => expected(small, request)).length / requests.length;
  return [
    {
      id: "decide.per_s_10k",
      value: rounded(perSecondSmall),
      unit: "1/s",
      better: "higher",
      rivals: ratiosTo(perSecondSmall),
      note:
        `10,000 credentials, 100 doors, 160 rules, ${Math.round(granted * 100)} % granted; rivals hold the same site, ` +
        "take turns with us and agree with the tables; they answer yes or no, we answer with every reason; rates are per second of processor time",
    },
    { id: "decide.p99_us_10k", value: rounded(latencySmall.p99Us), unit: "µs", better: "lower" },
    {
      id: "decide.per_s",
      value: rounded(perSecondLarge),
      unit: "1/s",
      better: "higher",
      rivals: ratiosTo(perSecondLarge),
      note: "100,000 credentials; the rivals hold 10,000, which favours them",
    },
    { id: "decide.p50_us", value: rounded(latencyLarge.p50Us), unit: "µs", better: "lower" },
    { id: "decide.p99_us", value: rounded(latencyLarge.p99Us), unit: "µs", better: "lower", target: 5 },
    {
      id: "decide.bytes_per_credential",
      value: rounded(oursLarge.bytes / large.holders.length),
      unit: "B",
      better: "lower",
      target: 64,
      note: "everything the loaded snapshot holds, divided by its credentials",
    },
  ];
}
