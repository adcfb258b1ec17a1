/** Words of the report, in both languages. */
export interface ReportTexts {
  readonly locale: "zh-CN" | "en";
  readonly title: string;
  readonly lead: string;
  readonly facts: string;
  readonly fact: Readonly<
    Record<
      "community" | "case" | "package" | "madeAt" | "madeBy" | "reason" | "card" | "opened" | "finding",
      string
    >
  >;
  readonly findings: Readonly<Record<string, string>>;
  readonly signs: string;
  readonly signsHelp: string;
  readonly weight: string;
  readonly inputs: string;
  readonly score: string;
  readonly taps: string;
  readonly tapsHelp: string;
  readonly columns: Readonly<Record<"time" | "door" | "result" | "counter" | "half" | "number", string>>;
  readonly granted: string;
  readonly refused: string;
  readonly halves: Readonly<Record<"first" | "second", string>>;
  readonly clocks: string;
  readonly clocksHelp: string;
  readonly clock: string;
  readonly clockUnknown: string;
  readonly stepped: string;
  readonly proves: string;
  readonly provesList: readonly string[];
  readonly provesNot: string;
  readonly provesNotList: readonly string[];
  readonly custody: string;
  readonly custodyHelp: string;
  readonly acts: Readonly<Record<string, string>>;
  readonly byServer: string;
  readonly verify: string;
  readonly verifyList: readonly string[];
  readonly content: string;
  readonly key: string;
  readonly stamped: string;
  readonly notStamped: string;
}

export const CHINESE: ReportTexts = {
  locale: "zh-CN",
  title: "门禁卡疑似被复制：证据报告",
  lead: "本报告用普通话语说明证据包里有什么。怀疑针对的是一张卡，不是任何人；持卡人的身份在记录中保持密封，只有依法开启才能得知。",
  facts: "基本情况",
  fact: {
    community: "小区",
    case: "案件编号",
    package: "证据包编号",
    madeAt: "固定时间",
    madeBy: "制作人",
    reason: "制作原因",
    card: "卡的种类",
    opened: "系统发现时间",
    finding: "小区的结论",
  },
  findings: {
    copy: "认定为他人复制",
    "own-copy": "住户自己加配",
    "no-copy": "不是复制",
    undecided: "未能确定",
  },
  signs: "为什么怀疑",
  signsHelp:
    "每一项是一条规则和它看到的数值。分值越高，越像有复制卡；合计 10 分时系统只是请持卡人确认，任何限制都由人决定。",
  weight: "分值",
  inputs: "依据",
  score: "合计 {{score}} 分，估计存在复制卡的可能性 {{probability}}。",
  taps: "刷卡记录",
  tapsHelp:
    "每一条都由门口的门控器在当时签名并编号。“甲、乙”是按计数或芯片应答分开的两张实体卡；分不开时留空。",
  columns: { time: "时间", door: "门", result: "结果", counter: "计数", half: "卡", number: "门控器·编号" },
  granted: "放行",
  refused: "拒绝",
  halves: { first: "甲", second: "乙" },
  clocks: "时钟",
  clocksHelp: "时间由门控器记录，误差按记录到达服务器的时间估计。",
  clock:
    "{{name}}（程序 {{software}}）：比服务器快 {{offset}} 秒，误差约 {{error}} 秒；时钟跳变 {{jumps}} 次，乱序 {{disorder}} 条，重复 {{twice}} 条。",
  clockUnknown: "{{name}}（程序 {{software}}）：到达记录太少，未能估计误差。",
  stepped: "{{time}} 时钟调整 {{seconds}} 秒",
  proves: "这份证据能证明什么",
  provesList: [
    "所列刷卡记录由持有登记证书的门控器签名，之后一个字节也没有改过。",
    "冲突前后的记录附有门控器签名的流水账片段，编号连续，不能从中抽走或插入。",
    "内容在标明的时间已写入有见证的公开存证日志；如有时间戳，由时间戳机构另行证明。",
  ],
  provesNot: "不能证明什么",
  provesNotList: [
    "卡在谁手里、谁复制了卡：持卡人身份须经依法开启另行取得。",
    "没有列出的记录不存在。",
    "规则的分值是统计推断，不是物证。",
  ],
  custody: "经手记录",
  custodyHelp: "谁在什么时候处理过本案和本证据。之后每次取出另记于小区服务器。",
  acts: {
    raised: "系统发现",
    step: "系统升级提示",
    "raised-again": "再次发现",
    explained: "迟到记录已解释",
    assigned: "接手",
    released: "交回",
    merged: "并案",
    "taken-out": "撤出并案",
    closed: "结案",
    reopened: "重新立案",
    "measure-taken": "采取措施",
    "measure-ended": "结束措施",
    held: "依法留存",
    appealed: "持卡人申诉",
    "appeal-answered": "答复申诉",
    "package-made": "固定证据",
  },
  byServer: "系统",
  verify: "怎样核验",
  verifyList: [
    "命令行：menshen verify 证据包.zip --keys 小区密钥.json（不需要联网）。",
    "网页：在小区公开页面 /public/evidence 选择文件，文件不会上传。",
    "只用 OpenSSL：按包内 README.txt 的命令逐步核验。",
    "请把下面的密钥指纹与小区张贴或当面告知的核对：否则只能证明没有改动，不能证明出自这个小区。",
  ],
  content: "内容清单 CONTENT.sha256 的 SHA-256",
  key: "小区签名公钥的 SHA-256",
  stamped: "时间戳：{{time}}",
  notStamped: "没有时间戳，原因见 time/none.txt。",
};

export const ENGLISH: ReportTexts = {
  locale: "en",
  title: "A card that was probably copied: report of evidence",
  lead: "This report says in plain words what the package holds. The suspicion is about a card and about nobody: who holds it stays sealed in the records, and only a lawful opening tells.",
  facts: "The case",
  fact: {
    community: "Community",
    case: "Case",
    package: "Package",
    madeAt: "Fixed at",
    madeBy: "Made by",
    reason: "Why it was made",
    card: "Kind of card",
    opened: "Noticed at",
    finding: "What the community found",
  },
  findings: {
    copy: "copied by somebody else",
    "own-copy": "a household's own copy",
    "no-copy": "no copy",
    undecided: "not decided",
  },
  signs: "Why it is suspected",
  signsHelp:
    "Each line is a rule and the numbers that it saw. The more points, the more it looks like a copy; at 10 together the holder is asked, and any restriction is a person's decision.",
  weight: "points",
  inputs: "seen",
  score: "Together {{score}} points; a copy is estimated to exist with probability {{probability}}.",
  taps: "Taps",
  tapsHelp:
    "Each was signed and numbered by the gate at the door when it happened. A and B are the two cards, told apart by their counter or by how the chip answers; empty where they cannot be told apart.",
  columns: {
    time: "Time",
    door: "Door",
    result: "Result",
    counter: "Counter",
    half: "Card",
    number: "Gate · number",
  },
  granted: "opened",
  refused: "refused",
  halves: { first: "A", second: "B" },
  clocks: "Clocks",
  clocksHelp: "Times are the gates' own. Their error is estimated from when entries arrived at the server.",
  clock:
    "{{name}} (software {{software}}): {{offset}} s ahead of the server, give or take {{error}} s; {{jumps}} jumps of its clock, {{disorder}} entries out of order, {{twice}} twice.",
  clockUnknown: "{{name}} (software {{software}}): too few arrivals to estimate its error.",
  stepped: "{{time}} clock set by {{seconds}} s",
  proves: "What this shows",
  provesList: [
    "The taps listed were signed by gates that held registered certificates, and not one byte was changed since.",
    "Entries around the conflict come with stretches of the gates' journals that the gates signed, numbered without a gap: nothing can be taken out of them or put in.",
    "The content stood in the witnessed public log at the time stated; a time stamp, where there is one, shows it by another authority.",
  ],
  provesNot: "What it does not show",
  provesNotList: [
    "In whose hand a card was, or who copied it: the holder is learnt by a lawful opening only.",
    "That nothing happened beside what is listed.",
    "The points of the rules are statistics, not things found.",
  ],
  custody: "Who touched it",
  custodyHelp:
    "Who worked on the case and this evidence, and when. Each time the package is taken out is noted at the community's server.",
  acts: {
    raised: "noticed",
    step: "became graver",
    "raised-again": "noticed again",
    explained: "explained by late entries",
    assigned: "taken",
    released: "given back",
    merged: "put to another case",
    "taken-out": "taken out of another case",
    closed: "closed",
    reopened: "opened again",
    "measure-taken": "step taken",
    "measure-ended": "step ended",
    held: "put under a hold",
    appealed: "the holder appealed",
    "appeal-answered": "appeal answered",
    "package-made": "evidence fixed",
  },
  byServer: "the server",
  verify: "How to verify",
  verifyList: [
    "Command line: menshen verify PACKAGE.zip --keys KEYS.json, offline.",
    "Browser: choose the file on the community's public page /public/evidence; it is not sent anywhere.",
    "OpenSSL alone: the commands stand in README.txt of the package.",
    "Compare the fingerprint below with the one posted in the community or told to you in person: otherwise you know that nothing was changed, and not whose it is.",
  ],
  content: "SHA-256 of the list CONTENT.sha256",
  key: "SHA-256 of the community's public key",
  stamped: "Time stamp: {{time}}",
  notStamped: "There is no time stamp; time/none.txt says why.",
};
