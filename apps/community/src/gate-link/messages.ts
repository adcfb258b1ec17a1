import { coseVerify1, equalBytes, hpkeSeal } from "@menshen/crypto/node";
import type { GateId } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import {
  applied,
  type Codec,
  commandResult,
  credentialProofs,
  type DocumentKind,
  externalAad,
  forgottenMessage,
  hello,
  journalGenesisHash,
  presenceReport,
  proofsRequest,
  pseudonymMessage,
  resumeMessage,
  type SignedMessageType,
  sealedProofs,
  statusReport,
  timeMessage,
  timeRequest,
  type UpKind,
  WireError,
} from "@menshen/wire";
import type { Pool } from "pg";
import { raiseAlarm } from "./alarms.ts";
import { type Documents, signed } from "./documents.ts";
import { GateLinkError } from "./errors.ts";
import { type EnrolledGate, readJournalHead, writeSoftwareVersion, writeStatus } from "./gate-store.ts";
import type { JournalIngest } from "./ingest.ts";
import { prepareBatch } from "./journal-batch.ts";
import type { GateConnection } from "./mqtt-listener.ts";
import { storePseudonym } from "./pseudonyms.ts";
import { makeTurns } from "./turns.ts";
import type { GateLinkDependencies } from "./types.ts";

type Handler = (connection: GateConnection, payload: Uint8Array) => Promise<void>;

/** What each message from a gate does. A handler that rejects ends the connection, and nothing is acknowledged. */
export function makeMessageHandlers(dependencies: {
  readonly pool: Pool;
  readonly clock: GateLinkDependencies["clock"];
  readonly keys: GateLinkDependencies["keys"];
  readonly logger: Logger;
  readonly ingest: JournalIngest;
  readonly documents: Documents;
  readonly trail: Pick<GateLinkDependencies["trail"], "proveCredentials">;
  readonly commands: GateLinkDependencies["commands"];
  readonly presence: GateLinkDependencies["presence"];
  readonly forgetting: GateLinkDependencies["forgetting"];
  /** A gate has said hello and hears. */
  readonly onGreeted: (gateId: GateId) => void;
  /** Brings the gate's documents up to date over its connection. */
  readonly push: (gateId: GateId, whole?: DocumentKind) => void;
  readonly onGateChanged: (gateId: GateId) => void;
  /** A gate's word about its pseudonym key is there for the others. */
  readonly onPseudonym: (sender: GateId) => void;
}): Readonly<Record<UpKind, Handler>> {
  const { pool, clock, keys, logger, ingest, documents, trail, push, onGateChanged, onPseudonym } =
    dependencies;
  const { commands, onGreeted } = dependencies;

  async function refuse(gate: EnrolledGate, kind: "bad-signature" | "bad-batch", sequence = 0) {
    await raiseAlarm(pool, gate.gateId, kind, sequence, clock.now());
    return new GateLinkError("message-refused", kind);
  }

  /** Opens a signed message of a gate about itself. */
  async function open<T extends { readonly gateId: GateId }>(
    gate: EnrolledGate,
    type: SignedMessageType,
    codec: Codec<T>,
    message: Uint8Array,
  ): Promise<T> {
    const verified = coseVerify1({ message, key: gate.deviceKey, externalAad: externalAad(type) });
    if (!verified.verified) throw await refuse(gate, "bad-signature");
    return own(gate, codec, verified.payload);
  }

  async function answerTime(connection: GateConnection, nonce: Uint8Array): Promise<void> {
    // Read as late as possible: what lies between is the gate's uncertainty.
    const payload = timeMessage.encode({
      version: 1,
      gateId: connection.gate.gateId,
      nonce,
      at: clock.now(),
    });
    await connection.send("time", signed(keys, "time", payload));
  }

  async function tellWhereToResume(connection: GateConnection): Promise<void> {
    const { gateId } = connection.gate;
    const head = await readJournalHead(pool, gateId);
    if (head === undefined) throw new GateLinkError("message-refused", "no journal");
    const from = head.rereading ? { sequence: 0, hash: journalGenesisHash() } : head;
    const payload = resumeMessage.encode({
      version: 1,
      gateId,
      nextSequence: from.sequence + 1,
      hash: from.hash,
    });
    await connection.send("resume", signed(keys, "resume", payload));
  }

  async function noteFork(gateId: GateId, sequence: number): Promise<void> {
    // Accepted, and about to be resolved.
    if ((await readJournalHead(pool, gateId))?.rereading === true) return;
    await raiseAlarm(pool, gateId, "fork", sequence, clock.now());
  }

  async function noteServerBehind(gateId: GateId, sequence = 0): Promise<void> {
    await raiseAlarm(pool, gateId, "server-behind", sequence, clock.now());
    logger.warn({ gateId, sequence }, "this database is behind what it once held");
  }

  const turn = makeTurns();
  /**
   * What gates said at their hello, until their first status. It comes right behind the hello and has to wait for it;
   * a later one would speak of a backlog that was sent meanwhile.
   */
  const greeted = new WeakMap<
    GateConnection,
    Promise<{ readonly said: number; readonly stored: number } | undefined>
  >();

  return {
    async journal(connection, message) {
      const { gate } = connection;
      const receivedAt = clock.now();
      await turn();
      const batch = prepareBatch({ message, gateId: gate.gateId, deviceKey: gate.deviceKey, receivedAt });
      if (typeof batch === "string") throw await refuse(gate, batch);
      const result = await ingest.submit(batch);
      if (result.outcome === "stored") return;
      if (result.outcome === "gap" || result.outcome === "fork") onGateChanged(gate.gateId);
      if (result.outcome === "gap") await tellWhereToResume(connection);
      throw new GateLinkError("message-refused", result.outcome);
    },

    async hello(connection, message) {
      const { gate } = connection;
      const opened = open(gate, "hello", hello, message);
      const read = opened.then(() => readJournalHead(pool, gate.gateId));
      const greeting = Promise.all([opened, read]).then(
        ([{ lastSequence }, found]) => ({ said: lastSequence, stored: found?.sequence ?? 0 }),
        () => undefined,
      );
      greeted.set(connection, greeting);
      const [report, head] = await Promise.all([opened, read]);
      await answerTime(connection, report.nonce);
      await writeSoftwareVersion(pool, gate.gateId, report.softwareVersion);
      if (head?.sequence === report.lastSequence && !equalBytes(head.hash, report.lastHash)) {
        await noteFork(gate.gateId, report.lastSequence);
      }
      await tellWhereToResume(connection);
      // It holds what was never made here: this database was restored from an older copy.
      if (await documents.onHello(report)) await noteServerBehind(gate.gateId);
      push(gate.gateId);
      onGreeted(gate.gateId);
      onGateChanged(gate.gateId);
    },

    async result({ gate }, message) {
      const result = await open(gate, "result", commandResult, message);
      await commands?.answered(result);
    },

    async forgotten({ gate }, message) {
      const receipt = await open(gate, "forgotten", forgottenMessage, message);
      await dependencies.forgetting?.answered(gate, receipt, message);
    },

    async status(connection, payload) {
      const { gate } = connection;
      const report = own(gate, statusReport, payload);
      const said = greeted.get(connection);
      greeted.delete(connection);
      const greeting = await said;
      // Of what it had then, the gate keeps at most its backlog as not acknowledged: all before was stored once.
      if (greeting !== undefined && greeting.said - report.journalBacklog > greeting.stored) {
        await noteServerBehind(gate.gateId, greeting.stored + 1);
      }
      if (report.findings.some(({ code }) => code === "journal-fork")) {
        // The gate sends nothing then, so no batch shows it.
        await noteFork(gate.gateId, 0);
      }
      await writeStatus(pool, gate.gateId, payload, clock.now());
      onGateChanged(gate.gateId);
    },

    async presence({ gate }, payload) {
      dependencies.presence?.reported(own(gate, presenceReport, payload));
    },

    async applied({ gate }, message) {
      const report = await open(gate, "applied", applied, message);
      await documents.onApplied(report);
      const mustBeWhole = !report.ok && report.error === "base-differs";
      if (report.ok || mustBeWhole) push(gate.gateId, mustBeWhole ? report.what : undefined);
      onGateChanged(gate.gateId);
    },

    async pseudonym({ gate }, message) {
      await open(gate, "pseudonym", pseudonymMessage, message);
      const relayed = { sender: gate.gateId, message };
      if (await storePseudonym(pool, relayed, clock.now())) onPseudonym(gate.gateId);
    },

    async proofs(connection, payload) {
      const { gateId, sealingKey } = connection.gate;
      const { wanted } = own(connection.gate, proofsRequest, payload);
      // A log in trouble must not cost the gate its connection: it asks again.
      const answers = await trail.proveCredentials(wanted).catch((error: unknown) => {
        logger.error({ gateId, error }, "credentials could not be proven to a gate");
        return [];
      });
      for (const answer of answers) {
        const plaintext = credentialProofs.encode({ version: 1, gateId, ...answer });
        const sealed = await hpkeSeal({
          recipientPublicKey: sealingKey,
          info: externalAad("proofs"),
          plaintext,
        });
        const message = sealedProofs.encode({
          version: 1,
          gateId,
          encapsulatedKey: sealed.enc,
          ciphertext: sealed.ciphertext,
        });
        await connection.send("proofs", signed(keys, "proofs", message));
      }
    },

    async time(connection, payload) {
      await answerTime(connection, own(connection.gate, timeRequest, payload).nonce);
    },
  };
}

/** Decodes a message and checks that it speaks of the gate that sent it. */
function own<T extends { readonly gateId: GateId }>(
  gate: EnrolledGate,
  codec: Codec<T>,
  payload: Uint8Array,
): T {
  const message = codec.decode(payload);
  if (message.gateId !== gate.gateId) throw new WireError("invalid", "expected the sender's own gate id");
  return message;
}
