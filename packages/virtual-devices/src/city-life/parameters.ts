/**
 * What the simulated city is drawn from. FROZEN: `city-life.test.ts` holds the hash of these numbers and of what the
 * generator makes of them. They were fixed before any weight was learnt; whoever changes them learns and evaluates anew.
 *
 * A pair is a range from which each community draws its own value, evenly.
 */
export interface CityParameters {
  /** Shares of the cards by what they can do. They add up to 1. */
  readonly kinds: {
    readonly uid: number;
    readonly sequence: number;
    readonly ntag424: number;
    readonly desfire: number;
    readonly challenge: number;
  };
  readonly days: { readonly rainShare: number; readonly holidays: readonly (readonly [number, number])[] };
  /** Trips a day of a person beside going to work, to school or for the morning walk. */
  readonly tripsADay: Range;
  /** Times of passing a perimeter door without a tap of one's own: mean over the community; each person has their own. */
  readonly tailgating: Range;
  /** A perimeter door stands open to everybody for an hour: times a day and community. */
  readonly heldOpenADay: Range;
  /** Cards carried by two persons in turn. */
  readonly sharedCards: Range;
  /** A shared card is handed back over the fence: times an entry. */
  readonly fencePassBack: number;
  /** Cards of which the family made a copy for itself, used from the first day. */
  readonly familyCopies: Range;
  readonly runners: number;
  readonly staff: number;
  /** A card is lent to a visitor: times a day. */
  readonly lentADay: number;
  /** A holder begins some days of absence: times a day. */
  readonly awayADay: number;
  /** Share of households that travel on a holiday. */
  readonly holidayAway: number;
  readonly doubleTap: number;
  readonly otherSiteVisit: number;
  readonly clockSigmaSeconds: Range;
  /** A gate's clock jumps after a power loss, for some hours: times a day. */
  readonly clockJumpADay: number;
  readonly nightlyGates: Range;
  /** A gate is offline for some hours: times a day. */
  readonly outageADay: number;
  readonly uploadedTwice: number;
  readonly tornWrites: Range;
  /** A telephone reads the card and raises its counter: times a day. */
  readonly phoneReadsADay: number;
  readonly radioFaults: number;
  /** A genuine card answers with a wrong key (an old key version): times a tap. */
  readonly wrongKey: number;
  /** What the map of walking times says, as a multiple of the truth. */
  readonly mapFactor: Range;
  readonly hostile: number;
  /** Shares of the hostile copies by attack. They add up to 1. */
  readonly attacks: {
    readonly reseller: number;
    readonly night: number;
    readonly insider: number;
    readonly careful: number;
    readonly sparse: number;
  };
  readonly copyFirstDay: readonly [number, number];
  readonly copyOtherSite: number;
  readonly copyTailgating: number;
  readonly sparseDays: Range;
  /** Copies of a chip that counts whose emulator raises the counter. */
  readonly raisedCounter: number;
  /** Cards relayed, and lost and found by a stranger: shares of all cards, beside the hostile copies. */
  readonly relayed: number;
  readonly lost: number;
}

export type Range = readonly [least: number, most: number];

/** Inside: what weights are learnt on (other seeds) and what the main figures are taken with. */
export const CITY_PARAMETERS: CityParameters = {
  kinds: { uid: 0.5, sequence: 0.2, ntag424: 0.1, desfire: 0.1, challenge: 0.1 },
  days: {
    rainShare: 0.3,
    holidays: [
      [11, 13],
      [44, 50],
      [74, 76],
    ],
  },
  tripsADay: [0.6, 1.0],
  tailgating: [0.008, 0.02],
  heldOpenADay: [0.02, 0.15],
  sharedCards: [0.14, 0.16],
  fencePassBack: 0.004,
  familyCopies: [0.045, 0.055],
  runners: 0.05,
  staff: 0.02,
  lentADay: 0.002,
  awayADay: 0.006,
  holidayAway: 0.3,
  doubleTap: 0.015,
  otherSiteVisit: 0.01,
  clockSigmaSeconds: [2, 20],
  clockJumpADay: 0.001,
  nightlyGates: [0.08, 0.12],
  outageADay: 0.02,
  uploadedTwice: 0.001,
  tornWrites: [0.003, 0.003],
  phoneReadsADay: 0.01,
  radioFaults: 0.005,
  wrongKey: 0.000_01,
  mapFactor: [0.9, 1.1],
  hostile: 0.04,
  attacks: { reseller: 0.3, night: 0.2, insider: 0.15, careful: 0.1, sparse: 0.25 },
  copyFirstDay: [30, 59],
  copyOtherSite: 0.5,
  copyTailgating: 0.03,
  sparseDays: [0.15, 0.15],
  raisedCounter: 0.25,
  relayed: 0.002,
  lost: 0.003,
};

/** Outside: habits, sharing, clocks and maps that nothing was learnt on. */
export const OUTSIDE_PARAMETERS: CityParameters = {
  ...CITY_PARAMETERS,
  tripsADay: [0.3, 1.3],
  tailgating: [0.025, 0.04],
  heldOpenADay: [0.2, 0.5],
  sharedCards: [0.22, 0.3],
  familyCopies: [0.08, 0.12],
  clockSigmaSeconds: [30, 90],
  nightlyGates: [0.2, 0.3],
  tornWrites: [0.006, 0.01],
  mapFactor: [0.7, 1.4],
  copyTailgating: 0.1,
  sparseDays: [0.08, 0.12],
  attacks: { reseller: 0.15, night: 0.15, insider: 0.3, careful: 0.15, sparse: 0.25 },
};
