import { describe, expect, test } from "vitest";
import { PEOPLE_SEED, type PersonPlan, planPeople } from "../people-plan.ts";
import { emptySite, type Site } from "../site-file.ts";
import { BUILDINGS, DOORS, DWELLING_NAMES, GATES } from "../site-plan.ts";
import { type MemoryCommunity, makeMemoryCommunity } from "../testing/memory-community.ts";
import { seedPeople, seedStaffRules } from "./seed-people.ts";
import { seedSite } from "./seed-site.ts";

const YEAR = 2026;
const COLLECTIONS = [
  "areas",
  "buildings",
  "dwellings",
  "gates",
  "portals",
  "access-points",
  "readers",
  "schedules",
  "holidays",
  "rules",
] as const;

/** What was written down at this moment, as the file gives it back. */
const asNoted = (site: Site): Site => structuredClone(site);

const counts = (community: MemoryCommunity) =>
  Object.fromEntries(COLLECTIONS.map((collection) => [collection, community.rows(collection).length]));

const PLANNED = {
  areas: 5,
  buildings: 5,
  dwellings: 60,
  gates: 3,
  portals: 8,
  "access-points": 8,
  readers: 12,
  schedules: 3,
  holidays: 10,
  rules: 6,
};

describe("the community", () => {
  test("is made as planned, with every identifier noted", async () => {
    const community = makeMemoryCommunity();
    const site = emptySite();
    await seedSite(community.caller(), site, YEAR);
    expect(counts(community)).toEqual(PLANNED);
    expect(Object.keys(site.dwellings)).toHaveLength(BUILDINGS.length * DWELLING_NAMES.length);
    expect(Object.keys(site.gates).sort()).toEqual(GATES.map(({ key }) => key).sort());
    const north = community.rows("portals").find(({ id }) => id === site.portals.north);
    expect(north).toMatchObject({ name: "北门", gateId: site.gates["gate-north"] });
    const garage = community.rows("access-points").find(({ id }) => id === site.accessPoints.garage);
    expect(garage).toMatchObject({ portalId: site.portals.garage, minimumGrade: "C" });
    expect(community.rows("holidays").map(({ date }) => date)).toContain("2027-10-01");
  });

  test("that is complete is left as it is", async () => {
    const community = makeMemoryCommunity();
    const site = emptySite();
    await seedSite(community.caller(), site, YEAR);
    const before = community.changes();
    await seedSite(community.caller(), site, YEAR);
    expect(community.changes()).toBe(before);
  });

  test("is completed after an interruption at any moment, whether that was noted or not", async () => {
    const total = Object.values(PLANNED).reduce((sum, count) => sum + count, 0);
    for (let dies = 1; dies <= total; dies++) {
      const community = makeMemoryCommunity();
      const site = emptySite();
      await expect(seedSite(community.caller(dies), site, YEAR)).rejects.toThrow("no answer");
      const again = dies % 2 === 0 ? asNoted(site) : emptySite();
      await seedSite(community.caller(), again, YEAR);
      expect(counts(community), `died with the answer to change ${dies}`).toEqual(PLANNED);
      for (const door of DOORS) {
        const portal = community.rows("portals").find(({ id }) => id === again.portals[door.key]);
        expect(portal?.name).toBe(door.name);
      }
    }
  });
});

describe("the people", () => {
  const everybody = planPeople(PEOPLE_SEED);
  /** Few: somebody with a second card, somebody who lost one, one with each kind, and staff of each habit. */
  const some = [
    find(({ cards }) => cards.length === 2 && cards.every(({ lost }) => !lost)),
    find(({ cards }) => cards.some(({ lost }) => lost)),
    ...(["desfire", "ntag424", "uid"] as const).map((kind) =>
      find(({ cards, role }) => cards.length === 1 && cards[0]?.kind === kind && role !== "staff"),
    ),
    ...(["guard", "cleaner", "manager"] as const).map((habit) => find((plan) => plan.habit === habit)),
  ];
  function find(wanted: (plan: PersonPlan) => boolean): PersonPlan {
    const found = everybody.find(wanted);
    if (found === undefined) throw new Error("nobody is planned like that");
    return found;
  }
  const madeSite = async () => {
    const community = makeMemoryCommunity();
    const site = emptySite();
    await seedSite(community.caller(), site, YEAR);
    return { community, site };
  };
  const idsOfState = (community: MemoryCommunity, wanted: string) =>
    community
      .rows("credentials")
      .filter(({ state }) => state === wanted)
      .map(({ id }) => id)
      .sort();

  test("get what is planned for them", async () => {
    const { community, site } = await madeSite();
    let told = 0;
    await seedPeople(community.caller(), site, some, () => {
      told += 1;
    });
    expect(told).toBe(some.length);
    expect(new Set(community.rows("people").map(({ displayName }) => displayName))).toEqual(
      new Set(some.map(({ name }) => name)),
    );
    for (const plan of some) {
      const person = site.people.find(({ key }) => key === plan.key);
      expect(person?.cards.map(({ key, lost, profile }) => ({ key, lost, kind: profile.kind }))).toEqual(
        plan.cards,
      );
    }
    expect(idsOfState(community, "lost")).toHaveLength(1);
  });

  test("have each card in use once after an interruption at any moment", async () => {
    const reference = await madeSite();
    const before = reference.community.changes();
    await seedPeople(reference.community.caller(), reference.site, some, () => undefined);
    const total = reference.community.changes() - before;
    for (let dies = 1; dies <= total; dies++) {
      const { community, site } = await madeSite();
      const noted = [asNoted(site)];
      const seeding = seedPeople(community.caller(dies), site, some, () => noted.push(asNoted(site)));
      await expect(seeding).rejects.toThrow("no answer");
      const again = noted[dies % noted.length] ?? site;
      await seedPeople(community.caller(), again, some, () => undefined);
      expect(community.rows("people")).toHaveLength(some.length);
      const cards = again.people.flatMap((person) => person.cards);
      const idsOfCards = (lost: boolean) =>
        cards
          .filter((card) => card.lost === lost)
          .map(({ credentialId }) => credentialId)
          .sort();
      expect(cards).toHaveLength(some.flatMap((plan) => plan.cards).length);
      expect(idsOfState(community, "active"), `died with change ${dies}`).toEqual(idsOfCards(false));
      expect(idsOfState(community, "lost")).toEqual(expect.arrayContaining(idsOfCards(true)));
    }
  });

  test("of the staff get their rules once", async () => {
    const { community, site } = await madeSite();
    await seedPeople(community.caller(), site, some, () => undefined);
    await expect(seedStaffRules(community.caller(2), asNoted(site), some)).rejects.toThrow("no answer");
    await seedStaffRules(community.caller(), site, some);
    expect(community.rows("rules")).toHaveLength(PLANNED.rules + 3);
    const guards = community.rows("rules").find(({ name }) => name === "保安值勤");
    const guardIds = some
      .filter(({ habit, role }) => role === "staff" && habit === "guard")
      .map((plan) => site.people.find(({ key }) => key === plan.key)?.personId);
    expect(guards?.who).toEqual({ personIds: guardIds });
  });
});
