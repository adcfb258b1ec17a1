import { loadConfig, ServiceError } from "@menshen/service-kit";
import { FEWEST_SHOWN } from "@menshen/wire";
import Type, { type Static } from "typebox";

const closed = { additionalProperties: false };
const LOOPBACK = new Set(["localhost", "127.0.0.1", "::1"]);

/** Configuration of a city server; see the README of this app. */
export const CityConfig = Type.Object(
  {
    /** Keys, and with the embedded database all data. */
    stateDir: Type.String({ minLength: 1 }),
    /** Plain HTTP: beyond loopback it needs `publicUrl`, the HTTPS address of a proxy before it. */
    http: Type.Object(
      {
        host: Type.String({ minLength: 1, maxLength: 253 }),
        port: Type.Integer({ minimum: 0, maximum: 65_535 }),
        publicUrl: Type.Optional(Type.String({ pattern: "^https?://[^/]+/?$" })),
      },
      closed,
    ),
    database: Type.Union([
      Type.Object({ embedded: Type.Literal(true) }, closed),
      Type.Object({ url: Type.String({ pattern: "^postgres(ql)?://" }) }, closed),
    ]),
    /** Shown on the pages and told to communities. */
    name: Type.String({ minLength: 1, maxLength: 80 }),
    thresholds: Type.Optional(
      Type.Object(
        {
          /** Communities with the same batch or issue that open an incident. */
          communities: Type.Optional(Type.Integer({ minimum: FEWEST_SHOWN, maximum: 1_000 })),
          /** Weeks within which their reports lie. */
          weeks: Type.Optional(Type.Integer({ minimum: 1, maximum: 104 })),
          /** Numbers a community may ask about each day. */
          evaluationsADay: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
        },
        closed,
      ),
    ),
    /** Built pages; those of this checkout if absent. */
    pagesDir: Type.Optional(Type.String({ minLength: 1 })),
  },
  closed,
);
export type CityConfig = Static<typeof CityConfig>;

/**
 * Reads and checks a configuration file.
 *
 * @throws {ServiceError} `config-unreadable`, `config-invalid`; also for an address beyond loopback without HTTPS
 */
export function readConfig(file: string): CityConfig {
  const config = loadConfig(CityConfig, file);
  const { host, publicUrl } = config.http;
  if (!LOOPBACK.has(host) && !publicUrl?.startsWith("https://")) {
    throw new ServiceError(
      "config-invalid",
      "/http: an address beyond loopback needs `publicUrl`, an https address whose proxy ends TLS",
    );
  }
  return config;
}

/** Host names under which this server is reached. */
export function hostNamesOf({ http }: CityConfig): readonly string[] {
  const own = ["localhost", "127.0.0.1", "[::1]"];
  return http.publicUrl === undefined ? own : [...own, new URL(http.publicUrl).hostname];
}
