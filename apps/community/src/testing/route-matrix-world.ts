import { credentialKeyOf } from "@menshen/credentials";
import { p256Generate, p256Sign, primitives, toHex } from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import type { AddedRoute } from "@menshen/service-kit/http";
import {
  credentialEndpoints,
  ownRoleEndpoints,
  PERMISSIONS,
  type Permission,
  passTexts,
  personEndpoints,
  residencyEndEndpoints,
  residencyEndpoints,
  residentPassEndpoints,
  STAFF_ROLES,
  type StaffRole,
  sessionEndpoints,
  staffEndpoints,
  vendorAccessEndpoints,
} from "@menshen/wire";
import { dutiesWith, dutyOf, permissionsOf, rolesWith } from "../authority/roles.ts";
import { joinResident, leaveHome } from "./test-resident.ts";
import { startTestServer, type TestClient } from "./test-server.ts";
import { buildSite } from "./test-site.ts";

/** Signing in is limited by address: so much time lies between two. */
const BETWEEN_SIGN_INS = Duration.seconds(6);

/** Somebody who calls routes. */
export interface Caller {
  readonly name: string;
  readonly client: TestClient;
}

/** A member of staff, and what they may do. */
export interface StaffCaller extends Caller {
  readonly permissions: ReadonlySet<Permission>;
}

/** A community with everybody in it who could ask for somebody else's data, and all its routes. */
export async function buildRouteMatrixWorld() {
  const routes: AddedRoute[] = [];
  const server = await startTestServer({
    onRoute: (route) => routes.push(route),
    // Nobody listens there: what is allowed is answered `unavailable`.
    demo: { url: "http://127.0.0.1:9", token: "token-of-the-demonstration" },
  });
  const site = await buildSite(server);
  const { operate, secure, dwellingIds } = site;
  const [home, next] = dwellingIds;
  await operate.call(vendorAccessEndpoints.open, {
    body: { company: "海康科技", hours: 4 },
    reason: { code: "maintenance" },
  });

  async function person(displayName: string, role: "owner" | "tenant" | "family", dwellingId: string) {
    const made = await operate.call(personEndpoints.create, {
      body: { displayName, residency: { role, dwellingId } },
    });
    return { personId: made.id, residencyId: made.residencies[0]?.id ?? "" };
  }
  const joined = (personId: string) => joinResident(server, operate, personId);

  /** Whose data everybody else asks for. */
  const { personId, residencyId } = await person("沈曼秋", "tenant", home);
  const stolen = await joined(personId);
  const subject = await joined(personId);
  const { credential } = await operate.call(credentialEndpoints.enrol, {
    body: { kind: "desfire", identifier: "04d1d2d3d4d5d6", personId, dwellingId: home },
  });
  const phone = p256Generate();
  await subject.client.call(residentPassEndpoints.enrolPhonePass, {
    body: {
      publicKey: toHex(phone.publicKey),
      proof: toHex(p256Sign(phone.secretKey, passTexts.enrol(personId, phone.publicKey))),
      label: "曼秋的旧手机",
    },
  });

  const ofHousehold = await person("沈家弟弟", "family", home);
  const neighbour = await person("隔壁老王", "tenant", next);
  const landlord = await person("房东太太", "owner", home);
  const former = await person("从前的租客", "tenant", home);
  const ex = await person("前男友", "family", home);
  const household: Caller = { name: "household member", ...(await joined(ofHousehold.personId)) };
  const owner: Caller = { name: "landlord", ...(await joined(landlord.personId)) };
  const formerTenant = await joined(former.personId);
  const others: readonly Caller[] = [
    household,
    owner,
    { name: "neighbour", ...(await joined(neighbour.personId)) },
    { name: "former tenant", ...formerTenant },
  ];
  const exPartner = await joined(ex.personId);
  await leaveHome(formerTenant, former.residencyId);
  await leaveHome(exPartner, ex.residencyId);
  await operate.call(residencyEndpoints.moveOut, { params: { id: former.residencyId }, body: {} });
  await operate.call(personEndpoints.remove, { params: { id: ex.personId } });
  // An end that the subject has to answer: nobody else answers it.
  const end = await operate.call(residencyEndEndpoints.ask, {
    params: { id: residencyId },
    body: { askedBy: "landlord", ground: "房东说曼秋的合同到期" },
  });

  async function member(name: string, roles: readonly StaffRole[], ownRoleIds: readonly string[]) {
    const { signIn } = await secure.call(staffEndpoints.create, {
      body: { displayName: name, roles: [...roles], ownRoleIds: [...ownRoleIds] },
    });
    server.clock.advance(BETWEEN_SIGN_INS);
    const client = server.visitor();
    await client.call(sessionEndpoints.signInWithCode, { body: { code: signIn.code } });
    return client;
  }
  const staff: StaffCaller[] = [];
  for (const role of STAFF_ROLES) {
    const client = await member(role, [role], []);
    staff.push({ name: role, client, permissions: permissionsOf([role], dutyOf(role)) });
  }

  /** A member of staff who may do all that their duty has, but one thing. */
  async function allBut(permission: Permission): Promise<StaffCaller> {
    const duty = dutiesWith(permission)[0];
    const base = rolesWith(permission)[0];
    if (duty === undefined || base === undefined) throw new RangeError(`nobody has \`${permission}\``);
    const all = permissionsOf(STAFF_ROLES, duty);
    const permissions = PERMISSIONS.filter((one) => all.has(one) && one !== permission);
    const name = `all but ${permission}`;
    const role = await secure.call(ownRoleEndpoints.create, { body: { name, base, permissions } });
    return { name, client: await member(name, [], [role.id]), permissions: new Set(permissions) };
  }

  const phoneKey = toHex(credentialKeyOf(primitives, "phone-pass", phone.publicKey));
  return {
    server,
    routes: routes.filter(({ method }) => method !== "HEAD"),
    staff,
    allBut,
    subject,
    /** Residents who are not the subject. */
    others,
    /** Those of `others` who live with the subject. */
    householdNames: new Set([household.name, owner.name]),
    /** Sessions that were ended: of somebody removed from the register, of a telephone whose key was replaced. */
    ended: [
      { name: "ex-partner with an old session", client: exPartner.client },
      { name: "stolen phone after a new key", client: stolen.client },
    ] satisfies readonly Caller[],
    /** Names that requests can carry of what is the subject's. A slice that keeps more adds them here. */
    owned: [personId, residencyId, credential.id, phoneKey, end.id],
    /** What no answer to anybody else may hold. */
    marks: ["沈曼秋", "曼秋的旧手机", "曼秋的合同", personId, credential.id, phoneKey, end.id],
  };
}
