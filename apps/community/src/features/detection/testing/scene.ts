import { Duration, Instant } from "@menshen/domain";
import { caseEndpoints, type OwnTap } from "@menshen/wire";
import { eventually } from "../../../gate-link/testing/eventually.ts";
import { connectGate, type JournalGate } from "../../../testing/test-journal.ts";
import { startTestServer, type TestServer } from "../../../testing/test-server.ts";
import { buildSite, CARD_UID, type TestSite } from "../../../testing/test-site.ts";

export const MINUTE = 60_000;

/** A community whose gate has just told what a test says. */
export class Scene {
  readonly server: TestServer;
  readonly site: TestSite;
  readonly gate: JournalGate;

  private constructor(server: TestServer, site: TestSite, gate: JournalGate) {
    this.server = server;
    this.site = site;
    this.gate = gate;
  }

  static async open(): Promise<Scene> {
    const server = await startTestServer();
    const site = await buildSite(server);
    return new Scene(server, site, await connectGate(server, site));
  }

  /** A tap `minutes` from now by the gate's clock; answers how the holder's own trail names it. */
  async tap(
    minutes: number,
    counter: number,
    keyVersion?: number,
    identifier: string = CARD_UID,
  ): Promise<OwnTap> {
    const at = Instant(this.server.clock.now() + minutes * MINUTE);
    const accessPointId = this.site.points.northIn;
    const sequence = await this.gate.access({
      at,
      accessPointId,
      granted: true,
      reasons: [{ code: "rule-allows" }],
      card: { kind: "desfire", identifier },
      evidence: { counter, ...(keyVersion === undefined ? {} : { keyVersion }) },
    });
    return { accessPointId, sequence, at };
  }

  /** The gate says that nothing waits, and all that is stored is judged. */
  async settle(): Promise<void> {
    const { clock, gateLink } = this.server;
    clock.advance(Duration.minutes(1));
    const earliest = clock.now();
    await this.gate.gate.sayStatus(0, [], { earliest, latest: earliest });
    await eventually("status", async () =>
      (await gateLink.readGates()).some(({ status }) => status?.earliest === earliest),
    );
    await this.server.detection.settle();
  }

  async cases() {
    return (await this.site.operate.call(caseEndpoints.list, { query: {} })).items;
  }
}
