import { randomUUID } from "node:crypto";
import { ed25519Sign, primitives, randomBytes, sha256, toHex } from "@menshen/crypto/node";
import { encodeCrockford, groupCrockford, tidyCrockford } from "@menshen/domain";
import { commitComplaint, writeComplaintReceipt } from "@menshen/evidence";
import type {
  CodedComplaint,
  ComplaintInput,
  ComplaintVerdict,
  NamelessComplaintInput,
  OwnComplaint,
  StaffBody,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeAuthor, ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { openStatements } from "../../evidence-record/index.ts";
import type { ReceiptKey } from "../../keys/receipt-key.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { hashToken, makeRateLimit } from "../identity/index.ts";
import {
  insertComplaint,
  insertStep,
  lockComplaint,
  type StoredComplaint,
  selectComplaint,
  selectIdByCode,
  selectOwn,
  selectStaff,
  selectSteps,
  updateBody,
  updateState,
} from "./complaints.store.ts";
import { answerClock, nextBody, VERDICT_MS } from "./deadlines.ts";
import { ableBodies, bodyAbove, passOn } from "./passing.ts";
import type { SealedTexts } from "./sealed-texts.ts";

/** 80 bits: nobody guesses it, and it is copied by hand. */
const CODE_BYTES = 10;
const HOUR_MS = 3_600_000;
/** Nobody signed in did it; the reason stands in the record. */
const ASKED = { actor: undefined, reason: { code: "resident-request" } } as const;

export type WritingService = ReturnType<typeof makeWritingService>;

/** Complaints as those who write them see them: in their name, by a code, or on paper. */
export function makeWritingService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly texts: SealedTexts;
  readonly receiptKey: () => Promise<ReceiptKey>;
  readonly community: { readonly id: string; readonly timeZone: () => Promise<string> };
}) {
  const { db, clock, change, storageKey, texts, receiptKey, community } = dependencies;
  const perResident = makeRateLimit(clock, 10, HOUR_MS / 10);
  const perAddress = makeRateLimit(clock, 10, HOUR_MS / 10);
  const nameless = makeRateLimit(clock, 60, HOUR_MS / 60);
  const guesses = makeRateLimit(clock, 30, 10_000);

  /** Takes a complaint in: its leaf, its receipt, its clock, in one transaction. */
  async function receive(
    author: ChangeAuthor,
    input: ComplaintInput,
    from: {
      readonly channel: "resident" | "anonymous" | "paper";
      readonly personId?: string;
      readonly code?: string;
    },
  ): Promise<OwnComplaint> {
    const timeZone = await community.timeZone();
    // Before the transaction: the first use makes the key.
    const signing = await receiptKey();
    return change(author, async (scope) => {
      const { trx, at, leaf, record } = scope;
      const { kind, category, aboutBody, aboutStaffId } = input;
      // Half a character has no canonical text.
      const text = input.text.trim().toWellFormed();
      if (text === "") throw invalid("text", "expected some words");
      const body = await firstBody(trx, input);
      const id = randomUUID();
      const nonce = randomBytes(32);
      const times = answerClock(timeZone, at);
      const commitment = commitComplaint(primitives, nonce, { kind, category, text });
      const leafId = await leaf({
        topic: "complaint-received",
        subject: { kind: "community" },
        statement: { complaintId: id, to: body, answerBy: times.answerBy, commitment: toHex(commitment) },
        public: true,
      });
      await insertComplaint(trx, {
        ...times,
        id,
        kind,
        category,
        channel: from.channel,
        body,
        aboutBody,
        aboutStaffId,
        personId: from.personId,
        codeHash: from.code === undefined ? undefined : hashToken(from.code),
        text: texts.seal(id, text),
        nonce: texts.sealBytes(id, nonce),
        commitment,
        leafId,
        receipt: await writeReceipt(trx, leafId, signing),
        receivedAt: at,
        enteredBy: from.channel === "paper" ? author.actor?.staffId : undefined,
      });
      await insertStep(trx, id, { at, kind: "received", body });
      await record({ action: "complaint.received", entity: "complaint", entityId: id, after: { body } });
      return view(trx, found(await selectComplaint(trx, id), "complaint"));
    });
  }

  async function writeReceipt(trx: Trx, leafId: string, signing: ReceiptKey): Promise<string> {
    const [opened] = await openStatements(trx, storageKey, [leafId]);
    if (opened?.salt === undefined) throw new RangeError("a leaf was recorded and cannot be opened");
    const { statement, salt } = opened;
    const { key, secretKey } = signing;
    return writeComplaintReceipt({ sha256, ed25519Sign }, key, secretKey, {
      communityId: community.id,
      leafId,
      salt,
      statement,
    });
  }

  async function view(reader: Reader, complaint: StoredComplaint): Promise<OwnComplaint> {
    const { id, state, answeredAt } = complaint;
    const until = answeredAt === undefined ? undefined : answeredAt + VERDICT_MS;
    const mayJudge = state === "answered" && until !== undefined && clock.now() < until;
    const steps = await selectSteps(reader, id);
    const next = mayJudge ? await bodyAbove(reader, complaint) : undefined;
    return {
      id,
      kind: complaint.kind,
      category: complaint.category,
      body: complaint.body,
      state,
      channel: complaint.channel,
      receivedAt: complaint.receivedAt,
      answerBy: complaint.answerBy,
      ...optional("answeredAt", answeredAt),
      ...optional("aboutBody", complaint.aboutBody),
      ...optional("aboutStaff", complaint.aboutStaff),
      text: complaint.text === undefined ? "" : texts.open(id, complaint.text),
      steps: steps.map(({ staffName: _who, text, ...step }) => ({
        at: step.at,
        kind: step.kind,
        body: step.body,
        ...optional("to", step.to),
        ...optional("cause", step.cause),
        ...optional("text", text && texts.open(id, text)),
      })),
      receipt: complaint.receipt,
      nonce: toHex(texts.openBytes(id, complaint.nonce)),
      ...optional("next", next),
      ...optional("verdictUntil", mayJudge ? until : undefined),
    };
  }

  async function judge(
    id: string,
    verdict: ComplaintVerdict,
    text: string | undefined,
  ): Promise<OwnComplaint> {
    const timeZone = await community.timeZone();
    return change(ASKED, async (scope) => {
      const { trx, at } = scope;
      const complaint = found(await lockComplaint(trx, id), "complaint");
      const { body, state, answeredAt } = complaint;
      if (state !== "answered" || answeredAt === undefined) {
        throw refusal("conflict", "there is no answer to judge");
      }
      if (at >= answeredAt + VERDICT_MS) throw refusal("conflict", "the time to judge this answer is over");
      const said = text?.trim();
      const sealed = said === undefined || said === "" ? undefined : texts.seal(id, said);
      if (verdict === "satisfied") {
        await updateState(trx, id, "closed");
        await insertStep(trx, id, { at, kind: "satisfied", body, text: sealed });
        await scope.record({ action: "complaint.closed", entity: "complaint", entityId: id });
      } else if (verdict === "reopen") {
        await reopen(scope, timeZone, complaint, sealed);
      } else {
        const to = await bodyAbove(trx, complaint);
        if (to === undefined) throw refusal("conflict", "there is no body above this one");
        await passOn(scope, timeZone, complaint, to, { cause: "writer", text: sealed });
      }
      return view(trx, found(await selectComplaint(trx, id), "complaint"));
    });
  }

  return {
    async recipients() {
      const staff = await selectStaff(db);
      return {
        items: (["property", "committee", "city"] as const).map((body) => ({
          body,
          staff: staff.filter((one) => one.body === body).map(({ id, name: shown }) => ({ id, name: shown })),
        })),
      };
    },

    async staffRecipients(actor: Actor) {
      authorise(actor, "complaints.enter");
      return this.recipients();
    },

    /** Throws `rate-limited`; `invalid-request` for a body that it is about. */
    async write(resident: SignedInResident, input: ComplaintInput): Promise<OwnComplaint> {
      perResident.take(resident.personId);
      return receive(ASKED, input, { channel: "resident", personId: resident.personId });
    },

    /** Throws as {@link write}. Nothing of who asks is kept; the address only as long as the limit counts it. */
    async writeNameless(
      address: string,
      { aboutName, ...said }: NamelessComplaintInput,
    ): Promise<CodedComplaint> {
      perAddress.take(address);
      nameless.take("all");
      const input =
        aboutName === undefined ? said : { ...said, aboutStaffId: await staffIdByName(aboutName) };
      const code = encodeCrockford(randomBytes(CODE_BYTES));
      const complaint = await receive(ASKED, input, { channel: "anonymous", code });
      return { complaint, code: groupCrockford(code) };
    },

    /** Throws `conflict` for one's own paper about oneself. */
    async enterPaper(author: StaffAuthor, input: ComplaintInput): Promise<CodedComplaint> {
      authorise(author.actor, "complaints.enter");
      if (input.aboutStaffId === author.actor.staffId) {
        throw refusal("conflict", "it is about you: somebody else must enter it");
      }
      const code = encodeCrockford(randomBytes(CODE_BYTES));
      const complaint = await receive(author, input, { channel: "paper", code });
      return { complaint, code: groupCrockford(code) };
    },

    async own(resident: SignedInResident): Promise<readonly OwnComplaint[]> {
      return Promise.all((await selectOwn(db, resident.personId)).map((complaint) => view(db, complaint)));
    },

    /** Throws `code-invalid`, `rate-limited`. */
    async follow(address: string, code: string): Promise<OwnComplaint> {
      const id = await idByCode(address, code);
      return view(db, found(await selectComplaint(db, id), "complaint"));
    },

    /** Another's complaint is `not-found`, as one that does not exist. Throws `conflict` where there is nothing to judge. */
    async judgeOwn(resident: SignedInResident, id: string, verdict: ComplaintVerdict, text?: string) {
      const complaint = await selectComplaint(db, id);
      if (complaint?.personId !== resident.personId) throw refusal("not-found", "no such complaint");
      return judge(id, verdict, text);
    },

    /** Throws `code-invalid`, `rate-limited`, `conflict`. */
    async judgeByCode(address: string, code: string, verdict: ComplaintVerdict, text?: string) {
      return judge(await idByCode(address, code), verdict, text);
    },
  };

  /** Throws `invalid-request` unless exactly one of those who work here is called so: they must not get to see it. */
  async function staffIdByName(typed: string): Promise<string> {
    const name = tidyName(typed);
    const named = (await selectStaff(db)).filter((one) => tidyName(one.name) === name);
    const [one, other] = named;
    if (one === undefined || other !== undefined) {
      throw invalid("aboutName", "expected the name of one person who works here, as on their badge");
    }
    return one.id;
  }

  async function idByCode(address: string, typed: string): Promise<string> {
    guesses.take(address);
    const code = tidyCrockford(typed);
    const id = code === undefined ? undefined : await selectIdByCode(db, hashToken(code));
    if (id === undefined) throw refusal("code-invalid", "this code is unknown");
    return id;
  }
}

/** The body that gets it: the one asked for, or the next where all who could answer there are those it is about. */
async function firstBody(trx: Trx, input: ComplaintInput): Promise<StaffBody> {
  const { to, kind, aboutBody, aboutStaffId } = input;
  if (to === aboutBody) throw invalid("to", "expected another body than the one it is about");
  if (aboutStaffId === undefined) return to;
  const about = (await selectStaff(trx)).find(({ id }) => id === aboutStaffId);
  if (about === undefined) throw invalid("aboutStaffId", "expected somebody who works here");
  if (kind === "wrongdoing" && about.body === to) {
    throw invalid("to", "expected another body than the one whose member it is about");
  }
  const able = await ableBodies(trx, aboutStaffId);
  return able.has(to) ? to : (nextBody(to, aboutBody, able) ?? to);
}

async function reopen(
  { trx, at, leaf, record }: ChangeScope,
  timeZone: string,
  { id, body }: StoredComplaint,
  text: Uint8Array | undefined,
): Promise<void> {
  const times = answerClock(timeZone, at);
  await updateBody(trx, id, body, times);
  await insertStep(trx, id, { at, kind: "reopened", body, text });
  await leaf({
    topic: "complaint-reopened",
    subject: { kind: "community" },
    statement: { complaintId: id, body, answerBy: times.answerBy },
    public: true,
  });
  await record({ action: "complaint.reopened", entity: "complaint", entityId: id });
}

function tidyName(name: string): string {
  return name.normalize("NFKC").replaceAll(/\s/g, "").toLowerCase();
}

function invalid(field: string, expected: string) {
  return refusal("invalid-request", expected, { fields: [{ path: `body/${field}`, message: expected }] });
}
