import {
  type AliroKnownCredential,
  credentialKeyOf,
  openInProcessChannel,
  ReaderStatus,
  readAliro,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import { compileSnapshot, decide, loadSnapshot } from "@menshen/policy";
import { makeAliroDevice } from "@menshen/virtual-devices";
import { type Result, rounded } from "./result.ts";
import { END, makeSite, START } from "./site.ts";
import { middleAndTail, stagesNote } from "./tap.ts";

const TAPS = 300;
const WARM_UP = 50;
/** A fast tap tries every key that the gate keeps; the phone's stands in the middle of as many as it keeps at most. */
const KEPT_KEYS = 64;
const DOOR_STATE = { mode: "normal", lockdown: 0, fireRelease: false } as const;

type Times = Readonly<Record<"card" | "crypto" | "decision" | "total" | "cpu", number>>;

/** A software telephone before a door by Aliro, standard and fast: its own time, the reader's, and the decision. */
export async function benchTapAliro(): Promise<Result[]> {
  const [reader, phone] = [crypto.p256Generate(), crypto.p256Generate()];
  const identifier = new Uint8Array(32).fill(0x5a);
  const device = makeAliroDevice({
    primitives: crypto,
    credentials: [
      {
        keyPair: phone,
        groups: [{ identifier: identifier.slice(0, 16), key: reader.publicKey }],
        documents: [],
        kpersistents: new Map(),
      },
    ],
    random: crypto.randomBytes,
    ephemeral: crypto.p256Generate,
  });
  let deviceMs = 0;
  const timed = {
    ...device,
    async transceive(command: Uint8Array) {
      const begin = performance.now();
      const answer = await device.transceive(command);
      deviceMs += performance.now() - begin;
      return answer;
    },
  };
  const credentialKey = credentialKeyOf(crypto, "phone", phone.publicKey);
  const { snapshot, door, at } = snapshotWith(credentialKey);

  const tap = async (
    known: readonly AliroKnownCredential[] | undefined,
  ): Promise<Times & { readonly kpersistent: Uint8Array | undefined }> => {
    deviceMs = 0;
    const cpu = process.cpuUsage();
    const begin = performance.now();
    const channel = openInProcessChannel(timed);
    const reading = await readAliro(channel, {
      primitives: crypto,
      identity: {
        identifier,
        signer: {
          publicKey: reader.publicKey,
          sign: (message) => crypto.p256Sign(reader.secretKey, message),
        },
      },
      ephemeral: crypto.p256Generate,
      random: crypto.randomBytes,
      accepts: () => true,
      ...(known === undefined ? {} : { known }),
    });
    if (reading.outcome !== "authenticated") throw new Error(`the phone was refused: ${reading.reason}`);
    const { session } = reading;
    if (session.method !== (known === undefined ? "standard" : "fast"))
      throw new Error("the other way was gone");
    const read = performance.now();
    const presentation = { credentialKey, kind: "phone", grade: "B", evidence: {} } as const;
    const decision = decide(snapshot, presentation, door, DOOR_STATE, { earliest: at, latest: at });
    if (!decision.granted) throw new Error(`refused: ${JSON.stringify(decision.reasons)}`);
    const decided = performance.now();
    const { user, system } = process.cpuUsage(cpu);
    const card = deviceMs;
    // The last word travels after the door is open.
    await session.finish(ReaderStatus.unsecured);
    await channel.close();
    return {
      card,
      crypto: read - begin - card,
      decision: decided - read,
      total: decided - begin,
      cpu: (user + system) / 1_000,
      kpersistent: session.kpersistent,
    };
  };

  const results: Result[] = [];
  for (const way of ["standard", "fast"] as const) {
    const { kpersistent } = await tap(undefined);
    const known = Array.from({ length: KEPT_KEYS }, (_, index): AliroKnownCredential => {
      const isPhone = index === KEPT_KEYS / 2 && kpersistent !== undefined;
      return { publicKey: phone.publicKey, kpersistent: isPhone ? kpersistent : crypto.randomBytes(32) };
    });
    const times: Times[] = [];
    for (let count = 0; count < WARM_UP + TAPS; count += 1) {
      const { card, crypto: reading, decision, total, cpu } = await tap(way === "fast" ? known : undefined);
      if (count >= WARM_UP) times.push({ card, crypto: reading, decision, total, cpu });
    }
    const { p50, p99 } = middleAndTail(times.map(({ total }) => total));
    const cpuMs = rounded(middleAndTail(times.map(({ cpu }) => cpu)).p50);
    results.push(
      { id: `tap.aliro_${way}.p50_ms`, value: p50, unit: "ms", better: "lower" },
      {
        id: `tap.aliro_${way}.p99_ms`,
        value: p99,
        unit: "ms",
        better: "lower",
        note: `to the decision, in process, telephone included, 100,000 credentials${
          way === "fast" ? `, key ${KEPT_KEYS / 2 + 1} of ${KEPT_KEYS} kept fits` : ""
        }; processor time p50 ${cpuMs} ms; ms p50/p99: ${stagesNote(times.map(({ cpu: _, ...stages }) => stages))}`,
      },
    );
  }
  return results;
}

/** The measured site of 100,000 with the telephone in place of its first credential, and a rule that lets it pass. */
function snapshotWith(key: ReturnType<typeof credentialKeyOf>) {
  const site = makeSite(100_000);
  const [door] = site.doors;
  if (door === undefined) throw new Error("the site has no doors");
  const model = {
    ...site.model,
    credentials: site.model.credentials.map((credential, index) =>
      index === 0
        ? {
            ...credential,
            key,
            kind: "phone" as const,
            grade: "B" as const,
            status: "active" as const,
            validity: {},
          }
        : credential,
    ),
    accessPoints: site.model.accessPoints.map((point) => ({ ...point, minimumGrade: "B" as const })),
    rules: site.model.rules.map((rule) => ({
      ...rule,
      minimumGrade: "B" as const,
      where: { accessPointIds: [...(rule.where.accessPointIds ?? []), door] },
    })),
  };
  const { document } = compileSnapshot(model, { gateId: site.gateId, version: 1, at: START, until: END });
  const loaded = loadSnapshot(document);
  if (!loaded.ok) throw new Error("the snapshot does not load");
  // A Wednesday noon in Shanghai, on which every schedule of the site holds.
  return { snapshot: loaded.snapshot, door, at: Instant(Date.UTC(2026, 4, 13, 4)) };
}
