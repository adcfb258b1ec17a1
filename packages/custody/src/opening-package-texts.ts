import type { Locale } from "@menshen/domain";
import type { PackageFaultCode } from "./opening-package-verify.ts";

type Texts = Readonly<Record<PackageFaultCode, string>>;

const ENGLISH: Texts = {
  malformed: "This is no package, or somebody changed its form.",
  "too-large": "This is larger than any package.",
  "unknown-version": "This package was made by a newer program. Verify it with that version.",
  "bad-signature":
    "The community's signature does not hold: the package was changed, or the pinned key is another's.",
  "wrong-digest": "The SHA-256 stated for this part is not that of the part.",
  "request-invalid": "The request goes beyond what may be asked for, or is none.",
  "request-not-logged": "The package does not show that the request stood in the witnessed log.",
  "gate-invalid": "What is said of a gate is not the statement of its certificate.",
  "gate-not-logged": "The package does not show that this gate's certificate stands in the witnessed log.",
  "ceremony-invalid": "These keys were not made and vouched for by the pinned custodians.",
  "made-before-request": "The package says that it is older than its request.",
  "too-many-entries": "More entries were opened than the request allows.",
  "entry-malformed": "This is no entry of an access point.",
  "entry-twice": "This entry stands in the package twice.",
  "entry-outside-scope": "This entry lies outside of the request's doors or window.",
  "gate-unknown": "No logged gate wrote this entry.",
  "gate-signature":
    "The gate's signature does not hold: the entry was changed, or the gate did not write it.",
  "entry-not-sealed": "Nothing is sealed in this entry.",
  "label-differs": "The sealed part belongs to another entry.",
  "epoch-key-missing": "The key of this entry's epoch is not in the package.",
  "entry-proof": "The sealed part was changed, re-labelled, or sealed to other custodians.",
  "partial-malformed": "A custodian's answer is none.",
  "partial-rejected": "A custodian's answer does not belong to this entry, or its proof does not hold.",
  "too-few-partials": "Too few custodians answered for this entry.",
  "text-differs": "The custodians' answers open something else than what is stated.",
  "text-malformed": "What was opened names no credential.",
};

const CHINESE: Texts = {
  malformed: "这不是移交包，或者格式被改动过。",
  "too-large": "文件超过移交包可能的大小。",
  "unknown-version": "这个移交包由更新的程序制作，请用新版本验证。",
  "bad-signature": "小区的签名无效：移交包被改动过，或者登记的密钥不是这个小区的。",
  "wrong-digest": "这一部分标明的 SHA-256 与内容不符。",
  "request-invalid": "申请超出允许的范围，或者不是申请。",
  "request-not-logged": "移交包不能证明申请已写入有见证的日志。",
  "gate-invalid": "关于门控器的说明不是其证书的记录。",
  "gate-not-logged": "移交包不能证明这台门控器的证书在有见证的日志中。",
  "ceremony-invalid": "这些密钥不是由登记的保管人生成并担保的。",
  "made-before-request": "移交包标明的时间早于申请。",
  "too-many-entries": "开启的记录多于申请允许的数量。",
  "entry-malformed": "这不是出入口的记录。",
  "entry-twice": "这条记录在移交包中出现了两次。",
  "entry-outside-scope": "这条记录不在申请的门或时间段之内。",
  "gate-unknown": "没有已登记的门控器写过这条记录。",
  "gate-signature": "门控器的签名无效：记录被改动过，或不是这台门控器所写。",
  "entry-not-sealed": "这条记录没有密封内容。",
  "label-differs": "密封内容属于另一条记录。",
  "epoch-key-missing": "移交包中没有这条记录所属时段的密钥。",
  "entry-proof": "密封内容被改动、换了标签，或密封给了其他保管人。",
  "partial-malformed": "有一份保管人的答复格式不正确。",
  "partial-rejected": "有一份保管人的答复不属于这条记录，或其证明无效。",
  "too-few-partials": "对这条记录作出答复的保管人不足。",
  "text-differs": "保管人的答复解出的内容与移交包所写不同。",
  "text-malformed": "解出的内容不是凭证。",
};

const TEXTS: Readonly<Record<Locale, Texts>> = { en: ENGLISH, "zh-CN": CHINESE };

/** A fault in words. */
export function packageFaultText(code: PackageFaultCode, locale: Locale): string {
  return TEXTS[locale][code];
}
