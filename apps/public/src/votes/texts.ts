import { usePreferences } from "@menshen/ui";

const zhCN = {
  title: "业主表决",
  help: "议案、结果和计票。表决结束后，每张选票（编号、面积、意见，不写姓名和房号）都能对照日志；点“重新计票”，由您的浏览器从日志本身重算一遍。",
  none: "还没有公示过议案。",
  unread: "现在读不到议案。",
  stage: {
    draft: "草稿",
    announced: "公示中",
    open: "正在投票",
    closed: "投票结束，等待计票",
    counted: "已计票",
    withdrawn: "已撤回",
  },
  secret: "秘密表决",
  unopened: "参加的业主不足三分之二，表决不成立。选票没有打开，以后也不会打开。",
  passed: "通过",
  rejected: "没有通过",
  times: "{{from}} 至 {{until}}",
  advisory: "非业主住户的意见（不计入）：同意 {{for}}，不同意 {{against}}，弃权 {{abstain}}。",
  recount: "重新计票",
  counting: "正在从日志重算…",
  good: "重新计票与公布一致：{{ballots}} 张选票、{{advisory}} 条住户意见，每一条都在日志里，原样未改。",
  fault: {
    roll: "名册和公示时固定的不是同一份",
    waiting: "有选票还没写入日志，请稍后再试",
    unread: "有选票在日志里的位置读不到或验不过",
    "does-not-open": "日志里的记录和展示的选票不符",
    foreign: "有不属于这次表决的选票",
    twice: "有重复的选票",
    key: "选票不是用议案公示的那把密钥封的",
    forged: "有密封选票的证明不成立",
    shares: "保管方给出的份额打不开公布的合计",
    differs: "每张选票都对，但合计与公布的结果不同",
  },
  bad: "重新计票不一致：{{why}}{{where}}。请保留本页，告诉业主委员会或监管部门。",
  where: "（日志第 {{index}} 条）",
  vendors: "门禁厂商",
  vendorsHelp: "谁卖、谁维护这里的门禁，谁收钱，数据在哪。缺一项，它的设备就不能安装。",
  vendorsNone: "还没有登记厂商。",
  asJson: "机器可读（JSON）",
  gates: "它的门禁机：{{names}}",
  separator: "、",
};

const en: typeof zhCN = {
  title: "Owners' votes",
  help: "Motions, results and counts. After a vote each ballot (number, area, choice; no name, no home) can be held against the log. “Count again” does the whole count in your browser, from the log itself.",
  none: "No motion was on the agenda yet.",
  unread: "Motions cannot be read now.",
  stage: {
    draft: "draft",
    announced: "on the agenda",
    open: "open now",
    closed: "over, not counted yet",
    counted: "counted",
    withdrawn: "withdrawn",
  },
  secret: "secret vote",
  unopened:
    "Less than two thirds took part, so the vote came to nothing. Its ballots were not opened and never will be.",
  passed: "Passed",
  rejected: "Not passed",
  times: "{{from}} to {{until}}",
  advisory:
    "Residents who own nothing (not counted): {{for}} in favour, {{against}} against, {{abstain}} abstain.",
  recount: "Count again",
  counting: "Counting from the log…",
  good: "The count is the published one: {{ballots}} ballots and {{advisory}} residents' answers, each in the log as it was cast.",
  fault: {
    roll: "the roll is not the one fixed with the agenda",
    waiting: "a ballot is not in the log yet; try again later",
    unread: "a ballot's place in the log cannot be read or verified",
    "does-not-open": "an entry of the log is not the ballot that is shown",
    foreign: "a ballot is not of this vote",
    twice: "a ballot stands there twice",
    key: "ballots are not sealed to the key that the agenda named",
    forged: "the proof of a sealed ballot does not hold",
    shares: "the custodians' shares do not open the published sums",
    differs: "each ballot is right, and the sums are not the published ones",
  },
  bad: "The count differs: {{why}}{{where}}. Keep this page and tell the committee or the city.",
  where: " (entry {{index}} of the log)",
  vendors: "Vendors of the gates",
  vendorsHelp:
    "Who sells and maintains the gates here, who is paid, and where data are. One thing unsaid, and a vendor's devices are not installed.",
  vendorsNone: "No vendor is listed yet.",
  asJson: "Machine-readable (JSON)",
  gates: "Its gates: {{names}}",
  separator: ", ",
};

/** Texts of votes and vendors on the public page. */
export function useVoteTexts(): typeof zhCN {
  return usePreferences().language === "en" ? en : zhCN;
}
