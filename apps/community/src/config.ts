import { loadConfig, ServiceError } from "@menshen/service-kit";
import Type, { type Static } from "typebox";

const closed = { additionalProperties: false };
const Host = Type.String({ minLength: 1, maxLength: 253 });
const Port = Type.Integer({ minimum: 0, maximum: 65_535 });
const Listen = Type.Object({ host: Host, port: Port }, closed);

/** Configuration of a community server; see the README of this app. */
export const CommunityConfig = Type.Object(
  {
    /** Keys, and with the embedded database all data. */
    stateDir: Type.String({ minLength: 1 }),
    /** Console and API. Plain HTTP: beyond loopback it needs `publicUrl`, the HTTPS address of a proxy before it. */
    http: Type.Object(
      { host: Host, port: Port, publicUrl: Type.Optional(Type.String({ pattern: "^https?://[^/]+/?$" })) },
      closed,
    ),
    gateTls: Listen,
    mqtt: Listen,
    /** Name in the certificates that gates see. */
    publicHost: Host,
    database: Type.Union([
      Type.Object({ embedded: Type.Literal(true) }, closed),
      Type.Object({ url: Type.String({ pattern: "^postgres(ql)?://" }) }, closed),
    ]),
    /** Used at the first start only. */
    community: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 80 }),
        /** IANA name, e.g. `Asia/Shanghai`. */
        timeZone: Type.String({ minLength: 1 }),
      },
      closed,
    ),
    /**
     * Where the keys of cards are. Absent: in a file of `stateDir`, sealed under a passphrase drawn at the first start. Without
     * `passphraseFile` or `pinFile` they stay locked after a start until a member of staff unlocks them.
     */
    keyService: Type.Optional(
      Type.Union([
        Type.Object(
          {
            backEnd: Type.Literal("file"),
            store: Type.Optional(Type.String({ minLength: 1 })),
            /** Its first line; 0600. A service manager's credential, e.g. under `/run/credentials`. */
            passphraseFile: Type.Optional(Type.String({ minLength: 1 })),
          },
          closed,
        ),
        Type.Object(
          {
            backEnd: Type.Literal("pkcs11"),
            /** Path of the token's PKCS#11 library. */
            library: Type.String({ minLength: 1 }),
            /** The token's label. */
            token: Type.String({ minLength: 1, maxLength: 32 }),
            pinFile: Type.Optional(Type.String({ minLength: 1 })),
          },
          closed,
        ),
      ]),
    ),
    /** Built console; the one of this checkout if absent. */
    consoleDir: Type.Optional(Type.String({ minLength: 1 })),
    /** Time-stamping authority (RFC 3161 over HTTP) that evidence packages are stamped by. */
    timeStamp: Type.Optional(Type.Object({ url: Type.String({ pattern: "^https?://[^/]" }) }, closed)),
    /** Only with it the routes `/api/demo/…` exist. */
    demo: Type.Optional(
      Type.Object(
        {
          url: Type.String({ pattern: "^http://(localhost|127\\.0\\.0\\.1|\\[::1\\]):\\d+/?$" }),
          token: Type.String({ minLength: 16 }),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type CommunityConfig = Static<typeof CommunityConfig>;

const LOOPBACK = new Set(["localhost", "127.0.0.1", "::1"]);

/**
 * Reads and checks a configuration file.
 *
 * @throws {ServiceError} `config-unreadable`, `config-invalid`; also for an address beyond loopback without HTTPS, and
 *   for a time zone that does not exist
 */
export function readConfig(file: string): CommunityConfig {
  return checkConfig(loadConfig(CommunityConfig, file));
}

/** The checks that a schema cannot say. */
export function checkConfig(config: CommunityConfig): CommunityConfig {
  const { host, publicUrl } = config.http;
  if (!LOOPBACK.has(host) && !publicUrl?.startsWith("https://")) {
    throw new ServiceError(
      "config-invalid",
      "/http: an address beyond loopback needs `publicUrl`, an https address whose proxy ends TLS",
    );
  }
  try {
    new Intl.DateTimeFormat("en", { timeZone: config.community.timeZone });
  } catch (cause) {
    throw new ServiceError("config-invalid", "/community/timeZone: expected an IANA name", { cause });
  }
  return config;
}

/** Host names under which the console is reached. */
export function hostNamesOf({ http }: CommunityConfig): readonly string[] {
  const own = ["localhost", "127.0.0.1", "[::1]"];
  return http.publicUrl === undefined ? own : [...own, new URL(http.publicUrl).hostname];
}
