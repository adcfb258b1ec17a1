/** 意见与投诉的标题；页面自己的文字随页面加载。 */
export const complaintsZhCN = {
  complaints: { title: "意见与投诉", fact: "写投诉或举报、看答复和回执" },
};
