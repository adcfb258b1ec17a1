import { complaintEndpoints, staffEndpoints } from "@menshen/wire";
import type { ApiClient } from "../../api/client.ts";

const SUPERVISOR = "市区监管员（演示）";

/** An officer of the city, and complaints: answered, waiting, handed on, and at each body. */
export async function seedComplaints(api: ApiClient): Promise<void> {
  const accounts = await api.call(staffEndpoints.list, { query: {} });
  if (accounts.items.some(({ displayName }) => displayName === SUPERVISOR)) return;

  const { complaint: lamp } = await api.call(complaintEndpoints.enterPaper, {
    body: {
      kind: "complaint",
      category: "building",
      to: "property",
      text: "2 号楼三层的灯坏了一个星期，老人晚上看不清台阶。",
    },
  });
  await api.call(complaintEndpoints.answer, {
    params: { id: lamp.id },
    body: { text: "今天上午已换好，并查了其他楼层，另换两盏。给您添麻烦了。" },
  });
  await api.call(complaintEndpoints.writeNameless, {
    body: {
      kind: "complaint",
      category: "fees",
      to: "property",
      text: "去年电梯广告一共收了多少钱，用在哪里，公告栏里没有看到。",
    },
  });
  const { complaint: contract } = await api.call(complaintEndpoints.enterPaper, {
    body: {
      kind: "complaint",
      category: "other",
      to: "property",
      text: "快递柜的合同什么时候到期，能不能换一家不收超时费的？",
    },
  });
  await api.call(complaintEndpoints.handOn, {
    params: { id: contract.id },
    body: { to: "committee", why: "快递柜的合同是业委会签的。" },
  });
  await api.call(complaintEndpoints.writeNameless, {
    body: {
      kind: "wrongdoing",
      category: "face-or-pressure",
      aboutBody: "property",
      to: "city",
      text: "前台说不刷脸就不给办车辆登记。",
    },
  });
  // Last: with it a start that was cut short begins anew.
  await api.call(staffEndpoints.create, {
    body: { displayName: SUPERVISOR, roles: ["supervisor"], body: "city" },
  });
}
