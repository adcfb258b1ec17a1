import type { Locale } from "@menshen/domain";
import type { EvidenceFaultCode } from "./verify-evidence.ts";

type Texts = Readonly<Record<EvidenceFaultCode, string>>;

const ENGLISH: Texts = {
  malformed: "This is no evidence package, or somebody changed its form.",
  "too-large": "This is larger than any evidence package.",
  "unknown-version": "This package was made by a newer program. Verify it with that version.",
  "file-missing": "A file that belongs here is missing.",
  "file-unknown": "A file lies here that does not belong here.",
  "manifest-differs": "The file is not the one that the signed list names.",
  "bad-signature":
    "The community's signature over the list does not hold: something was changed, or the key is another's.",
  "keys-malformed": "The keys that came with the package are not those it is signed with.",
  "content-differs": "The list of the content is not that of the files.",
  "record-malformed": "The record of the case is none.",
  "content-not-logged": "The package does not show that its content stood in the witnessed log.",
  "gate-invalid": "What is said of a gate is not the statement of its certificate.",
  "gate-not-logged": "The package does not show that this gate's certificate stands in the witnessed log.",
  "gate-certificate": "The certificate is not the one that was logged for this gate's key.",
  "event-malformed": "This is no signed entry of an access point.",
  "event-differs": "What was signed is not the entry that is shown.",
  "event-signature":
    "The gate's signature does not hold: the entry was changed, or the gate did not write it.",
  "event-twice": "This entry stands in the package twice.",
  "batch-malformed": "This is no batch of a gate's journal.",
  "batch-signature": "The gate's signature over this stretch of its journal does not hold.",
  "batch-differs": "The stretch of the journal does not hold the entry that names it.",
  "chain-broken": "This stretch of the journal does not continue the one before it.",
  "sign-without-event": "A rule names a tap that is not in the package.",
  "time-stamp": "The time stamp is not one of this content.",
};

const CHINESE: Texts = {
  malformed: "这不是证据包，或者格式被改动过。",
  "too-large": "文件超过证据包可能的大小。",
  "unknown-version": "这个证据包由更新的程序制作，请用新版本验证。",
  "file-missing": "缺少应有的文件。",
  "file-unknown": "多出了不该有的文件。",
  "manifest-differs": "这个文件与签名清单所列的不符。",
  "bad-signature": "小区对清单的签名无效：内容被改动过，或者密钥不是这个小区的。",
  "keys-malformed": "随包附带的密钥不是签名所用的密钥。",
  "content-differs": "内容清单与文件不符。",
  "record-malformed": "案件记录格式不正确。",
  "content-not-logged": "证据包不能证明其内容已写入有见证的日志。",
  "gate-invalid": "关于门控器的说明不是其证书的记录。",
  "gate-not-logged": "证据包不能证明这台门控器的证书在有见证的日志中。",
  "gate-certificate": "这份证书不是日志里为这台门控器的密钥登记的那一份。",
  "event-malformed": "这不是出入口的签名记录。",
  "event-differs": "被签名的内容与所示记录不符。",
  "event-signature": "门控器的签名无效：记录被改动过，或不是这台门控器所写。",
  "event-twice": "这条记录在证据包中出现了两次。",
  "batch-malformed": "这不是门控器流水账的一段。",
  "batch-signature": "门控器对这段流水账的签名无效。",
  "batch-differs": "这段流水账里没有引用它的那条记录。",
  "chain-broken": "这段流水账与前一段接不上。",
  "sign-without-event": "有规则引用的刷卡记录不在证据包中。",
  "time-stamp": "这个时间戳不是这份内容的。",
};

const TEXTS: Readonly<Record<Locale, Texts>> = { en: ENGLISH, "zh-CN": CHINESE };

/** A fault in words. */
export function evidenceFaultText(code: EvidenceFaultCode, locale: Locale): string {
  return TEXTS[locale][code];
}
