import { caseEndpoints, incidentEndpoints } from "@menshen/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { Scene } from "./testing/scene.ts";

const CONFIRMED = { finding: "copy", reason: "the second card was handed in at the desk" } as const;

describe("B4 (mass cloning): copies of many cards", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });

  /** A card whose counter comes twice: what it says proves the copy. */
  async function fork(card: number): Promise<void> {
    const identifier = `0400000000000${card}`;
    await scene.tap(-40, 7, undefined, identifier);
    await scene.tap(-30, 7, undefined, identifier);
    await scene.settle();
  }
  const confirm = async () => {
    const [open] = await scene.cases();
    await scene.site.operate.call(caseEndpoints.close, { params: { id: open?.id ?? "" }, body: CONFIRMED });
    await scene.server.detection.settle();
    return open?.id ?? "";
  };
  const incidents = async () => (await scene.site.operate.call(incidentEndpoints.list)).items;

  test("two confirmed ones are no pattern, nor are those that no person confirmed", async () => {
    for (const card of [1, 2]) {
      await fork(card);
      await confirm();
    }
    expect(await incidents()).toEqual([]);
  });

  test("the third opens one incident without anybody's name, and keeps the signed entries of both halves", async () => {
    await fork(3);
    const id = await confirm();
    const [opened, ...others] = await incidents();
    expect(others).toEqual([]);
    expect(opened).toMatchObject({
      kind: "mass-cloning",
      grade: "ordinary",
      affected: 0,
      telling: "undecided",
    });
    const params = { id: opened?.id ?? "" };
    const incident = await scene.site.operate.call(incidentEndpoints.get, { params });
    expect(incident.evidence.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(JSON.stringify(incident)).not.toContain(scene.site.resident.personId);
    const { rows } = await scene.server.pool.query(
      `select bool_and(kept.entry = event.entry) as same
       from incident_evidence kept join event using (gate_id, sequence) where incident_id = $1`,
      [params.id],
    );
    expect(rows).toEqual([{ same: true }]);
    const detail = await scene.site.operate.call(caseEndpoints.get, { params: { id } });
    expect(detail.incidentId).toBe(params.id);
  });

  test("a later one belongs to the same incident, its entries too, once", async () => {
    await fork(4);
    await scene.server.detection.settle();
    await confirm();
    const items = await incidents();
    expect(items).toHaveLength(1);
    const params = { id: items[0]?.id ?? "" };
    const { evidence } = await scene.site.operate.call(incidentEndpoints.get, { params });
    expect(evidence.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
