import type { CommunityId, ReaderId } from "@menshen/domain";
import type { Snapshot } from "@menshen/policy";
import type { Logger } from "@menshen/service-kit";
import type { GateClock } from "../clock/gate-clock.ts";
import type { KioskConfig } from "../config.ts";
import type { ReaderStates } from "../readers/reader-state.ts";
import type { DoorChallenges } from "../tap/door-challenges.ts";
import type { ReaderPlace } from "../tap/reader-place.ts";
import type { TapDesk } from "../tap/tap-desk.ts";
import type { CallButtons } from "./call-button.ts";
import { KIOSK_PAGE_FOLDER } from "./kiosk-page.ts";
import { type KioskServer, startKioskServer } from "./kiosk-server.ts";
import { kioskState } from "./kiosk-state.ts";

/**
 * Serves the screens of this gate. A screen is a reader: once its page listened it is missed when it does not; before that
 * nobody misses it.
 */
export function startKiosk(options: {
  readonly config: KioskConfig;
  readonly communityId: CommunityId;
  readonly snapshot: () => Snapshot | undefined;
  readonly placeOf: (readerId: ReaderId) => ReaderPlace | undefined;
  readonly knowsPhones: () => boolean;
  readonly challenges: DoorChallenges;
  readonly clock: GateClock;
  readonly tapDesk: Pick<TapDesk, "scan">;
  readonly states: ReaderStates;
  readonly calls: CallButtons;
  readonly logger: Logger;
  readonly pageFolder?: string;
}): Promise<KioskServer> {
  const { config, communityId, challenges, clock, tapDesk, states, calls, logger } = options;
  for (const { readerId } of config.places) states.change(readerId, { online: true });
  const names = new Map(config.places.map(({ readerId, doorName }) => [readerId, doorName]));
  return startKioskServer({
    config,
    pageFolder: options.pageFolder ?? KIOSK_PAGE_FOLDER,
    stateOf: (readerId) =>
      kioskState({
        communityId,
        doorName: names.get(readerId),
        place: options.placeOf(readerId),
        snapshot: options.snapshot(),
        knowsPhones: options.knowsPhones(),
        challenges,
        clock,
        call: calls.callOf(readerId),
      }),
    call: calls.press,
    scan: tapDesk.scan,
    watched: (readerId, online) => void states.change(readerId, { online }),
    monotonicMs: () => clock.monotonicMs(),
    logger,
  });
}
