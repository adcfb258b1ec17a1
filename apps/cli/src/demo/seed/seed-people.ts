import { openInProcessChannel } from "@menshen/credentials";
import { fromHex, randomBytes, toHex } from "@menshen/crypto/node";
import { type CardKind, cardFromProfile, personaliseCard } from "@menshen/virtual-devices";
import { credentialEndpoints, type EnrolledCredential, personEndpoints, ruleEndpoints } from "@menshen/wire";
import type { ApiClient } from "../../api/client.ts";
import type { CardPlan, PersonPlan } from "../people-plan.ts";
import type { Site, SiteCard, SitePerson } from "../site-file.ts";
import { BUILDINGS } from "../site-plan.ts";
import { eachMissing, GROUNDS, idOf, inParallel, pages } from "./seed-site.ts";

/**
 * Moves everybody in who is not there yet, and gives them their cards. `progress` is told after each person, when they
 * are noted in `site`.
 */
export async function seedPeople(
  api: ApiClient,
  site: Site,
  plans: readonly PersonPlan[],
  progress: () => void,
): Promise<void> {
  const noted = new Map(site.people.map((person) => [person.key, person]));
  const unfinished = plans.filter((plan) => (noted.get(plan.key)?.cards.length ?? 0) < plan.cards.length);
  if (unfinished.length === 0) return;
  const onServer = new Map(
    (await pages((page) => api.call(personEndpoints.list, { query: page }))).map(({ id, displayName }) => [
      displayName,
      id,
    ]),
  );
  await inParallel(unfinished, async (plan) => {
    const existing = onServer.get(plan.name);
    const personId = existing ?? (await moveIn(api, site, plan));
    const before = noted.get(plan.key)?.cards ?? [];
    if (existing !== undefined) await blockUnknown(api, personId, before);
    const cards = [...before];
    for (const card of plan.cards.slice(before.length))
      cards.push(await issue(api, site, plan, personId, card));
    const person: SitePerson = {
      key: plan.key,
      personId,
      name: plan.name,
      ...(plan.home === undefined ? {} : { dwellingName: dwellingText(plan.home) }),
      cards,
    };
    site.people = [...site.people.filter(({ key }) => key !== plan.key), person];
    progress();
  });
}

function dwellingText(home: NonNullable<PersonPlan["home"]>): string {
  const building = BUILDINGS.find(({ key }) => key === home.building)?.name ?? "";
  return `${building} ${home.dwelling}`;
}

function dwellingIdOf(site: Site, plan: PersonPlan): string | undefined {
  return plan.home === undefined
    ? undefined
    : idOf(site.dwellings, `${plan.home.building}/${plan.home.dwelling}`);
}

async function moveIn(api: ApiClient, site: Site, plan: PersonPlan): Promise<string> {
  const dwellingId = dwellingIdOf(site, plan);
  const { id } = await api.call(personEndpoints.create, {
    body: {
      displayName: plan.name,
      residency: { role: plan.role, ...(dwellingId === undefined ? {} : { dwellingId }) },
    },
  });
  return id;
}

/** Cards that an interrupted start enrolled and did not note: their keys are gone with it. */
async function blockUnknown(api: ApiClient, personId: string, known: readonly SiteCard[]): Promise<void> {
  const ids = new Set(known.map(({ credentialId }) => credentialId));
  const credentials = await pages((page) =>
    api.call(credentialEndpoints.list, { query: { ...page, personId, state: "active" } }),
  );
  for (const { id } of credentials.filter((credential) => !ids.has(credential.id))) {
    await api.call(credentialEndpoints.block, { params: { id } });
  }
}

/** Three hundred days. */
const OLD_CARD_MS = 300 * 86_400_000;

/** Enrols a blank card, writes it with the keys of the answer, and reports it lost if it is planned so. */
async function issue(
  api: ApiClient,
  site: Site,
  plan: PersonPlan,
  personId: string,
  card: CardPlan,
): Promise<SiteCard> {
  const uid = chanceUid(card.kind);
  const dwellingId = dwellingIdOf(site, plan);
  const enrolled = await api.call(credentialEndpoints.enrol, {
    body: {
      kind: card.kind,
      identifier: toHex(uid),
      personId,
      ...(dwellingId === undefined ? {} : { dwellingId }),
      // A mere number ends within the community's months; the demonstration rarely runs as long.
      ...(card.kind === "uid" ? { until: Date.now() + OLD_CARD_MS } : {}),
    },
  });
  const credentialId = enrolled.credential.id;
  const profile = await written(card.kind, uid, enrolled);
  if (card.lost) await api.call(credentialEndpoints.lost, { params: { id: credentialId } });
  return { key: card.key, credentialId, lost: card.lost, profile };
}

async function written(
  kind: CardKind,
  uid: Uint8Array,
  { personalisation }: EnrolledCredential,
): Promise<SiteCard["profile"]> {
  const stored = cardFromProfile({ kind, uid: toHex(uid) });
  if (personalisation !== undefined) {
    await personaliseCard(openInProcessChannel(stored.card), {
      kind: personalisation.kind,
      uid,
      keys: personalisation.keys.map((key) => ({ ...key, value: fromHex(key.value) })),
      ...(personalisation.applicationId === undefined
        ? {}
        : { applicationId: fromHex(personalisation.applicationId) }),
    });
  }
  return stored.profile();
}

/** NXP's numbers begin with 04; old cards have four bytes that do not begin with 08, which would be a random number. */
function chanceUid(kind: CardKind): Uint8Array {
  return kind === "uid" ? Uint8Array.of(0x3a, ...randomBytes(3)) : Uint8Array.of(0x04, ...randomBytes(6));
}

/** Staff pass everywhere, cleaners in their hours and the manager in those of the office. */
export async function seedStaffRules(
  api: ApiClient,
  site: Site,
  plans: readonly PersonPlan[],
): Promise<void> {
  const areaIds = [GROUNDS, ...BUILDINGS.map(({ key }) => key)].map((key) => idOf(site.areas, key));
  const idsOf = (habit: PersonPlan["habit"]) =>
    plans
      .filter((plan) => plan.role === "staff" && plan.habit === habit)
      .flatMap((plan) => site.people.find(({ key }) => key === plan.key)?.personId ?? []);
  const rules = [
    { key: "guards", name: "保安值勤", personIds: idsOf("guard"), schedule: undefined, minimumGrade: "C" },
    {
      key: "cleaners",
      name: "保洁作业",
      personIds: idsOf("cleaner"),
      schedule: "cleaning",
      minimumGrade: "C",
    },
    { key: "office", name: "物业办公", personIds: idsOf("manager"), schedule: "office", minimumGrade: "C" },
  ] as const;
  await eachMissing(
    site.rules,
    rules,
    ({ name }) => name,
    () => pages((page) => api.call(ruleEndpoints.list, { query: page })),
    (rule) =>
      api.call(ruleEndpoints.create, {
        body: {
          name: rule.name,
          who: { personIds: rule.personIds },
          where: { areaIds },
          minimumGrade: rule.minimumGrade,
          validity: {},
          ...(rule.schedule === undefined ? {} : { scheduleId: idOf(site.schedules, rule.schedule) }),
        },
      }),
  );
}
