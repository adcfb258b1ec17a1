import { Duration, Instant } from "@menshen/domain";
import {
  handOverNoteEndpoints,
  receptionEndpoints,
  shiftEndpoints,
  visitorPassEndpoints,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.parse("2026-11-23T08:00:00+08:00")));
const site = await buildSite(server);
const { operate } = site;
const guard = await server.member("guard");
const dwellingId = site.dwellingIds[0] ?? "";
const walkIn = { dwellingId, purpose: "delivery", persons: 2 } as const;

describe("shifts", () => {
  test("only who is on duty writes notes or sees the day's visitors", async () => {
    expect(await guard.refused(receptionEndpoints.today)).toMatchObject({ code: "conflict" });
    expect(await guard.refused(handOverNoteEndpoints.create, { body: { text: "北门灯坏" } })).toMatchObject({
      code: "conflict",
    });
    const auditor = await server.member("auditor");
    expect(await auditor.refused(shiftEndpoints.open)).toMatchObject({ status: 403 });
    expect(await auditor.refused(receptionEndpoints.today)).toMatchObject({ status: 403 });
  });

  test("what one shift leaves, the next finds, settles, and takes that back", async () => {
    const { shift } = await guard.call(shiftEndpoints.open);
    expect(await guard.refused(shiftEndpoints.open)).toMatchObject({ code: "conflict" });
    const note = { text: "北门灯坏", portalId: site.portals.north };
    expect(await guard.call(handOverNoteEndpoints.create, { body: note })).toMatchObject({
      portalName: "北门",
    });
    const params = { id: shift.id };
    const body = { revision: 1, note: "快递在岗亭" };
    const closed = await guard.call(shiftEndpoints.close, { params, body });
    expect(closed).toMatchObject({ counts: { alarmsRaised: 0, alarmsClosed: 0, notesWritten: 2 } });
    const next = await operate.call(shiftEndpoints.open);
    expect(next.notes.map(({ text }) => text).sort()).toEqual(["北门灯坏", "快递在岗亭"]);
    const [first] = next.notes;
    const settle = { params: { id: first?.id ?? "" }, body: { revision: 1 } };
    expect(await operate.call(handOverNoteEndpoints.settle, settle)).toMatchObject({ revision: 2 });
    expect((await operate.call(shiftEndpoints.current)).notes).toHaveLength(1);
    const again = { ...settle, body: { revision: 1 } };
    expect(await operate.refused(handOverNoteEndpoints.unsettle, again)).toMatchObject({
      code: "stale-revision",
    });
    await operate.call(handOverNoteEndpoints.unsettle, { ...settle, body: { revision: 2 } });
    expect((await operate.call(shiftEndpoints.current)).notes).toHaveLength(2);
    const { rows } = await server.pool.query(
      "select after from change where action = 'hand-over-note.written'",
    );
    expect(JSON.stringify(rows)).not.toContain("北门灯坏");
  });
});

describe("reception", () => {
  test("visitors of the desk are expected; one pass lets its visitors in once at a time", async () => {
    const now = server.clock.now();
    const { pass } = await operate.call(visitorPassEndpoints.create, {
      params: { id: dwellingId },
      body: {
        purpose: "visitor",
        portalIds: [site.portals.north],
        notBefore: now,
        notAfter: now + 7_200_000,
      },
      reason: { code: "resident-request" },
    });
    const expected = { passId: pass.passId, dwellingId, dwellingName: "1号楼 101", purpose: "visitor" };
    expect((await operate.call(receptionEndpoints.today)).expected).toMatchObject([expected]);
    const body = { ...walkIn, passId: pass.passId };
    const visit = await operate.call(receptionEndpoints.checkIn, { body });
    expect(visit).toMatchObject({ expectedUntil: now + 7_200_000, overstay: false, persons: 2 });
    expect(await operate.refused(receptionEndpoints.checkIn, { body })).toMatchObject({ code: "conflict" });
    expect((await operate.call(receptionEndpoints.today)).expected).toMatchObject([{ visitId: visit.id }]);
    const other = { ...body, dwellingId: site.dwellingIds[1] ?? "" };
    expect(await operate.refused(receptionEndpoints.checkIn, { body: other })).toMatchObject({ status: 400 });
    const { rows } = await server.pool.query("select from change where action = 'reception.seen'");
    expect(rows).toHaveLength(1);
  });

  test("a field for an identity number is refused", async () => {
    const body = { ...walkIn, idNumber: "110101199001011234" };
    expect(await operate.refused(receptionEndpoints.checkIn, { body })).toMatchObject({ status: 400 });
  });

  test("an overstay shows, ends with the check-out, and all is gone after seven days", async () => {
    const { id } = await operate.call(receptionEndpoints.checkIn, { body: walkIn });
    server.clock.advance(Duration.minutes(241));
    await server.pool.query("update staff_session set last_used_at = $1", [new Date(server.clock.now())]);
    const { inside } = await operate.call(receptionEndpoints.today);
    expect(inside.map(({ overstay }) => overstay)).toEqual([true, true]);
    const out = await operate.call(receptionEndpoints.checkOut, { params: { id }, body: { revision: 1 } });
    expect(out).toMatchObject({ overstay: false, checkedOutAt: server.clock.now() });
    expect((await operate.call(receptionEndpoints.today)).left).toMatchObject([{ id }]);
    server.clock.advance(Duration.days(6));
    await server.tidy();
    expect((await server.pool.query("select from visit")).rowCount).toBe(2);
    server.clock.advance(Duration.days(2));
    await server.tidy();
    expect((await server.pool.query("select from visit")).rowCount).toBe(0);
  });
});
