import { fromHex } from "@menshen/crypto/node";
import { AccessPointId, PortalId, ReaderId } from "@menshen/domain";
import { loadConfig } from "@menshen/service-kit";
import Type, { type Static } from "typebox";
import { GateError } from "./errors.ts";

const Strict = { additionalProperties: false } as const;
const Uuid = Type.String({ pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$" });
const Port = Type.Integer({ minimum: 0, maximum: 65_535 });
/** Percent: what cameras tell of plates that are clean and near. */
const DEFAULT_MINIMUM_CONFIDENCE = 85;
/** An OSDP device has at most 256 inputs and outputs; real ones have fewer than ten. */
const Index = Type.Integer({ minimum: 0, maximum: 255 });

const OsdpReader = Type.Object(
  {
    readerId: Uuid,
    address: Type.Integer({ minimum: 0, maximum: 126 }),
    /** `io`: an indoor unit with lock outputs and inputs, out of reach from outside. */
    role: Type.Union([Type.Literal("reader"), Type.Literal("io")]),
    /** Where this reader stands; a reader without one reports to nobody. */
    accessPointId: Type.Optional(Uuid),
    /**
     * Who may open an install window, in which the reader gets its key: `install`: an installer at the console or a
     * person at the gate; `required`: only a person at the gate. A start opens none.
     */
    secureChannel: Type.Union([Type.Literal("required"), Type.Literal("install")]),
    /** Smart-card pass-through (XWR mode 1); `numbers` takes what the reader reads. Default `apdu`. */
    channel: Type.Optional(Type.Union([Type.Literal("apdu"), Type.Literal("numbers")])),
  },
  Strict,
);

/** `normallyClosed`: at rest (door closed, button not pressed, no fire) the circuit is closed and the input active. */
const OsdpInput = Type.Object(
  { kind: Type.Literal("osdp-input"), readerId: Uuid, input: Index, normallyClosed: Type.Boolean() },
  Strict,
);

const Lock = Type.Union([
  Type.Object({ kind: Type.Literal("osdp-output"), readerId: Uuid, output: Index }, Strict),
  /**
   * A lift: indoor units whose outputs, counted through from the first unit's first, free its floors. Which output is whose
   * the door rules say.
   */
  Type.Object(
    {
      kind: Type.Literal("lift"),
      units: Type.Array(
        Type.Object({ readerId: Uuid, outputs: Type.Integer({ minimum: 1, maximum: 64 }) }, Strict),
        { minItems: 1, maxItems: 16 },
      ),
    },
    Strict,
  ),
  /** A line of a GPIO chip through the kernel's sysfs interface; high releases. */
  Type.Object({ kind: Type.Literal("gpio"), chip: Type.String({ minLength: 1 }), line: Index }, Strict),
]);

/** Configuration of a gate; what touches security has no default. */
export const GateConfigSchema = Type.Object(
  {
    stateDir: Type.String({ minLength: 1 }),
    community: Type.Object(
      {
        enrolUrl: Type.String({ pattern: "^https://" }),
        /** One use; without it a gate that is not enrolled waits for one on its administration socket. */
        enrolmentCode: Type.Optional(Type.String({ minLength: 1 })),
        /** SHA-256 of the authority's DER certificate, hex: checked beside the code's own fingerprint. */
        caFingerprint: Type.Optional(Type.String({ pattern: "^([0-9A-Fa-f]{2}:?){32}$" })),
        /** `host:port` where MQTT is reached from here, if not where the server says: behind a port forward. */
        mqtt: Type.Optional(Type.String({ pattern: "^[^:\\s]+:[0-9]{1,5}$" })),
      },
      Strict,
    ),
    statusPage: Type.Object({ host: Type.String({ minLength: 1 }), port: Port }, Strict),
    buses: Type.Array(
      Type.Object(
        {
          id: Type.String({ pattern: "^[A-Za-z0-9_-]{1,32}$" }),
          transport: Type.String({ minLength: 1 }),
          baud: Type.Optional(Type.Integer({ minimum: 1_200, maximum: 921_600 })),
          readers: Type.Array(OsdpReader, { minItems: 1, maxItems: 16 }),
        },
        Strict,
      ),
    ),
    pcsc: Type.Optional(
      Type.Array(
        Type.Object(
          { readerName: Type.String({ minLength: 1 }), readerId: Uuid, accessPointId: Uuid },
          Strict,
        ),
      ),
    ),
    portals: Type.Array(
      Type.Object(
        {
          portalId: Uuid,
          lock: Lock,
          contact: Type.Optional(OsdpInput),
          /** The sensor of a turnstile or barrier: active while somebody goes through. */
          passage: Type.Optional(OsdpInput),
          exitButton: Type.Optional(OsdpInput),
          fireInput: Type.Optional(OsdpInput),
        },
        Strict,
      ),
    ),
    /**
     * Screens plugged into this gate's own box, each a reader of codes at its place. Loopback only: what is scanned would
     * be read along on any other line.
     */
    kiosk: Type.Optional(
      Type.Object(
        {
          host: Type.String({ pattern: "^(127(\\.[0-9]{1,3}){3}|::1|localhost)$" }),
          port: Port,
          places: Type.Array(
            Type.Object(
              {
                readerId: Uuid,
                accessPointId: Uuid,
                /** SHA-256 of the token that stands in the address of its page, hex. */
                tokenSha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
                /** What people call the door. */
                doorName: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
              },
              Strict,
            ),
            { minItems: 1, maxItems: 16 },
          ),
        },
        Strict,
      ),
    ),
    /**
     * Cameras at vehicle barriers, each a reader of number plates at its place (docs/protocol/plates.md), and where on the
     * site network they reach this gate.
     */
    plates: Type.Optional(
      Type.Object(
        {
          host: Type.String({ minLength: 1 }),
          port: Port,
          /** Percent; 85 unless told. */
          minimumConfidence: Type.Optional(Type.Integer({ minimum: 50, maximum: 100 })),
          cameras: Type.Array(
            Type.Object(
              {
                readerId: Uuid,
                accessPointId: Uuid,
                /** 64 hexadecimal digits that only this file's owner and the camera know. */
                secretFile: Type.String({ minLength: 1 }),
              },
              Strict,
            ),
            { minItems: 1, maxItems: 32 },
          ),
        },
        Strict,
      ),
    ),
    /** Which of a card's keys open doors of this gate. */
    doorGroup: Type.Integer({ minimum: 1, maximum: 13 }),
    /** `injected` is for tests of months in minutes: another process drives the time. Never for a door. */
    clock: Type.Optional(
      Type.Union([
        Type.Object({ source: Type.Literal("system") }, Strict),
        Type.Object({ source: Type.Literal("injected"), socket: Type.String({ minLength: 1 }) }, Strict),
      ]),
    ),
    /** Contacts of the power supply: the mains failed, its battery is low. */
    power: Type.Optional(
      Type.Object({ mains: Type.Optional(OsdpInput), battery: Type.Optional(OsdpInput) }, Strict),
    ),
    /** An output of an indoor unit that calls the guards by a wire of the site when a duress PIN is entered. */
    duressOutput: Type.Optional(Type.Object({ readerId: Uuid, output: Index }, Strict)),
    /**
     * Where the other gates of the site reach this one (docs/protocol/site-network.md); it believes only those that its
     * door rules name.
     */
    site: Type.Optional(Type.Object({ host: Type.String({ minLength: 1 }), port: Port }, Strict)),
    /** Telephones with Aliro: a file with this reader's key and identifier, which only its owner may read. */
    aliro: Type.Optional(Type.Object({ identityFile: Type.String({ minLength: 1 }) }, Strict)),
    /** Whether the gate remembers, for itself alone, at which hours and doors a card is used; on unless told. */
    cardHabits: Type.Optional(Type.Boolean()),
    /**
     * Cards that are mere numbers carry one that rises with each tap at a PC/SC reader, so that copies are noticed. On
     * unless told; `classicSector` is where on a MIFARE Classic, 15 with the factory's key A unless told.
     */
    cardSequences: Type.Optional(
      Type.Object(
        {
          isOn: Type.Optional(Type.Boolean()),
          classicSector: Type.Optional(
            Type.Object(
              {
                number: Type.Integer({ minimum: 1, maximum: 15 }),
                key: Type.String({ pattern: "^[0-9a-fA-F]{12}$" }),
              },
              Strict,
            ),
          ),
        },
        Strict,
      ),
    ),
    hardware: Type.Optional(
      Type.Object(
        {
          /** This program does not seal to a TPM yet: `true` is refused rather than believed. */
          tpm: Type.Optional(Type.Boolean()),
          /** A battery-backed clock; by default found from the kernel. */
          realTimeClock: Type.Optional(Type.Boolean()),
        },
        Strict,
      ),
    ),
  },
  Strict,
);

type RawConfig = Static<typeof GateConfigSchema>;
type RawBus = RawConfig["buses"][number];
type RawReader = RawBus["readers"][number];
type RawInput = Static<typeof OsdpInput>;

export interface ReaderConfig extends Omit<RawReader, "readerId" | "accessPointId" | "channel"> {
  readonly readerId: ReaderId;
  readonly accessPointId: AccessPointId | undefined;
  readonly channel: "apdu" | "numbers";
}

export interface BusConfig extends Omit<RawBus, "readers"> {
  readonly readers: readonly ReaderConfig[];
}

export interface PcscConfig {
  readonly readerName: string;
  readonly readerId: ReaderId;
  readonly accessPointId: AccessPointId;
}

export interface KioskConfig {
  readonly host: string;
  readonly port: number;
  readonly places: readonly {
    readonly readerId: ReaderId;
    readonly accessPointId: AccessPointId;
    readonly tokenSha256: string;
    readonly doorName: string | undefined;
  }[];
}

export interface PlatesConfig {
  readonly host: string;
  readonly port: number;
  readonly minimumConfidence: number;
  readonly cameras: readonly {
    readonly readerId: ReaderId;
    readonly accessPointId: AccessPointId;
    readonly secretFile: string;
  }[];
}

export interface InputConfig {
  readonly readerId: ReaderId;
  readonly input: number;
  readonly normallyClosed: boolean;
}

export type LockConfig =
  | { readonly kind: "osdp-output"; readonly readerId: ReaderId; readonly output: number }
  | { readonly kind: "lift"; readonly units: readonly LiftUnit[] }
  | { readonly kind: "gpio"; readonly chip: string; readonly line: number };

export interface LiftUnit {
  readonly readerId: ReaderId;
  readonly outputs: number;
}

export interface PortalConfig {
  readonly portalId: PortalId;
  readonly lock: LockConfig;
  readonly contact: InputConfig | undefined;
  readonly passage: InputConfig | undefined;
  readonly exitButton: InputConfig | undefined;
  readonly fireInput: InputConfig | undefined;
}

/** The configuration with its identifiers parsed and its references checked. */
export interface GateConfig extends Pick<RawConfig, "stateDir" | "community" | "statusPage" | "doorGroup"> {
  readonly buses: readonly BusConfig[];
  readonly pcsc: readonly PcscConfig[];
  readonly kiosk: KioskConfig | undefined;
  readonly plates: PlatesConfig | undefined;
  readonly portals: readonly PortalConfig[];
  readonly clock: NonNullable<RawConfig["clock"]>;
  readonly aliro: RawConfig["aliro"];
  readonly site: RawConfig["site"];
  readonly duressOutput: { readonly readerId: ReaderId; readonly output: number } | undefined;
  readonly power: { readonly mains: InputConfig | undefined; readonly battery: InputConfig | undefined };
  readonly realTimeClock: boolean | undefined;
  readonly cardHabits: boolean;
  readonly cardSequences: {
    readonly isOn: boolean;
    readonly classicSector: { readonly number: number; readonly key: Uint8Array } | undefined;
  };
}

function parseLock(lock: Static<typeof Lock>): LockConfig {
  switch (lock.kind) {
    case "gpio":
      return lock;
    case "osdp-output":
      return { ...lock, readerId: ReaderId(lock.readerId) };
    case "lift":
      return {
        kind: "lift",
        units: lock.units.map(({ readerId, outputs }) => ({ readerId: ReaderId(readerId), outputs })),
      };
  }
}

function parseInput(input: RawInput | undefined): InputConfig | undefined {
  if (input === undefined) return undefined;
  const { input: number, normallyClosed } = input;
  return { readerId: ReaderId(input.readerId), input: number, normallyClosed };
}

/** @throws {ServiceError} for a file that is not there or not of this form; {@link parseGateConfig} */
export function loadGateConfig(file: string): GateConfig {
  return parseGateConfig(loadConfig(GateConfigSchema, file));
}

/** @throws {GateError} `config-invalid` if an identifier stands twice or refers to nothing */
export function parseGateConfig(raw: RawConfig): GateConfig {
  if (raw.hardware?.tpm === true) {
    throw new GateError(
      "config-invalid",
      "hardware.tpm: this version seals keys under a file, not under a TPM",
    );
  }
  const config: GateConfig = {
    stateDir: raw.stateDir,
    community: raw.community,
    statusPage: raw.statusPage,
    doorGroup: raw.doorGroup,
    buses: raw.buses.map((bus) => ({
      ...bus,
      readers: bus.readers.map((reader) => ({
        ...reader,
        readerId: ReaderId(reader.readerId),
        accessPointId: reader.accessPointId === undefined ? undefined : AccessPointId(reader.accessPointId),
        channel: reader.channel ?? "apdu",
      })),
    })),
    pcsc: (raw.pcsc ?? []).map((reader) => ({
      readerName: reader.readerName,
      readerId: ReaderId(reader.readerId),
      accessPointId: AccessPointId(reader.accessPointId),
    })),
    kiosk: raw.kiosk && {
      ...raw.kiosk,
      places: raw.kiosk.places.map(({ readerId, accessPointId, tokenSha256, doorName }) => ({
        readerId: ReaderId(readerId),
        accessPointId: AccessPointId(accessPointId),
        tokenSha256,
        doorName,
      })),
    },
    plates: raw.plates && {
      ...raw.plates,
      minimumConfidence: raw.plates.minimumConfidence ?? DEFAULT_MINIMUM_CONFIDENCE,
      cameras: raw.plates.cameras.map(({ readerId, accessPointId, secretFile }) => ({
        readerId: ReaderId(readerId),
        accessPointId: AccessPointId(accessPointId),
        secretFile,
      })),
    },
    portals: raw.portals.map((portal) => ({
      portalId: PortalId(portal.portalId),
      lock: parseLock(portal.lock),
      contact: parseInput(portal.contact),
      passage: parseInput(portal.passage),
      exitButton: parseInput(portal.exitButton),
      fireInput: parseInput(portal.fireInput),
    })),
    clock: raw.clock ?? { source: "system" },
    aliro: raw.aliro,
    site: raw.site,
    duressOutput:
      raw.duressOutput === undefined
        ? undefined
        : { ...raw.duressOutput, readerId: ReaderId(raw.duressOutput.readerId) },
    power: { mains: parseInput(raw.power?.mains), battery: parseInput(raw.power?.battery) },
    realTimeClock: raw.hardware?.realTimeClock,
    cardHabits: raw.cardHabits ?? true,
    cardSequences: {
      isOn: raw.cardSequences?.isOn ?? true,
      classicSector: raw.cardSequences?.classicSector && {
        number: raw.cardSequences.classicSector.number,
        key: fromHex(raw.cardSequences.classicSector.key),
      },
    },
  };
  checkReferences(config);
  return config;
}

/** Units whose outputs a lock hangs on; none for a line of the gate itself. */
export function unitsOf(lock: LockConfig): readonly ReaderId[] {
  switch (lock.kind) {
    case "osdp-output":
      return [lock.readerId];
    case "lift":
      return lock.units.map(({ readerId }) => readerId);
    case "gpio":
      return [];
  }
}

/** Every reader and unit of a gate, camera and screen. */
export function readerIdsOf(config: GateConfig): readonly ReaderId[] {
  return [
    ...config.buses.flatMap(({ readers }) => readers),
    ...config.pcsc,
    ...(config.kiosk?.places ?? []),
    ...(config.plates?.cameras ?? []),
  ].map(({ readerId }) => readerId);
}

function checkReferences(config: GateConfig): void {
  const onBuses = config.buses.flatMap((bus) => bus.readers.map(({ readerId }) => readerId));
  const places = config.kiosk?.places ?? [];
  const cameras = config.plates?.cameras ?? [];
  const plugged = [...config.pcsc, ...places, ...cameras].map(({ readerId }) => readerId);
  unique("readerId", [...onBuses, ...plugged]);
  unique(
    "kiosk token",
    places.map(({ tokenSha256 }) => tokenSha256),
  );
  unique(
    "portalId",
    config.portals.map(({ portalId }) => portalId),
  );
  unique(
    "bus id",
    config.buses.map(({ id }) => id),
  );
  for (const bus of config.buses) {
    unique(
      `address on bus ${bus.id}`,
      bus.readers.map(({ address }) => String(address)),
    );
  }
  const known = new Set(onBuses);
  if (config.duressOutput !== undefined && !known.has(config.duressOutput.readerId)) {
    throw new GateError(
      "config-invalid",
      `duressOutput: reader \`${config.duressOutput.readerId}\` stands on no bus`,
    );
  }
  for (const input of [config.power.mains, config.power.battery]) {
    if (input !== undefined && !known.has(input.readerId)) {
      throw new GateError("config-invalid", `power: reader \`${input.readerId}\` stands on no bus`);
    }
  }
  for (const { lock, contact, passage, exitButton, fireInput } of config.portals) {
    const used = [contact?.readerId, passage?.readerId, exitButton?.readerId, fireInput?.readerId];
    used.push(...unitsOf(lock));
    for (const readerId of used) {
      if (readerId !== undefined && !known.has(readerId)) {
        throw new GateError("config-invalid", `portals: reader \`${readerId}\` stands on no bus`);
      }
    }
  }
}

function unique(what: string, values: readonly string[]): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) throw new GateError("config-invalid", `${what}: \`${value}\` stands twice`);
    seen.add(value);
  }
}
