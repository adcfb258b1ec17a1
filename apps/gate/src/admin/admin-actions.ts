import type { GateConfig } from "../config.ts";
import type { Portal } from "../door/portal.ts";
import { GateError } from "../errors.ts";
import type { IdentityKeeper } from "../gate-identity.ts";
import type { GateReaders } from "../gate-readers.ts";
import type { GateView } from "../gate-view.ts";
import type { GateWatch } from "../gate-watch.ts";
import { diagnosisOf } from "../installer/diagnosis.ts";
import type { InstallerDesk } from "../installer/installer-desk.ts";
import type { AdminActions } from "./admin-socket.ts";

/** What a person who stands before this gate can have it do. */
export function makeAdminActions(parts: {
  readonly config: GateConfig;
  readonly view: () => GateView;
  readonly watch: Pick<GateWatch, "selfTest">;
  readonly installer: Pick<InstallerDesk, "selfTest">;
  readonly identity: Pick<IdentityKeeper, "enrolWith">;
  readonly readers: Pick<GateReaders, "history" | "keyless" | "openInstallWindow">;
  readonly portals: () => readonly Portal[];
  readonly takeOver: (oldStateDir: string) => Promise<object>;
}): AdminActions {
  const { config, readers, takeOver } = parts;
  return {
    status: parts.view,
    selfTest: async (withWires) => {
      const report = withWires ? await parts.installer.selfTest() : undefined;
      return { findings: await parts.watch.selfTest(), ...(report === undefined ? {} : { report }) };
    },
    diagnose: () => diagnosisOf({ config, view: parts.view, history: readers.history }),
    enrol: (code) => parts.identity.enrolWith(code),
    openInstallWindows(readerId, durationMs) {
      const wanted = readerId === undefined ? readers.keyless() : [readerId];
      for (const reader of wanted) readers.openInstallWindow(reader, durationMs);
      return wanted;
    },
    takeOver,
    resetFire(portalId) {
      const portal = parts.portals().find((candidate) => candidate.portalId === portalId);
      if (portal?.resetFire() !== true) {
        throw new GateError(
          "request-invalid",
          "expected a portal whose fire input is off and release latched",
        );
      }
    },
  };
}
