import type { AuditFinding, CheckpointRefusal, ProofRefusal, TileRefusal } from "@menshen/evidence";
import type { Text } from "../command-line/language.ts";

const TILES: Readonly<Record<TileRefusal, Text>> = {
  "missing-tile": { en: "is missing", zh: "缺失" },
  "wrong-length": { en: "has another length than it must have", zh: "长度不对" },
  "wrong-hash": { en: "does not belong to what the log signed", zh: "与日志签名的内容不符" },
};

const CHECKPOINTS: Readonly<Record<CheckpointRefusal, Text>> = {
  malformed: { en: "it is no signed note", zh: "不是签名文件" },
  "malformed-checkpoint": { en: "the note is no checkpoint", zh: "签名文件不是检查点" },
  "bad-signature": { en: "a signature is false", zh: "签名不正确" },
  "no-known-signature": { en: "nobody known has signed it", zh: "没有已知的签名" },
  "no-log-signature": { en: "the log has not signed it", zh: "没有日志自己的签名" },
  "wrong-origin": { en: "it is of another log", zh: "属于另一个日志" },
};

const PROOFS: Readonly<Record<ProofRefusal, Text>> = {
  ...CHECKPOINTS,
  "malformed-proof": {
    en: "it is not of the form c2sp.org/tlog-proof@v1",
    zh: "不是 c2sp.org/tlog-proof@v1 格式",
  },
  "too-few-witnesses": { en: "too few bodies have cosigned its checkpoint", zh: "联署其检查点的机构不足" },
  "no-entry": { en: "it does not carry its entry", zh: "未附带条目" },
  "not-included": { en: "the entry does not stand at that place of the log", zh: "该条目不在日志的该位置" },
};

/** Why a proof is refused. */
export function proofText(refusal: ProofRefusal): Text {
  return PROOFS[refusal];
}

/** What an auditor says of a finding. */
export function findingText(found: AuditFinding): Text {
  switch (found.finding) {
    case "checkpoint-refused": {
      const why = CHECKPOINTS[found.refusal];
      return { en: `the checkpoint shown is refused: ${why.en}`, zh: `所示检查点不被接受：${why.zh}` };
    }
    case "too-few-witnesses": {
      const { bodies, quorum } = found;
      const [en, zh] = bodies.length === 0 ? ["none", "无"] : [bodies.join(", "), bodies.join("、")];
      return {
        en: `cosigned by ${bodies.length} of ${quorum} bodies that are needed (${en})`,
        zh: `需要 ${quorum} 个机构联署，只有 ${bodies.length} 个（${zh}）`,
      };
    }
    case "forked":
      return {
        en: "FORKED: the log signed two histories; the state file holds the proof, keep it and show it",
        zh: "日志分叉：该日志签署了两份不同的历史；证据在状态文件中，请保存并公开",
      };
    case "rolled-back":
      return {
        en: `ROLLED BACK: it shows ${found.shownSize} entries and had shown ${found.seenSize}`,
        zh: `日志回退：现在只有 ${found.shownSize} 条，此前曾有 ${found.seenSize} 条`,
      };
    case "proof-refused":
      return {
        en: `it cannot prove that its ${found.shownSize} entries begin with the ${found.seenSize} seen before`,
        zh: `无法证明现有 ${found.shownSize} 条以此前的 ${found.seenSize} 条开头`,
      };
    case "tile-refused": {
      const why = TILES[found.refusal];
      return { en: `\`${found.path}\` ${why.en}`, zh: `\`${found.path}\` ${why.zh}` };
    }
  }
}
