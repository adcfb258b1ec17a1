import { randomUUID } from "node:crypto";
import { type RequestOptions, request } from "node:https";
import {
  coseSign1,
  coseVerify1,
  ed25519Generate,
  hpkeGenerate,
  p256Generate,
  type SigningKey,
  sha256,
  signingKeyToPem,
} from "@menshen/crypto/node";
import { AccessPointId, CommunityId, GateId, Instant } from "@menshen/domain";
import {
  type CommunityCa,
  certificateToPem,
  createCommunityCa,
  keyIdentifier,
  makeCertificateRequest,
  NEW_GATE_NAME,
} from "@menshen/trust";
import {
  type Applied,
  applied,
  type DownKind,
  downFilter,
  type EnrolResponse,
  encodeJournalEntry,
  enrolRequest,
  enrolResponse,
  externalAad,
  hello,
  journalBatch,
  journalGenesisHash,
  journalHashAfter,
  nextJournalHash,
  parseDownTopic,
  refusal,
  type StatusReport,
  statusReport,
  type UpKind,
  upTopic,
} from "@menshen/wire";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { Pool } from "pg";
import { quietLogger } from "../../testing/test-database.ts";
import { makeGateLink } from "../gate-link.ts";
import type { DesiredDocuments, GateLink, GateLinkDependencies, TrailSource } from "../types.ts";

export const COMMUNITY = CommunityId("6a5f4c9e-8a54-4b3e-9d7a-2f1f0b1c2d3e");
export const ACCESS_POINT = AccessPointId("11111111-2222-4333-8444-555555555555");
/** 2026-11-22T00:00:00Z, when the tests' gates live. */
export const START = Instant(1_795_305_600_000);

let gateCount = 0;
/** A gate id that no other test of this process uses. */
export function freshGateId(): GateId {
  gateCount += 1;
  return GateId(`3f1c2a9e-0d4b-4c55-9a67-${gateCount.toString(16).padStart(12, "0")}`);
}

/** What `compileFor` answers unless a test says otherwise. */
export function desiredDocuments(document: Uint8Array): DesiredDocuments {
  return {
    snapshot: document,
    keyring: {
      doorGroup: 1,
      trailKeys: [],
      cards: [],
      sharedKeys: [],
      desfireApplication: Uint8Array.from([1, 2, 3]),
    },
    modes: [],
  };
}

/** A community that was set up at {@link START}, without custodians and without a log. */
export const emptyTrail: TrailSource = {
  read: async () => ({
    grid: { anchor: START, epochMs: 28 * 86_400_000 },
    custodians: [],
    ceremonies: [],
    witnesses: [],
    quorum: 0,
  }),
  recordIssue: async () => randomUUID(),
  proveIssue: async () => undefined,
  fallingShort: async () => new Set(),
  proveCredentials: async () => [],
};

export interface TestLink {
  readonly link: GateLink;
  readonly addresses: { readonly gateTls: string; readonly mqtt: string };
  readonly ca: CommunityCa;
  readonly dependencies: GateLinkDependencies;
}

export async function startLink(
  pool: Pool,
  overrides: Partial<GateLinkDependencies> = {},
): Promise<TestLink> {
  const ca = overrides.keys?.ca ?? (await createCommunityCa(COMMUNITY));
  const dependencies: GateLinkDependencies = {
    pool,
    clock: { now: () => Instant(Date.now()) },
    logger: quietLogger,
    community: { id: COMMUNITY, timeZone: "Asia/Shanghai" },
    keys: { ca, policy: ed25519Generate() },
    listen: {
      gateTls: { host: "127.0.0.1", port: 0 },
      mqtt: { host: "127.0.0.1", port: 0 },
      publicHost: "localhost",
    },
    compileFor: async () => desiredDocuments(new TextEncoder().encode("document 1")),
    deltaOf: () => undefined,
    trail: emptyTrail,
    ...overrides,
  };
  const link = makeGateLink(dependencies);
  const addresses = await link.start();
  return { link, addresses, ca, dependencies };
}

/** POSTs CBOR over TLS that trusts the community's own authority only. */
export async function post(
  ca: Uint8Array,
  url: string,
  body: Uint8Array,
): Promise<{ readonly status: number; readonly body: Uint8Array }> {
  const options: RequestOptions = {
    method: "POST",
    ca: certificateToPem(ca),
    minVersion: "TLSv1.3",
    headers: { "content-type": "application/cbor", "content-length": body.length },
    agent: false,
  };
  return await new Promise((resolve, reject) => {
    request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    })
      .on("error", reject)
      .end(body);
  });
}

/** The code of a refusal's body. */
export function refusalOf(answer: { readonly body: Uint8Array }): string {
  return refusal.decode(answer.body).code;
}

interface Received {
  readonly kind: DownKind;
  readonly payload: Uint8Array;
}

/** A gate of another make: mqtt.js and the published codecs, no code of the real gate. */
export class TestGate {
  readonly gateId: GateId;
  readonly key: SigningKey;
  readonly sealingKey: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  enrolment: EnrolResponse | undefined;
  client: MqttClient | undefined;
  /** Its journal: entries and the hash after them. */
  readonly journal: Uint8Array[] = [];
  readonly received: Received[] = [];

  private constructor(gateId: GateId, sealingKey: TestGate["sealingKey"]) {
    this.gateId = gateId;
    this.key = p256Generate();
    this.sealingKey = sealingKey;
  }

  static async make(gateId: GateId = freshGateId()): Promise<TestGate> {
    return new TestGate(gateId, await hpkeGenerate());
  }

  /** Makes the code and uses it. */
  static async enrolled(test: TestLink): Promise<TestGate> {
    const gate = await TestGate.make();
    const { code, enrolUrl } = await test.link.makeEnrolmentCode(gate.gateId);
    const answer = await gate.enrol(test, enrolUrl, code);
    gate.enrolment = enrolResponse.decode(answer.body);
    return gate;
  }

  async enrol(test: Pick<TestLink, "ca">, enrolUrl: string, code: string) {
    const csr = await makeCertificateRequest(this.key, NEW_GATE_NAME);
    const body = enrolRequest.encode({ version: 1, code, csr, sealingKey: this.sealingKey.publicKey });
    return await post(test.ca.certificate, `${enrolUrl}/gate/v1/enrol`, body);
  }

  /** Connects, subscribes and keeps what comes; `overrides` breaks rules on purpose. */
  async connect(
    test: Pick<TestLink, "addresses" | "ca">,
    overrides: IClientOptions = {},
    filter = downFilter(this.gateId),
  ): Promise<void> {
    const [host, port] = test.addresses.mqtt.split(":");
    const client = mqtt.connect({
      protocol: "mqtts",
      host: host ?? "",
      port: Number(port),
      ca: certificateToPem(test.ca.certificate),
      cert: certificateToPem(this.enrolment?.certificate ?? new Uint8Array()),
      key: signingKeyToPem(this.key),
      clientId: this.gateId,
      clean: true,
      keepalive: 30,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
      ...overrides,
    });
    this.client = client;
    client.on("message", (topic, payload) => {
      const parsed = parseDownTopic(topic);
      if (parsed !== undefined) this.received.push({ kind: parsed.kind, payload });
    });
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve());
      client.once("error", reject);
      client.once("close", () => reject(new Error("connection closed")));
    });
    await this.subscribe(filter);
  }

  async subscribe(filter: string): Promise<void> {
    await this.#orClosed((done) => this.client?.subscribe(filter, { qos: 1 }, done));
  }

  /** Resolves at the PUBACK; rejects when the connection ends before. */
  async publish(
    topic: string,
    payload: Uint8Array,
    options: { qos?: 0 | 1 | 2; retain?: boolean } = {},
  ): Promise<void> {
    await this.#orClosed((done) =>
      this.client?.publish(topic, Buffer.from(payload), { qos: 1, ...options }, done),
    );
  }

  async #orClosed(run: (done: (error?: Error | null) => void) => unknown): Promise<void> {
    const { client } = this;
    await new Promise<void>((resolve, reject) => {
      const onClose = () => reject(new Error("connection closed"));
      client?.once("close", onClose);
      run((error) => {
        client?.off("close", onClose);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  async send(kind: UpKind, payload: Uint8Array): Promise<void> {
    await this.publish(upTopic(this.gateId, kind), payload);
  }

  signed(type: Parameters<typeof externalAad>[0], payload: Uint8Array, key = this.key): Uint8Array {
    return coseSign1({ payload, key, kid: keyIdentifier(key), externalAad: externalAad(type) });
  }

  async sayHello(changes: Partial<Parameters<typeof hello.encode>[0]> = {}): Promise<void> {
    const payload = hello.encode({
      version: 1,
      gateId: this.gateId,
      softwareVersion: "1.2.3",
      bootId: new Uint8Array(16),
      snapshotVersion: 0,
      keyringVersion: 0,
      modesGeneration: 0,
      trailVersion: 0,
      lastSequence: this.journal.length,
      lastHash: journalHashAfter(sha256, journalGenesisHash(), this.journal),
      earliest: START,
      latest: START,
      nonce: new Uint8Array(16).fill(9),
      ...changes,
    });
    await this.send("hello", this.signed("hello", payload));
  }

  async sayApplied(report: Omit<Applied, "version" | "gateId">): Promise<void> {
    const payload = applied.encode({ version: 1, gateId: this.gateId, ...report });
    await this.send("applied", this.signed("applied", payload));
  }

  async sayStatus(
    backlog = 0,
    findings: StatusReport["findings"] = [],
    more: Partial<StatusReport> = {},
  ): Promise<void> {
    await this.send("status", this.status(backlog, findings, more));
  }

  status(backlog = 0, findings: StatusReport["findings"] = [], more: Partial<StatusReport> = {}): Uint8Array {
    return statusReport.encode({
      version: 1,
      gateId: this.gateId,
      earliest: START,
      latest: START,
      readers: [],
      portals: [],
      findings,
      journalBacklog: backlog,
      journalDegraded: false,
      ...more,
    });
  }

  /** Appends refusals of unknown credentials to the journal. */
  record(count: number, at: Instant = START): void {
    for (let i = 0; i < count; i++) {
      const sequence = this.journal.length + 1;
      this.journal.push(entryBytes(sequence, at));
    }
  }

  /** The signed batch of `count` entries from `first` on. */
  batch(first: number, count: number, changes: BatchChanges = {}): Uint8Array {
    const payload = journalBatch.encode({
      version: 1,
      gateId: changes.gateId ?? this.gateId,
      firstSequence: first,
      previousHash: changes.previousHash ?? this.hashAfter(first - 1),
      entries: changes.entries ?? this.journal.slice(first - 1, first - 1 + count),
    });
    return this.signed(changes.type ?? "journal", payload, changes.key);
  }

  hashAfter(sequence: number): Uint8Array {
    let hash = journalGenesisHash();
    for (const entry of this.journal.slice(0, sequence)) hash = nextJournalHash(sha256, hash, entry);
    return hash;
  }

  /** Opens a signed message from the server; throws unless the community's policy key signed it for this purpose. */
  open(received: Received): Uint8Array {
    const verified = coseVerify1({
      message: received.payload,
      key: { alg: "EdDSA", publicKey: this.enrolment?.policyKey ?? new Uint8Array() },
      externalAad: externalAad(received.kind),
    });
    if (!verified.verified) throw new Error(`${received.kind}: ${verified.reason}`);
    return verified.payload;
  }

  async disconnect(): Promise<void> {
    await this.client?.endAsync(true);
  }
}

interface BatchChanges {
  readonly gateId?: GateId;
  readonly previousHash?: Uint8Array;
  readonly entries?: readonly Uint8Array[];
  readonly key?: SigningKey;
  readonly type?: Parameters<typeof externalAad>[0];
}

/** A refusal of an unknown credential. */
export function entryBytes(sequence: number, at: Instant): Uint8Array {
  return encodeJournalEntry({
    version: 1,
    sequence,
    earliest: at,
    latest: Instant(at + 20),
    kind: "access",
    body: {
      accessPointId: ACCESS_POINT,
      granted: false,
      reasons: [{ code: "credential-unknown" }],
      pseudonym: sha256(new TextEncoder().encode(`credential ${sequence % 50}`)).slice(0, 16),
      kind: "uid",
      grade: "E",
      snapshotVersion: 3,
      lockDriven: false,
    },
  });
}
