import type { Locale } from "@menshen/domain";
import type { EntryRefusal } from "./answer-entries.ts";
import type { TallyRefusal } from "./answer-tally.ts";
import type { RequestRefusal } from "./check-request.ts";

type TallyTexts = Readonly<Record<TallyRefusal, string>>;

const CHINESE_TALLY: TallyTexts = {
  "no-share": "本机没有这次表决的密钥份额，或者已经销毁。",
  "other-key": "选票不是封给您们做的那把密钥的。请告诉另外几方。",
  "not-over": "服务器公布的合计与本机从选票算出的不同，或者还没有公布。请稍后再试；仍如此，请告诉另外几方。",
  "no-quorum": "参加的业主不足三分之二，表决不成立，不应打开。",
  "answered-otherwise":
    "本机已经为这次表决的另一组选票给过份额。再给一次，就能从差额看出单张选票。请告诉另外几方。",
  roll: "名册和公示时固定的不是同一份。",
  waiting: "有选票还没写入日志，请稍后再试。",
  unread: "有选票在日志里读不到，或验不过本机认定的日志公钥。",
  "does-not-open": "日志里的记录和展示的选票不符。",
  foreign: "有不属于这次表决的选票。",
  twice: "有重复的选票。",
  key: "议案公示的不是这把密钥。",
  forged: "有密封选票的证明不成立。",
  shares: "份额打不开公布的合计。",
  differs: "合计与公布的结果不同。",
};

const ENGLISH_TALLY: TallyTexts = {
  "no-share": "This browser holds no share of the key of this vote, or it is destroyed.",
  "other-key": "Ballots are not sealed to the key that the custodians made. Tell the others.",
  "not-over":
    "The sums that the server shows are not those of the ballots, or it shows none yet. Try later; if it stays so, tell the others.",
  "no-quorum": "Less than two thirds took part: the vote came to nothing, and nothing is opened.",
  "answered-otherwise":
    "This browser gave its share for other ballots of this vote. A second one would show single ballots by the difference. Tell the others.",
  roll: "The roll is not the one fixed with the agenda.",
  waiting: "A ballot is not in the log yet; try again later.",
  unread: "A ballot's place in the log cannot be read, or does not verify under the log's key pinned here.",
  "does-not-open": "An entry of the log is not the ballot that is shown.",
  foreign: "A ballot is not of this vote.",
  twice: "A ballot stands there twice.",
  key: "The agenda named another key.",
  forged: "The proof of a sealed ballot does not hold.",
  shares: "The shares do not open the published sums.",
  differs: "The sums are not the published ones.",
};

/** Why a custodian's program gives no share of a vote, in words. */
export function tallyRefusalText(refusal: TallyRefusal, locale: Locale): string {
  return (locale === "en" ? ENGLISH_TALLY : CHINESE_TALLY)[refusal];
}

type Texts = Readonly<Record<RequestRefusal | EntryRefusal, string>>;

const CHINESE: Texts = {
  "not-a-request": "这不是一份合格的开启申请：内容不完整，或超出允许的范围。",
  "not-in-log": "证据日志里没有这份申请。没有记入日志的申请不予答复。",
  "too-few-witnesses": "见证方的签名不足，无法确认日志没有被改写。请稍后再试；若仍如此，请联系见证方。",
  "log-forked":
    "日志前后不一致，或者比以前更短：有人给这里看了另一本日志。请立即告知其他保管人和见证方。在您确认知悉之前，本程序不再答复。",
  "log-unproven": "日志没有证明它只是在以前的基础上增加。请稍后再试；若仍如此，请告知其他保管人和见证方。",
  "deadline-passed": "申请的期限已过。",
  "not-yet": "申请的时间在将来。请检查本机时钟。",
  "clock-went-back": "本机时钟比上次使用时还早。请校正时钟。",
  "clock-behind": "本机时钟落后于见证方。请校正时钟。",
  "not-on-call": "这份紧急申请联系的是其他值班保管人。",
  "request-changed": "这个编号此前答复过内容不同的申请。",
  "shares-gone": "这段时间的密钥份额已经销毁，或者本机从未持有。",
  "keys-unusable": "保存的日志密钥或见证方密钥无法使用。请重新设置本程序。",
  malformed: "不是封存记录。",
  "outside-doors": "这条记录不属于申请写明的出入口。",
  "outside-window": "这条记录不在申请写明的时间段内。",
  "other-epoch": "这条记录不是用当时的密钥封存的。",
  "share-destroyed": "这条记录的密钥份额已经销毁，谁也打不开。",
  forged: "这条记录的封签不成立：换过标签或改动过。",
  "no-key-to-hold": "还没有保全截止时所属时段的密钥份额，无法重新密封。",
  "cap-reached": "已达到申请允许开启的条数。",
};

const ENGLISH: Texts = {
  "not-a-request": "This is no request in order: it is incomplete, or asks for more than is allowed.",
  "not-in-log": "The evidence log does not hold this request. What is not logged is not answered.",
  "too-few-witnesses":
    "Too few witnesses have signed: the log could have been rewritten. Try later; if it stays so, ask the witnesses.",
  "log-forked":
    "The log contradicts what it showed before, or shows less: somebody was shown another log. Tell the other custodians and the witnesses at once. This program answers nothing until you acknowledge it.",
  "log-unproven":
    "The log does not prove that it has only grown since it was last seen. Try later; if it stays so, tell the other custodians and the witnesses.",
  "deadline-passed": "The request's deadline has passed.",
  "not-yet": "The request comes from the future. Check this computer's clock.",
  "clock-went-back": "This computer's clock stands before its last use. Set it right.",
  "clock-behind": "This computer's clock is behind the witnesses'. Set it right.",
  "not-on-call": "Other custodians were called for this emergency.",
  "request-changed": "Another request was answered under this number.",
  "shares-gone": "The shares for this time are destroyed, or never were here.",
  "keys-unusable": "The stored keys of log or witnesses cannot be used. Set this program up again.",
  malformed: "This is no sealed entry.",
  "outside-doors": "This entry is of a door that the request does not name.",
  "outside-window": "This entry is outside the request's hours.",
  "other-epoch": "This entry was not sealed with the key of its time.",
  "share-destroyed": "The share for this entry is destroyed. Nobody opens it any more.",
  forged: "The seal of this entry does not hold: it was given another label or changed.",
  "no-key-to-hold": "There is no share for the time when the hold would end, so nothing can be sealed again.",
  "cap-reached": "The request may open no more entries.",
};

/** A refusal of a custodian's program in words. */
export function custodianRefusalText(refusal: RequestRefusal | EntryRefusal, locale: Locale): string {
  return (locale === "en" ? ENGLISH : CHINESE)[refusal];
}
