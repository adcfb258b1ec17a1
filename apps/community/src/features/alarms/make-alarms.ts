import type { Logger } from "@menshen/service-kit";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { GateLink } from "../../gate-link/index.ts";
import type { Directory } from "../directory/index.ts";
import { selectRecordSettings } from "../retention/index.ts";
import { deleteOldAlarms } from "./alarm-feed.store.ts";
import { type AlarmFeed, makeAlarmFeed } from "./alarm-feed.ts";
import { type AlarmsService, type AnswerCall, makeAlarmsService } from "./alarms.service.ts";
import { type AlarmFollower, makeAlarmFollower } from "./follower.ts";
import { type InstructionsService, makeInstructionsService } from "./instructions.service.ts";

const DAY_MS = 86_400_000;
/** Where and when somebody called for help is kept no longer than the shift that saw it, and the next. */
const DURESS_KEPT_MS = DAY_MS;

export interface AlarmServices {
  readonly alarms: AlarmsService;
  readonly instructions: InstructionsService;
  readonly feed: AlarmFeed;
  readonly follower: AlarmFollower;
  /** Deletes alarms whose time is over. */
  readonly tidy: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export function makeAlarms(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly directory: () => Promise<Directory>;
  readonly gateLink: Pick<GateLink, "onLive" | "readGates">;
  readonly answerCall: AnswerCall;
}): AlarmServices {
  const { db, clock, change, directory, answerCall } = dependencies;
  const feed = makeAlarmFeed(dependencies);
  const { changed } = feed;
  const follower = makeAlarmFollower({ ...dependencies, changed });
  const instructions = makeInstructionsService({ db, change });
  return {
    alarms: makeAlarmsService({ db, change, directory, instructions, changed, answerCall }),
    instructions,
    feed,
    follower,
    async tidy() {
      const now = clock.now();
      const { recordRetentionDays } = await selectRecordSettings(db);
      await deleteOldAlarms(db, now - recordRetentionDays * DAY_MS, "duress", now - DURESS_KEPT_MS);
    },
    async stop() {
      await follower.stop();
      await feed.stop();
    },
  };
}
