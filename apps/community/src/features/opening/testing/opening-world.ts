import { randomUUID } from "node:crypto";
import { credentialKeyOf } from "@menshen/credentials";
import {
  ed25519FromSecret,
  fromHex,
  p256Sign,
  primitives,
  RistrettoScalar,
  randomBytes,
  toHex,
} from "@menshen/crypto/node";
import {
  authorizeRequest,
  type EpochKey,
  encodeIdentityText,
  encodePartial,
  type KeyShare,
  labelOf,
  makePartial,
  parseSealedEntry,
  sealEntry,
  sealPartial,
  vouchFor,
} from "@menshen/custody";
import { AccessPointId, Duration, Instant } from "@menshen/domain";
import { holdCeremony as playCeremony } from "@menshen/testkit/ceremony";
import {
  type AccessEntry,
  accessEntryToSign,
  type BodyOf,
  custodianOpeningEndpoints,
  custodyEndpoints,
  decodeJournalEntry,
  type Endpoint,
  encodeJournalEntry,
  fillPath,
  type OpeningIntake,
  type OpeningOutcome,
  openingEndpoints,
  type ParamsOf,
  type Problem,
  type ResponseOf,
} from "@menshen/wire";
import { moment } from "../../../database/database.ts";
import { eventually } from "../../../gate-link/testing/eventually.ts";
import { connectGate } from "../../../testing/test-journal.ts";
import { startTestServer, type TestClient, type TestServer } from "../../../testing/test-server.ts";
import { buildSite, CARD_UID } from "../../../testing/test-site.ts";
import { startTestWitness } from "../../../testing/test-witness.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const BODIES = ["committee", "property", "city"] as const;
const THRESHOLD = { k: 2, n: 3 };
const EPOCHS = 5;
const FIRST_SEEN = 2 * DAY;

/** A custodian's program, in this process: it answers whatever it is shown. */
export interface TestCustodian {
  readonly index: number;
  readonly ask: <E extends Endpoint>(
    endpoint: E,
    input?: { readonly params?: ParamsOf<E>; readonly body?: BodyOf<E> },
  ) => Promise<{ readonly status: number; readonly body: ResponseOf<E>; readonly problem: Problem }>;
  /** Its partials for all entries shown, hexadecimal. */
  readonly partialsFor: (id: string) => Promise<string[]>;
  /** The same for a hold: sealed again to an epoch. */
  readonly sealedAgain: (id: string, epoch: number) => Promise<string[]>;
  /** Gives its partials. */
  readonly answer: (id: string) => Promise<ResponseOf<typeof custodianOpeningEndpoints.answer>>;
  /** Its partial for a sealed entry that nobody asked for. */
  readonly partialOf: (sealed: Uint8Array) => string;
}

/** A community with custodians, keys, a witnessed log and a gate that seals what it writes. */
export async function makeOpeningWorld() {
  const clock: { server?: TestServer } = {};
  const witness = await startTestWitness("city", () => Math.floor((clock.server?.clock.now() ?? 0) / 1_000));
  // Two days of an epoch lie behind, whatever the time of day is.
  const server = await startTestServer(
    { evidence: { witnesses: [witness.address], quorum: 1 } },
    Instant(Date.now() - FIRST_SEEN),
  );
  clock.server = server;
  witness.watch(server.evidenceLog.verifierKey);
  server.clock.advance(Duration.ms(FIRST_SEEN));
  const site = await buildSite(server);
  const seeds = BODIES.map(() => randomBytes(32));
  await site.secure.call(custodyEndpoints.appoint, {
    body: {
      threshold: THRESHOLD.k,
      members: BODIES.map((body, i) => ({
        body,
        identityKey: toHex(ed25519FromSecret(seeds[i] ?? never()).publicKey),
      })),
    },
    reason: { code: "installation" },
  });
  const { keys, shares } = await holdCeremony(server, seeds);
  const key = keys[0] ?? never();
  const journal = await connectGate(server, site);
  const { gate } = journal;

  /** The gate writes an access entry of the site's resident, sealed and signed; answers the sealed part. */
  async function pass(at: number, options: PassOptions = {}): Promise<Uint8Array> {
    const sequence = gate.journal.length + 1;
    const unsealed: AccessEntry = {
      version: 1,
      sequence,
      earliest: Instant(at),
      latest: Instant(at),
      kind: "access",
      body: {
        accessPointId: AccessPointId(options.accessPointId ?? site.points.northIn),
        granted: true,
        reasons: [{ code: "rule-allows", rule: 1 }],
        snapshotVersion: 1,
        lockDriven: true,
        kind: "desfire",
        grade: "B",
        pseudonym: randomBytes(16),
        epoch: 1,
        pseudonymKeyId: new Uint8Array(8).fill(1),
        wrap: randomBytes(96),
        ...options.body,
      },
    };
    const credentialKey = credentialKeyOf(primitives, "desfire", fromHex(options.card ?? CARD_UID));
    const sealed = sealEntry({
      key,
      label: labelOf(site.gateId, unsealed),
      plaintext: options.text ?? encodeIdentityText({ kind: "desfire", credentialKey, counter: 0 }),
      random: randomBytes,
    });
    const entry = options.unsealed === true ? unsealed : { ...unsealed, body: { ...unsealed.body, sealed } };
    const signature = p256Sign(gate.key.secretKey, accessEntryToSign(entry));
    gate.journal.push(encodeJournalEntry({ ...entry, body: { ...entry.body, signature } }));
    await gate.send("journal", gate.batch(sequence, 1));
    await eventually("stored", async () => {
      const { rows } = await server.pool.query("select 1 from event where gate_id = $1 and sequence = $2", [
        site.gateId,
        sequence,
      ]);
      return rows.length === 1;
    });
    return sealed;
  }

  const custodians = seeds.map((seed, i) => makeCustodian(server, seed, i + 1, keys, shares[i] ?? never()));
  const custodian = (index: number) => custodians[index - 1] ?? never();
  let papers = 0;

  const world = {
    server,
    site,
    witness,
    key,
    gate,
    pass,
    custodian,
    /** Signed in anew: the clock of these tests runs away from sessions. */
    records: () => server.member("records"),
    auditor: () => server.member("auditor"),

    /** Hands in a document that nobody has handed in before. */
    async paper(records: TestClient): Promise<string> {
      papers += 1;
      const content = Buffer.from(`scan ${papers}`).toString("base64");
      const body = { kind: "application/pdf", content } as const;
      return (await records.call(openingEndpoints.addDocument, { body })).documentSha256;
    },

    /** An ordinary request for the north door in the last four hours. */
    async draft(records: TestClient, change: OpeningIntake = {}): Promise<OpeningIntake> {
      const now = server.clock.now();
      return {
        path: "ordinary",
        authority: "某区公安分局",
        documentNumber: "调证〔2026〕0147号",
        documentSha256: await world.paper(records),
        accessPointIds: [site.points.northIn],
        from: now - 4 * HOUR,
        until: now,
        purpose: "crime-investigation",
        deadline: now + 2 * DAY,
        sealUntil: now + 30 * DAY,
        entryCap: 50,
        ...change,
      };
    },

    /** An emergency at the north door, without papers, with the first and third custodian on call. */
    emergency(): OpeningIntake {
      const now = server.clock.now();
      return {
        path: "emergency",
        authority: "某区公安分局",
        accessPointIds: [site.points.northIn],
        from: now - 2 * HOUR,
        until: now,
        purpose: "danger-to-life",
        deadline: now + 2 * HOUR,
        sealUntil: now + 3 * DAY,
        entryCap: 50,
        onCall: [1, 3],
      };
    },

    /** An accepted request whose leaf is published. */
    async requested(
      records: TestClient,
      change: OpeningIntake = {},
    ): Promise<NonNullable<OpeningOutcome["opening"]>> {
      const body = await world.draft(records, change);
      const { opening, refusals } = await records.call(openingEndpoints.request, { body });
      if (opening === undefined) throw new Error(`refused: ${JSON.stringify(refusals)}`);
      await server.logRunner.settle();
      return opening;
    },
  };
  return world;
}

interface PassOptions {
  readonly accessPointId?: string;
  /** Identifier of the card, hexadecimal; the resident's unless told. */
  readonly card?: string;
  /** What is sealed instead of an identity. */
  readonly text?: Uint8Array;
  readonly unsealed?: boolean;
  /** In place of what is written otherwise. */
  readonly body?: Partial<AccessEntry["body"]>;
}

function makeCustodian(
  server: TestServer,
  seed: Uint8Array,
  index: number,
  keys: readonly EpochKey[],
  shares: readonly KeyShare[],
): TestCustodian {
  const answerTo = (sealed: Uint8Array) => {
    const entry = parseSealedEntry(sealed);
    const key = keys.find(({ epoch }) => epoch === entry.epoch) ?? never();
    const share = shares.find(({ epoch }) => epoch === entry.epoch) ?? never();
    const made = makePartial({ key, share, label: entry.label, entry, random: randomBytes });
    if (!made.made) throw new Error(`no answer: ${made.reason}`);
    return { entry, partial: made.partial };
  };
  const partialOf = (sealed: Uint8Array) => toHex(encodePartial(answerTo(sealed).partial));
  const shown = async (id: string) => {
    const { status, body } = await custodian.ask(custodianOpeningEndpoints.get, { params: { id } });
    if (status !== 200) throw new Error(`the request is not shown: ${JSON.stringify(body)}`);
    const entries = body.entries.map(({ entry }) => {
      const decoded = decodeJournalEntry(fromHex(entry));
      if (decoded.kind !== "access" || decoded.body.sealed === undefined)
        throw new Error("nothing is sealed");
      return decoded.body.sealed;
    });
    return [...entries, ...(body.held ?? []).map(fromHex)];
  };
  const custodian: TestCustodian = {
    index,
    partialOf,
    async ask(endpoint, input = {}) {
      const params = Object.fromEntries(
        Object.entries(input.params ?? {}).map(([name, value]) => [name, String(value)]),
      );
      const path = fillPath(endpoint.path, params);
      const sent = input.body === undefined ? "" : JSON.stringify(input.body);
      const response = await server.app.inject({
        method: endpoint.method,
        url: path,
        headers: {
          host: "localhost:8080",
          authorization: authorizeRequest({
            method: endpoint.method,
            path,
            body: new TextEncoder().encode(sent),
            secretKey: seed,
            timeMs: server.clock.now(),
            nonce: randomBytes(16),
          }),
          ...(sent === "" ? {} : { "content-type": "application/json" }),
        },
        ...(sent === "" ? {} : { payload: sent }),
      });
      const body = response.body === "" ? null : response.json();
      return { status: response.statusCode, body, problem: body };
    },
    async partialsFor(id) {
      return (await shown(id)).map(partialOf);
    },
    async sealedAgain(id, epoch) {
      const key = keys.find((one) => one.epoch === epoch) ?? never();
      return (await shown(id)).map((sealed) => {
        const { entry, partial } = answerTo(sealed);
        return toHex(sealPartial({ key, entry, partial, random: randomBytes }));
      });
    },
    async answer(id) {
      const partials = await custodian.partialsFor(id);
      const { status, body } = await custodian.ask(custodianOpeningEndpoints.answer, {
        params: { id },
        body: { partials },
      });
      if (status !== 200) throw new Error(`not accepted: ${JSON.stringify(body)}`);
      return body;
    },
  };
  return custodian;
}

/** A ceremony, played here; only its outcome reaches the server. */
async function holdCeremony(server: TestServer, seeds: readonly Uint8Array[]) {
  const { setup, certificate, keys, shares } = playCeremony({
    threshold: THRESHOLD,
    firstEpoch: 1,
    epochCount: EPOCHS,
  });
  const id = randomUUID();
  const at = moment(server.clock.now());
  await server.db
    .insertInto("custody_ceremony")
    .values({
      id,
      set_version: 1,
      ceremony_id: setup.id,
      first_epoch: 1,
      epoch_count: EPOCHS,
      state: "finished",
      started_at: at,
      expires_at: at,
      ended_at: at,
      certificate,
    })
    .execute();
  await server.db
    .insertInto("custody_seat")
    .values(
      seeds.map((seed, i) => ({
        ceremony: id,
        custodian: i + 1,
        public_key: (setup.custodians[i] ?? never()).toBytes(),
        signature: new Uint8Array(64),
        vouch: vouchFor(seed, setup),
      })),
    )
    .execute();
  return { keys, shares };
}

/** Another proof in an encoded partial: what a custodian sends who makes its answer up. */
export function forgePartial(partial: string): string {
  const bytes = fromHex(partial);
  bytes.set(RistrettoScalar.random(randomBytes).toBytes(), bytes.length - 32);
  return toHex(bytes);
}

function never(): never {
  throw new Error("the example is missing");
}
