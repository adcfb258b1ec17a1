/** 意见与投诉的标题；页面自己的文字随页面加载。 */
export const complaintsZhCN = {
  cardsAsked: { title: "需要核对的卡", fact: "有张卡可能被复制，是您的吗" },
  complaints: { title: "意见与投诉", fact: "写投诉或举报、看答复和回执" },
};
