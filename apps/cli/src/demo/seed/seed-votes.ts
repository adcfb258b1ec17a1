import { AGENDA_NOTICE_MS } from "@menshen/domain";
import { motionEndpoints, ownersRollEndpoints, staffEndpoints, vendorEndpoints } from "@menshen/wire";
import { type ApiClient, type Reasons, signInByLink } from "../../api/client.ts";
import type { PersonPlan } from "../people-plan.ts";
import type { Site } from "../site-file.ts";
import { BUILDINGS, DWELLING_NAMES } from "../site-plan.ts";
import { idOf } from "./seed-site.ts";

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const COMMITTEE_MEMBER = "业委会主任";
const DEVELOPER = "海棠置业有限公司";
/** Square decimetres; each building's flats are a little larger than the last one's. */
const SMALLEST_DM2 = 7_850;
const LARGER_DM2 = 615;

/** The vendor of the demonstration's gates, who says everything; before there are gates. */
export async function seedVendor(api: ApiClient, now: number): Promise<void> {
  const { items } = await api.call(vendorEndpoints.list, {});
  if (items.length > 0) return;
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  await api.call(vendorEndpoints.create, {
    body: {
      name: "安居门禁科技有限公司（演示）",
      owner: "安居门禁科技有限公司，统一社会信用代码 91330100MA00000000（虚构）",
      beneficialOwner: "创始人持股 60%，员工持股平台 40%（虚构）",
      contract: {
        number: "DEMO-001",
        from: day(now - YEAR_MS),
        until: day(now + 2 * YEAR_MS),
        clauses: "合同结束时返还或删除全部数据，不得出售",
      },
      fees: "设备一次付清；维护每年 24,000 元，由物业费支付",
      adIncome: [],
      dataHeld: [],
      subProcessors: [],
      grade: { grade: "A", evidence: "演示测评报告", until: day(now + YEAR_MS) },
      incidents: [],
    },
  });
}

/** Who owns what, and a motion on the agenda. */
export async function seedVotes(
  api: ApiClient,
  site: Site,
  plans: readonly PersonPlan[],
  reasons: Reasons,
  now: number,
): Promise<void> {
  const roll = await api.call(ownersRollEndpoints.list, {});
  const entered = new Set(roll.items.map(({ dwellingId }) => dwellingId));
  const personIdOf = new Map(site.people.map(({ key, personId }) => [key, personId]));
  const manager = site.people.find(({ key }) =>
    plans.some((plan) => plan.key === key && plan.habit === "manager"),
  );
  for (const [place, building] of BUILDINGS.entries()) {
    for (const name of DWELLING_NAMES) {
      const id = idOf(site.dwellings, `${building.key}/${name}`);
      if (entered.has(id)) continue;
      const owners = plans.flatMap((plan) => {
        const isHere = plan.home?.building === building.key && plan.home.dwelling === name;
        const personId = personIdOf.get(plan.key);
        return isHere && plan.role === "owner" && personId !== undefined ? [personId] : [];
      });
      const acting = manager === undefined ? [] : [manager.personId];
      if (owners.length === 0 && acting.length === 0) continue;
      await api.call(ownersRollEndpoints.put, {
        params: { id },
        body: {
          areaDm2: SMALLEST_DM2 + place * LARGER_DM2,
          owner:
            owners.length > 0
              ? { kind: "persons", personIds: owners }
              : { kind: "developer", name: DEVELOPER, personIds: acting },
        },
      });
    }
  }
  const accounts = await api.call(staffEndpoints.list, { query: {} });
  if (accounts.items.some(({ displayName }) => displayName === COMMITTEE_MEMBER)) return;
  const { signIn } = await api.call(staffEndpoints.create, {
    body: { displayName: COMMITTEE_MEMBER, roles: ["committee"], body: "committee" },
  });
  const committee = await signInByLink(signIn.link, reasons);
  const motion = await committee.call(motionEndpoints.create, {
    body: {
      matter: "spend-fund",
      title: "更换小区路灯",
      text: "把 40 盏路灯换成 LED，费用 3 万元，从维修资金支出。通过后两个月内完工；不通过，继续使用现有路灯。",
      opensAt: now + AGENDA_NOTICE_MS + DAY_MS,
      closesAt: now + AGENDA_NOTICE_MS + 8 * DAY_MS,
    },
  });
  await committee.call(motionEndpoints.publish, { params: { id: motion.id } });
}
