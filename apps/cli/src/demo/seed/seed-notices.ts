import { consentNoticeEndpoints, type NoticeDraftInput } from "@menshen/wire";
import type { ApiClient } from "../../api/client.ts";

/** A notice may last three years; nobody asks in the demonstration for longer than one. */
const YEAR_MS = 365 * 86_400_000;

const PROPERTY = { name: "海棠物业服务有限公司", contact: "服务台 0571-8888 0000" };
const STORAGE = {
  "zh-CN": "存在小区服务台的服务器里，不出小区。",
  en: "On the server at the community's desk; they do not leave the community.",
};
const RIGHTS = {
  "zh-CN": "可以随时查看、更正、撤回；不满意可以向业主委员会或市级监督投诉。",
  en: "See, correct and withdraw at any time; complain to the owners' committee or the city.",
};

const NOTICES: readonly Pick<NoticeDraftInput, "purposes" | "texts" | "processor" | "deleteWithinDays">[] = [
  {
    purposes: ["service-contact"],
    processor: PROPERTY,
    deleteWithinDays: 0,
    texts: {
      why: {
        "zh-CN": "停水停电、维修上门、快递误投时能找到您。",
        en: "To reach you about water, power, repairs and parcels that went astray.",
      },
      data: { "zh-CN": "一个电话号码或一个邮箱。", en: "One telephone number or one e-mail address." },
      method: {
        "zh-CN": "有事时由服务台打电话或发信息，不做别的用途。",
        en: "The desk calls or writes when there is something; it is used for nothing else.",
      },
      storage: STORAGE,
      necessity: {
        "zh-CN": "不是必须的：不留也能住、能开门，通知会贴在楼道里。",
        en: "It is not necessary: you live here and open doors without it; notices hang in the hall.",
      },
      effects: {
        "zh-CN": "服务台的值班人员能看到；每次查看您都能看到。",
        en: "Those on duty at the desk can see it; you can read each time they did.",
      },
      rights: RIGHTS,
    },
  },
  {
    purposes: ["commercial-messages"],
    processor: { name: "海棠小店", contact: "店长 0571-8888 1111" },
    deleteWithinDays: 7,
    texts: {
      why: { "zh-CN": "小区里的店想告诉您新货和优惠。", en: "The shop here wants to tell you of offers." },
      data: { "zh-CN": "您同意了这件事，别的都没有。", en: "That you agreed, and nothing else." },
      method: {
        "zh-CN": "信息由小区的服务器发到您的住户端，店家不知道是谁。",
        en: "The community's server puts messages into your app; the shop does not learn who reads them.",
      },
      storage: STORAGE,
      necessity: { "zh-CN": "没有必要。", en: "It is not necessary." },
      effects: {
        "zh-CN": "您会收到广告；开门的页面上永远没有广告。",
        en: "You get advertisements; pages that open doors never have any.",
      },
      rights: RIGHTS,
    },
  },
];

/** Publishes what residents of the demonstration are asked, unless something is published already. */
export async function seedNotices(api: ApiClient, now: number): Promise<void> {
  const { items } = await api.call(consentNoticeEndpoints.published, {});
  if (items.length > 0) return;
  for (const notice of NOTICES) {
    const draft = {
      ...notice,
      controller: PROPERTY,
      subProcessors: [],
      endsAt: now + YEAR_MS,
      revocable: true,
      sublicensable: false,
    };
    const { id, revision } = await api.call(consentNoticeEndpoints.draft, { body: { draft } });
    await api.call(consentNoticeEndpoints.publish, { params: { id }, body: { revision } });
  }
}
