import type { OpeningRefusal, OpeningRefusalCode } from "./opening-request.ts";
import type { Locale } from "./reason-texts.ts";

/** A refusal in words: why, and what would make it acceptable. */
export interface OpeningRefusalText {
  readonly why: string;
  readonly next: string;
}

type Texts = Readonly<Record<OpeningRefusalCode, OpeningRefusalText>>;

const ENGLISH: Texts = {
  "field-missing": { why: "The request leaves this open.", next: "Fill it in as the document says it." },
  "field-invalid": { why: "This is not of the form expected.", next: "Check it against the document." },
  wildcard: {
    why: "A request names single doors. “All doors” is never opened.",
    next: "Choose the doors that the document names.",
  },
  "door-unknown": {
    why: "A door of the request is not on record here.",
    next: "Choose from the list of doors.",
  },
  "door-twice": { why: "A door stands in the request twice.", next: "Name each door once." },
  "too-many-doors": {
    why: "One request covers at most 5 doors, with an extension at most 20.",
    next: "Name fewer doors, or add the document that extends the scope.",
  },
  "window-reversed": { why: "The window ends before it begins.", next: "Give an end after the beginning." },
  "window-too-long": {
    why: "One request covers at most 24 hours, with an extension at most 7 days.",
    next: "Shorten the window, or add the document that extends the scope.",
  },
  "window-in-future": {
    why: "The window reaches into the future. Only what has happened can be opened; there is no standing feed.",
    next: "End the window now or earlier.",
  },
  "entries-destroyed": {
    why: "The keys of that time are destroyed. Nobody can open these entries any more.",
    next: "Ask for a later window; for this one there is nothing to hand over.",
  },
  "deadline-passed": { why: "The deadline has passed.", next: "Give a deadline that lies ahead." },
  "deadline-too-far": {
    why: "The deadline is too far away: 30 days at most, 24 hours in an emergency.",
    next: "Give an earlier deadline.",
  },
  "document-not-here": { why: "The document was not handed in here.", next: "Add its scan first." },
  "seal-before-deadline": {
    why: "The persons concerned would be told before the deadline of the answer.",
    next: "End the seal at the deadline or later.",
  },
  "seal-end-passed": {
    why: "The seal would have ended already.",
    next: "Give an end of the seal that lies ahead.",
  },
  "seal-too-long": {
    why: "The persons concerned would be told later than the community allows.",
    next: "End the seal earlier; a new document can extend it later.",
  },
  "too-many-entries": {
    why: "At most 500 entries are opened in one request.",
    next: "Give a number from 1 to 500.",
  },
  "more-entries-in-scope": {
    why: "There are more entries behind these doors in this window than the request allows to open.",
    next: "Shorten the window, or name fewer doors.",
  },
  "extension-needs-document": {
    why: "More than the ordinary scope needs a reason and a further document of its own.",
    next: "Add the reason and the document that extends the scope.",
  },
  "emergency-purpose": {
    why: "The emergency path is for danger to life and for missing persons only.",
    next: "Use the ordinary path.",
  },
  "emergency-one-door": { why: "An emergency covers one door.", next: "Name the one door." },
  "emergency-window": { why: "An emergency covers at most 2 hours.", next: "Shorten the window to 2 hours." },
  "emergency-on-call": {
    why: "An emergency needs two custodians on call. One alone opens nothing.",
    next: "Name the two custodians who were called.",
  },
  "emergency-extension": {
    why: "An emergency has no wider scope.",
    next: "Leave the extension out, or use the ordinary path.",
  },
  "hold-end-passed": {
    why: "The hold would end before the custodians have to answer.",
    next: "Give an end of the hold after the deadline.",
  },
  "hold-too-long": {
    why: "Nothing is held for longer than a year.",
    next: "Give an end of the hold within 366 days.",
  },
  "hold-without-key": {
    why: "The custodians have no key yet for the time when the hold would end.",
    next: "End the hold earlier, or call the custodians to make keys.",
  },
  "hold-unknown": {
    why: "There is no such hold, or it has ended, and what it held is gone.",
    next: "Check which hold the document means.",
  },
  "outside-hold": {
    why: "The request goes beyond the doors or the window of the hold.",
    next: "Stay within what was held.",
  },
};

const CHINESE: Texts = {
  "field-missing": { why: "申请缺少这一项。", next: "请按文书填写。" },
  "field-invalid": { why: "这一项的格式不正确。", next: "请与文书核对。" },
  wildcard: { why: "申请必须逐个写明门，不能写“全部”。", next: "请选择文书写明的门。" },
  "door-unknown": { why: "申请中有一个门不在本小区的登记中。", next: "请从门的列表中选择。" },
  "door-twice": { why: "同一个门写了两次。", next: "每个门只写一次。" },
  "too-many-doors": {
    why: "一份申请最多 5 个门；有扩大范围的文书时最多 20 个。",
    next: "请减少门的数量，或附上扩大范围的文书。",
  },
  "window-reversed": { why: "时间段的结束早于开始。", next: "请填写晚于开始的结束时间。" },
  "window-too-long": {
    why: "一份申请最多 24 小时；有扩大范围的文书时最多 7 天。",
    next: "请缩短时间段，或附上扩大范围的文书。",
  },
  "window-in-future": {
    why: "时间段伸到了将来。只能开启已经发生的记录，系统不提供持续调取。",
    next: "请把结束时间改为现在或更早。",
  },
  "entries-destroyed": {
    why: "那段时间的密钥已经销毁，任何人都不能再开启这些记录。",
    next: "请申请较晚的时间段；这一段没有可以移交的内容。",
  },
  "deadline-passed": { why: "期限已过。", next: "请填写将来的期限。" },
  "deadline-too-far": { why: "期限太远：最多 30 天，紧急情况最多 24 小时。", next: "请填写更早的期限。" },
  "document-not-here": { why: "这份文书还没有提交。", next: "请先上传扫描件。" },
  "seal-before-deadline": { why: "当事人会在答复期限之前被告知。", next: "请把保密截止时间设为期限或更晚。" },
  "seal-end-passed": { why: "保密期已经结束。", next: "请填写将来的保密截止时间。" },
  "seal-too-long": {
    why: "告知当事人的时间晚于小区允许的最长保密期。",
    next: "请提前保密截止时间；以后可凭新文书延长。",
  },
  "too-many-entries": { why: "一份申请最多开启 500 条记录。", next: "请填写 1 到 500 之间的数。" },
  "more-entries-in-scope": {
    why: "这些门在这个时间段的记录多于申请允许开启的数量。",
    next: "请缩短时间段，或减少门的数量。",
  },
  "extension-needs-document": {
    why: "超出一般范围，需要理由和另一份文书。",
    next: "请补充理由和扩大范围的文书。",
  },
  "emergency-purpose": { why: "紧急通道只用于生命危险和寻找失踪人员。", next: "请使用一般通道。" },
  "emergency-one-door": { why: "紧急申请只能包含一个门。", next: "请只写这一个门。" },
  "emergency-window": { why: "紧急申请最多 2 小时。", next: "请把时间段缩短到 2 小时以内。" },
  "emergency-on-call": {
    why: "紧急申请需要两名值班保管人。一名保管人什么也打不开。",
    next: "请写明已联系的两名值班保管人。",
  },
  "emergency-extension": { why: "紧急申请不能扩大范围。", next: "请去掉扩大范围的部分，或使用一般通道。" },
  "hold-end-passed": { why: "保全会在保管人答复期限之前结束。", next: "请填写晚于期限的保全截止时间。" },
  "hold-too-long": { why: "任何内容的保全都不超过一年。", next: "请填写 366 天以内的保全截止时间。" },
  "hold-without-key": {
    why: "保管人还没有保全截止时所属时段的密钥。",
    next: "请提前保全截止时间，或召集保管人制作密钥。",
  },
  "hold-unknown": {
    why: "没有这项保全，或者已经结束，所保全的内容已不存在。",
    next: "请核对文书指的是哪一项保全。",
  },
  "outside-hold": { why: "申请超出了保全的门或时间段。", next: "请限于已保全的范围。" },
};

const TEXTS: Readonly<Record<Locale, Texts>> = { en: ENGLISH, "zh-CN": CHINESE };

/** The refusal in words. Which field it is about stands in the refusal. */
export function openingRefusalText(refusal: OpeningRefusal, locale: Locale): OpeningRefusalText {
  return TEXTS[locale][refusal.code];
}
