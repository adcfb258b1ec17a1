import {
  credentialEndpoints,
  incidentEndpoints,
  messageEndpoints,
  penaltyEndpoints,
  sharingEndpoints,
} from "@menshen/wire";
import type { ApiClient } from "../../api/client.ts";

const HOUR_MS = 3_600_000;
/** As the notice of the demonstration names it, so that whoever agrees there may get its messages. */
const SHOP = "海棠小店";
const COPIED_CARDS = 2;

const NOTICES = [
  {
    title: "周四上午停水",
    text: "周四 9:00 至 11:00 更换 3 号楼水泵，全小区停水。请提前接水；十一点后仍没有水，打服务台 0571-8888 0000。",
  },
  {
    title: "更换路灯的议案开始公示",
    text: "业委会提出用维修资金更换路灯，公示十五天后投票。议案全文在“社区投票”里，也贴在各楼门厅。",
  },
];

/**
 * What residents of the demonstration were told: two notices, and an incident that was dealt with from its opening to its
 * publication. A penalty beside, and a shop that could advertise; nobody agreed to that, so it has not.
 */
export async function seedMessages(api: ApiClient, now: number): Promise<void> {
  const { items } = await api.call(penaltyEndpoints.list, {});
  if (items.length > 0) return;
  for (const notice of NOTICES) {
    await api.call(messageEndpoints.sendNotice, { body: { ...notice, audience: { kind: "all" } } });
  }
  await seedIncident(api, now);
  await api.call(sharingEndpoints.register, {
    body: {
      name: SHOP,
      purpose: "向同意的住户介绍新货和优惠",
      contact: "店长 0571-8888 1111",
      subProcessors: [],
    },
  });
  await api.call(penaltyEndpoints.publish, {
    body: {
      party: "property",
      authority: "某市住房保障和房产管理局（演示）",
      documentNumber: "演示罚字〔2026〕1 号",
      decidedOn: new Date(now - 30 * 24 * HOUR_MS).toISOString().slice(0, 10),
      ground: "未按规定公示公共收益（演示）",
      amountFen: 300_000,
    },
  });
}

/** Two copied cards: reported in time, told to their two holders, published. */
async function seedIncident(api: ApiClient, now: number): Promise<void> {
  const cards = await api.call(credentialEndpoints.list, { query: { limit: COPIED_CARDS, kind: "uid" } });
  const ids = cards.items.map(({ id }) => id);
  if (ids.length === 0) return;
  const { id, clocks } = await api.call(incidentEndpoints.open, {
    body: {
      kind: "mass-cloning",
      grade: "ordinary",
      targets: [{ kind: "credentials", ids }],
      from: now - 3 * HOUR_MS,
      until: now - 2 * HOUR_MS,
      cause: "两张只有卡号的旧卡在小区外被复制（演示）。",
      harm: "复制的卡能打开这两张卡能开的门。",
      remedies: "已请两位持卡人到服务台换成不能复制的新卡，保安留意这两张卡的开门记录。",
      advice: "到服务台换卡；看看“我的出入”里有没有不是您的记录。",
      contact: "服务台 0571-8888 0000。",
    },
  });
  const params = { id };
  for (const { authority } of clocks) {
    await api.call(incidentEndpoints.reported, { params, body: { authority } });
  }
  await api.call(incidentEndpoints.tell, { params });
  await api.call(incidentEndpoints.publish, { params });
}
