import { once } from "node:events";
import { createServer as createHttps, type Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer as createTls, type TLSSocket, type Server as TlsServer } from "node:tls";
import {
  coseSign1,
  coseVerify1,
  ed25519Generate,
  equalBytes,
  hpkeSeal,
  p256Generate,
  randomBytes,
  sha256,
  signingKeyToPem,
  type VerifyKey,
} from "@menshen/crypto/node";
import { CommunityId, type GateId, Instant } from "@menshen/domain";
import { diffSnapshots, type SnapshotDocument } from "@menshen/policy";
import {
  type CommunityCa,
  certificateToPem,
  createCommunityCa,
  formatEnrolmentCode,
  issueGateCertificate,
  issueServerCertificate,
  publicKeySha256,
  readCertificate,
} from "@menshen/trust";
import {
  type Applied,
  applied,
  type CommandMessage,
  type CommandResult,
  commandMessage,
  commandResult,
  type DoorRulesMessage,
  type DownKind,
  decodeJournalEntry,
  deltaMessage,
  doorRulesMessage,
  downTopic,
  encodePolicyDocument,
  enrolRequest,
  enrolResponse,
  externalAad,
  type Hello,
  hello,
  type JournalEntry,
  journalBatch,
  journalGenesisHash,
  journalHashAfter,
  type Keyring,
  keyring as keyringCodec,
  type ModesMessage,
  modesMessage,
  type PassesMessage,
  type PresenceReport,
  type PseudonymMessage,
  parseUpTopic,
  passesMessage,
  presenceReport,
  pseudonymMessage,
  renewRequest,
  renewResponse,
  resumeMessage,
  type SignedMessageType,
  type StatusReport,
  sealedKeyring,
  snapshotMessage,
  statusReport,
  type TrailMessage,
  timeMessage,
  timeRequest,
  trailMessage,
} from "@menshen/wire";
import { Aedes, type Client } from "aedes";

export const TEST_COMMUNITY_ID = CommunityId("c0000000-0000-4000-8000-000000000001");

/** What the server does with the journal; `refuse` ends the connection instead of acknowledging. */
type JournalManner = "store" | "refuse";

/**
 * A community server's gate link in one process, over real TLS and a real broker, keeping everything in memory. It
 * follows docs/protocol/gate-link.md and no more; the real server is tested in its own workspace and in `e2e`.
 */
export interface TestCommunity {
  readonly enrolUrl: string;
  readonly enrolmentCode: string;
  readonly entries: readonly JournalEntry[];
  readonly hellos: readonly Hello[];
  readonly applied: readonly Applied[];
  /** What the gate told other gates. */
  readonly pseudonyms: readonly PseudonymMessage[];
  /** Public keys of the enrolled gate. @throws {Error} before */
  /** By which other gates know it. @throws {Error} before it is enrolled */
  deviceKeySha256(): Uint8Array;
  gateKeys(): { readonly deviceKey: Uint8Array; readonly sealingKey: Uint8Array };
  /** Devices that were enrolled; the same one asking again is not counted. */
  readonly enrolments: number;
  readonly renewals: number;
  lastStatus(): StatusReport | undefined;
  readonly statuses: readonly StatusReport[];
  lastPresence(): PresenceReport | undefined;
  /** What the gate said of its present state counts no longer. */
  forgetState(): void;
  readonly results: readonly CommandResult[];
  isConnected(): boolean;
  setManner(manner: JournalManner): void;
  /** While lost, devices are enrolled but never told. */
  loseEnrolmentAnswer(isLost?: boolean): void;
  /** The time the server tells; default the machine's. */
  setNow(now: () => number): void;
  sendSnapshot(document: SnapshotDocument, changes?: { readonly gateId?: GateId }): Promise<void>;
  sendDelta(base: SnapshotDocument, next: SnapshotDocument): Promise<void>;
  sendKeyring(keyring: Keyring): Promise<void>;
  sendModes(modes: ModesMessage): Promise<void>;
  sendPasses(passes: PassesMessage): Promise<void>;
  sendDoorRules(rules: DoorRulesMessage): Promise<void>;
  sendCommand(command: CommandMessage): Promise<void>;
  sendTrail(trail: Omit<TrailMessage, "version" | "gateId" | "issuedAt">): Promise<void>;
  /** Any bytes on any topic towards the gate. */
  sendRaw(kind: DownKind, payload: Uint8Array): Promise<void>;
  /** Signs as the server does. */
  sign(type: SignedMessageType, payload: Uint8Array): Uint8Array;
  /** Closes both listeners and every connection, keeping what is stored. */
  goDown(): Promise<void>;
  /** Listens again, on the same ports. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** @param authority of several gates of one community; default one of its own */
export async function startTestCommunity(
  gateId: GateId,
  host = "127.0.0.1",
  authority?: CommunityCa,
): Promise<TestCommunity> {
  const ca = authority ?? (await createCommunityCa(TEST_COMMUNITY_ID));
  const policyKey = ed25519Generate();
  const serverKey = p256Generate();
  const machineNow = () => Instant(Date.now());
  let now: () => number = Date.now;
  const issued = await issueServerCertificate(ca, { hosts: [host], key: serverKey, now: machineNow() });
  const secret = randomBytes(10);
  const code = formatEnrolmentCode(secret, ca.certificate);
  const tls = {
    key: signingKeyToPem(serverKey),
    cert: `${certificateToPem(issued.certificate)}${certificateToPem(ca.certificate)}`,
    minVersion: "TLSv1.3" as const,
  };

  const entries: JournalEntry[] = [];
  const hellos: Hello[] = [];
  const appliedReports: Applied[] = [];
  const pseudonyms: PseudonymMessage[] = [];
  let lastHash = journalGenesisHash();
  let status: StatusReport | undefined;
  const statuses: StatusReport[] = [];
  let presence: PresenceReport | undefined;
  const results: CommandResult[] = [];
  let manner: JournalManner = "store";
  let losesEnrolmentAnswer = false;
  let renewals = 0;
  let enrolments = 0;
  let deviceKey: VerifyKey | undefined;
  let sealingKey: Uint8Array | undefined;
  let broker: Aedes;
  let gateClient: Client | undefined;
  let mqttServer: TlsServer;
  let httpsServer: HttpsServer;
  const sockets = new Set<TLSSocket>();
  let mqttPort = 0;
  let httpsPort = 0;

  const sign = (type: SignedMessageType, payload: Uint8Array) =>
    coseSign1({ payload, key: policyKey, externalAad: externalAad(type) });

  function sendRaw(kind: DownKind, payload: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const packet = {
        cmd: "publish" as const,
        topic: downTopic(gateId, kind),
        payload: Buffer.from(payload),
        qos: 1 as const,
        dup: false,
        retain: false,
      };
      if (gateClient === undefined) return reject(new Error("the gate is not connected"));
      gateClient.publish(packet, (fault) =>
        fault === undefined || fault === null ? resolve() : reject(fault),
      );
    });
  }

  function verified(type: SignedMessageType, message: Uint8Array): Uint8Array {
    if (deviceKey === undefined) throw new Error("no gate is enrolled");
    const verification = coseVerify1({ message, key: deviceKey, externalAad: externalAad(type) });
    if (!verification.verified) throw new Error(`${type}: ${verification.reason}`);
    return verification.payload;
  }

  async function tellTime(nonce: Uint8Array): Promise<void> {
    await sendRaw(
      "time",
      sign("time", timeMessage.encode({ version: 1, gateId, nonce, at: Instant(now()) })),
    );
  }

  async function tellResume(): Promise<void> {
    const message = resumeMessage.encode({
      version: 1,
      gateId,
      nextSequence: entries.length + 1,
      hash: lastHash,
    });
    await sendRaw("resume", sign("resume", message));
  }

  function storeBatch(message: Uint8Array): void {
    if (manner === "refuse") throw new Error("not now");
    const batch = journalBatch.decode(verified("journal", message));
    const skip = entries.length + 1 - batch.firstSequence;
    if (skip < 0) throw new Error(`gap: ${batch.firstSequence} after ${entries.length}`);
    const hash = journalHashAfter(sha256, batch.previousHash, batch.entries);
    if (skip >= batch.entries.length) return;
    if (skip === 0 && Buffer.compare(batch.previousHash, lastHash) !== 0) throw new Error("fork");
    for (const bytes of batch.entries.slice(skip)) entries.push(decodeJournalEntry(bytes));
    lastHash = hash;
  }

  async function handle(topic: string, payload: Uint8Array): Promise<void> {
    const parsed = parseUpTopic(topic);
    if (parsed?.gateId !== gateId) throw new Error(`topic ${topic}`);
    switch (parsed.kind) {
      case "hello": {
        const message = hello.decode(verified("hello", payload));
        hellos.push(message);
        await tellTime(message.nonce);
        await tellResume();
        return;
      }
      case "journal":
        storeBatch(payload);
        return;
      case "status":
        status = statusReport.decode(payload);
        statuses.push(status);
        return;
      case "applied":
        appliedReports.push(applied.decode(verified("applied", payload)));
        return;
      case "time":
        await tellTime(timeRequest.decode(payload).nonce);
        return;
      case "pseudonym":
        pseudonyms.push(pseudonymMessage.decode(verified("pseudonym", payload)));
        return;
      case "proofs":
        throw new Error("a gate that knows of no log asks for no proofs");
      case "result":
        results.push(commandResult.decode(verified("result", payload)));
        return;
      case "forgotten":
        throw new Error("a gate that was asked to forget nobody gives no receipt");
      case "presence":
        presence = presenceReport.decode(payload);
        return;
    }
  }

  async function enrol(body: Uint8Array): Promise<Uint8Array | undefined> {
    const request = enrolRequest.decode(body);
    if (request.code !== code) return undefined;
    const certificate = await issueGateCertificate(ca, { request: request.csr, gateId, now: machineNow() });
    const isAgain =
      deviceKey !== undefined && equalBytes(deviceKey.publicKey, certificate.publicKey.publicKey);
    if (deviceKey !== undefined && !isAgain) return undefined;
    if (!isAgain) enrolments += 1;
    deviceKey = certificate.publicKey;
    sealingKey = request.sealingKey;
    return enrolResponse.encode({
      version: 1,
      gateId,
      communityId: TEST_COMMUNITY_ID,
      certificate: certificate.certificate,
      ca: ca.certificate,
      policyKey: policyKey.publicKey,
      mqtt: `${host}:${mqttPort}`,
      timeZone: "Asia/Shanghai",
    });
  }

  async function renew(body: Uint8Array): Promise<Uint8Array> {
    const request = renewRequest.decode(verified("renew", body));
    const { certificate } = await issueGateCertificate(ca, {
      request: request.csr,
      gateId,
      now: Instant(now()),
    });
    renewals += 1;
    return renewResponse.encode({ version: 1, certificate, ca: ca.certificate });
  }

  async function listen(): Promise<void> {
    httpsServer = createHttps(tls, (request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const body = new Uint8Array(Buffer.concat(parts));
        const answer = request.url === "/gate/v1/enrol" ? enrol(body) : renew(body);
        answer.then(
          (bytes) => {
            if (losesEnrolmentAnswer && request.url === "/gate/v1/enrol") return;
            response.writeHead(bytes === undefined ? 403 : 200).end(bytes);
          },
          () => response.writeHead(400).end(),
        );
      });
    });
    broker = await Aedes.createBroker();
    broker.authenticate = (client, _user, _password, done) => {
      gateClient = client;
      done(null, client.id === gateId);
    };
    broker.authorizePublish = (_client, packet, done) => {
      handle(packet.topic, new Uint8Array(Buffer.from(packet.payload))).then(
        () => done(null),
        (fault: unknown) => done(fault instanceof Error ? fault : new Error("refused")),
      );
    };
    broker.on("clientDisconnect", (client) => {
      if (gateClient === client) gateClient = undefined;
    });
    // Whether a certificate has expired is judged by the server's own time here, which tests move.
    mqttServer = createTls(
      { ...tls, ca: certificateToPem(ca.certificate), requestCert: true, rejectUnauthorized: false },
      (socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
        socket.on("error", () => socket.destroy());
        const certificate = socket.getPeerX509Certificate();
        if (certificate === undefined) return socket.destroy();
        const facts = readCertificate(new Uint8Array(certificate.raw));
        if (facts.commonName !== gateId || facts.notAfter < now()) return socket.destroy();
        broker.handle(socket);
      },
    );
    httpsServer.listen(httpsPort, host);
    mqttServer.listen(mqttPort, host);
    await Promise.all([once(httpsServer, "listening"), once(mqttServer, "listening")]);
    httpsPort = (httpsServer.address() as AddressInfo).port;
    mqttPort = (mqttServer.address() as AddressInfo).port;
  }

  async function goDown(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    httpsServer.closeAllConnections();
    await Promise.all([
      new Promise((resolve) => httpsServer.close(resolve)),
      new Promise((resolve) => mqttServer.close(resolve)),
      new Promise<void>((resolve) => broker.close(() => resolve())),
    ]);
    gateClient = undefined;
  }

  await listen();
  return {
    enrolUrl: `https://${host}:${httpsPort}`,
    enrolmentCode: code,
    entries,
    hellos,
    applied: appliedReports,
    pseudonyms,
    deviceKeySha256() {
      if (deviceKey === undefined) throw new Error("no gate is enrolled");
      return publicKeySha256(deviceKey);
    },
    gateKeys() {
      if (deviceKey === undefined || sealingKey === undefined) throw new Error("no gate is enrolled");
      return { deviceKey: deviceKey.publicKey, sealingKey };
    },
    get enrolments() {
      return enrolments;
    },
    get renewals() {
      return renewals;
    },
    lastStatus: () => status,
    statuses,
    lastPresence: () => presence,
    forgetState() {
      status = undefined;
      presence = undefined;
    },
    results,
    isConnected: () => gateClient !== undefined,
    setManner(next) {
      manner = next;
    },
    loseEnrolmentAnswer(isLost = true) {
      losesEnrolmentAnswer = isLost;
    },
    setNow(next) {
      now = next;
    },
    sendSnapshot(document, changes = {}) {
      const message = snapshotMessage.encode({
        version: 1,
        gateId: changes.gateId ?? gateId,
        communityId: TEST_COMMUNITY_ID,
        snapshotVersion: document.version,
        issuedAt: Instant(now()),
        document: encodePolicyDocument(document),
      });
      return sendRaw("snapshot", sign("snapshot", message));
    },
    sendDelta(base, next) {
      const message = deltaMessage.encode({
        version: 1,
        gateId,
        communityId: TEST_COMMUNITY_ID,
        baseVersion: base.version,
        snapshotVersion: next.version,
        issuedAt: Instant(now()),
        delta: encodePolicyDocument(diffSnapshots(base, next)),
        documentHash: sha256(encodePolicyDocument(next)),
      });
      return sendRaw("delta", sign("delta", message));
    },
    async sendKeyring(keyring) {
      if (sealingKey === undefined) throw new Error("no gate is enrolled");
      const sealed = await hpkeSeal({
        recipientPublicKey: sealingKey,
        info: externalAad("keyring"),
        plaintext: keyringCodec.encode(keyring),
      });
      const message = sealedKeyring.encode({
        version: 1,
        gateId,
        keyringVersion: keyring.keyringVersion,
        encapsulatedKey: sealed.enc,
        ciphertext: sealed.ciphertext,
      });
      await sendRaw("keyring", sign("keyring", message));
    },
    sendModes: (modes) => sendRaw("modes", sign("modes", modesMessage.encode(modes))),
    sendDoorRules: (rules) => sendRaw("door-rules", sign("door-rules", doorRulesMessage.encode(rules))),
    sendCommand: (command) => sendRaw("command", sign("command", commandMessage.encode(command))),
    sendPasses: (passes) => sendRaw("passes", sign("passes", passesMessage.encode(passes))),
    sendTrail: (trail) =>
      sendRaw(
        "trail",
        sign("trail", trailMessage.encode({ version: 1, gateId, issuedAt: Instant(now()), ...trail })),
      ),
    sendRaw,
    sign,
    goDown,
    comeBack: listen,
    close: goDown,
  };
}
