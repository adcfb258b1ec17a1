import { usePreferences } from "@menshen/ui";

const zhCN = {
  lead: "对物业、业委会、门禁厂商或工作人员有意见，都可以写在这里。十天内必须答复，到期没人答复会自动转给上一级，直到市区主管部门。",
  write: "写投诉或举报",
  none: "还没有写过",
  noneHelp: "写了以后，回执和答复都在这里，没有网络也能看回执。",
  back: "全部意见与投诉",
  unnamed: "未写名字",
  lost: "服务器上找不到的投诉",
  lostHelp: "这台设备上有回执，服务器却不再显示它。请保存回执，交给业委会、主管部门或公益律师。",
  save: "保存回执",
  saveHelp: "别人不用这个应用，也能拿它和公开日志核对。",
  goOn: "看投诉的进展",
  elsewhere: "用查询码查看别处写的投诉",
};

const en: typeof zhCN = {
  lead: "Whatever you have to say about the property company, the committee, the vendor of the gates or anybody who works here. An answer is due within ten days; unanswered it goes to the body above by itself, up to the city.",
  write: "Write a complaint or report",
  none: "Nothing written yet",
  noneHelp: "Once you wrote, receipts and answers stand here. Receipts are there without a network too.",
  back: "All complaints",
  unnamed: "without a name",
  lost: "Complaints that the server no longer shows",
  lostHelp:
    "This device holds a receipt, and the server shows no such complaint. Save the receipt and take it to the committee, the city or a lawyer.",
  save: "Save the receipt",
  saveHelp: "Anybody can check it against the public log, without this app.",
  goOn: "See how it goes",
  elsewhere: "Follow a complaint by its code",
};

/** Texts of the resident's page; those of complaints themselves come from `@menshen/ui`. */
export function useComplaintPageTexts(): typeof zhCN {
  return usePreferences().language === "en" ? en : zhCN;
}
