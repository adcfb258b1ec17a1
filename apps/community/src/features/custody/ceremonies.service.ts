import { createHash, randomUUID } from "node:crypto";
import { equalBytes, fromHex, RistrettoElement, randomBytes, toHex } from "@menshen/crypto/node";
import {
  BALLOT_EPOCH,
  type CeremonySetup,
  type CustodianSet,
  CustodyError,
  DEFAULT_EPOCH_COUNT,
  encodeSetup,
  isMessageOf,
  objectedSeats,
  parseCertificate,
  verifyCertificate,
  verifySeat,
  verifyVouch,
} from "@menshen/custody";
import { epochAt } from "@menshen/domain";
import type { BodyOf, CeremonyTable, CeremonyView, custodianEndpoints } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInCustodian } from "../../authority/signed-in-custodian.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { selectEpochGrid } from "../trail/index.ts";
import { BY_CUSTODIAN, presentOf } from "./appointments.service.ts";
import {
  type CeremonyRow,
  countMessages,
  insertCeremony,
  insertMessage,
  isUnderWay,
  putSeat,
  type StoredCeremony,
  selectCeremony,
  selectFinished,
  selectMessages,
  selectUnderWay,
  setCertificate,
  setState,
  updateSeat,
} from "./ceremonies.store.ts";
import { callOf, owing, type Verdict, verdictOf } from "./ceremony-verdict.ts";
import { lockCustody, selectSets } from "./custody.store.ts";
import { viewOfCeremony } from "./custody-views.ts";

/** To come and sit down. */
const GATHERING_MS = 15 * 60_000;
/** To make the keys once all are there. */
const RUNNING_MS = 5 * 60_000;
/** Two are due from each; evidence against others may come to a few more. */
const MOST_MESSAGES = 100;
/** Keys are not made for longer ahead than this: two years. */
const MOST_EPOCHS_AHEAD = 2 * DEFAULT_EPOCH_COUNT;

export type CeremoniesService = ReturnType<typeof makeCeremoniesService>;

/**
 * The board at which custodians make keys. It holds what they say, gives up what takes too long, and checks the
 * certificate; it can neither read a share nor make a key.
 */
export function makeCeremoniesService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly trailChanged: () => void;
  /** Of the votes: throws unless the motion waits for its key, and takes the key once it is made. */
  readonly ballots: {
    readonly demandKeyless: (trx: Trx, motionId: string) => Promise<void>;
    readonly keyMade: (
      trx: Trx,
      motionId: string,
      ceremony: string,
      certificate: Uint8Array,
    ) => Promise<void>;
  };
}) {
  const { db, clock, change, trailChanged } = dependencies;
  const { demandKeyless, keyMade } = dependencies.ballots;

  async function setOf(scope: Reader, version: number): Promise<CustodianSet> {
    const sets = await selectSets(scope);
    return found(
      sets.find(({ set }) => set.version === version),
      "set of custodians",
    ).set;
  }

  async function view(scope: Reader, id: string): Promise<CeremonyView> {
    const ceremony = found(await selectCeremony(scope, id), "ceremony");
    return viewOfCeremony(ceremony, await setOf(scope, ceremony.row.set_version));
  }

  /** Gives up what took too long. Whoever asks next does it: nobody has to be on watch. */
  async function giveUpLate(): Promise<void> {
    const late = await selectUnderWay(db);
    if (late === undefined || late.row.expires_at > clock.now()) return;
    await change(BY_CUSTODIAN, async (scope) => {
      await lockCustody(scope.trx);
      const ceremony = await selectUnderWay(scope.trx);
      if (ceremony === undefined || ceremony.row.expires_at > scope.at) return;
      const set = await setOf(scope.trx, ceremony.row.set_version);
      const said = await countMessages(scope.trx, ceremony.row.id);
      await fail(
        scope,
        ceremony,
        verdictOf(ceremony, set) ?? {
          failure: "vanished",
          named: owing(ceremony, set.members.length, said),
        },
      );
    });
  }

  async function fail(
    { trx, at, record }: ChangeScope,
    { row }: StoredCeremony,
    { failure, named }: Verdict,
  ): Promise<void> {
    await setState(trx, row.id, "failed", { endedAt: at, failure, named });
    await record({
      action: "ceremony.failed",
      entity: "ceremony",
      entityId: row.id,
      after: { failure, named: [...named] },
    });
  }

  /** @param motionId the motion whose ballots the key is for; keys of epochs without */
  async function begin(scope: ChangeScope, motionId?: string): Promise<string> {
    const { trx, at, record } = scope;
    const present = presentOf(await selectSets(trx));
    if (present === undefined) throw refusal("conflict", "appoint custodians first");
    const span =
      motionId === undefined
        ? { first: await firstFree(trx, present.set.version, at), count: DEFAULT_EPOCH_COUNT }
        : { first: BALLOT_EPOCH, count: 1 };
    const id = randomUUID();
    await insertCeremony(trx, {
      id,
      set_version: present.set.version,
      ceremony_id: randomBytes(32),
      first_epoch: span.first,
      epoch_count: span.count,
      motion_id: motionId ?? null,
      at,
      expiresAt: at + GATHERING_MS,
    });
    await record({
      action: "ceremony.started",
      entity: "ceremony",
      entityId: id,
      after: {
        setVersion: present.set.version,
        firstEpoch: span.first,
        epochCount: span.count,
        ...optional("motionId", motionId),
      },
    });
    return id;
  }

  async function firstFree(trx: Trx, setVersion: number, at: number): Promise<number> {
    const grid = await selectEpochGrid(trx);
    const current = epochAt(grid, at) ?? 1;
    const firstEpoch = nextEpoch(await selectFinished(trx), setVersion, current);
    if (firstEpoch > current + MOST_EPOCHS_AHEAD) {
      throw refusal("conflict", "keys reach two years ahead already");
    }
    return firstEpoch;
  }

  /** The custodian's index at this ceremony. Throws `not-found`, `forbidden`. */
  async function seated(scope: Reader, custodian: SignedInCustodian, id: string) {
    const ceremony = found(await selectCeremony(scope, id), "ceremony");
    const seat = custodian.seats.find(({ version }) => version === ceremony.row.set_version);
    if (seat === undefined) throw refusal("forbidden", "other custodians hold this ceremony");
    return { ceremony, index: seat.index };
  }

  return {
    giveUpLate,

    /** Throws `conflict` if one is under way, or no custodians are in office. */
    async start(author: StaffAuthor): Promise<CeremonyView> {
      authorise(author.actor, "custody.write");
      await giveUpLate();
      return change(author, async (scope) => {
        await lockCustody(scope.trx);
        if ((await selectUnderWay(scope.trx)) !== undefined) {
          throw refusal("conflict", "a ceremony is under way");
        }
        return view(scope.trx, await begin(scope));
      });
    },

    /** Throws `conflict` for one that has ended. */
    async stop(author: StaffAuthor, id: string): Promise<CeremonyView> {
      authorise(author.actor, "custody.write");
      return change(author, async (scope) => {
        await lockCustody(scope.trx);
        const ceremony = found(await selectCeremony(scope.trx, id), "ceremony");
        if (!isUnderWay(ceremony)) throw refusal("conflict", "this ceremony has ended");
        await fail(scope, ceremony, { failure: "stopped", named: [] });
        return view(scope.trx, id);
      });
    },

    /** The ceremony under way, or a new one. Throws `forbidden` for custodians who are not in office. */
    async call(custodian: SignedInCustodian): Promise<CeremonyView> {
      if (custodian.present === undefined) throw refusal("forbidden", "only custodians in office make keys");
      await giveUpLate();
      return change(BY_CUSTODIAN, async (scope) => {
        await lockCustody(scope.trx);
        const underWay = await selectUnderWay(scope.trx);
        if (typeof underWay?.row.motion_id === "string") {
          throw refusal("conflict", "the key of a vote is being made: wait until that is done");
        }
        return view(scope.trx, underWay?.row.id ?? (await begin(scope)));
      });
    },

    /** The same for the ballots of a motion. Throws `conflict` while another ceremony is under way. */
    async callForMotion(custodian: SignedInCustodian, motionId: string): Promise<CeremonyView> {
      if (custodian.present === undefined) throw refusal("forbidden", "only custodians in office make keys");
      await giveUpLate();
      return change(BY_CUSTODIAN, async (scope) => {
        await lockCustody(scope.trx);
        await demandKeyless(scope.trx, motionId);
        const underWay = await selectUnderWay(scope.trx);
        if (underWay !== undefined && underWay.row.motion_id !== motionId) {
          throw refusal("conflict", "other keys are being made: wait until that is done");
        }
        return view(scope.trx, underWay?.row.id ?? (await begin(scope, motionId)));
      });
    },

    async table(custodian: SignedInCustodian, id: string, after: number): Promise<CeremonyTable> {
      await giveUpLate();
      // INVARIANT: one snapshot. Seats read before the last one came, beside a state read after, would look as if the
      // server had hidden a seat; messages, as if there were no evidence of why it failed.
      const reading = db.transaction().setIsolationLevel("repeatable read");
      return reading.execute(async (trx) => {
        const { ceremony } = await seated(trx, custodian, id);
        const messages = await selectMessages(trx, id, after);
        return {
          ceremony: await view(trx, id),
          ceremonyId: toHex(ceremony.row.ceremony_id),
          seats: ceremony.seats.map((seat) => ({
            index: seat.custodian,
            publicKey: toHex(seat.public_key),
            signature: toHex(seat.signature),
            ...optional("vouch", seat.vouch === null ? undefined : toHex(seat.vouch)),
            ...optional("objection", seat.objection === null ? undefined : toHex(seat.objection)),
          })),
          messages: messages.map(({ position, custodian: index, message }) => ({
            position,
            index,
            message: toHex(message),
          })),
        };
      });
    },

    /**
     * Sits down; as long as not all are there, with another key too. The same seat may be taken again while it runs.
     * Throws `conflict` for one that is full or over, `key-refused`.
     */
    async sit(
      custodian: SignedInCustodian,
      id: string,
      input: BodyOf<typeof custodianEndpoints.sit>,
    ): Promise<CeremonyView> {
      await giveUpLate();
      return change(BY_CUSTODIAN, async ({ trx, at }) => {
        await lockCustody(trx);
        const { ceremony, index } = await seated(trx, custodian, id);
        const { row, seats } = ceremony;
        const own = seats.find((seat) => seat.custodian === index);
        // Whose answer was lost asks again, perhaps when the last of the others has come.
        const isSeated = own !== undefined && toHex(own.public_key) === input.publicKey;
        if (row.state === "running" && isSeated) return view(trx, id);
        if (row.state !== "gathering") throw refusal("conflict", "nobody sits down any more");
        const set = await setOf(trx, row.set_version);
        const publicKey = RistrettoElement.parse(fromHex(input.publicKey));
        const signature = fromHex(input.signature);
        const call = callOf(ceremony, set);
        if (
          publicKey === undefined ||
          !verifySeat(custodian.identityKey, call, index, publicKey, signature)
        ) {
          throw refusal("key-refused", "the signature does not fit this seat");
        }
        const others = seats.filter((seat) => seat.custodian !== index);
        if (others.some((seat) => equalBytes(seat.public_key, publicKey.toBytes()))) {
          throw refusal("conflict", "another custodian brought this key");
        }
        await putSeat(trx, { ceremony: id, custodian: index, public_key: publicKey.toBytes(), signature });
        if (others.length + 1 === set.members.length) {
          await setState(trx, id, "running", { expiresAt: at + RUNNING_MS });
        }
        return view(trx, id);
      });
    },

    /** Throws `conflict` unless it runs, `invalid-request` for what no custodian of this ceremony signed. */
    async say(custodian: SignedInCustodian, id: string, message: Uint8Array): Promise<void> {
      await giveUpLate();
      await change(BY_CUSTODIAN, async ({ trx }) => {
        // INVARIANT: messages are committed in the order of their positions. Whoever has read a later one asks for
        // what stands behind it, and would never see an earlier one that came after.
        await lockCustody(trx);
        const { ceremony, index } = await seated(trx, custodian, id);
        // Evidence may come after somebody's report ended the ceremony.
        if (ceremony.row.state !== "running" && ceremony.row.state !== "failed") {
          throw refusal("conflict", "this ceremony does not run");
        }
        const setup = await setupOf(trx, ceremony);
        if (!isMessageOf(setup, message)) {
          throw refusal("invalid-request", "expected a message signed by a custodian of this ceremony");
        }
        const said = await countMessages(trx, id);
        if ((said.get(index) ?? 0) >= MOST_MESSAGES) throw refusal("conflict", "you have said enough");
        await insertMessage(trx, { ceremony: id, custodian: index, message });
      });
    },

    /** Takes a program's word for why it stopped. What most of them say stands in the end. */
    async report(
      custodian: SignedInCustodian,
      id: string,
      input: BodyOf<typeof custodianEndpoints.fail>,
    ): Promise<CeremonyView> {
      return change(BY_CUSTODIAN, async (scope) => {
        const { trx } = scope;
        await lockCustody(trx);
        const { ceremony, index } = await seated(trx, custodian, id);
        if (ceremony.row.state === "finished") throw refusal("conflict", "this ceremony is finished");
        const set = await setOf(trx, ceremony.row.set_version);
        if (input.custodians.some((named) => named > set.members.length)) {
          throw refusal("invalid-request", "expected custodians of this ceremony");
        }
        const named = input.custodians.toSorted((a, b) => a - b);
        const objection = input.objection === undefined ? undefined : fromHex(input.objection);
        const objected =
          objection && objectedSeats(objection, callOf(ceremony, set), set, index)?.toSorted((a, b) => a - b);
        if ((input.reason === "seat-forged") !== (objection !== undefined)) {
          throw refusal("invalid-request", "expected an objection with `seat-forged` and with nothing else");
        }
        if (objection !== undefined && JSON.stringify(objected) !== JSON.stringify(named)) {
          throw refusal("key-refused", "the objection does not stand, or names others");
        }
        await updateSeat(trx, id, index, {
          failure: input.reason,
          named,
          ...optional("objection", objection),
        });
        const after = found(await selectCeremony(trx, id), "ceremony");
        const verdict = verdictOf(after, set);
        if (verdict !== undefined && after.row.failure !== "stopped") await fail(scope, after, verdict);
        return view(trx, id);
      });
    },

    /**
     * Takes the certificate and one vouch. With the last vouch the keys go out to the gates. Throws `conflict`,
     * `key-refused`, `invalid-request` for a certificate that is not valid.
     */
    async finish(
      custodian: SignedInCustodian,
      id: string,
      input: { readonly certificate: Uint8Array; readonly vouch: Uint8Array },
    ): Promise<CeremonyView> {
      await giveUpLate();
      const result = await change(BY_CUSTODIAN, async (scope) => {
        const { trx, at, leaf, record } = scope;
        await lockCustody(trx);
        const { ceremony, index } = await seated(trx, custodian, id);
        const { row, seats } = ceremony;
        if (row.state === "finished") return view(trx, id);
        if (row.state !== "running") throw refusal("conflict", "this ceremony does not run");
        const setup = await setupOf(trx, ceremony);
        if (!verifyVouch(custodian.identityKey, setup, input.vouch)) {
          throw refusal("key-refused", "the signature does not vouch for this ceremony");
        }
        if (row.certificate === null) {
          demandValid(setup, input.certificate);
          await setCertificate(trx, id, input.certificate);
        } else if (!equalBytes(row.certificate, input.certificate)) {
          throw refusal("conflict", "another certificate was handed in");
        }
        await updateSeat(trx, id, index, { vouch: input.vouch });
        const waiting = seats.filter((seat) => seat.vouch === null && seat.custodian !== index);
        if (waiting.length > 0) return view(trx, id);
        await setState(trx, id, "finished", { endedAt: at });
        const { motion_id: motionId } = row;
        if (motionId !== null) await keyMade(trx, motionId, id, input.certificate);
        const set = await setOf(trx, row.set_version);
        const statement = {
          ceremony: id,
          setVersion: row.set_version,
          firstEpoch: row.first_epoch,
          epochCount: row.epoch_count,
          ...optional("motionId", motionId ?? undefined),
          threshold: set.threshold,
          custodians: set.members.map(({ body }) => body),
          certificateSha256: createHash("sha256").update(input.certificate).digest("hex"),
        };
        await leaf({ topic: "ceremony-finished", subject: { kind: "community" }, statement, public: true });
        await record({ action: "ceremony.finished", entity: "ceremony", entityId: id, after: statement });
        return view(trx, id);
      });
      if (result.state === "finished" && result.motionId === undefined) trailChanged();
      return result;
    },
  };

  async function setupOf(trx: Trx, { row, seats }: StoredCeremony): Promise<CeremonySetup> {
    const set = await setOf(trx, row.set_version);
    return {
      ...callOf({ row, seats }, set),
      custodians: seats.flatMap((seat) => RistrettoElement.parse(seat.public_key) ?? []),
    };
  }
}

/**
 * The first epoch that this set of custodians has no key for: the present one if nobody has, otherwise one to come. A new
 * set so makes keys of its own for the epochs to come, and none for those that are running.
 */
function nextEpoch(finished: readonly CeremonyRow[], setVersion: number, current: number): number {
  const covers = (row: CeremonyRow, epoch: number) =>
    row.first_epoch <= epoch && epoch < row.first_epoch + row.epoch_count;
  const own = finished.filter((row) => row.set_version === setVersion);
  let epoch = finished.some((row) => covers(row, current)) ? current + 1 : current;
  while (own.some((row) => covers(row, epoch))) epoch += 1;
  return epoch;
}

function demandValid(setup: CeremonySetup, bytes: Uint8Array): void {
  const refused = refusal("invalid-request", "the certificate is not this ceremony's, or not valid");
  try {
    const certificate = parseCertificate(bytes);
    if (!equalBytes(encodeSetup(certificate.setup), encodeSetup(setup))) throw refused;
    if (!verifyCertificate(certificate).valid) throw refused;
  } catch (error) {
    throw error instanceof CustodyError ? refused : error;
  }
}
