import { toHex } from "@menshen/crypto/node";
import { asksAgain } from "@menshen/domain";
import type { ConsentRecord, ConsentState } from "@menshen/wire";
import { optional } from "../../database/records.ts";
import type { OpenedStatement } from "../../evidence-record/index.ts";
import type { StoredConsent } from "./consents.store.ts";
import type { StoredNotice } from "./notices.store.ts";

/** How a consent stands at `now`, among all of its person and all notices. */
export function stateOf(
  one: StoredConsent,
  own: readonly StoredConsent[],
  notices: readonly StoredNotice[],
  now: number,
): ConsentState {
  if (one.withdrawnAt !== null) return "withdrawn";
  const { givenAt, untilAt } = one;
  if (givenAt === null || untilAt === null) return "waiting";
  const stored = notices.find(({ id }) => id === one.noticeId);
  const isLater = (other: StoredConsent) => {
    const { seriesId } = notices.find(({ id }) => id === other.noticeId)?.notice ?? {};
    return other.givenAt !== null && other.givenAt > givenAt && seriesId === stored?.notice.seriesId;
  };
  if (own.some(isLater)) return "replaced";
  if (untilAt <= now || stored === undefined) return "ended";
  const { notice } = stored;
  // Once is enough: terms that came back later were asked of nobody meanwhile.
  const asked = notices.filter(
    (later) => later.notice.seriesId === notice.seriesId && later.notice.version > notice.version,
  );
  return asked.some((later) => asksAgain(notice, later.notice)) ? "suspended" : "in-force";
}

/** As callers see it. */
export function recordView(
  one: StoredConsent,
  { notice, sha256 }: StoredNotice,
  state: ConsentState,
  opened: ReadonlyMap<string, OpenedStatement>,
): ConsentRecord {
  const kept = (text: string | null, leafId: string | null) => {
    if (text === null) return undefined;
    const found = opened.get(leafId ?? "");
    return { text, ...optional("evidence", found === undefined ? undefined : placeOf(found)) };
  };
  return {
    recordId: one.recordId,
    personId: one.personId,
    seriesId: notice.seriesId,
    purpose: notice.purpose,
    processor: notice.processor.name,
    noticeVersion: notice.version,
    noticeSha256: sha256,
    state,
    way: one.way,
    ...optional("guardianId", one.guardianId),
    enteredAt: one.enteredAt,
    ...optional("givenAt", one.givenAt),
    ...optional("until", one.untilAt),
    ...optional("withdrawnAt", one.withdrawnAt),
    ...optional("receipt", kept(one.receipt, one.leafId)),
    ...optional("withdrawalReceipt", kept(one.withdrawalReceipt, one.withdrawalLeafId)),
  };
}

function placeOf({ topic, statement, salt, index }: OpenedStatement) {
  return {
    topic,
    statement,
    ...optional("salt", salt === undefined ? undefined : toHex(salt)),
    ...optional("leafIndex", index),
  };
}
