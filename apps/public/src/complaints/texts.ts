import { usePreferences } from "@menshen/ui";

const zhCN = {
  title: "意见、投诉与举报",
  lead: "不用登录，也不用写名字。交给物业、业委会或市区主管部门，十天内必须答复；到期没人答复，会自动转给上一级。",
  parts: { write: "写一份", follow: "用查询码查看", check: "核对回执" },
  paper: "也可以写在纸上，交给服务台、业委会或主管部门，当场领取同样的回执。",
  privacy:
    "本页不用 Cookie，不在浏览器里保存任何东西。服务器不记录您是谁；网络地址只在内存里用来限制次数，不写入任何记录。",
  code: "查询码",
  codeHelp: "回执上的 16 个字母和数字，不分大小写。",
  look: "查看",
  looking: "正在查看…",
  other: "换一个查询码",
  again: "再写一份",
  checkHelp: "选回执文件，或把回执上的文字粘贴进来。由您的浏览器核对，不会上传回执。",
  file: "回执文件",
  pasted: "或粘贴回执文字",
  check: "核对",
  notOne: "这不是投诉回执。请选保存下来的文件，或把回执文字完整粘贴。",
  unreachable: "连不上服务器，没有这个社区的公钥，现在没法核对。",
  facts: "编号 {{number}}，{{when}} 收到，由{{body}}在 {{day}} 前答复。",
  log: "公开日志",
};

const en: typeof zhCN = {
  title: "Complaints and reports",
  lead: "No sign-in and no name needed. Write to the property company, the committee or the city: an answer is due within ten days; unanswered it goes to the body above by itself.",
  parts: { write: "Write one", follow: "Follow by code", check: "Check a receipt" },
  paper:
    "You can also write on paper and hand it to the desk, the committee or the city; you get the same receipt at once.",
  privacy:
    "This page sets no cookie and keeps nothing in the browser. The server notes nothing of who you are; a network address is held in memory to limit how often, and written nowhere.",
  code: "Code",
  codeHelp: "The 16 letters and digits on the receipt; capitals do not matter.",
  look: "Look",
  looking: "Looking…",
  other: "Another code",
  again: "Write another",
  checkHelp:
    "Choose the receipt's file, or paste its text. Your browser checks it; the receipt is not uploaded.",
  file: "File of the receipt",
  pasted: "Or its text",
  check: "Check",
  notOne: "This is no receipt of a complaint. Choose the saved file, or paste the whole text.",
  unreachable: "The server cannot be reached, so this community's key is unknown and nothing can be checked.",
  facts: "Number {{number}}, received {{when}}, to be answered by {{body}} by {{day}}.",
  log: "Public log",
};

export function usePageTexts(): typeof zhCN {
  return usePreferences().language === "en" ? en : zhCN;
}
