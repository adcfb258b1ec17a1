import type { AuditFinding, CheckpointRefusal, ProofRefusal, TileRefusal } from "@menshen/evidence";
import type { EvidenceTopic, OpeningReport, WitnessBody } from "@menshen/wire";

/** 主题：日志里每一条都带一个公开的主题，从不涉及某个人。 */
const topic: Readonly<Record<EvidenceTopic, string>> = {
  "gate-certificate-issued": "签发门禁机证书",
  "custodians-appointed": "任命保管人",
  "ceremony-finished": "生成保管密钥",
  "personal-data-viewed": "查看住户信息",
  "opening-announced": "预告依法打开",
  "opening-requested": "请求依法打开",
  "opening-supplemented": "补入迟到的记录",
  "opening-refused": "拒绝打开",
  "opening-answered": "同意打开",
  "opening-expired": "打开请求过期",
  "opening-late": "逾期答复",
  "opening-seal-extended": "延长保密期",
  "opening-disclosed": "告知当事人",
  "opening-reviewed": "事后审查",
  "hold-placed": "开始保全",
  "hold-ended": "结束保全",
  "shares-destroyed": "销毁密钥份额",
  "settings-changed": "更改设置",
  "resident-key-registered": "住户登记密钥",
  "administration-recorded": "管理操作",
  "naming-decided": "决定向值班室显示姓名",
  "naming-withdrawn": "撤回向值班室显示姓名",
  "witness-policy-endorsed": "保管人认可日志与见证方",
  "records-deleted": "到期记录已删除",
  "person-erased": "个人信息已删除",
};

const body: Readonly<Record<WitnessBody, string>> = {
  city: "主管部门",
  committee: "业主委员会",
  resident: "住户",
};

const checkpointRefusal: Readonly<Record<CheckpointRefusal, string>> = {
  malformed: "不是签名文本",
  "bad-signature": "签名不对",
  "no-known-signature": "没有已知的签名",
  "malformed-checkpoint": "不是检查点",
  "wrong-origin": "属于另一个日志",
  "no-log-signature": "没有日志自己的签名",
};

const tileRefusal: Readonly<Record<TileRefusal, string>> = {
  "missing-tile": "缺失",
  "wrong-length": "长度不对",
  "wrong-hash": "被改过",
};

const finding: Readonly<Record<AuditFinding["finding"], string>> = {
  "checkpoint-refused": "服务器给出的检查点不能接受：{{why}}。",
  "too-few-witnesses": "见证人不够：应有 {{quorum}} 方，现有 {{count}} 方。",
  forked: "日志签过两份互相矛盾的历史。证据已留在这个浏览器里，可交给任何人核对。",
  "rolled-back": "日志退回去了：以前有 {{seen}} 条，现在只有 {{shown}} 条。",
  "proof-refused": "服务器不能证明现在的日志延续了这个浏览器以前看到的（{{seen}} 条 → {{shown}} 条）。",
  "tile-refused": "{{path}} {{why}}。",
};

const proofRefusal: Readonly<Record<ProofRefusal, string>> = {
  ...checkpointRefusal,
  "malformed-proof": "不是回执文件（tlog-proof）",
  "too-few-witnesses": "见证人不够",
  "no-entry": "里面没有条目",
  "not-included": "条目不在它所说的日志里",
};

const report: Readonly<Record<keyof OpeningReport, string>> = {
  year: "年份",
  requests: "依法打开的请求",
  refusals: "其中被拒绝",
  expired: "过期未办",
  answered: "已打开",
  entriesOpened: "打开的记录条数",
  emergencies: "紧急通道",
  reviewed: "已事后审查",
  lateAnswers: "逾期答复",
  holds: "保全",
};

/** Chinese texts of the public pages; the shape of this object is the contract for every other language. */
export const zhCN = {
  common: {
    brand: "公开的证据日志",
    loading: "正在读取",
    retry: "重试",
    language: "English",
    dark: "深色",
    light: "浅色",
    skip: "跳到内容",
    home: "住户应用",
    separator: "、",
    unreachable: "连不上服务器，或日志里还没有检查点。",
  },
  lead: "涉及住户权利的事，都在这本日志里留下一条：谁的信息被看过、请求打开了哪些记录、换了什么密钥。写进去就删不掉、改不了；不信的人可以在自己的浏览器里核对，不必登录。",
  alarm: {
    title: "日志有问题！",
    help: "请保留这个页面，不要清除浏览器，并告诉业主委员会、主管部门或见证人。",
    other: "服务器给出了另一本日志，或换了日志的密钥。这个浏览器认得的是 {{known}}。",
    checkpoint: "服务器给出的检查点不能接受：{{why}}。",
    export: "保存证据",
  },
  checkpoint: {
    title: "现在的日志",
    size: "条目数",
    root: "根",
    signed: "签名",
    signedBy: "由日志的密钥签署",
    key: "日志的密钥",
  },
  witnesses: {
    title: "见证人",
    none: "没有见证人：现在只能相信服务器自己的签名，加上这个浏览器以前看到的。",
    quorum: "至少须有 {{quorum}} 方见证。",
    signed: "{{when}} 见证",
    missing: "没有见证这一份",
    body,
  },
  verify: {
    title: "自己核对",
    help: "在这个浏览器里从第一条起重算整本日志，与签名的根对照。只取公开的文件。",
    never: "这个浏览器还没有核对过。",
    upTo: "上次核对到第 {{count}} 条（{{when}}）。",
    start: "核对整本日志",
    more: "核对新增的 {{count}} 条",
    again: "从头再核对一遍",
    progress: "已核对 {{done}} / {{total}} 条",
    good: "全部 {{count}} 条与签名的根一致，没有分叉，没有退回。",
    failed: "没有核对完：连不上服务器。",
  },
  topics: {
    title: "各主题有多少",
    help: "只数核对过的条目。",
    topic: "主题",
    count: "条数",
    unknown: "未知",
  },
  statements: {
    title: "公开的内容",
    help: "这些条目人人可读；每一条都与日志对照过。其余的只有当事人能打开。",
    topic: "主题",
    all: "全部",
    from: "从",
    until: "到（含）",
    none: "没有符合的内容。",
    more: "更多",
    proof: {
      opened: "与日志第 {{index}} 条一致",
      waiting: "正在写入日志",
      "does-not-open": "与日志不符！",
      tile: "不能核对：{{path}} {{why}}",
    },
  },
  leaves: {
    title: "全部条目",
    help: "按次序，每页 256 条。内容是承诺值，没有盐就看不出说了什么。",
    page: "第 {{from}} 至 {{to}} 条",
    newer: "较新",
    older: "较早",
    goTo: "条目编号",
    go: "去看",
    index: "编号",
    topic: "主题",
    commitment: "承诺值",
    refused: "{{path}} {{why}}",
    table: "日志的条目",
  },
  receipt: {
    title: "核对回执",
    help: "把回执文件（*.tlog-proof）拖到这里，或选一个文件。不会上传，断网也能核对。",
    choose: "选择文件",
    valid: "回执有效：日志第 {{index}} 条（{{topic}}），当时共 {{size}} 条。",
    bodies: "见证：{{bodies}}。",
    nobody: "没有见证人。",
    invalid: "回执无效：{{why}}。",
  },
  report: {
    title: "依法打开的年度报告",
    year: "年份",
    equal: "与按公开条目重新清点的数目一致。",
    different: "与重新清点的数目不一致！",
    none: "还没有这一年的报告。",
    fields: report,
  },
  memory: {
    title: "这个浏览器记住了什么",
    help: "日志的密钥和上次核对到哪里，用来发现日志是否被改换。忘记之后，以前的改换就发现不了。",
    forget: "忘记",
  },
  topic,
  checkpointRefusal,
  tileRefusal,
  proofRefusal,
  finding,
};
