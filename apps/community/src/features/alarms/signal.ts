import type { AlarmKind } from "@menshen/domain";

/** What something says about a kind of alarm at one place. */
export interface Signal {
  readonly kind: AlarmKind;
  /** The portal, reader or gate. */
  readonly place: string;
  readonly gateId: string;
  readonly portalId?: string;
  readonly readerId?: string;
  /**
   * - `begins`: it happens and lasts until it `ends`;
   * - `happens`: it is over as soon as it happened;
   * - `holds`: it lasts now, as the gate's state says; it may be known already.
   */
  readonly says: "begins" | "happens" | "holds" | "ends";
  /** By the gate's clock, Unix milliseconds. */
  readonly at: number;
  readonly receivedAt: number;
  /** It is no news any more. */
  readonly late: boolean;
}

/** Where readers and access points stand. */
export interface Places {
  readonly portalOfReader: (readerId: string) => string | undefined;
  readonly portalOfAccessPoint: (accessPointId: string) => string | undefined;
}
