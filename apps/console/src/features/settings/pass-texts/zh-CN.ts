/** Chinese texts of what residents may give visitors. */
export const zhCN = {
  title: "住户给访客的通行码",
  lead: "对所有住户一样。每次改动须说明原因，并公开记入日志。",
  visits: "住户签发访客通行码",
  visitsHelp: "关闭后，已经发出的住户访客码在门口也不再有效；服务台签发的不受影响。",
  on: "允许",
  off: "不允许",
  longest: "访客通行码最长期限",
  longestField: "最长期限（天，{{min}} 至 {{max}}）",
  longestHelp: "从生效到失效。已发出而超过此期限的码，门也不再认。",
  length: { days: "{{count}} 天", hours: "{{count}} 小时", minutes: "{{count}} 分钟" },
  tokens: "每人每天的一次性通行码",
  tokensField: "每人每天个数（0 至 {{max}}）",
  tokensHelp: "使用时，控制器与服务器都看不出是谁的码。0 表示不发。",
  tokenCount: "{{count}} 个",
  change: "更改",
  save: "保存",
} as const;
