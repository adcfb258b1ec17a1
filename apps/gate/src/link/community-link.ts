import { coseSign1, coseVerify1, signingKeyToPem } from "@menshen/crypto/node";
import { keyIdentifier, readCertificate, renewalDue } from "@menshen/trust";
import {
  applied,
  type DownKind,
  externalAad,
  hello,
  journalBatch,
  proofsRequest,
  resumeMessage,
  type SignedMessageType,
  type StatusReport,
  statusReport,
  timeMessage,
  timeRequest,
  type UpKind,
  WireError,
} from "@menshen/wire";
import type { ClockDiscipline, GateClock } from "../clock/gate-clock.ts";
import type { CommandDesk } from "../commands/command-desk.ts";
import { faultName, GateError } from "../errors.ts";
import type { ForgetDesk } from "../forget/forget-desk.ts";
import type { HeldDocuments, ReceiveOutcome } from "../held/held-documents.ts";
import type { GateIdentity } from "../keys/identity.ts";
import type { PresenceReporter } from "../presence/presence-reporter.ts";
import type { PublicLog } from "../public-log/public-log.ts";
import type { Journal } from "../store/journal.ts";
import type { ResumeOutcome } from "../store/journal-file.ts";
import type { PseudonymChain } from "../trail/pseudonym-chain.ts";
import { makeBackoff } from "./backoff.ts";
import { renewCertificate } from "./enrolment.ts";
import { type MqttSession, openMqttSession } from "./mqtt-session.ts";
import { makeServerTime } from "./server-time.ts";
import { startUploader, type Uploader } from "./uploader.ts";
import { connectVerified } from "./verified-socket.ts";

/** What the link tells the gate about itself. */
export interface LinkListener {
  connected(): void;
  /** `cause` is a name for logs: `link-failed`, `certificate-expired`… */
  disconnected(cause: string): void;
  /** A document arrived; the answer has been sent. */
  received(outcome: ReceiveOutcome): void;
  disciplined(discipline: ClockDiscipline): void;
  resumed(outcome: ResumeOutcome): void;
  /** A new certificate is in use; the gate stores the identity. @throws {GateError} if it cannot */
  renewed(identity: GateIdentity): void;
  renewalFailed(cause: string): void;
}

export interface CommunityLinkOptions {
  readonly identity: GateIdentity;
  readonly enrolUrl: string;
  /** `host:port` in place of the one that the server told. */
  readonly mqtt?: string;
  readonly clock: GateClock;
  readonly journal: Journal;
  readonly held: HeldDocuments;
  readonly chain: Pick<PseudonymChain, "state" | "receive" | "outgoing">;
  readonly publicLog: Pick<PublicLog, "connected" | "disconnected" | "receive">;
  readonly commands: CommandDesk;
  readonly forget: ForgetDesk;
  readonly presence: Pick<PresenceReporter, "connected" | "disconnected">;
  readonly listener: LinkListener;
  readonly softwareVersion: string;
  /** Random for this start of the process, 16 bytes. */
  readonly bootId: Uint8Array;
  readonly status: () => StatusReport;
}

/** The connection to the community server: kept up for as long as the gate runs, never needed for a decision. */
export interface CommunityLink {
  isConnected(): boolean;
  /** New journal entries. */
  journalGrew(): void;
  /** The status changed: it is sent soon. */
  statusChanged(): void;
  /** The pseudonym key, or who is to have it, may be another one. */
  keyChanged(): void;
  stop(): Promise<void>;
}

const RECONNECT_MIN_MS = 500;
const RECONNECT_MAX_MS = 30_000;
const STATUS_EVERY_MS = 20_000;
const STATUS_SOON_MS = 100;
/** With more doubt than this the first status waits for the server's time, so long at most. */
const UNKNOWN_TIME_MS = 24 * 60 * 60_000;
const TIME_AWAITED_MS = 5_000;
/** Between hellos the time is asked for on the gate's own clock. */
const ASK_TIME_EVERY_MS = 3_600_000;
const RENEW_AGAIN_MS = 600_000;
const STOP_LIMIT_MS = 2_000;

export function startCommunityLink(options: CommunityLinkOptions): CommunityLink {
  const { clock, journal, held, listener } = options;
  const serverTime = makeServerTime(clock);
  const backoff = makeBackoff(RECONNECT_MIN_MS, RECONNECT_MAX_MS);
  let identity = options.identity;
  let stopping = false;
  let session: MqttSession | undefined;
  let uploader: Uploader | undefined;
  let wakeUp: () => void = () => undefined;
  let statusTimer: NodeJS.Timeout | undefined;
  let statusSoon = false;
  let timeAskedAt = 0;
  let renewalTriedAt: number | undefined;
  let refusedLately = false;
  let awaitsTime = false;
  let sharing = false;
  let shareAgain = false;

  function signed(type: SignedMessageType, payload: Uint8Array): Uint8Array {
    const key = identity.deviceKey;
    return coseSign1({ payload, key, kid: keyIdentifier(key), externalAad: externalAad(type) });
  }

  /** Sends; a failure ends the session, and the next one says everything again. */
  function send(kind: UpKind, payload: Uint8Array): void {
    const through = session;
    through?.publish(kind, payload).catch(() => through.end());
  }

  /** Tells the other gates the pseudonym key, if they do not know. */
  async function shareKey(): Promise<void> {
    if (sharing) {
      shareAgain = true;
      return;
    }
    sharing = true;
    try {
      do {
        shareAgain = false;
        const through = session;
        try {
          const outgoing = through && (await options.chain.outgoing());
          if (outgoing === undefined) continue;
          await through?.publish("pseudonym", outgoing.message);
          outgoing.delivered();
        } catch {
          // The next session says it again.
          through?.end();
        }
      } while (shareAgain);
    } finally {
      sharing = false;
    }
  }

  function sendHello(): void {
    const { snapshot, keyring, modes, trail, passes, "door-rules": doorRules } = held.versions();
    const pseudonymChain = options.chain.state();
    const { earliest, latest } = clock.now();
    const head = journal.head();
    timeAskedAt = clock.monotonicMs();
    const message = hello.encode({
      version: 1,
      gateId: identity.gateId,
      softwareVersion: options.softwareVersion,
      bootId: options.bootId,
      snapshotVersion: snapshot,
      keyringVersion: keyring,
      modesGeneration: modes,
      trailVersion: trail,
      ...(passes === 0 ? {} : { passesVersion: passes }),
      ...(doorRules === 0 ? {} : { doorRulesVersion: doorRules }),
      ...(pseudonymChain === undefined ? {} : { pseudonymChain }),
      lastSequence: head.sequence,
      lastHash: head.hash,
      earliest,
      latest,
      nonce: serverTime.ask(),
    });
    const through = session;
    // A server that takes a hello is well again.
    through?.publish("hello", signed("hello", message)).then(backoff.reset, () => through.end());
  }

  /** A gate that knows no time yet would date whatever is wrong with it years ago; the answer to the hello tells the time. */
  function sendFirstStatus(): void {
    const { earliest, latest } = clock.now();
    awaitsTime = latest - earliest > UNKNOWN_TIME_MS;
    if (awaitsTime) statusTimer = setTimeout(sendStatus, TIME_AWAITED_MS);
    else sendStatus();
  }

  function sendStatus(): void {
    awaitsTime = false;
    statusSoon = false;
    clearTimeout(statusTimer);
    if (session === undefined) return;
    send("status", statusReport.encode(options.status()));
    if (clock.monotonicMs() - timeAskedAt >= ASK_TIME_EVERY_MS) {
      timeAskedAt = clock.monotonicMs();
      send("time", timeRequest.encode({ version: 1, gateId: identity.gateId, nonce: serverTime.ask() }));
    }
    // Its own failures are told by `renewalFailed`; the connection in use does not depend on it.
    renewIfDue().catch(() => undefined);
    statusTimer = setTimeout(sendStatus, STATUS_EVERY_MS);
  }

  /** The payload of a message that the community's policy key signed for this gate, or undefined. */
  function verified(type: SignedMessageType, message: Uint8Array): Uint8Array | undefined {
    const verification = coseVerify1({
      message,
      key: { alg: "EdDSA", publicKey: identity.policyKey },
      externalAad: externalAad(type),
    });
    return verification.verified ? verification.payload : undefined;
  }

  async function receive(kind: DownKind, message: Uint8Array): Promise<void> {
    switch (kind) {
      case "snapshot":
      case "delta":
      case "keyring":
      case "modes":
      case "trail":
      case "passes":
      case "door-rules": {
        const outcome = await held.receive(kind, message);
        const { what, documentVersion, ok } = outcome;
        const answer = { version: 1, gateId: identity.gateId, what, documentVersion, ok } as const;
        send("applied", signed("applied", applied.encode(ok ? answer : { ...answer, error: outcome.error })));
        listener.received(outcome);
        return;
      }
      case "pseudonym":
        await options.chain.receive(message);
        return;
      case "proofs":
        await options.publicLog.receive(message);
        return;
      case "command": {
        const payload = verified("command", message);
        if (payload !== undefined) await options.commands.receive(payload);
        return;
      }
      case "forget": {
        const payload = verified("forget", message);
        if (payload !== undefined) await options.forget.receive(payload);
        return;
      }
      case "time": {
        const payload = verified("time", message);
        if (payload === undefined) return;
        const time = timeMessage.decode(payload);
        const discipline = time.gateId === identity.gateId ? serverTime.answer(time) : undefined;
        if (discipline !== undefined) listener.disciplined(discipline);
        if (awaitsTime) sendStatus();
        return;
      }
      case "resume": {
        const payload = verified("resume", message);
        if (payload === undefined) return;
        const { gateId, nextSequence, hash } = resumeMessage.decode(payload);
        if (gateId !== identity.gateId) return;
        const outcome = await journal.resume(nextSequence, hash);
        if (outcome.kind === "continues" || outcome.kind === "anchored") upload();
        listener.resumed(outcome);
        return;
      }
    }
  }

  /** Sends the journal from where the server stands; it says so after each hello and when it misses something. */
  function upload(): void {
    const through = session;
    if (through === undefined) return;
    uploader?.stop();
    uploader = startUploader({
      journal,
      send: (batch) =>
        through.publish(
          "journal",
          signed("journal", journalBatch.encode({ version: 1, gateId: identity.gateId, ...batch })),
        ),
      failed: () => through.end(),
    });
  }

  async function renewIfDue(): Promise<void> {
    const facts = readCertificate(identity.certificate);
    const now = clock.now();
    const certainlyExpired = now.earliest > facts.notAfter;
    // A clock in doubt alone is no reason; together with a server that lets nobody in it is.
    const due = now.earliest >= renewalDue(facts) || (refusedLately && now.latest >= facts.notAfter);
    const triedMs =
      renewalTriedAt === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - renewalTriedAt;
    if (!due || (!certainlyExpired && triedMs < RENEW_AGAIN_MS)) return;
    renewalTriedAt = clock.monotonicMs();
    try {
      const certificate = await renewCertificate(identity, options.enrolUrl, now);
      const renewed = { ...identity, certificate };
      listener.renewed(renewed);
      identity = renewed;
      renewalTriedAt = undefined;
    } catch (fault) {
      listener.renewalFailed(faultName(fault));
      if (certainlyExpired) throw fault;
    }
  }

  async function runSession(): Promise<void> {
    await renewIfDue();
    const { host, port } = hostAndPort(options.mqtt ?? identity.mqtt);
    const { socket } = await connectVerified({
      host,
      port,
      trust: { ca: identity.ca },
      client: { certificate: identity.certificate, keyPem: signingKeyToPem(identity.deviceKey) },
      now: clock.now(),
    });
    const opened = await openMqttSession({
      socket,
      gateId: identity.gateId,
      onMessage: (kind, payload) => {
        receive(kind, payload).catch((fault: unknown) => {
          // A signed message this version cannot read is dropped; any other fault begins the connection anew.
          if (!(fault instanceof WireError)) opened.end();
        });
      },
    });
    if (stopping) {
      opened.end();
      return;
    }
    session = opened;
    sendHello();
    sendFirstStatus();
    void shareKey();
    options.publicLog.connected((wanted) =>
      opened.publish(
        "proofs",
        proofsRequest.encode({ version: 1, gateId: identity.gateId, wanted: [...wanted] }),
      ),
    );
    options.presence.connected((report) => send("presence", report));
    options.commands.connected((result) => opened.publish("result", signed("result", result)));
    options.forget.connected((receipt) => opened.publish("forgotten", signed("forgotten", receipt)));
    refusedLately = false;
    listener.connected();
    await opened.ended;
    options.presence.disconnected();
    options.commands.disconnected();
    options.forget.disconnected();
    options.publicLog.disconnected();
    uploader?.stop();
    uploader = undefined;
    session = undefined;
    clearTimeout(statusTimer);
    throw new GateError("link-failed", "the connection ended");
  }

  async function run(): Promise<void> {
    while (!stopping) {
      await runSession().catch((fault: unknown) => {
        refusedLately = true;
        if (!stopping) listener.disconnected(faultName(fault));
      });
      if (stopping) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, backoff.next());
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const running = run();
  return {
    isConnected: () => session !== undefined,
    journalGrew: () => uploader?.wake(),
    statusChanged() {
      if (session === undefined || statusSoon || awaitsTime) return;
      statusSoon = true;
      clearTimeout(statusTimer);
      statusTimer = setTimeout(sendStatus, STATUS_SOON_MS);
    },
    keyChanged: () => void shareKey(),
    async stop() {
      stopping = true;
      session?.end();
      wakeUp();
      // A server that does not answer must not keep a gate from stopping.
      const limit = new Promise<void>((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref());
      await Promise.race([running, limit]);
    },
  };
}

/** `host:port`, an IPv6 host in brackets. @throws {GateError} `link-failed` */
function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new GateError("link-failed", "expected the server's address as host:port");
  return { host, port: Number(match?.[3]) };
}
