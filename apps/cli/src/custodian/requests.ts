import * as crypto from "@menshen/crypto/node";
import {
  type Answered,
  answerEntries,
  checkRequest,
  custodianRefusalText,
  type EntryRefusal,
  identityKeyOf,
  nextDeath,
  placeIn,
  type RequestChecked,
  type RequestRefusal,
  rememberRefused,
} from "@menshen/custody";
import type { OpeningStatement } from "@menshen/domain";
import {
  CUSTODIAN_REFUSALS,
  type CustodianOpening,
  type CustodianRefusal,
  custodianEndpoints,
  custodianOpeningEndpoints,
  decodeJournalEntry,
  WireError,
} from "@menshen/wire";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { codeOf, type Desk, openDesk, ownSet } from "./desk.ts";
import { followPolicy } from "./follow-policy.ts";
import { faultText, followLog } from "./log-fault.ts";
import { confirm } from "./passphrase.ts";

const EXPECTED_REFUSALS: readonly EntryRefusal[] = ["share-destroyed", "no-key-to-hold", "cap-reached"];

/** A request with what this program thinks of it. */
interface Judged {
  readonly opening: CustodianOpening;
  readonly checked: RequestChecked;
  /** Sealed entries in scope, as their gates wrote them. */
  readonly sealed: readonly Uint8Array[];
}

/** `menshen custodian requests`: what waits for an answer, each checked. */
export async function listRequests(call: Call): Promise<ExitCode> {
  const desk = await openDesk(call);
  const index = await indexAt(call, desk);
  const { items } = await desk.ask(custodianOpeningEndpoints.list, {});
  const waiting = items.filter(({ state }) => state === "requested");
  if (waiting.length === 0) {
    call.output.say({ requests: [] }, { en: "nothing waits for an answer", zh: "没有待答复的申请" });
  }
  for (const { id } of waiting) sayJudged(call, await judge(desk, id, index));
  return EXIT.ok;
}

/** `menshen custodian open REQUEST`: answers, after the person said yes. */
export async function openRequest(call: Call): Promise<ExitCode> {
  const desk = await openDesk(call);
  const index = await indexAt(call, desk);
  const judged = await judge(desk, idOf(call), index);
  sayJudged(call, judged);
  const { opening, checked, sealed } = judged;
  if (!checked.accepted) throw await refusedBy(desk, opening.id, checked.refusal);
  const isHold = checked.statement.holdUntil !== undefined;
  await confirm(call, {
    en: `${isHold ? "Hold" : "Open"} ${sealed.length} entries for this request?`,
    zh: `是否为这份申请${isHold ? "保全" : "开启"} ${sealed.length} 条记录？`,
  });
  // Time has passed while the person read, and the log may have grown.
  const { checked: again } = await judge(desk, opening.id, index);
  if (!again.accepted) throw await refusedBy(desk, opening.id, again.refusal);
  // What the person said yes to, and nothing else.
  if (again.statementSha256 !== checked.statementSha256) {
    throw await refusedBy(desk, opening.id, "request-changed");
  }
  let partials: readonly Uint8Array[] = [];
  let refused: Answered["refused"] = [];
  await desk.change((contents) => {
    const answered = answerEntries({
      contents,
      request: again,
      sealed,
      random: crypto.randomBytes,
      nowMs: Date.now(),
    });
    ({ partials, refused } = answered);
    return answered.contents;
  });
  const why = whyOf(refused);
  if (partials.length === 0) {
    throw new CliError("failed", {
      en: ["there was no entry to answer for", ...why.map(({ en }) => en)].join("\n"),
      zh: ["没有可答复的记录", ...why.map(({ zh }) => zh)].join("\n"),
    });
  }
  for (const text of why) call.output.remark(text);
  const result = await desk.ask(custodianOpeningEndpoints.answer, {
    params: { id: opening.id },
    body: { partials: partials.map(crypto.toHex) },
  });
  call.output.say(
    {
      answered: result.counted,
      refused: refused.length,
      ...(refused.length === 0 ? {} : { refusals: refused }),
      rejected: result.rejected,
      state: result.state,
    },
    {
      en: `✓ answered for ${result.counted} entries; the request is ${result.state}`,
      zh: `✓ 已答复 ${result.counted} 条；申请状态：${result.state}`,
    },
  );
  // Part of an honest request may be too old or too many; anything else was put there by somebody.
  return refused.every(({ refusal }) => EXPECTED_REFUSALS.includes(refusal)) ? EXIT.ok : EXIT.failed;
}

/** `menshen custodian refuse REQUEST --reason CODE`: says no, and why. */
export async function refuseRequest(call: Call): Promise<ExitCode> {
  const reason = reasonOf(call);
  const desk = await openDesk(call);
  const id = idOf(call);
  await desk.ask(custodianOpeningEndpoints.refuse, { params: { id }, body: { reason } });
  call.output.say(
    { refused: id, reason },
    { en: "✓ refused; the reason is on record", zh: "✓ 已拒绝，理由已记录" },
  );
  return EXIT.ok;
}

/** `menshen custodian status`. */
export async function sayStatus(call: Call): Promise<ExitCode> {
  const desk = await openDesk(call);
  const { shares, receipts, custodians, retentionDays, seen, logFault, refused = [] } = desk.contents();
  const contents = desk.contents();
  const own = identityKeyOf(contents);
  const epochs = [...new Set(shares.map(({ key }) => key.epoch))];
  const next = nextDeath(contents);
  const bodies = custodians?.members.map(({ body }) => body).join(", ");
  const facts = {
    identityKey: crypto.toHex(own),
    code: codeOf(own),
    server: desk.server,
    custodians:
      custodians?.members.map(({ body, identityKey }) => ({ body, code: codeOf(identityKey) })) ?? [],
    epochs,
    retentionDays,
    receiptsOwed: receipts.length,
    log: { ...(seen === undefined ? {} : { seen }), ...(logFault === undefined ? {} : { fault: logFault }) },
    refused,
    ...(next === undefined ? {} : { nextDeath: next }),
  };
  const fault = logFault === undefined ? undefined : faultText(logFault, seen);
  const when = next === undefined ? "–" : timeText(next);
  call.output.say(facts, {
    en: [
      `identity key   ${facts.identityKey}`,
      `code           ${facts.code}`,
      `custodians     ${bodies ?? "not seen yet"}`,
      `shares         ${epochs.length === 0 ? "none" : `epochs ${epochs.join(", ")}`}`,
      `next destroyed ${when}`,
      `receipts owed  ${receipts.length}`,
      `log seen       ${seen === undefined ? "not yet" : `${seen.size} entries, ${seen.root}`}`,
      ...refused.map((one) => `refused        ${timeText(one.atMs)}  ${one.requestId}  ${one.refusal}`),
      ...(fault === undefined ? [] : [fault.en]),
    ].join("\n"),
    zh: [
      `身份公钥     ${facts.identityKey}`,
      `核对码       ${facts.code}`,
      `保管人       ${bodies ?? "尚未见到"}`,
      `密钥份额     ${epochs.length === 0 ? "无" : `第 ${epochs.join("、")} 期`}`,
      `下次销毁     ${when}`,
      `待送出的回执 ${receipts.length}`,
      `所见日志     ${seen === undefined ? "尚未见到" : `${seen.size} 条，${seen.root}`}`,
      ...refused.map((one) => `未予答复     ${timeText(one.atMs)}  ${one.requestId}  ${one.refusal}`),
      ...(fault === undefined ? [] : [fault.zh]),
    ].join("\n"),
  });
  return EXIT.ok;
}

/** Prints requests that were not printed before; answers their ids. */
export async function announceNew(
  call: Call,
  desk: Desk,
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const { items } = await desk.ask(custodianOpeningEndpoints.list, {});
  const fresh = items.filter(({ id, state }) => state === "requested" && !known.has(id));
  if (fresh.length === 0) return [];
  const index = await indexAt(call, desk);
  for (const { id } of fresh) sayJudged(call, await judge(desk, id, index));
  return fresh.map(({ id }) => id);
}

/** The program's place in the custodians it knows, or in those with whom it made its keys. */
async function indexAt(call: Call, desk: Desk): Promise<number> {
  const standing = await desk.ask(custodianEndpoints.standing, {});
  // What is judged next is judged by what custodians agreed to.
  await followPolicy(call, desk, standing);
  const contents = desk.contents();
  const { custodians, shares } = contents;
  const known = custodians === undefined ? undefined : placeIn(contents, custodians);
  const index = known ?? shares[0]?.index;
  if (index !== undefined) return index;
  return ownSet(contents, standing).index;
}

async function judge(desk: Desk, id: string, index: number): Promise<Judged> {
  const known = desk.contents().seen;
  const opening = await desk.ask(custodianOpeningEndpoints.get, { params: { id } });
  await followLog(desk, opening, known);
  const checked = checkRequest(crypto, desk.contents(), shownOf(opening), index, Date.now());
  return {
    opening,
    checked,
    sealed: [
      ...opening.entries.flatMap(({ entry }) => sealedIn(crypto.fromHex(entry)) ?? []),
      ...(opening.held ?? []).map(crypto.fromHex),
    ],
  };
}

function shownOf({ statement, salt, proof }: CustodianOpening) {
  return { statement, salt: crypto.fromHex(salt), proof };
}

/** The sealed identity in a journal entry; nothing else of the entry matters to the program. */
function sealedIn(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const entry = decodeJournalEntry(bytes);
    return entry.kind === "access" ? entry.body.sealed : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function sayJudged(call: Call, { opening, checked, sealed }: Judged): void {
  const common = { id: opening.id, entries: sealed.length };
  if (checked.accepted) {
    const { statement } = checked;
    call.output.say({ ...common, inOrder: true, statement }, wordsOf(statement, sealed.length));
    return;
  }
  const { refusal } = checked;
  call.output.say(
    { ...common, inOrder: false, refusal },
    {
      en: `${opening.id}\n  ✗ ${custodianRefusalText(refusal, "en")}`,
      zh: `${opening.id}\n  ✗ ${custodianRefusalText(refusal, "zh-CN")}`,
    },
  );
}

function wordsOf(statement: OpeningStatement, entries: number): Text {
  const { requestId, authority, documentNumber, purpose, accessPointIds, path } = statement;
  const [from, until, deadline] = [statement.from, statement.until, statement.deadline].map(timeText);
  const doors = accessPointIds.join(", ");
  const { holdUntil, heldBy } = statement;
  const hold = holdUntil === undefined ? undefined : timeText(holdUntil);
  return {
    en: [
      requestId,
      `  ✓ logged, witnessed and within the limits${path === "emergency" ? "; EMERGENCY: danger to life" : ""}`,
      `  authority  ${authority}`,
      `  document   ${documentNumber ?? "to follow"}`,
      `  purpose    ${purpose}`,
      `  doors      ${doors}`,
      `  window     ${from} – ${until}`,
      `  answer by  ${deadline}`,
      `  entries    ${entries} (at most ${statement.entryCap})`,
      ...(hold === undefined ? [] : [`  HOLD until ${hold}: sealed again, nothing is opened`]),
      ...(heldBy === undefined ? [] : [`  from hold  ${heldBy}`]),
    ].join("\n"),
    zh: [
      requestId,
      `  ✓ 已记入日志并经见证，未超出范围${path === "emergency" ? "；紧急：危及生命" : ""}`,
      `  申请机关  ${authority}`,
      `  文书号    ${documentNumber ?? "后补"}`,
      `  事由      ${purpose}`,
      `  出入口    ${doors}`,
      `  时间段    ${from} – ${until}`,
      `  期限      ${deadline}`,
      `  记录      ${entries} 条（最多 ${statement.entryCap} 条）`,
      ...(hold === undefined ? [] : [`  保全至 ${hold}：重新密封，不开启任何内容`]),
      ...(heldBy === undefined ? [] : [`  取自保全  ${heldBy}`]),
    ].join("\n"),
  };
}

/** Each entry that was not answered, by its place in the list, and why. */
function whyOf(refused: Answered["refused"]): { readonly en: string; readonly zh: string }[] {
  return refused.map(({ position, refusal }) => ({
    en: `#${position + 1}: ${custodianRefusalText(refusal, "en")}`,
    zh: `#${position + 1}: ${custodianRefusalText(refusal, "zh-CN")}`,
  }));
}

/** Writes the refusal down; gives back what to tell the person. */
async function refusedBy(desk: Desk, requestId: string, refusal: RequestRefusal): Promise<CliError> {
  const { logFault, seen } = await desk.change((contents) =>
    rememberRefused(contents, [{ requestId, refusal, atMs: Date.now() }]),
  );
  const fault = logFault === undefined ? undefined : faultText(logFault, seen);
  const [en, zh] = [custodianRefusalText(refusal, "en"), custodianRefusalText(refusal, "zh-CN")];
  if (fault === undefined) return new CliError("failed", { en, zh });
  return new CliError(
    "failed",
    { en: `${en}\n${fault.en}`, zh: `${zh}\n${fault.zh}` },
    {
      en: "when you have spoken with the others: `menshen custodian acknowledge-log`",
      zh: "与其他各方核实之后：`menshen custodian acknowledge-log`",
    },
  );
}

function idOf(call: Call): string {
  const [id = ""] = call.positionals;
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id)) {
    throw new CliError("usage", { en: "REQUEST: expected a request's number", zh: "REQUEST：应为申请编号" });
  }
  return id;
}

function reasonOf(call: Call): CustodianRefusal {
  const text = call.option("reason");
  const reason = CUSTODIAN_REFUSALS.find((one) => one === text);
  if (reason === undefined) {
    const list = CUSTODIAN_REFUSALS.join(", ");
    throw new CliError("usage", {
      en: `--reason: expected one of ${list}`,
      zh: `--reason：应为 ${list} 之一`,
    });
  }
  return reason;
}

function timeText(ms: number): string {
  return new Date(ms).toLocaleString("sv-SE", { timeZoneName: "shortOffset" });
}
