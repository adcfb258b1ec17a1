import type { FindingCode } from "../findings.ts";

/** Languages of the status page. */
export type Language = "zh" | "en";

type Text = Readonly<Record<Language, string>>;

/** What a finding means and what to do, for whoever stands before the gate. */
export const FINDING_TEXTS: Readonly<Record<FindingCode, Text>> = {
  "not-enrolled": {
    zh: "本门禁尚未登记：请在社区服务器生成登记码并在此输入",
    en: "This gate is not enrolled: make an enrolment code at the community server and enter it here",
  },
  "no-snapshot": {
    zh: "还没有通行规则，所有刷卡都会被拒绝：检查与社区服务器的连接",
    en: "No rules yet, every card is refused: check the connection to the community server",
  },
  "snapshot-outlived": {
    zh: "通行规则已过有效期：有时间限制的凭证被拒绝，请恢复网络",
    en: "The rules have outlived their time: time-bound credentials are refused, restore the network",
  },
  "no-keyring": {
    zh: "还没有卡片密钥，加密卡无法认证：检查与社区服务器的连接",
    en: "No card keys yet, cards cannot prove themselves: check the connection to the community server",
  },
  "no-epoch-key": {
    zh: "没有本期的保管人密钥：记录不含任何人的身份，只有住户能看自己的，请保管人举行密钥仪式",
    en: "No custodians' key for this period: records name nobody and only residents can read their own; the custodians should hold a ceremony",
  },
  "epoch-keys-low": {
    zh: "保管人的密钥即将用完：请保管人举行密钥仪式",
    en: "The custodians' keys run out soon: they should hold a ceremony",
  },
  "custodians-not-endorsed": {
    zh: "收到未经原保管人认可的保管人名单，已拒收：请询问保管人",
    en: "Custodians came whom those before them did not endorse, and were refused: ask the custodians",
  },
  "witness-policy-refused": {
    zh: "收到的见证人名单或证据日志不如原来的可靠，仍按原来的核对：请询问审计人员",
    en: "Witnesses or an evidence log came that ask for less than those known here, which still count: ask the auditor",
  },
  "credentials-unwitnessed": {
    zh: "有新凭证尚未经见证人确认，只能使用 72 小时：请检查见证人是否在运行",
    en: "New credentials were not seen by witnesses yet and work for 72 hours only: check that the witnesses run",
  },
  "credential-number-twice": {
    zh: "同一住户的同一编号发给了两张凭证，第二张不予接受：请该住户和审计人员查看",
    en: "One number of a home was given to two credentials, and the second is not accepted: the home and the auditor should look",
  },
  "sealing-failed": {
    zh: "有记录未能封存身份，已不带身份写入：请联系维护人员",
    en: "An identity could not be sealed and was left out of its record: call for maintenance",
  },
  "door-group-differs": {
    zh: "配置的门组与服务器给出的不同：以服务器为准，请更正配置",
    en: "The configured door group differs from the server's, which counts: correct the configuration",
  },
  "link-down": {
    zh: "与社区服务器断开：门继续自行判断",
    en: "Not connected to the community server: the doors decide alone",
  },
  "certificate-expired": {
    zh: "证书已过期：恢复连接后自动续期",
    en: "The certificate has expired: it renews itself on return",
  },
  "certificate-renewal-failed": {
    zh: "证书续期失败：将再次尝试",
    en: "Renewing the certificate failed: it is tried again",
  },
  "clock-doubtful": {
    zh: "时间不确定：有时间限制的凭证可能被拒绝，连接社区服务器后恢复",
    en: "The time is in doubt: time-bound credentials may be refused until the server tells the time",
  },
  "clock-stepped": {
    zh: "系统时钟被改动，本门禁没有跟随",
    en: "The system clock was stepped; the gate did not follow",
  },
  "clock-before-journal": {
    zh: "服务器时间早于本门禁的日志：请检查服务器时钟",
    en: "The server's time lies before this gate's journal: check the server's clock",
  },
  "clock-injected": {
    zh: "时间由测试程序给出：不得用于真实的门",
    en: "The time comes from a test program: never use this for a door",
  },
  "journal-degraded": {
    zh: "日志不能及时写入磁盘：门照常工作，请检查磁盘",
    en: "The journal cannot be written in time: doors work on, check the disk",
  },
  "journal-late": {
    zh: "过去一天内有一次日志写入较慢，没有丢失；若再出现，请检查磁盘",
    en: "A write of the journal came late within the last day; nothing was lost. If it comes again, check the disk",
  },
  "journal-set-aside": {
    zh: "损坏的日志已另存，未上传的可读部分已保留",
    en: "A damaged journal was set aside; what could be read of it goes on",
  },
  "journal-broken": {
    zh: "日志的校验链断裂：请联系维护人员",
    en: "The journal's chain is broken: call for maintenance",
  },
  "journal-fork": {
    zh: "服务器保存的日志与本门禁不同：请联系维护人员",
    en: "The server holds another journal than this gate: call for maintenance",
  },
  "journal-pruned": {
    zh: "服务器缺少的日志在此已不再保存",
    en: "The server misses journal entries that are no longer kept here",
  },
  "state-set-aside": {
    zh: "损坏的状态数据库已另存，规则正在重新获取",
    en: "A damaged state database was set aside; the rules are fetched again",
  },
  "disk-almost-full": { zh: "磁盘将满", en: "The disk is almost full" },
  "no-tpm": { zh: "没有安全芯片，密钥保管等级较低", en: "No TPM: the keeping of keys is graded lower" },
  "reader-not-answering": {
    zh: "读卡器没有应答：检查供电和接线",
    en: "The reader does not answer: check its power and wires",
  },
  "reader-key-refused": {
    zh: "读卡器不接受本门禁的密钥：可能被更换，如属正常请打开安装窗口",
    en: "The reader refuses this gate's key: it may have been exchanged; if you did, open an install window",
  },
  "reader-key-missing": {
    zh: "读卡器还没有密钥：请打开安装窗口",
    en: "The reader has no key yet: open an install window",
  },
  "reader-tampered": { zh: "读卡器防拆报警", en: "The reader's tamper switch is open" },
  "reader-power-fault": { zh: "读卡器供电异常", en: "The reader reports a power fault" },
  "reader-mac-failures": { zh: "读卡器线路上有伪造的数据", en: "Forged data on the reader's line" },
  "reader-pin-locked": {
    zh: "读卡器键盘上错误密码过多，暂停受理",
    en: "Too many wrong PINs at the reader's keypad: it is not listened to for a while",
  },
  "reader-flooded": {
    zh: "读卡器上报太频繁，没有全部受理和记录",
    en: "The reader reports more than persons can present; not all is taken or recorded",
  },
  "contact-chatter": {
    zh: "门磁时断时续，不知道门是否关好",
    en: "The door's contact flickers: it is not known whether the door is shut",
  },
  "mains-failed": { zh: "市电中断，由电池供电", en: "No mains power; living on the battery" },
  "battery-low": { zh: "电池电量低", en: "The battery is low" },
  "reader-install-window-open": { zh: "安装窗口已打开", en: "The install window is open" },
  "reader-without-access-point": { zh: "读卡器没有对应的出入口", en: "The reader stands at no access point" },
  "access-point-unknown": {
    zh: "配置的出入口不在规则中：检查配置",
    en: "The configured access point is not in the rules: check the configuration",
  },
  "portal-unknown": {
    zh: "配置的门不在规则中：检查配置",
    en: "The configured door is not in the rules: check the configuration",
  },
  "portal-not-wired": {
    zh: "规则中的门没有接线：检查配置",
    en: "A door in the rules is not wired: check the configuration",
  },
  "lock-not-answering": {
    zh: "门锁没有应答：检查输出单元",
    en: "The lock does not answer: check its output unit",
  },
  "lock-on-outdoor-reader": {
    zh: "门锁接在室外读卡器上，安全等级最高为 D：请移到室内单元",
    en: "The lock hangs on an outdoor reader, which caps the door at grade D: move it to an indoor unit",
  },
  "lift-floor-failed": {
    zh: "电梯楼层继电器不执行命令：请检查模块和接线",
    en: "A floor's relay of the lift does not take commands: check unit and wiring",
  },
  "lift-floor-unknown": {
    zh: "门规则里的电梯楼层没有接到任何模块：请核对继电器编号",
    en: "A floor of the door rules is on no unit of the lift: check the number of its relay",
  },
  "fire-release-latched": {
    zh: "消防释放生效：门保持打开，直到人工复位",
    en: "Fire release: the door stays open until a person resets it",
  },
  "bus-disconnected": { zh: "读卡器总线断开", en: "The readers' line is disconnected" },
  "gates-apart": {
    zh: "听不到其他控制器：区域人数可能不准，按设定放行或拒绝",
    en: "Other gates are not heard: who is in an area may be unknown, and the community's setting decides",
  },
  "pcsc-unavailable": {
    zh: "没有 pcscd 服务，桌面读卡器不可用",
    en: "pcscd is not running: PC/SC readers are out of use",
  },
  "pcsc-reader-missing": { zh: "找不到桌面读卡器", en: "The PC/SC reader is not there" },
};

/** Words of the page itself. */
export const PAGE_TEXTS = {
  title: { zh: "门神 · 门禁状态", en: "Menshen · gate status" },
  gate: { zh: "门禁", en: "Gate" },
  software: { zh: "软件版本", en: "Software" },
  allWell: { zh: "一切正常", en: "All is well" },
  findings: { zh: "发现的问题", en: "Findings" },
  doors: { zh: "门", en: "Doors" },
  readers: { zh: "读卡器", en: "Readers" },
  clock: { zh: "时间", en: "Time" },
  rules: { zh: "通行规则", en: "Rules" },
  journal: { zh: "日志", en: "Journal" },
  link: { zh: "社区服务器", en: "Community server" },
  none: { zh: "无", en: "none" },
  between: { zh: "介于", en: "between" },
  doubt: { zh: "误差范围", en: "doubt" },
  system: { zh: "系统时钟", en: "system clock" },
  version: { zh: "版本", en: "version" },
  until: { zh: "有效至", en: "until" },
  credentials: { zh: "凭证数", en: "credentials" },
  cardKeys: { zh: "卡片密钥", en: "card keys" },
  entries: { zh: "条目", en: "entries" },
  backlog: { zh: "待上传", en: "not yet acknowledged" },
  waiting: { zh: "待写入磁盘", en: "not yet on the disk" },
  connected: { zh: "已连接", en: "connected" },
  disconnected: { zh: "未连接", en: "not connected" },
  certificateUntil: { zh: "证书有效至", en: "certificate until" },
  state: { zh: "状态", en: "State" },
  lock: { zh: "锁", en: "Lock" },
  contact: { zh: "门磁", en: "Contact" },
  mode: { zh: "模式", en: "Mode" },
  lockdown: { zh: "封锁级别", en: "lockdown" },
  fire: { zh: "消防释放", en: "fire release" },
  accessPoint: { zh: "出入口", en: "Access point" },
  channel: { zh: "安全通道", en: "Secure channel" },
  online: { zh: "在线", en: "online" },
  offline: { zh: "离线", en: "offline" },
  other: { zh: "English", en: "中文" },
} as const satisfies Readonly<Record<string, Text>>;

/** Words for the values of the status report. */
export const VALUE_TEXTS: Readonly<Record<string, Text>> = {
  locked: { zh: "锁闭", en: "locked" },
  unlocked: { zh: "开锁", en: "unlocked" },
  fault: { zh: "故障", en: "fault" },
  closed: { zh: "关闭", en: "closed" },
  open: { zh: "打开", en: "open" },
  forced: { zh: "强行打开", en: "forced" },
  "held-too-long": { zh: "打开过久", en: "held too long" },
  none: { zh: "无", en: "none" },
  normal: { zh: "正常", en: "normal" },
  "held-open": { zh: "常开", en: "held open" },
  install: { zh: "安装中", en: "install" },
  "own-key": { zh: "专用密钥", en: "own key" },
  warning: { zh: "警告", en: "warning" },
  notice: { zh: "提示", en: "notice" },
};
