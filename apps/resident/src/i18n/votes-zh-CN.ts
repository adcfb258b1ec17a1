/** 投票和厂商信息的标题与首页文字；投票页面自己的文字随页面加载。 */
export const votesZhCN = {
  messages: { title: "消息", fact: "停水停电、投票、您的信息出了事" },
  votes: { title: "社区投票", fact: "议案、表决和结果" },
  vendor: {
    title: "门禁厂商",
    fact: "谁的设备、谁收钱、数据在哪",
    lead: "谁卖、谁维护这里的门禁。缺一项，它的设备就不能安装。",
    none: "还没有登记厂商",
    noneHelp: "物业填写后，会在这里和公开页面上显示。",
    history: "每次修改",
    inLog: "公开日志第",
  },
};
