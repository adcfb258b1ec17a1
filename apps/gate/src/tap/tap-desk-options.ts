import type { AccessPointId, CredentialKey, PortalId, ReaderId } from "@menshen/domain";
import type { Snapshot } from "@menshen/policy";
import type { Logger } from "@menshen/service-kit";
import type { GateClock } from "../clock/gate-clock.ts";
import type { CardKeys } from "../held/card-keys.ts";
import type { AtDoor } from "../presence/at-door.ts";
import type { PresenceRoom } from "../presence/presence-room.ts";
import type { FloodWatch } from "../readers/flood-watch.ts";
import type { Indication } from "../readers/indications.ts";
import type { Journal } from "../store/journal.ts";
import type { StepOf } from "../trail/card-steps.ts";
import type { CardHabits } from "./card-habits.ts";
import type { CardSequences } from "./card-sequences.ts";
import type { CounterGuard } from "./counter-guard.ts";
import type { PassDesk } from "./pass-desk.ts";
import type { PhoneReader } from "./phone-reader.ts";
import type { ReaderPlace } from "./reader-place.ts";

export interface TapDeskOptions {
  readonly clock: GateClock;
  readonly journal: Pick<Journal, "append">;
  readonly snapshot: () => Snapshot | undefined;
  readonly cardKeys: () => CardKeys | undefined;
  readonly counterGuard: CounterGuard;
  /** Numbers on cards that are nothing else; without it they are left as they are. */
  readonly sequences?: CardSequences | undefined;
  /** Whether the public log lets this credential pass here; asked about those that a rule lets through. */
  readonly inPublicLog: (credentialKey: CredentialKey, accessPointId: AccessPointId) => Promise<boolean>;
  readonly stepOf?: StepOf | undefined;
  /** What this gate remembers of cards over epochs; without it nothing is unaccustomed. */
  readonly habits?: Pick<CardHabits, "noted"> | undefined;
  readonly placeOf: (readerId: ReaderId) => ReaderPlace | undefined;
  readonly indicate: (readerId: ReaderId, indication: Indication) => void;
  /** Hears of refusals that are too many to be recorded. */
  readonly floods: Pick<FloodWatch, "heldBack">;
  readonly logger: Logger;
  readonly random?: (lengthBytes: number) => Uint8Array;
  /** The machine's own clock, for how long a dialogue took. */
  readonly stopwatchMs?: () => number;
  /** Reads telephones that speak Aliro; without it they are cards like others. */
  readonly phones?: PhoneReader;
  /** Rules of areas and doors; without it there are none. */
  readonly presence?: Pick<PresenceRoom, "answer" | "refusals" | "refusesVisitor">;
  /** Reads codes of phones, visitors and tokens; without it there are none. */
  readonly passes?: PassDesk;
  /** Tells guards of whom a tap was that was refused or gave an alarm. */
  readonly noteAtDoor?: AtDoor["note"];
  /** Whether the door rules say that a portal takes number plates; without it none does. */
  readonly takesPlates?: (portalId: PortalId) => boolean;
  /** Calls the guards: a duress PIN was entered. After all that the door does, and without a trace of it here. */
  readonly duress?: (readerId: ReaderId) => void;
}
