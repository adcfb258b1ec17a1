import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileDurably } from "@menshen/service-kit/process";
import { CardProfile } from "@menshen/virtual-devices";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { CliError } from "../command-line/cli-error.ts";

const Ids = Type.Record(Type.String(), Type.String());

export const SiteCard = Type.Object({
  key: Type.String(),
  credentialId: Type.String(),
  lost: Type.Boolean(),
  /** The card's memory, keys included. */
  profile: CardProfile,
});
export type SiteCard = Static<typeof SiteCard>;

export const SitePerson = Type.Object({
  key: Type.String(),
  personId: Type.String(),
  name: Type.String(),
  dwellingName: Type.Optional(Type.String()),
  cards: Type.Array(SiteCard),
});
export type SitePerson = Static<typeof SitePerson>;

/** What the demonstration knows of the community it made: the plan's keys and the server's identifiers. */
export const Site = Type.Object({
  version: Type.Literal(1),
  /** Everything planned is there. */
  complete: Type.Boolean(),
  /** Session with which an interrupted start goes on. */
  session: Type.Optional(Type.String()),
  areas: Ids,
  buildings: Ids,
  dwellings: Ids,
  gates: Ids,
  portals: Ids,
  accessPoints: Ids,
  readers: Ids,
  schedules: Ids,
  rules: Ids,
  /** Gates that have their certificate: they need no enrolment code. */
  enrolled: Type.Array(Type.String()),
  /** Codes of gates that were not seen enrolled yet: the same box may ask again with the same code. */
  enrolmentCodes: Ids,
  people: Type.Array(SitePerson),
  /** Where gates listen for each other, on loopback; absent in a community that was made before they did. */
  sitePorts: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  /** Address of the city as the community was told it; absent in a community that was made before there was one. */
  city: Type.Optional(Type.Object({ url: Type.String() })),
  /** Identity keys of the custodians whose programs are set up, by body. */
  custodians: Type.Optional(Ids),
  /** The log has its witnesses and the custodians have made their keys. */
  sealed: Type.Optional(Type.Boolean()),
});
export type Site = Static<typeof Site>;

export function emptySite(): Site {
  return {
    version: 1,
    complete: false,
    areas: {},
    buildings: {},
    dwellings: {},
    gates: {},
    portals: {},
    accessPoints: {},
    readers: {},
    schedules: {},
    rules: {},
    enrolled: [],
    enrolmentCodes: {},
    people: [],
  };
}

const FILE = "site.json";

/** Undefined at the first start. Throws `CliError("failed")` for a file that cannot be used. */
export function readSite(stateDir: string): Site | undefined {
  const file = join(stateDir, FILE);
  if (!existsSync(file)) return undefined;
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (Value.Check(Site, parsed)) return parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CliError(
    "failed",
    { en: `the demonstration's file ${file} cannot be used`, zh: `演示文件 ${file} 无法使用` },
    { en: `remove the folder ${stateDir} and start anew`, zh: `请删除目录 ${stateDir} 后重新启动` },
  );
}

/** Written whole and synced: a kill leaves the file as it was before or as it is now. Holds keys of cards. */
export function writeSite(stateDir: string, site: Site): void {
  writeFileDurably(join(stateDir, FILE), `${JSON.stringify(site)}\n`, 0o600);
}
